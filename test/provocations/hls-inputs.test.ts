/** HLS packages as inputs: what is read of them, and each rule that refuses one (spec inputs.md 7). */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeNumberedClip, numbersOf, range, readNumberedMedia } from '../engine/numbered-media.ts';
import { openProvocations, type Provocations } from './provocations.ts';

let place: Provocations;

/** Cuts a transport stream into segments of whole packets, wherever they fall: joined again they are the same. */
function cut(key: string, count: number): string[] {
  const bytes = readFileSync(place.place(`${key}.ts`));
  const packets = Math.ceil(bytes.length / 188 / count);
  return Array.from({ length: count }, (_, index) => {
    const name = `${key}-${index}.ts`;
    writeFileSync(place.place(name), bytes.subarray(index * packets * 188, (index + 1) * packets * 188));
    return name;
  });
}

function playlist(name: string, lines: readonly string[]): string {
  writeFileSync(place.place(name), `${['#EXTM3U', ...lines].join('\n')}\n`);
  return name;
}

const segments = (names: readonly string[], head: readonly string[] = ['#EXT-X-VERSION:3']): string[] => [
  ...head,
  '#EXT-X-TARGETDURATION:2',
  ...names.flatMap((name) => ['#EXTINF:1.0,', name]),
];
const end = '#EXT-X-ENDLIST';

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
  const make = (key: string, clip: number, language: string) =>
    makeNumberedClip(place.place(`${key}.ts`), {
      muxer: 'mpegts',
      clip,
      frames: 75,
      frameRate: [25, 1],
      audio: { encoder: 'mp2', language },
    });
  make('low', 1, 'eng');
  make('high', 2, 'eng');
  make('alternate', 3, 'fra');
  for (const key of ['low', 'high', 'alternate']) playlist(`${key}.m3u8`, [...segments(cut(key, 3)), end]);
  const bytes = readFileSync(place.place('high.ts')).length;
  const first = Math.floor(bytes / 2 / 188) * 188;
  playlist('ranges.m3u8', [
    '#EXT-X-VERSION:4',
    '#EXT-X-TARGETDURATION:2',
    '#EXTINF:1.5,',
    `#EXT-X-BYTERANGE:${first}@0`,
    'high.ts',
    '#EXTINF:1.5,',
    `#EXT-X-BYTERANGE:${bytes - first}`,
    'high.ts',
    end,
  ]);
  const rendition = (name: string, language: string, uri: string, isDefault: string) =>
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="${name}",LANGUAGE="${language}",DEFAULT=${isDefault},URI="${uri}"`;
  playlist('main.m3u8', [
    '#EXT-X-VERSION:4',
    rendition('English', 'en', 'low.m3u8', 'YES'),
    rendition('French', 'fr', 'alternate.m3u8', 'NO'),
    '#EXT-X-STREAM-INF:BANDWIDTH=200000',
    'low.m3u8',
    '#EXT-X-STREAM-INF:BANDWIDTH=900000',
    'high.m3u8',
  ]);
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const job = (name: string, input: object) =>
  changed(mp4Settings(`s3://out/${name}`), {
    '/Inputs': [{ AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } }, ...input }],
    '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings/H264Settings/RateControlMode': 'VBR',
    '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings/H264Settings/Bitrate': 20_000_000,
    '/OutputGroups/0/Outputs/0/VideoDescription/Width': 128,
    '/OutputGroups/0/Outputs/0/VideoDescription/Height': 96,
  });

async function made(name: string, input: object) {
  const { job: ended } = await place.run(job(name, input));
  expect(ended.ErrorMessage).toBeUndefined();
  return readNumberedMedia(place.place(`${name}.mp4`, 'out'));
}

describe('a package', () => {
  test('gives every picture of its best variant, segment behind segment', async () => {
    const media = await made('best', { FileInput: 's3://media/main.m3u8' });
    expect(numbersOf(media)).toEqual(range(0, 74));
    expect(new Set(media.pictures.map(({ clip }) => clip))).toEqual(new Set([2]));
    expect(Math.abs(media.samples.length / 48_000 - 3)).toBeLessThan(0.03);
  });

  test('gives the variant that the job lists', async () => {
    const selector = { SelectorType: 'STREAM', Streams: [1] };
    const media = await made('listed', { FileInput: 's3://media/main.m3u8', VideoSelector: selector });
    expect(media.pictures[0]?.clip).toBe(1);
  });

  test('that two inputs take of different variants gives each its own', async () => {
    const selector = (stream: number) => ({
      FileInput: 's3://media/main.m3u8',
      VideoSelector: { SelectorType: 'STREAM', Streams: [stream] },
      AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
    });
    const settings = changed(job('both', {}), { '/Inputs': [selector(1), selector(2), selector(1)] });
    const { job: ended, events } = await place.run(settings);
    expect(ended.ErrorMessage).toBeUndefined();
    const media = readNumberedMedia(place.place('both.mp4', 'out'));
    expect(numbersOf(media)).toEqual([...range(0, 74), ...range(0, 74), ...range(0, 74)]);
    expect([0, 75, 150].map((at) => media.pictures[at]?.clip)).toEqual([1, 2, 1]);
    const told = events.find(({ status }) => status === 'INPUT_INFORMATION');
    const uri = 's3://media/main.m3u8';
    expect(told?.['inputDetails']).toMatchObject([{ uri }, { uri }, { uri }]);
  });

  test('of byte ranges is one recording, and is clipped as any', async () => {
    const clip = {
      TimecodeSource: 'ZEROBASED',
      InputClippings: [{ StartTimecode: '00:00:01:05', EndTimecode: '00:00:02:04' }],
    };
    const media = await made('ranges', { FileInput: 's3://media/ranges.m3u8', ...clip });
    expect(numbersOf(media)).toEqual(range(30, 54));
  });

  test('may go back to an object whose earlier range another object followed', async () => {
    const [first, second, third] = cut('high', 3).map((name) => readFileSync(place.place(name)));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three parts');
    writeFileSync(place.place('outer.ts'), Buffer.concat([first, third]));
    writeFileSync(place.place('inner.ts'), second);
    const part = (range: string, key: string) => ['#EXTINF:1,', `#EXT-X-BYTERANGE:${range}`, key];
    playlist('turns.m3u8', [
      '#EXT-X-VERSION:4',
      '#EXT-X-TARGETDURATION:2',
      ...part(`${first.length}@0`, 'outer.ts'),
      ...part(`${second.length}@0`, 'inner.ts'),
      ...part(`${third.length}@${first.length}`, 'outer.ts'),
      end,
    ]);
    const media = await made('turns', { FileInput: 's3://media/turns.m3u8' });
    expect(numbersOf(media)).toEqual(range(0, 74));
  });

  test('gives alternate audio by language', async () => {
    const settings = { HlsRenditionGroupSettings: { RenditionLanguageCode: 'FRA' } };
    const selector = { SelectorType: 'HLS_RENDITION_GROUP', ...settings };
    const input = { FileInput: 's3://media/main.m3u8', AudioSelectors: { 'Audio Selector 1': selector } };
    const media = await made('french', input);
    expect(media.pictures).toHaveLength(75);
    expect(Math.abs(media.samples.length / 48_000 - 3)).toBeLessThan(0.03);
  });

  test('without a rendition that fits ends in 1040, naming those there are', async () => {
    const selector = { HlsRenditionGroupSettings: { RenditionName: 'Latin' } };
    const input = { FileInput: 's3://media/main.m3u8', AudioSelectors: { 'Audio Selector 1': selector } };
    const { message } = await place.failing(1040, job('never', input));
    expect(message).toContain('sound/English/en, sound/French/fr');
  });
});

describe('a package whose clock begins anew, as it says', () => {
  const later = (key: string, muxerOptions: Readonly<Record<string, string>>): string => {
    makeNumberedClip(place.place(`${key}.ts`), {
      muxer: 'mpegts',
      clip: 5,
      frames: 50,
      frameRate: [25, 1],
      muxerOptions,
      audio: { encoder: 'mp2', language: 'eng' },
    });
    return `${key}.ts`;
  };
  const joined = (name: string, next: string): string =>
    playlist(`${name}.m3u8`, [
      ...segments(['low-0.ts', 'low-1.ts', 'low-2.ts']),
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:2.0,',
      next,
      '#EXT-X-ENDLIST',
    ]);
  const clipAcross = {
    TimecodeSource: 'ZEROBASED',
    InputClippings: [{ StartTimecode: '00:00:02:20', EndTimecode: '00:00:04:04' }],
  };

  test.each<[string, Readonly<Record<string, string>>]>([
    ['jumps forward', { output_ts_offset: '8' }],
    ['starts again', { output_ts_offset: '0' }],
    ['jumps far', { output_ts_offset: '3600' }],
  ])('and %s goes on without a gap, whole and in a clip', async (said, options) => {
    const name = said.replaceAll(' ', '-');
    const FileInput = `s3://media/${joined(name, later(`later-${name}`, options))}`;
    const whole = await made(name, { FileInput });
    expect(numbersOf(whole)).toEqual([...range(0, 74), ...range(0, 49)]);
    expect(Math.abs(whole.samples.length / 48_000 - 5)).toBeLessThan(0.06);
    const clip = await made(`${name}-clip`, { FileInput, ...clipAcross });
    expect(numbersOf(clip)).toEqual([...range(70, 74), ...range(0, 29)]);
  });
});

test('a package whose tracks have other PIDs behind a discontinuity is 3400, and nothing of it is lost unsaid', async () => {
  makeNumberedClip(place.place('moved.ts'), {
    muxer: 'mpegts',
    frames: 50,
    frameRate: [25, 1],
    muxerOptions: { mpegts_start_pid: '1280', output_ts_offset: '8' },
    audio: { encoder: 'mp2' },
  });
  const lines = [
    ...segments(['low-0.ts', 'low-1.ts']),
    '#EXT-X-DISCONTINUITY',
    '#EXTINF:2.0,',
    'moved.ts',
    end,
  ];
  const FileInput = `s3://media/${playlist('moved.m3u8', lines)}`;
  const { message, explanation } = await place.failing(3400, job('never', { FileInput }));
  expect(message).toContain('does not have the tracks of the first part');
  expect(explanation.pointer).toBe('/inputs/0/fileInput');
});

describe('a package that breaks a rule', () => {
  const failing = (code: 1010 | 1056 | 1404 | 3400, name: string, lines: readonly string[]) =>
    place.failing(code, job('never', { FileInput: `s3://media/${playlist(name, lines)}` }));
  const low = ['low-0.ts', 'low-1.ts', 'low-2.ts'];

  test('an HLS input that breaks the rules for HLS inputs provokes 3400', async () => {
    const { message, explanation } = await failing(3400, 'live.m3u8', segments(low));
    expect(message).toBe(
      "3400: MediaConvert can't open the following HLS input: s3://media/live.m3u8. Reason: The playlist is not final: it has no #EXT-X-ENDLIST.",
    );
    expect(explanation.pointer).toBe('/inputs/0/fileInput');
  });

  test.each<[string, string, readonly string[]]>([
    ['keys', 'encrypted', ['#EXT-X-KEY:METHOD=AES-128,URI="k"', ...segments(low), end]],
    ['fMP4', 'not MPEG-2 transport streams', ['#EXT-X-MAP:URI="init.mp4"', ...segments(low), end]],
    [
      'gaps',
      'byte ranges',
      ['#EXT-X-TARGETDURATION:2', '#EXTINF:1,', '#EXT-X-BYTERANGE:188@188', 'low.ts', end],
    ],
  ])('%s are 3400', async (name, said, lines) => {
    expect((await failing(3400, `${name}.m3u8`, lines)).message).toContain(said);
  });

  test.each<[string, string, readonly string[]]>([
    [
      'two versions',
      'more than one #EXT-X-VERSION tag',
      segments(low, ['#EXT-X-VERSION:3', '#EXT-X-VERSION:4']),
    ],
    ['version 7', 'versions up to [4]', segments(low, ['#EXT-X-VERSION:7'])],
    [
      'a long segment',
      'larger segment duration in #EXTINF',
      ['#EXT-X-TARGETDURATION:10', '#EXTINF:13,', 'low.ts'],
    ],
    ['no segment', 'lists no media segment', ['#EXT-X-TARGETDURATION:10']],
  ])('%s is 1010', async (name, said, lines) => {
    expect((await failing(1010, `${name.replace(/ /g, '-')}.m3u8`, [...lines, end])).message).toContain(said);
  });

  test('a byte range that reaches behind the end of its object is 1056', async () => {
    const bytes = readFileSync(place.place('low.ts')).length;
    const range = [
      '#EXT-X-TARGETDURATION:4',
      '#EXTINF:3,',
      `#EXT-X-BYTERANGE:${bytes + 188}@0`,
      'low.ts',
      end,
    ];
    const { message, explanation } = await failing(1056, 'beyond.m3u8', range);
    expect(message).toContain("can't read this media segment: [s3://media/low.ts]");
    expect(explanation.mediaFact).toContain(`ends at ${bytes + 188}, the object has ${bytes} bytes`);
  });

  test('a damaged segment is 1056, a missing one 1404', async () => {
    writeFileSync(place.place('damaged.ts'), Buffer.alloc(1000, 7));
    const { message } = await failing(1056, 'damaged.m3u8', [...segments(['low-0.ts', 'damaged.ts']), end]);
    expect(message).toContain("can't read this media segment: [s3://media/damaged.ts]");
    await failing(1404, 'missing.m3u8', [...segments(['low-0.ts', 'nowhere.ts']), end]);
  });
});
