/** IMF packages that cannot be used: each says what is wrong, with the code of its cause and the input as its place. */
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JobFault } from '../../src/catalogue/fault.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { rational } from '../../src/exact-time.ts';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { composeFacts } from '../../src/worker/imf/compose-facts.ts';
import { openImfPackages } from '../../src/worker/imf/imf-packages.ts';
import { hdFacts, videoTrack } from '../plan/facts-fixtures.ts';
import { makeClip } from '../probe/tiny-media.ts';
import {
  makePictures,
  makeSound,
  type PlaylistRecipe,
  uuidOf,
  writeAssetMap,
  writePlaylist,
} from './make-package.ts';
import { probePackages } from './probe-package.ts';

const rate = [25, 1] as const;
const url = 's3://inputs/imp/CPL.xml';

let root: string;
let folder: string;
let store: ObjectStore;

beforeAll(async () => {
  quietLibraryLog();
  root = mkdtempSync(path.join(tmpdir(), 'openconvert-imf-'));
  folder = path.join(root, 'imp');
  mkdirSync(folder);
  store = await openLocalBuckets({
    bucketsFolder: null,
    named: { inputs: root },
    createMissingBuckets: false,
  });
  makePictures(folder, 'picture', { frames: 12, frameRate: rate });
  makePictures(folder, 'wide', {
    frames: 12,
    frameRate: rate,
    video: { encoder: 'jpeg2000', size: { widthPx: 192, heightPx: 96 } },
  });
  makeClip(path.join(folder, 'coded.mxf'), {
    muxer: 'mxf',
    video: { encoder: 'mpeg2video', frames: 12, frameRate: rate },
  });
  makeSound(folder, 'sound', 1);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const image = { file: 'picture', editRate: rate, intrinsic: 12 } as const;
const tone = { file: 'sound', editRate: [48_000, 1], intrinsic: 48_000, duration: 23_040 } as const;
const whole: PlaylistRecipe = {
  editRate: rate,
  segments: [{ MainImageSequence: [image], MainAudioSequence: [tone] }],
};
const files = ['picture', 'wide', 'coded', 'sound'];

/** A good package, changed. */
function write(recipe: PlaylistRecipe = whole): void {
  writePlaylist(folder, recipe);
  writeAssetMap(folder, files);
}

function change(name: string, from: string | RegExp, to: string): void {
  const file = path.join(folder, name);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(file, text.replace(from, to));
}

async function refusal(
  location = url,
): Promise<{ code: number; message: string; location: string | undefined; mediaFact: string | undefined }> {
  try {
    await probePackages(store, [location]);
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    const { code, message, location: place, mediaFact } = error.record;
    return { code, message, location: place, mediaFact };
  }
  throw new Error('the package was taken');
}

test('the package that the others are made of is taken', async () => {
  write();
  const [facts] = await probePackages(store, [url]);
  expect(facts).toMatchObject({ container: 'imf', durationUs: 480_000 });
});

describe('a playlist is refused', () => {
  test.each<[string, string | RegExp, string, string]>([
    ['that is no XML', '</SegmentList>', '', 'It is no XML'],
    [
      'with a document type',
      '<CompositionPlaylist',
      '<!DOCTYPE a [<!ENTITY b "c">]><CompositionPlaylist',
      'document type',
    ],
    ['of digital cinema', '<SegmentList>', '<ReelList/><SegmentList>', 'digital cinema'],
    [
      'without an edit rate',
      /<EditRate>25 1<\/EditRate>\s*<SegmentList>/,
      '<SegmentList>',
      'has no EditRate',
    ],
    [
      'with an edit rate of nothing',
      '<EditRate>25 1',
      '<EditRate>0 1',
      "EditRate of CompositionPlaylist is '0 1'",
    ],
    ['without segments', /<Segment>.*<\/Segment>/s, '', 'has no Segment'],
    [
      'with a bad identifier',
      /<TrackFileId>urn:uuid:/,
      '<TrackFileId>urn:uid:',
      'TrackFileId of Resource is',
    ],
    [
      'whose resource is longer than its file',
      '<IntrinsicDuration>12',
      '<EntryPoint>5</EntryPoint><SourceDuration>8</SourceDuration><IntrinsicDuration>12',
      'its file has 12',
    ],
    [
      'whose resource counts letters',
      '<IntrinsicDuration>12',
      '<IntrinsicDuration>twelve',
      "IntrinsicDuration of a Resource is 'twelve'",
    ],
    [
      'that repeats without end',
      '<IntrinsicDuration>12</IntrinsicDuration>',
      '<IntrinsicDuration>12</IntrinsicDuration><RepeatCount>99999999</RepeatCount>',
      '10000 are read at most',
    ],
    [
      'with stereoscopic resources',
      'TrackFileResourceType',
      'StereoImageTrackFileResourceType',
      'type StereoImageTrackFileResourceType',
    ],
  ])('%s', async (_, from, to, reason) => {
    write();
    change('CPL.xml', from, to);
    const { code, message, location } = await refusal();
    expect({ code, location }).toEqual({ code: 1010, location: url });
    expect(message).toContain(reason);
    expect(message).toContain(`[${url}]`);
  });

  test('nested beyond reason, or too big', async () => {
    write();
    writeFileSync(
      path.join(folder, 'CPL.xml'),
      `<CompositionPlaylist>${'<a>'.repeat(9000)}${'</a>'.repeat(9000)}</CompositionPlaylist>`,
    );
    expect(await refusal()).toMatchObject({ code: 1010 });
    write();
    appendFileSync(path.join(folder, 'CPL.xml'), ' '.repeat(17 * 1024 * 1024));
    expect((await refusal()).message).toContain('are read at most');
  });

  test('whose sequences are not equally long, or not in every segment', async () => {
    write({
      ...whole,
      segments: [{ MainImageSequence: [image], MainAudioSequence: [{ ...tone, duration: 30_000 }] }],
    });
    expect((await refusal()).message).toContain('not equally long');
    write({ ...whole, segments: [...whole.segments, { MainImageSequence: [image] }] });
    expect((await refusal()).message).toContain('Segment 2 does not hold every virtual track');
    write({ ...whole, segments: [{ 'MainImageSequence#1': [image], 'MainImageSequence#2': [image] }] });
    expect((await refusal()).message).toContain('more than one MainImageSequence');
  });

  test('whose resources ask for more than their files have, or count in another rate', async () => {
    write({ ...whole, segments: [{ MainImageSequence: [{ ...image, intrinsic: 40 }] }] });
    expect(await refusal()).toMatchObject({
      code: 1010,
      message: expect.stringContaining('its track file does not have'),
    });
    write({ ...whole, segments: [{ MainImageSequence: [{ ...image, editRate: [24, 1] }] }] });
    expect((await refusal()).message).toContain('counts 24/1 edit units a second');
  });

  test('whose track files are of two kinds', async () => {
    write({ ...whole, segments: [{ MainImageSequence: [image, { ...image, file: 'wide' }] }] });
    expect((await refusal()).message).toContain('192×96');
    write({ ...whole, segments: [{ MainImageSequence: [{ ...image, file: 'sound' }] }] });
    expect((await refusal()).message).toContain('does not hold what its sequence plays');
  });

  test('whose pictures would have wrong colours', async () => {
    const descriptors = (kind: string, black: string) =>
      `<EssenceDescriptorList><EssenceDescriptor xmlns:r0="a" xmlns:r1="b"><Id>${uuidOf('d')}</Id><r0:${kind}>${black}</r0:${kind}></EssenceDescriptor></EssenceDescriptorList>`;
    const rgb = videoTrack({
      frameRate: rational(25),
      durationTicks: 12,
      timeBase: rational(1, 25),
      chroma: 'rgb',
    });
    const compose = async (kind: string, black = '') => {
      const segments = [{ MainImageSequence: [{ ...image, descriptor: 'd' }] }];
      write({ ...whole, segments, descriptors: descriptors(kind, black) });
      const packages = openImfPackages(store, () => []);
      const composition = await packages.compositionOf(url, new AbortController().signal);
      if (composition === null) throw new Error('no composition');
      return composeFacts(composition, (location) =>
        hdFacts({ location, sizeBytes: null, videoTracks: [rgb] }),
      );
    };
    await expect(compose('CDCIDescriptor')).rejects.toMatchObject({
      code: 1030,
      message: expect.stringContaining("Y'CbCr 4:4:4"),
    });
    const black = (value: number) => `<r1:ComponentMinRef>${value}</r1:ComponentMinRef>`;
    await expect(compose('RGBADescriptor', black(64))).rejects.toMatchObject({
      code: 1030,
      message: expect.stringContaining('limited range'),
    });
    expect((await compose('RGBADescriptor', black(0))).container).toBe('imf');
  });
});

describe('a package is refused', () => {
  test('whose asset map or track file is missing: 1404 names the object', async () => {
    write();
    rmSync(path.join(folder, 'ASSETMAP.xml'));
    expect(await refusal()).toMatchObject({
      code: 1404,
      message: expect.stringContaining('s3://inputs/imp/ASSETMAP.xml'),
      location: url,
    });
    write();
    change('ASSETMAP.xml', 'picture.mxf', 'gone.mxf');
    await expect(probePackages(store, [url])).rejects.toMatchObject({
      record: { code: 1404, message: expect.stringContaining('s3://inputs/imp/gone.mxf'), location: url },
    });
    expect(await refusal('s3://inputs/imp/none.xml')).toMatchObject({ code: 1404 });
  });

  test('whose packing list is missing: it is not, for it adds only sizes', async () => {
    write();
    rmSync(path.join(folder, 'PKL.xml'));
    expect((await probePackages(store, [url]))[0]?.container).toBe('imf');
  });

  test.each([
    [
      'with a bad identifier',
      /<am:Id>urn:uuid:[0-9a-f-]{36}<\/am:Id><am:ChunkList>/,
      '<am:Id>picture</am:Id><am:ChunkList>',
      "Id of Asset is 'picture'",
    ],
    ['with an absolute path', 'picture.mxf', 'file:///etc/passwd', 'must be relative'],
    ['with a path that is no URI', 'picture.mxf', 'p%ff.mxf', 'is no URI'],
    [
      'with assets in pieces',
      '</am:ChunkList>',
      '<am:Chunk><am:Path>b</am:Path></am:Chunk></am:ChunkList>',
      'split into 2 chunks',
    ],
    [
      'that does not list the track file',
      new RegExp(uuidOf('picture')),
      uuidOf('another'),
      'in none of the asset maps',
    ],
  ])('%s', async (_, from, to, reason) => {
    write();
    change('ASSETMAP.xml', from, to);
    const { code, message, location } = await refusal();
    expect({ code, location }).toEqual({ code: 1010, location: url });
    expect(message).toContain(reason);
  });

  test('whose track file is shorter than its packing list says: 1076', async () => {
    write();
    const file = path.join(folder, 'sound.mxf');
    const bytes = readFileSync(file);
    truncateSync(file, bytes.length - 40_000);
    const fault = await refusal();
    writeFileSync(file, bytes);
    expect(fault).toMatchObject({
      code: 1076,
      location: url,
      mediaFact: expect.stringContaining('the packing list says'),
    });
  });

  test('whose essence is encrypted: 1010; of a codec that no package has: 1030', async () => {
    write();
    const file = path.join(folder, 'picture.mxf');
    const bytes = readFileSync(file);
    const label = Buffer.from('060e2b34040101070d0103010', 'hex');
    const protectedLabel = Buffer.from('060e2b34040101070d010301020b0100', 'hex');
    const locked = Buffer.from(bytes);
    // The essence container of the header partition.
    protectedLabel.copy(locked, locked.indexOf(label.subarray(0, 4), 100));
    writeFileSync(file, locked);
    const fault = await refusal();
    writeFileSync(file, bytes);
    expect(fault).toMatchObject({
      code: 1010,
      message: expect.stringContaining('is encrypted'),
      location: url,
    });
    write({ ...whole, segments: [{ MainImageSequence: [{ ...image, file: 'coded' }] }] });
    expect(await refusal()).toMatchObject({
      code: 1030,
      message: 'Video codec [mpeg2video] is not a supported input video codec',
      location: url,
    });
  });

  test('that is named by another of its documents', async () => {
    write();
    expect(await refusal('s3://inputs/imp/ASSETMAP.xml')).toMatchObject({
      code: 1010,
      message: expect.stringContaining(
        'the object is an asset map of an IMF package; an input names the composition playlist',
      ),
    });
    expect((await refusal('s3://inputs/imp/PKL.xml')).message).toContain('a packing list');
    writeFileSync(path.join(folder, 'playlist'), readFileSync(path.join(folder, 'CPL.xml')));
    expect((await refusal('s3://inputs/imp/playlist')).message).toContain('must be named .xml');
    writeFileSync(path.join(folder, 'notes.xml'), '<notes/>');
    expect((await refusal('s3://inputs/imp/notes.xml')).message).toContain('No parser found for container');
  });
});
