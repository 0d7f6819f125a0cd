/** Video that passes through: the coded pictures of the input, byte for byte, in other containers and beside encodes. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerType, VideoDescription } from '../../src/contract/types.generated.ts';
import { nalType, nalUnits } from '../../src/package/annex-b.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchMedia } from './watch-media.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', {
    durationSeconds: 1,
    frameRate: { num: 25, den: 1 },
    preset: 'medium',
  });
});
afterAll(() => workshop.close());

const passed: VideoDescription = { codecSettings: { codec: 'PASSTHROUGH' } };

/** Slices of each packet, without start codes, lengths and parameter sets. */
function slicesOf(path: string): readonly string[] {
  return digestsOf(path, AVMEDIA_TYPE_VIDEO, digest);
}

/** The coded sound of each packet, without the header that streams of their own have. */
function soundOf(path: string): readonly string[] {
  const adts = { at: 7, mark: 0xff };
  return digestsOf(path, AVMEDIA_TYPE_AUDIO, (bytes) =>
    createHash('sha256')
      .update(bytes[0] === adts.mark ? bytes.subarray(adts.at) : bytes)
      .digest('hex'),
  );
}

function digestsOf(
  path: string,
  kind: typeof AVMEDIA_TYPE_VIDEO | typeof AVMEDIA_TYPE_AUDIO,
  toDigest: (bytes: Buffer) => string,
): readonly string[] {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(path);
  const track = context.streams.find(({ codecpar }) => codecpar.codecType === kind);
  const packet = new Packet();
  packet.alloc();
  const digests: string[] = [];
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === track?.index) digests.push(toDigest(packet.data ?? Buffer.alloc(0)));
    packet.unref();
  }
  packet.free();
  context.closeInputSync();
  return digests;
}

function digest(bytes: Buffer): string {
  const units = bytes.readUInt32BE(0) === 1 ? [...nalUnits(bytes)] : lengthUnits(bytes);
  const slices = units.filter((unit) => [1, 5].includes(nalType(unit, 'H_264')));
  return createHash('sha256').update(Buffer.concat(slices)).digest('hex');
}

function lengthUnits(bytes: Buffer): Uint8Array[] {
  const units: Uint8Array[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt32BE(at))
    units.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  return units;
}

const sound = {
  audioSourceName: 'Audio Selector 1',
  codecSettings: {
    codec: 'AAC',
    aacSettings: { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 },
  },
} as const;

describe.each<[ContainerType, boolean]>([
  ['MP4', true],
  ['MOV', true],
  ['M2TS', true],
  ['RAW', false],
])('%s', (container, hasSound) => {
  it('has the coded pictures of the input, in order and in time', async () => {
    const { path, output } = await runVideoJob(workshop, {
      key: 'clip.mp4',
      video: passed,
      changes: {
        inputs: [
          {
            fileInput: 's3://inputs/clip.mp4',
            timecodeSource: 'ZEROBASED',
            audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
          },
        ],
        outputGroups: [
          {
            outputGroupSettings: {
              type: 'FILE_GROUP_SETTINGS',
              fileGroupSettings: { destination: `s3://outputs/passed-${container}` },
            },
            outputs: [
              {
                containerSettings: { container },
                videoDescription: passed,
                ...(hasSound ? { audioDescriptions: [sound] } : {}),
              },
            ],
          },
        ],
      },
    });
    expect(slicesOf(path)).toEqual(slicesOf(workshop.inputPath('clip.mp4')));
    expect(output.video).toMatchObject({ frames: 25, widthPx: 320, heightPx: 180 });
    expect(watchPictures(path).times).toHaveLength(25);
    if (!hasSound) return;
    const { video, audio } = await watchMedia(path);
    expect(video.decodeErrors + audio.decodeErrors).toBe(0);
    const start = video.times[0] ?? 0;
    expect((video.times.at(-1) ?? 0) - start).toBeCloseTo(0.96, 2);
    expect(Math.abs((audio.times[0] ?? 0) - start)).toBeLessThan(0.05);
  });
});

it.each(['MP4', 'MOV', 'RAW'] as const)(
  'sound of WHEN_POSSIBLE that no output encodes is the sound of the input, packet by packet: %s',
  async (container) => {
    const { aacSettings } = sound.codecSettings;
    const copied = {
      ...sound,
      codecSettings: { codec: 'AAC', aacSettings: { ...aacSettings, passthroughControl: 'WHEN_POSSIBLE' } },
    } as const;
    const h264Settings = { rateControlMode: 'QVBR', maxBitrate: 1_000_000 } as const;
    const encoded: VideoDescription = { codecSettings: { codec: 'H_264', h264Settings } };
    const { path, findings } = await runVideoJob(workshop, {
      key: 'clip.mp4',
      video: encoded,
      changes: {
        inputs: [
          {
            fileInput: 's3://inputs/clip.mp4',
            timecodeSource: 'ZEROBASED',
            audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
          },
        ],
        outputGroups: [
          {
            outputGroupSettings: {
              type: 'FILE_GROUP_SETTINGS',
              fileGroupSettings: { destination: `s3://outputs/copied-${container}` },
            },
            outputs: [
              {
                containerSettings: { container },
                audioDescriptions: [copied],
                ...(container === 'RAW' ? {} : { videoDescription: encoded }),
              },
            ],
          },
        ],
      },
    });
    expect(findings).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('copied as it is') }),
    );
    // The packet that primes the decoder lies before the first picture.
    expect(soundOf(path)).toEqual(soundOf(workshop.inputPath('clip.mp4')).slice(1));
  },
);

it.each(['MP4', 'M2TS'] as const)(
  'sound whose first packet begins before the first picture stays as far in front of it: %s',
  async (container) => {
    const audio = (codec: 'AC3' | 'PASSTHROUGH') => ({
      audioSourceName: 'Audio Selector 1',
      codecSettings: codec === 'AC3' ? ({ codec, ac3Settings: { bitrate: 192_000 } } as const) : { codec },
    });
    const made = async (key: string, codec: 'AC3' | 'PASSTHROUGH', wanted: 'MP4' | 'M2TS') => {
      const fileGroupSettings = { destination: `s3://outputs/${codec}-${container}` };
      const { path } = await runVideoJob(workshop, {
        key,
        video: passed,
        changes: {
          inputs: [
            {
              fileInput: `s3://inputs/${key}`,
              timecodeSource: 'ZEROBASED',
              audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
            },
          ],
          outputGroups: [
            {
              outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings },
              outputs: [
                {
                  containerSettings: { container: wanted },
                  videoDescription: passed,
                  audioDescriptions: [audio(codec)],
                },
              ],
            },
          ],
        },
      });
      return path;
    };
    workshop.adopt(await made('clip.mp4', 'AC3', 'M2TS'), `dolby-${container}.ts`);
    const path = await made(`dolby-${container}.ts`, 'PASSTHROUGH', container);
    expect(soundOf(path)).toEqual(soundOf(workshop.inputPath(`dolby-${container}.ts`)));
    const { video, audio: heard } = await watchMedia(path);
    // An encoder of Dolby Digital primes with 256 samples. MP4 has an edit list that cuts them off.
    const cut = (1536 - (heard.samples % 1536)) % 1536;
    const late = ((heard.times[0] ?? 0) - (video.times[0] ?? 0)) * 48_000;
    expect(Math.round(late) - cut).toBe(-256);
  },
);

it('a stream with start codes becomes an MP4 file', async () => {
  const first = await runVideoJob(workshop, { key: 'clip.mp4', video: passed, container: 'M2TS' });
  workshop.adopt(first.path, 'clip.ts');
  const { path } = await runVideoJob(workshop, { key: 'clip.ts', video: passed });
  expect(slicesOf(path)).toEqual(slicesOf(workshop.inputPath('clip.mp4')));
  expect(watchPictures(path).times).toHaveLength(25);
});

it('the picture that is passed through and one that is encoded come of one reading', async () => {
  const group = (codecSettings: VideoDescription['codecSettings'], modifier: string) => ({
    nameModifier: modifier,
    containerSettings: { container: 'MP4' } as const,
    videoDescription: { codecSettings, ...(modifier === '_small' ? { width: 160, height: 90 } : {}) },
  });
  const h264Settings = {
    rateControlMode: 'VBR',
    bitrate: 300_000,
    qualityTuningLevel: 'SINGLE_PASS',
  } as const;
  const { path, plan } = await runVideoJob(workshop, {
    key: 'clip.mp4',
    video: passed,
    changes: {
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'FILE_GROUP_SETTINGS',
            fileGroupSettings: { destination: 's3://outputs/both' },
          },
          outputs: [
            group({ codec: 'PASSTHROUGH' }, '_whole'),
            group({ codec: 'H_264', h264Settings }, '_small'),
          ],
        },
      ],
    },
  });
  expect(plan.videoRenditions.map(({ encoder }) => encoder.encoder)).toEqual(['copy', 'libx264']);
  expect(slicesOf(path)).toEqual(slicesOf(workshop.inputPath('clip.mp4')));
  expect(watchPictures(path.replace('_whole', '_small')).times).toHaveLength(25);
});

describe('cut into segments, which begin at key frames of the input', () => {
  /** 25 pictures a second, a key frame every ten. */
  const keyFrameSeconds = 0.4;
  const streaming = (
    type: 'hls' | 'cmaf' | 'dashIso',
    container: ContainerType,
    video: VideoDescription,
  ) => ({
    outputGroupSettings: {
      type: { hls: 'HLS_GROUP_SETTINGS', cmaf: 'CMAF_GROUP_SETTINGS', dashIso: 'DASH_ISO_GROUP_SETTINGS' }[
        type
      ],
      [`${type}GroupSettings`]: {
        destination: `s3://outputs/${type}/main`,
        segmentLength: 1,
        ...(type === 'hls' ? { minSegmentLength: 0 } : { fragmentLength: 1 }),
      },
    },
    outputs: [{ nameModifier: '_v', containerSettings: { container }, videoDescription: video }],
  });
  const inGroups: VideoDescription = {
    codecSettings: {
      codec: 'PASSTHROUGH',
      passthroughSettings: { segmentationMode: 'GOP_COUNT', gopsPerSegment: 2 },
    },
  };

  beforeAll(async () => {
    const h264Settings = {
      rateControlMode: 'VBR',
      bitrate: 500_000,
      gopSize: 10,
      gopSizeUnits: 'FRAMES',
      minIInterval: 0,
      numberBFramesBetweenReferenceFrames: 2,
    } as const;
    await workshop.makeClip('two.mp4', { durationSeconds: 2, frameRate: { num: 25, den: 1 } });
    const { path } = await runVideoJob(workshop, {
      key: 'two.mp4',
      video: { codecSettings: { codec: 'H_264', h264Settings } },
    });
    workshop.adopt(path, 'groups.mp4');
    await runVideoJob(workshop, {
      key: 'groups.mp4',
      video: passed,
      changes: {
        outputGroups: [
          streaming('hls', 'M3U8', inGroups),
          streaming('cmaf', 'CMFC', passed),
          streaming('dashIso', 'MPD', passed),
        ] as never,
      },
    });
  });

  const playlistSeconds = (key: string): number[] =>
    [...readFileSync(workshop.outputPath(key), 'utf8').matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) =>
      Number(seconds),
    );
  const joined = (pattern: RegExp, name: string): string => {
    const isHeader = (key: string): boolean => key.includes('init.');
    const keys = workshop.outputKeys().filter((key) => pattern.test(key));
    const parts = [...keys.filter(isHeader), ...keys.filter((key) => !isHeader(key))];
    expect(parts.length).toBeGreaterThan(1);
    const path = workshop.outputPath(name);
    writeFileSync(path, Buffer.concat(parts.map((key) => readFileSync(workshop.outputPath(key)))));
    return path;
  };

  it('GOP_COUNT counts groups, whatever the segment length', () => {
    const pair = 2 * keyFrameSeconds;
    expect(playlistSeconds('hls/main_v.m3u8')).toEqual([pair, pair, keyFrameSeconds]);
  });

  it('durations end at the first key frame at or after the segment length, and the MPD has their timeline', () => {
    expect(playlistSeconds('cmaf/main_v.m3u8')).toEqual([1.2, 0.8]);
    for (const group of ['cmaf', 'dashIso'])
      expect(readFileSync(workshop.outputPath(`${group}/main.mpd`), 'utf8')).toMatch(
        /<S t="0" d="108000"\/>\s*<S d="72000"\/>|<S t="0" d="108000"\/>\s*<S t="108000" d="72000"\/>/,
      );
  });

  it.each([
    ['hls', /^hls\/main_v_\d+\.ts$/],
    ['cmaf', /^cmaf\/main_v(init|_\d+)\.cmfv$/],
    ['dash', /^dashIso\/main_v(init|_\d+)\.mp4$/],
  ])('%s holds the pictures of the input, each once', (name, pattern) => {
    const path = joined(pattern, `${name}-whole`);
    expect(slicesOf(path)).toEqual(slicesOf(workshop.inputPath('groups.mp4')));
    expect(watchPictures(path).times).toHaveLength(50);
  });
});

describe('refused by name (V-32)', () => {
  const refusal = async (
    video: Partial<VideoDescription>,
    container: ContainerType = 'MP4',
    input: object = {},
  ) => {
    const planned = planVideoJob(workshop, {
      key: 'clip.mp4',
      video: { ...passed, ...video },
      container,
      changes: { inputs: [{ fileInput: 's3://inputs/clip.mp4', timecodeSource: 'ZEROBASED', ...input }] },
    });
    return planned.then(
      () => '',
      (error: Error) => error.message,
    );
  };

  it.each<[string, Partial<VideoDescription>, ContainerType, object, RegExp]>([
    ['another size', { width: 640, height: 360 }, 'MP4', {}, /width.*the input has 320/s],
    [
      'a preprocessor',
      { videoPreprocessors: { noiseReducer: { filter: 'SPATIAL' } } },
      'MP4',
      {},
      /videoPreprocessors.*pass through/s,
    ],
    ['an inserted timecode', { timecodeInsertion: 'PIC_TIMING_SEI' }, 'MP4', {}, /timecodeInsertion.*pass/s],
    ['H.264 of long groups in MXF', {}, 'MXF', {}, /AVC-Intra alone/],
    ['a cropped input', {}, 'MP4', { crop: { x: 0, y: 0, width: 160, height: 90 } }, /setting of the input/],
  ])('%s', async (_name, video, container, input, text) => {
    expect(await refusal(video, container, input)).toMatch(text);
  });

  it('nothing, when everything stays', async () => {
    expect(await refusal({ width: 320, height: 180, scalingBehavior: 'DEFAULT' })).toBe('');
  });
});
