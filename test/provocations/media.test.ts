/**
 * Damaged and odd media, made by byte surgery from a clip of two seconds: each file is wrong in one known way, and
 * the job says which. The clip itself gives no warning.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobErrorCode } from '../../src/catalogue/codes.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { damageSamples, fillNoise } from '../engine/damage.ts';
import { appendToBox, box, listBoxes, placeOf, renameCode } from '../probe/box-surgery.ts';
import { type ClipRecipe, makeClip } from '../probe/tiny-media.ts';
import { openProvocations, type Provocations, type ProvokedFailure } from './provocations.ts';

const plainVideo = { encoder: 'libx264', frames: 50, frameRate: [25, 1] } as const;
/** Says its colours, so that no warning comes of them. */
const video = {
  ...plainVideo,
  options: { 'x264-params': 'colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv' },
} as const;
const audio = { encoder: 'aac', seconds: 2 } as const;
const recipe: ClipRecipe = { muxer: 'mp4', video, audio };
const fragments = { movflags: 'frag_keyframe+empty_moov+default_base_moof' };

let place: Provocations;

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

describe('an input that cannot be opened', () => {
  test('is 1010 when it is junk, encrypted, or a fragment alone', async () => {
    const clip = made('whole.mp4', recipe);
    const fragmented = made('fragmented.mp4', { ...recipe, muxerOptions: fragments });
    const encrypted = renameCode(clip, placeOf(clip, 'moov').start, 'avc1', 'encv');
    const fragment = fragmented.subarray(placeOf(fragmented, 'moof').start);
    const junk = Buffer.alloc(5000);
    fillNoise(junk, 3);
    for (const [name, bytes] of Object.entries({ encrypted, fragment, junk })) {
      const { message } = await failing(1010, put(`${name}.mp4`, bytes));
      expect(message, name).toMatch(/^Unable to open input file \[.*Failed probe\/open: /);
    }
  });

  test('is 1075 when its structure is broken: no index, no media, boxes out of place', async () => {
    const clip = made('whole.mp4', recipe);
    const fragmented = made('fragmented.mp4', { ...recipe, muxerOptions: fragments });
    const withoutIndex = await failing(
      1075,
      put('no-index.mp4', clip.subarray(0, placeOf(clip, 'moov').start)),
    );
    expect(withoutIndex.message).toMatch(/\[no moov box found in file\]\]$/);
    await failing(1075, put('init.mp4', fragmented.subarray(0, placeOf(fragmented, 'moof').start)));
    const edits = box('edts', box('elst', Buffer.alloc(20)));
    const misplaced = await failing(1075, put('elst.mp4', appendToBox(clip, ['moov'], edits)));
    expect(misplaced.message).toBe('Demuxer: [elst box outside of track]');
    const header = await failing(1075, put('avcc.mp4', withoutParameterSets(clip)));
    expect(header.message).toBe('Demuxer: [invalid AVC header]');
  });
});

describe('tracks that cannot be used', () => {
  test('pictures of which none decodes are 1020', async () => {
    const file = place.place('no-picture.mp4');
    makeClip(file, recipe);
    damageSamples(file, 0, (_, bytes) => bytes.fill(0));
    const { explanation } = await failing(1020, 's3://media/no-picture.mp4');
    expect(explanation.pointer).toBe('/inputs/0/fileInput');
  });

  test('an input in which no sound can be found provokes 1021', async () => {
    const file = place.place('no-sound.mp4');
    makeClip(file, recipe);
    damageSamples(file, 1, (number, bytes) => fillNoise(bytes.fill(0xff), number + 1));
    const { message, explanation } = await failing(1021, 's3://media/no-sound.mp4');
    expect(message).toBe('No audio frames decoded on [selector-(Audio Selector 1)-track-1-drc]');
    expect(explanation).toMatchObject({
      pointer: '/inputs/0/audioSelectors/Audio Selector 1',
      mediaFact: expect.stringMatching(/^\d+ packets were refused, none decoded$/),
    });
  });

  test('sound without a sample description is 1021 for the selector that wants it, and no matter to others', async () => {
    const clip = made('whole.mp4', recipe);
    const lost = put('no-description.mp4', withoutSoundDescription(clip));
    const { message, explanation } = await failing(1021, lost);
    expect(message).toBe('No audio frames decoded on [selector-(Audio Selector 1)-track-1-drc]');
    expect(explanation).toMatchObject({
      pointer: '/inputs/0/audioSelectors/Audio Selector 1',
      mediaFact: expect.stringContaining('no sample description'),
    });
    const pictures = changed(job(lost), { '/OutputGroups/0/Outputs/0/AudioDescriptions': undefined });
    await place.warned([], pictures);
  });

  test('sound of a supported codec that the decoder cannot start on provokes 1092', async () => {
    const file = place.place('dolby.mp4');
    makeClip(file, { ...recipe, audio: { encoder: 'ac3', seconds: 2 } });
    damageSamples(file, 1, (number, bytes) => fillNoise(bytes, number + 7));
    const { message } = await failing(1092, 's3://media/dolby.mp4');
    expect(message).toMatch(
      /^Decoder: \[Dolby decoder error: The transcoder couldn't decode the audio frame header in the first 100 frames of your input\./,
    );
  });

  test('a profile that is not supported is 1030', async () => {
    makeClip(place.place('444.mp4'), { muxer: 'mp4', video: { ...plainVideo, chroma: '4:4:4' }, audio });
    const { message } = await failing(1030, 's3://media/444.mp4');
    expect(message).toBe('Unsupported video input: [High 4:4:4 Predictive profile is unsupported]');
  });

  test('samples beyond the end are 1076', async () => {
    const file = made('front.mp4', { ...recipe, muxerOptions: { movflags: 'faststart' } });
    const { message, explanation } = await failing(
      1076,
      put('short.mp4', file.subarray(0, file.length * 0.6)),
    );
    expect(message).toContain(`[${Math.floor(file.length * 0.6)}]. Is file truncated?]`);
    expect(explanation.mediaFact).toBeTruthy();
  });
});

describe('a job completes and warns of', () => {
  test('nothing, when the film is in order', async () => {
    made('whole.mp4', recipe);
    await place.warned([], job('s3://media/whole.mp4'));
  });

  test('a transport stream cut inside a packet provokes 220000', async () => {
    const stream = made('whole.ts', { ...recipe, muxer: 'mpegts' });
    await place.warned([220000], job(put('cut.ts', stream.subarray(0, stream.length - 100))));
  });

  test('a film that does not say its colours provokes 230001', async () => {
    const options = { 'x264-params': 'colorprim=bt709:transfer=bt709:range=tv' };
    makeClip(place.place('colours.mp4'), { ...recipe, video: { ...plainVideo, options } });
    await place.warned([230001], job('s3://media/colours.mp4'));
  });

  test('a film that does not say its sample range provokes 230005', async () => {
    makeClip(place.place('range.mp4'), { ...recipe, video: plainVideo });
    // The encoder writes colours and range together or not at all, so both are missed.
    await place.warned([230001, 230005], job('s3://media/range.mp4'));
  });

  test('a media header of an unknown size provokes 230004', async () => {
    const clip = made('whole.mp4', recipe);
    const grown = appendToBox(clip, ['moov', 'trak', 'mdia', 'mdhd'], Buffer.alloc(4));
    await place.warned([230004], job(put('mdhd.mp4', grown)));
  });

  test('a film with damaged sound provokes 230006', async () => {
    const file = place.place('crackling.mp4');
    makeClip(file, recipe);
    damageSamples(
      file,
      1,
      (number, bytes) => number > 40 && number < 43 && fillNoise(bytes.fill(0xff), number),
    );
    const { job: done } = await place.warned([230006], job('s3://media/crackling.mp4'));
    expect(done.Warnings?.[0]?.Count).toBeGreaterThan(0);
  });

  test('a film with swapped fragments provokes 230007', async () => {
    const file = made('fragmented.mp4', { ...recipe, muxerOptions: fragments });
    const boxes = listBoxes(file);
    const first = boxes.findIndex(({ type }) => type === 'moof');
    const at = (index: number) => boxes[first + index]?.start ?? file.length;
    const swapped = Buffer.concat([
      file.subarray(0, at(0)),
      file.subarray(at(2), at(4)),
      file.subarray(at(0), at(2)),
      file.subarray(at(4)),
    ]);
    const { job: done } = await place.run(job(put('swapped.mp4', swapped)));
    expect(done.Status, done.ErrorMessage).toBe('COMPLETE');
    expect((done.Warnings ?? []).map(({ Code }) => Code)).toContain(230007);
  });

  test('a film with damaged pictures provokes 230008', async () => {
    const file = place.place('scratched.mp4');
    makeClip(file, recipe);
    damageSamples(file, 0, (number, bytes) => number === 25 && bytes.writeUInt32BE(0x7fff_ffff, 0));
    await place.warned([230008], job('s3://media/scratched.mp4'));
  });

  test('pictures of a transport stream may be damaged, too: 230008 speaks of MP4 inputs only', async () => {
    const stream = made('whole.ts', { ...recipe, muxer: 'mpegts' });
    for (let at = 0; at < stream.length; at += 188) {
      const isVideo = (stream.readUInt16BE(at + 1) & 0x1fff) === 256;
      const isStart = (stream.readUInt8(at + 1) & 0x40) !== 0;
      const isMiddle = at > stream.length / 3 && at < stream.length / 2;
      if (isVideo && !isStart && isMiddle) fillNoise(stream.subarray(at + 100, at + 140), at + 1);
    }
    await place.warned([], job(put('torn.ts', stream)));
  });

  test('a gap in the sound provokes 240000', async () => {
    const stream = made('whole.ts', { ...recipe, muxer: 'mpegts' });
    await place.warned([240000], job(put('gap.ts', withShiftedSound(stream, 300))));
  });

  test('sound that begins before the picture provokes 240001', async () => {
    const late = { ...video, tickOf: (frame: number) => frame + 10 };
    // Sound that lasts as long as the late picture: none has to be added at its end.
    makeClip(place.place('late.ts'), { muxer: 'mpegts', video: late, audio: { ...audio, seconds: 3 } });
    await place.warned([240001], job('s3://media/late.ts'));
  });

  test('a table of sample times that its header contradicts provokes 230002', async () => {
    const clip = made('whole.mp4', recipe);
    const corrected = (location: string) =>
      changed(job(location), {
        '/Inputs/0/AudioSelectors/Audio Selector 1/AudioDurationCorrection': 'AUTO',
      });
    await place.warned([], corrected('s3://media/whole.mp4'));
    const { events } = await place.warned([230002], corrected(put('stts.mp4', withLongerSound(clip))));
    expect(events.at(-1)?.status).toBe('COMPLETE');
  });

  test('a transport stream narrower than its tracks provokes 260000', async () => {
    made('whole.mp4', recipe);
    const output = '/OutputGroups/0/Outputs/0';
    const narrow = changed(job('s3://media/whole.mp4'), {
      [`${output}/ContainerSettings`]: { Container: 'M2TS', M2tsSettings: { Bitrate: 200_000 } },
      [`${output}/VideoDescription/CodecSettings/H264Settings/Bitrate`]: 400_000,
    });
    await place.warned([260000], narrow);
  });
});

function job(location: string): ReturnType<typeof mp4Settings> {
  const key = location.replace(/^.*\//, '');
  return changed(mp4Settings(`s3://out/${key}`), { '/Inputs/0/FileInput': location });
}

function failing(code: JobErrorCode, location: string): Promise<ProvokedFailure> {
  return place.failing(code, job(location));
}

function put(key: string, bytes: Uint8Array): string {
  writeFileSync(place.place(key), bytes);
  return `s3://media/${key}`;
}

function made(key: string, clip: ClipRecipe): Buffer {
  makeClip(place.place(key), clip);
  return readFileSync(place.place(key));
}

/** Sets the number of sequence parameter sets in the avcC record to 0 (ISO/IEC 14496-15 5.3.3.1.2). */
function withoutParameterSets(file: Buffer): Buffer {
  const changedFile = Buffer.from(file);
  const at = changedFile.indexOf('avcC', placeOf(file, 'moov').start, 'latin1') + 4 + 5;
  changedFile.writeUInt8(0xe0, at);
  return changedFile;
}

/** Makes the list of sample descriptions of the sound say that it is empty, and hides the entry. */
function withoutSoundDescription(file: Buffer): Buffer {
  const moov = placeOf(file, 'moov');
  const sound = listBoxes(file, moov.contentStart, moov.end).filter(({ type }) => type === 'trak')[1];
  const at = file.indexOf('stsd', sound?.start, 'latin1');
  const changedFile = Buffer.from(file);
  changedFile.write('free', at, 'latin1');
  return changedFile;
}

/** Lets the table of sample times of the sound say ten seconds more for its last sample; the media header does not. */
function withLongerSound(file: Buffer): Buffer {
  const longer = Buffer.from(file);
  const sound = listBoxes(file, placeOf(file, 'moov').contentStart, placeOf(file, 'moov').end).filter(
    ({ type }) => type === 'trak',
  )[1];
  const table = file.indexOf('stts', sound?.start, 'latin1') + 4;
  const rows = longer.readUInt32BE(table + 4);
  const last = table + 8 + 8 * (rows - 1) + 4;
  longer.writeUInt32BE(longer.readUInt32BE(last) + 480_000, last);
  return longer;
}

/** Moves the timestamps of the sound, from its middle on (ISO/IEC 13818-1 2.4.3.7: 33 bits at 90 kHz, in three pieces). */
function withShiftedSound(stream: Buffer, shiftMs: number): Buffer {
  const shifted = Buffer.from(stream);
  const soundPid = 0x101;
  for (let at = 188 * Math.floor(shifted.length / 188 / 2); at + 188 <= shifted.length; at += 188) {
    const startsPes = (shifted.readUInt8(at + 1) & 0x40) !== 0;
    if (!startsPes || (shifted.readUInt16BE(at + 1) & 0x1fff) !== soundPid) continue;
    const hasAdaptation = (shifted.readUInt8(at + 3) & 0x20) !== 0;
    const pes = at + 4 + (hasAdaptation ? 1 + shifted.readUInt8(at + 4) : 0);
    const ticks = readTimestamp(shifted, pes + 9) + shiftMs * 90;
    writeTimestamp(shifted, pes + 9, ticks);
  }
  return shifted;
}

function readTimestamp(bytes: Buffer, at: number): number {
  const high = (bytes.readUInt8(at) >> 1) & 7;
  return high * 2 ** 30 + (bytes.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (bytes.readUInt16BE(at + 3) >> 1);
}

function writeTimestamp(bytes: Buffer, at: number, ticks: number): void {
  const prefix = bytes.readUInt8(at) & 0xf0;
  bytes.writeUInt8(prefix | (Math.floor(ticks / 2 ** 30) << 1) | 1, at);
  bytes.writeUInt16BE((Math.floor(ticks / 2 ** 15) % 2 ** 15) * 2 + 1, at + 1);
  bytes.writeUInt16BE((ticks % 2 ** 15) * 2 + 1, at + 3);
}
