/** Clips of video that passes through: cut at pictures of the input from which decoding can begin, sound with them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  ContainerType,
  H264Settings,
  InputClipping,
  JobSettings,
  Output,
  OutputGroup,
  PassthroughSettings,
  VideoCodecSettings,
} from '../../src/contract/types.generated.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchMedia } from './watch-media.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

/** 25 pictures a second for two seconds, a group every ten, two B pictures in a row. */
const groups = {
  rateControlMode: 'VBR',
  bitrate: 500_000,
  qualityTuningLevel: 'SINGLE_PASS',
  gopSize: 10,
  gopSizeUnits: 'FRAMES',
  sceneChangeDetect: 'DISABLED',
  numberBFramesBetweenReferenceFrames: 2,
} as const satisfies H264Settings;

let workshop: Workshop;

beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('two.mp4', { durationSeconds: 2, frameRate: { num: 25, den: 1 } });
  const made: readonly (readonly [string, ContainerType, VideoCodecSettings])[] = [
    ['closed.mp4', 'MP4', { codec: 'H_264', h264Settings: groups }],
    ['closed.ts', 'M2TS', { codec: 'H_264', h264Settings: groups }],
    ['open.mp4', 'MP4', { codec: 'H_264', h264Settings: { ...groups, gopClosedCadence: 0 } }],
    ['hevc.mp4', 'MP4', { codec: 'H_265', h265Settings: { ...groups, gopBReference: 'DISABLED' } }],
    ['prores.mov', 'MOV', { codec: 'PRORES', proresSettings: { codecProfile: 'APPLE_PRORES_422_PROXY' } }],
  ];
  for (const [key, container, codecSettings] of made) {
    const { path } = await runVideoJob(workshop, {
      key: 'two.mp4',
      video: { codecSettings },
      changes: jobOf('two.mp4', [], `source-${key}`, { container, codecSettings }),
    });
    workshop.adopt(path, key);
  }
}, 120_000);

afterAll(() => workshop.close());

interface Parts {
  readonly container?: ContainerType;
  readonly codecSettings?: VideoCodecSettings;
  readonly video?: object;
  readonly others?: readonly Output[];
}

const timecodeOf = (frame: number): string =>
  `00:00:0${Math.floor(frame / 25)}:${String(frame % 25).padStart(2, '0')}`;

/** First and last frame. */
const clip = (first: number, last: number): InputClipping => ({
  startTimecode: timecodeOf(first),
  endTimecode: timecodeOf(last),
});

function jobOf(
  key: string,
  inputClippings: readonly InputClipping[],
  name: string,
  { container = 'MP4', codecSettings = { codec: 'PASSTHROUGH' }, video = {}, others = [] }: Parts = {},
): Partial<JobSettings> {
  const aacSettings = { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 } as const;
  const wavSettings = { bitDepth: 16, channels: 2, sampleRate: 48_000 } as const;
  return {
    inputs: [
      {
        fileInput: `s3://inputs/${key}`,
        timecodeSource: 'ZEROBASED',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
        ...(inputClippings.length === 0 ? {} : { inputClippings }),
      },
    ],
    outputGroups: [
      {
        outputGroupSettings: {
          type: 'FILE_GROUP_SETTINGS',
          fileGroupSettings: { destination: `s3://outputs/${name}` },
        },
        outputs: [
          {
            ...(others.length === 0 ? {} : { nameModifier: '_passed' }),
            containerSettings: { container },
            videoDescription: { codecSettings, ...video },
            audioDescriptions: [
              {
                audioSourceName: 'Audio Selector 1',
                codecSettings:
                  container === 'MOV' ? { codec: 'WAV', wavSettings } : { codec: 'AAC', aacSettings },
              },
            ],
          },
          ...others,
        ],
      },
    ],
  };
}

/** Each group of pictures is a segment. */
function segmented(folder: string): OutputGroup {
  const passthroughSettings = { segmentationMode: 'GOP_COUNT', gopsPerSegment: 1 } as const;
  return {
    outputGroupSettings: {
      type: 'HLS_GROUP_SETTINGS',
      hlsGroupSettings: { destination: `s3://outputs/${folder}/main`, segmentLength: 1, minSegmentLength: 0 },
    },
    outputs: [
      {
        nameModifier: '_v',
        containerSettings: { container: 'M3U8' },
        videoDescription: { codecSettings: { codec: 'PASSTHROUGH', passthroughSettings } },
      },
    ],
  };
}

let runs = 0;

async function cut(
  key: string,
  clips: readonly InputClipping[],
  settings: PassthroughSettings = {},
  container?: ContainerType,
) {
  runs += 1;
  const codecSettings: VideoCodecSettings = { codec: 'PASSTHROUGH', passthroughSettings: settings };
  const parts = { codecSettings, ...(container === undefined ? {} : { container }) };
  return runVideoJob(workshop, {
    key,
    video: { codecSettings },
    changes: jobOf(key, clips, `cut-${runs}`, parts),
  });
}

/** Digest of each coded picture, in coding order, with the frame that it is. */
function codedPictures(path: string): readonly { readonly frame: number; readonly digest: string }[] {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(path);
  const video = context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  if (video === undefined) throw new Error(`${path} has no video`);
  const packet = new Packet();
  packet.alloc();
  const pictures: { pts: bigint; digest: string }[] = [];
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === video.index)
      pictures.push({
        pts: packet.pts,
        digest: createHash('sha256')
          .update(packet.data ?? '')
          .digest('hex'),
      });
    packet.unref();
  }
  packet.free();
  const { num, den } = video.timeBase;
  context.closeInputSync();
  const first = pictures.reduce((least, { pts }) => (pts < least ? pts : least), pictures[0]?.pts ?? 0n);
  return pictures.map(({ pts, digest }) => ({
    frame: Math.round((Number(pts - first) * num * 25) / den),
    digest,
  }));
}

/** The pictures of some frames of a source, in coding order, counted from the first of the cut. */
function expected(key: string, ranges: readonly (readonly [number, number])[]) {
  let shift = 0;
  return ranges.flatMap(([first, last]) => {
    const part = codedPictures(workshop.inputPath(key))
      .filter(({ frame }) => frame >= first && frame <= last)
      .map(({ frame, digest }) => ({ frame: frame - first + shift, digest }));
    shift += last - first + 1;
    return part;
  });
}

describe('a clip of H.264', () => {
  it.each([
    ['between key frames begins and ends at the next', [clip(12, 33)], [[20, 39]]],
    ['at key frames is exact', [clip(10, 19)], [[10, 19]]],
    ['that ends behind the last key frame goes on to the end', [clip(1, 45)], [[10, 49]]],
    [
      'is joined with another',
      [clip(10, 19), clip(35, 43)],
      [
        [10, 19],
        [40, 49],
      ],
    ],
  ] as const)('%s', async (_name, clips, ranges) => {
    const { path, output } = await cut('closed.mp4', clips);
    const frames = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    expect(codedPictures(path)).toEqual(expected('closed.mp4', ranges));
    expect(output.video?.frames).toBe(frames);
    expect(watchPictures(path).times).toHaveLength(frames);
    const { video, audio, tracks } = await watchMedia(path);
    expect(video.decodeErrors + audio.decodeErrors).toBe(0);
    const samples = tracks.find(({ kind }) => kind === 'audio')?.samples ?? 0;
    expect(Math.abs(samples / 48_000 - frames / 25)).toBeLessThan(0.03);
    expect(Math.abs((audio.times[0] ?? 0) - (video.times[0] ?? 0))).toBeLessThan(0.05);
  });

  it('of a transport stream', async () => {
    const { path } = await cut('closed.ts', [clip(12, 29)]);
    expect(codedPictures(path).map(({ frame }) => frame)).toEqual(
      expected('closed.mp4', [[20, 29]]).map(({ frame }) => frame),
    );
    expect(watchPictures(path).times).toHaveLength(10);
  });

  it('of open groups begins at the next I picture where the job allows it, without what shows before', async () => {
    const { path } = await cut('open.mp4', [clip(5, 44)], { frameControl: 'NEAREST_IFRAME' });
    const shown = codedPictures(path).map(({ frame }) => frame);
    const coded = codedPictures(workshop.inputPath('open.mp4'));
    // Begins and ends at I pictures in coding order; those that show before the first are left out.
    expect(shown.length).toBeGreaterThan(25);
    expect(coded.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining(codedPictures(path).map(({ digest }) => digest)),
    );
    expect((await watchMedia(path)).video.decodeErrors).toBe(0);
    expect(watchPictures(path).times).toHaveLength(shown.length);
  });

  it.each([
    ['of open groups has no place to begin at otherwise', 'open.mp4', clip(5, 44)],
    ['inside of a group has nothing that could be shown alone', 'closed.mp4', clip(12, 18)],
  ])('%s', async (_name, key, inside) => {
    await expect(cut(key, [inside])).rejects.toMatchObject({ code: 1060 });
  });

  it('in segments begins with its first key frame', async () => {
    runs += 1;
    const { path, plan } = await runVideoJob(workshop, {
      key: 'closed.mp4',
      video: { codecSettings: { codec: 'PASSTHROUGH' } },
      changes: { ...jobOf('closed.mp4', [clip(12, 39)], ''), outputGroups: [segmented(`segments-${runs}`)] },
    });
    expect(plan.outputGroups).toHaveLength(1);
    const playlist = readFileSync(path.replace(/[^/]*$/, 'main_v.m3u8'), 'utf8');
    expect([...playlist.matchAll(/#EXTINF:([\d.]+)/g)].map(([, seconds]) => Number(seconds))).toEqual([
      0.4, 0.4,
    ]);
  });
});

it('a clip of H.265 begins at an instantaneous refresh', async () => {
  const { path } = await cut('hevc.mp4', [clip(12, 29)]);
  expect(codedPictures(path)).toEqual(expected('hevc.mp4', [[20, 29]]));
  expect(watchPictures(path).times).toHaveLength(10);
});

it('a clip of intra pictures is exact', async () => {
  const { path } = await cut('prores.mov', [clip(7, 21), clip(40, 40)], {}, 'MOV');
  expect(codedPictures(path)).toEqual(
    expected('prores.mov', [
      [7, 21],
      [40, 40],
    ]),
  );
  const { tracks } = await watchMedia(path);
  expect(tracks.find(({ kind }) => kind === 'audio')?.samples).toBe((16 * 48_000) / 25);
});

it.each<[string, string, Parts, RegExp]>([
  [
    'an encoded output beside it',
    'closed.mp4',
    {
      others: [
        {
          nameModifier: '_small',
          containerSettings: { container: 'MP4' },
          videoDescription: {
            width: 160,
            height: 90,
            codecSettings: { codec: 'H_264', h264Settings: groups },
          },
        },
      ],
    },
    /a job of their own/,
  ],
  [
    'a timecode track',
    'closed.mp4',
    { container: 'MOV', video: { timecodeTrack: 'ENABLED' } },
    /timecodeTrack.*later than/s,
  ],
  [
    'I pictures of intra codecs',
    'prores.mov',
    {
      container: 'MOV',
      codecSettings: { codec: 'PASSTHROUGH', passthroughSettings: { frameControl: 'NEAREST_IFRAME' } },
    },
    /frameControl.*H\.264 and H\.265/s,
  ],
])('clips refuse %s', async (_name, key, parts, text) => {
  const changes = jobOf(key, [clip(10, 19)], 'refused', parts);
  await expect(planVideoJob(workshop, { key, video: {}, changes })).rejects.toThrow(text);
});
