/** AVC-Intra and XAVC intra in MXF: what the descriptor says of the pictures, read by an own reader. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  AudioDescription,
  JobSettings,
  VideoCodecSettings,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import { mxfSets, readMxf } from './read-mxf.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.08, frameRate: { num: 50, den: 1 } });
});
afterAll(() => workshop.close());

const at25 = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
const fields = { interlaceMode: 'TOP_FIELD' } as const;

const avcIntra = (
  avcIntraClass: 'CLASS_50' | 'CLASS_100' | 'CLASS_200',
  more: object,
): VideoCodecSettings => ({
  codec: 'AVC_INTRA',
  avcIntraSettings: { avcIntraClass, ...at25, ...more },
});

const xavcHd = (xavcClass: 'CLASS_50' | 'CLASS_100' | 'CLASS_200', more: object): VideoCodecSettings => ({
  codec: 'XAVC',
  xavcSettings: {
    profile: 'XAVC_HD_INTRA_CBG',
    xavcHdIntraCbgProfileSettings: { xavcClass, ...more },
    framerateControl: 'SPECIFIED',
    framerateNumerator: 25,
    framerateDenominator: 1,
  },
});

let made = 0;

/** The automatic profile, and the two tracks of sound that XAVC has at least. */
function jobOf(videoDescription: VideoDescription, name: string): Partial<JobSettings> {
  const remixSettings = { channelMapping: { outputChannels: [{ inputChannels: [0, -60] }] } };
  const track: AudioDescription = {
    audioSourceName: 'Audio Selector 1',
    codecSettings: { codec: 'WAV', wavSettings: { bitDepth: 24, channels: 1, sampleRate: 48_000 } },
  };
  return {
    inputs: [
      {
        fileInput: 's3://inputs/clip.mp4',
        timecodeSource: 'ZEROBASED',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT', remixSettings } },
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
            containerSettings: { container: 'MXF', mxfSettings: {} },
            videoDescription,
            audioDescriptions: [track, track],
          },
        ],
      },
    ],
  };
}

/** The first sequence parameter set behind a start code: profile, constraints, level (H.264 7.3.2.1.1). */
function codedAs(file: Buffer): {
  readonly profile: number;
  readonly intra: boolean;
  readonly level: number;
} {
  const at = file.indexOf(Buffer.from('00000167', 'hex')) + 4;
  return {
    profile: file[at] ?? 0,
    intra: ((file[at + 1] ?? 0) & 0x10) !== 0,
    level: file[at + 2] ?? 0,
  };
}

/** Members of the set for MPEG video that come from an MPEG-2 sequence header (SMPTE ST 381-1). */
const isMpeg2 = (tag: number): boolean => tag >= 0x8000 && tag < 0x8100;

it.each([
  // Constrained classes have a label each, by size, scan and rate (SMPTE RP 2027).
  [
    'AVC-Intra 50, progressive',
    avcIntra('CLASS_50', {}),
    1440,
    { profile: 110, level: 40 },
    '322104',
    281_088,
  ],
  [
    'AVC-Intra 100, progressive',
    avcIntra('CLASS_100', {}),
    1920,
    { profile: 122, level: 41 },
    '323104',
    568_832,
  ],
  [
    'AVC-Intra 100, fields',
    avcIntra('CLASS_100', fields),
    1920,
    { profile: 122, level: 41 },
    '323102',
    568_832,
  ],
  [
    'AVC-Intra 200, fields',
    avcIntra('CLASS_200', fields),
    1920,
    { profile: 122, level: 41 },
    '323001',
    1_144_320,
  ],
  ['XAVC HD intra 50', xavcHd('CLASS_50', {}), 1440, { profile: 110, level: 40 }, '322104', 281_088],
  [
    'XAVC HD intra 100, fields',
    xavcHd('CLASS_100', fields),
    1920,
    { profile: 122, level: 41 },
    '323102',
    568_832,
  ],
])('%s is described as what it is', async (_name, codecSettings, width, coded, label, pictureBytes) => {
  made += 1;
  const { path, plan } = await runVideoJob(workshop, {
    key: 'clip.mp4',
    video: { codecSettings },
    changes: jobOf({ codecSettings, width, height: 1080 }, `intra-${made}`),
  });
  const mxf = readMxf(path);
  const file = readFileSync(path);
  const descriptors = mxf.sets.filter(({ kind }) =>
    [mxfSets.mpegDescriptor, mxfSets.cdciDescriptor].includes(kind as never),
  );
  expect(descriptors).toHaveLength(1);
  const members = descriptors[0]?.members ?? new Map<number, Buffer>();
  expect([...members.keys()].filter(isMpeg2)).toEqual([]);
  expect(members.get(0x3201)?.toString('hex', 13, 16)).toBe(label);
  expect(codedAs(file)).toEqual({ ...coded, intra: true });
  // Where there is a set for AVC, it says what the stream says.
  for (const { kind, members: avc } of mxf.sets) {
    if (kind !== mxfSets.avcDescriptor) continue;
    expect([avc.get(0x8201)?.[0], avc.get(0x8202)?.[0]]).toEqual([coded.profile, coded.level]);
  }
  const isInterlaced = plan.videoRenditions[0]?.encoder.options['flags']?.includes('ildct') ?? false;
  const stored = [0x3203, 0x3208, 0x3301].map((tag) => members.get(tag)?.readUInt32BE(0));
  expect(stored).toEqual([width, isInterlaced ? 540 : 1080, 10]);
  expect(members.get(0x320c)).toEqual(Buffer.from([isInterlaced ? 1 : 0]));
  const pictures = mxf.essence.filter(({ item }) => item === 0x15).map(({ bytes }) => bytes);
  expect(pictures).toEqual([pictureBytes, pictureBytes]);
  expect(watchPictures(path).times).toHaveLength(2);
});
