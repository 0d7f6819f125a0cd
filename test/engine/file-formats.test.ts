/** Intermediate and broadcast files, made of real clips and read back: structure by an own reader, pictures decoded. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AudioDescription,
  ContainerSettings,
  VideoCodecSettings,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import { nalType, nalUnits, rawBytes } from '../../src/package/annex-b.ts';
import { type MxfFile, mxfSets, readMxf } from './read-mxf.ts';
import { type FinishedVideoJob, runVideoJob } from './video-job.ts';
import { watchMedia } from './watch-media.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.4, frameRate: { num: 50, den: 1 } });
});
afterAll(() => workshop.close());

const at25 = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
const at29 = {
  framerateControl: 'SPECIFIED',
  framerateNumerator: 30000,
  framerateDenominator: 1001,
} as const;

let made = 0;

function run(
  containerSettings: ContainerSettings,
  codecSettings: VideoCodecSettings,
  parts: {
    readonly video?: Partial<VideoDescription>;
    readonly audioDescriptions?: readonly AudioDescription[];
  } = {},
): Promise<FinishedVideoJob> {
  const { video: changes = {}, audioDescriptions } = parts;
  const video = { ...changes, codecSettings };
  made += 1;
  const mono = { channelMapping: { outputChannels: [{ inputChannels: [0, -60] }] } };
  return runVideoJob(workshop, {
    key: 'clip.mp4',
    video,
    changes: {
      inputs: [
        {
          fileInput: 's3://inputs/clip.mp4',
          timecodeSource: 'ZEROBASED',
          audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT', remixSettings: mono } },
        },
      ],
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'FILE_GROUP_SETTINGS',
            fileGroupSettings: { destination: `s3://outputs/format-${made}` },
          },
          outputs: [
            {
              containerSettings,
              videoDescription: video,
              ...(audioDescriptions === undefined ? {} : { audioDescriptions }),
            },
          ],
        },
      ],
    },
  });
}

const monoTracks = (count: number, bitDepth: number): readonly AudioDescription[] =>
  Array.from({ length: count }, () => ({
    audioSourceName: 'Audio Selector 1',
    codecSettings: { codec: 'WAV', wavSettings: { bitDepth, channels: 1, sampleRate: 48000 } },
  }));

const kindsOf = ({ sets }: MxfFile): readonly string[] => sets.map(({ kind }) => kind);
const isSound = ({ item }: { readonly item: number }): boolean => item === 0x16;

describe('MXF', () => {
  const d10 = {
    rateControlMode: 'CBR',
    gopSize: 1,
    numberBFramesBetweenReferenceFrames: 0,
    codecProfile: 'PROFILE_422',
    interlaceMode: 'TOP_FIELD',
    syntax: 'D_10',
  } as const;

  it.each([
    ['50 Mbit/s at 25', 50_000_000, at25, 608, 10, 250_000],
    ['30 Mbit/s at 25, of pictures without blanking', 30_000_000, at25, 576, 10, 150_000],
    ['50 Mbit/s at 29.97', 50_000_000, at29, 512, 12, 208_541],
  ] as const)(
    'D-10 of %s: every picture has one size',
    async (_name, bitrate, rate, height, count, bytes) => {
      const { path, plan } = await run(
        { container: 'MXF', mxfSettings: { profile: 'D_10' } },
        { codec: 'MPEG2', mpeg2Settings: { ...d10, ...rate, bitrate } },
        { video: { width: 720, height } },
      );
      const mxf = readMxf(path);
      const sizes = mxf.essence.map((packet) => packet.bytes);
      expect(new Set(sizes)).toEqual(new Set([bytes]));
      expect(Math.abs(sizes.length - count)).toBeLessThanOrEqual(2);
      expect(mxf.partitions.map(({ kind }) => kind)).toEqual(['header', 'footer']);
      expect(mxf.partitions.every(({ isClosed }) => isClosed)).toBe(true);
      expect(mxf.partitions[0]?.essenceContainers).toEqual([0x01]);
      const pictures = watchPictures(path);
      expect(pictures).toMatchObject({
        format: 'yuv422p',
        interlaced: sizes.length,
        topFieldFirst: sizes.length,
      });
      expect(plan.videoRenditions[0]?.heightPx).toBe(height === 576 ? 608 : height);
    },
  );

  it('XDCAM RDD 9 at an operating point, with two equal tracks of sound and a timecode track', async () => {
    const mpeg2Settings = {
      ...at25,
      rateControlMode: 'CBR',
      bitrate: 50_000_000,
      gopSize: 12,
      codecProfile: 'PROFILE_422',
      interlaceMode: 'TOP_FIELD',
    } as const;
    const { path } = await run(
      { container: 'MXF', mxfSettings: { profile: 'XDCAM_RDD9', afdSignaling: 'COPY_FROM_VIDEO' } },
      { codec: 'MPEG2', mpeg2Settings },
      {
        video: { width: 1920, height: 1080, timecodeTrack: 'ENABLED', afdSignaling: 'FIXED', fixedAfd: 10 },
        audioDescriptions: monoTracks(2, 24),
      },
    );
    const mxf = readMxf(path);
    expect(mxf.partitions[0]).toMatchObject({ operationalPattern: '0101', isClosed: true });
    expect(kindsOf(mxf).filter((kind) => kind === mxfSets.mpegDescriptor)).toHaveLength(1);
    expect(kindsOf(mxf).filter((kind) => kind === mxfSets.aes3Descriptor)).toHaveLength(2);
    expect(kindsOf(mxf)).toContain(mxfSets.timecode);
    // 4:2:2 at High Level has a code of its own: the escape bit and 2 (H.262 table 8-4).
    const mpeg = mxf.sets.find(({ kind }) => kind === mxfSets.mpegDescriptor);
    expect(mpeg?.members.get(0x3201)?.[13]).toBe(0x04);
    // Code 10 in bits 6 to 3, and a coded frame of 16:9 (SMPTE ST 2016-1); the primer explains the tag.
    expect(mpeg?.members.get(0x3218)).toEqual(Buffer.from([(10 << 3) | 4]));
    expect(readFileSync(path).includes(Buffer.from('3218060e2b34010101050401030209000000', 'hex'))).toBe(
      true,
    );
    // 24-bit sound of one channel: a second of 48 kHz is 144 000 bytes in each track.
    const sound = mxf.essence.filter(isSound).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(sound).toBe(2 * 0.4 * 144_000);
    const pictures = watchPictures(path);
    expect(pictures).toMatchObject({ interlaced: 10, activeFormats: Array(10).fill(10) });
    const { tracks } = await watchMedia(path);
    expect(tracks.filter(({ kind }) => kind === 'audio').map(({ samples }) => samples)).toEqual([
      19_200, 19_200,
    ]);
  });

  it.each([
    ['AUTO', mxfSets.waveDescriptor, 1],
    ['AES3', mxfSets.aes3Descriptor, 3],
  ] as const)(
    'sound of OP1a is wrapped as %s asks for',
    async (uncompressedAudioWrapping, descriptor, label) => {
      const { path } = await run(
        { container: 'MXF', mxfSettings: { profile: 'OP1A', uncompressedAudioWrapping } },
        { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 1_000_000 } },
        { audioDescriptions: monoTracks(1, 16) },
      );
      const mxf = readMxf(path);
      const sounds = [
        mxfSets.waveDescriptor,
        mxfSets.aes3Descriptor,
        mxfSets.soundDescriptor,
      ] as readonly string[];
      expect(kindsOf(mxf).filter((kind) => sounds.includes(kind))).toEqual([descriptor]);
      const track = mxf.sets.map(({ members }) => members.get(0x4804)).find((number) => number?.[0] === 0x16);
      expect(track?.[2]).toBe(label);
      const { tracks } = await watchMedia(path);
      expect(tracks.find(({ kind }) => kind === 'audio')).toMatchObject({ samples: 19_200, decodeErrors: 0 });
      expect(watchPictures(path).times).toHaveLength(20);
    },
  );
});

describe('QuickTime', () => {
  it.each([
    ['XDCAM', 'xd5e', 0],
    ['MPEG', 'm2v1', 0],
    ['XDCAM', 'm2v1', 1],
  ] as const)('MPEG-2 with %s is %s', async (mpeg2FourCCControl, fourCc, notices) => {
    const mpeg2Settings = {
      ...at25,
      rateControlMode: 'CBR',
      bitrate: 50_000_000,
      codecProfile: 'PROFILE_422',
    } as const;
    const size = notices === 0 ? { width: 1920, height: 1080 } : {};
    const { path, findings } = await run(
      { container: 'MOV', movSettings: { mpeg2FourCCControl } },
      { codec: 'MPEG2', mpeg2Settings },
      { video: size },
    );
    const file = readFileSync(path);
    const entryAt = file.indexOf('stsd', 0, 'latin1') + 16;
    expect(file.toString('latin1', entryAt, entryAt + 4)).toBe(fourCc);
    expect(findings.filter(({ message }) => message.includes('XDCAM has no code'))).toHaveLength(notices);
    expect(watchPictures(path).times).toHaveLength(10);
  });

  it('ProRes of fields, with clean aperture and a timecode track', async () => {
    const proresSettings = {
      codecProfile: 'APPLE_PRORES_422_HQ',
      ...at25,
      interlaceMode: 'TOP_FIELD',
    } as const;
    const { path } = await run(
      { container: 'MOV', movSettings: { clapAtom: 'INCLUDE', paddingControl: 'OMNEON' } },
      { codec: 'PRORES', proresSettings },
      { video: { timecodeTrack: 'ENABLED' } },
    );
    expect(watchPictures(path)).toMatchObject({
      format: 'yuv422p10le',
      interlaced: 10,
      topFieldFirst: 10,
      keys: 10,
    });
    const file = readFileSync(path);
    for (const box of ['apch', 'clap', 'fiel', 'tmcd']) expect(file.includes(box), box).toBe(true);
    // The list counts one entry of 12 bytes behind its header of 16, and is longer than both.
    const list = file.subarray(file.indexOf('elst') - 4);
    expect([list.readUInt32BE(0), list.readUInt32BE(12)]).toEqual([16 + 12 + 8, 1]);
  });

  it('sound of one channel is the centre, in a language the old table does not have', async () => {
    const [track] = monoTracks(1, 16);
    const { path } = await run(
      { container: 'MOV' },
      { codec: 'H_264', h264Settings: { qualityTuningLevel: 'SINGLE_PASS', bitrate: 1_000_000 } },
      {
        audioDescriptions: [
          { ...track, languageCodeControl: 'USE_CONFIGURED', customLanguageCode: 'gsw' },
          { ...track, languageCodeControl: 'USE_CONFIGURED', languageCode: 'FRA' },
        ],
      },
    );
    const file = readFileSync(path);
    const languages = [...file.toString('latin1').matchAll(/mdhd/g)].map(({ index }) =>
      file.readUInt16BE(index + 24),
    );
    const packed = [7, 19, 23].reduce((code, letter) => code * 32 + letter, 0);
    // French has a number of the old table.
    expect(languages.slice(1)).toEqual([packed, 1]);
    const labels = [...file.toString('latin1').matchAll(/chan/g)].map(({ index }) =>
      file.readUInt32BE(index + 20),
    );
    expect(labels).toEqual([3, 3]);
  });

  it('MPEG-2 carries the active format in each picture', async () => {
    const { path } = await run(
      { container: 'MOV' },
      { codec: 'MPEG2', mpeg2Settings: { ...at25, bitrate: 4_000_000, qualityTuningLevel: 'MULTI_PASS' } },
      { video: { afdSignaling: 'FIXED', fixedAfd: 9 } },
    );
    expect(watchPictures(path).activeFormats).toEqual(Array(10).fill(9));
  });
});

it('Flash video begins with its first picture', async () => {
  const { path } = await run(
    { container: 'F4V' },
    { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 1_000_000 } },
  );
  const { times } = watchPictures(path);
  expect([times.length, times[0]]).toEqual([20, 0]);
  expect(readFileSync(path).toString('latin1', 8, 12)).toBe('f4v ');
});

it.each(['VP8', 'VP9'] as const)('%s in WebM has its cues in front', async (codec) => {
  const settings = { rateControlMode: 'VBR', bitrate: 500_000, gopSize: 10 } as const;
  const { path } = await run(
    { container: 'WEBM' },
    codec === 'VP8' ? { codec, vp8Settings: settings } : { codec, vp9Settings: settings },
  );
  const pictures = watchPictures(path);
  expect([pictures.times.length, pictures.keys, pictures.times[1]]).toEqual([20, 2, 20]);
  const file = readFileSync(path);
  const [cues, cluster] = [
    file.indexOf(Buffer.from('1c53bb6b', 'hex')),
    file.indexOf(Buffer.from('1f43b675', 'hex')),
  ];
  expect(cues).toBeGreaterThan(0);
  expect(cues).toBeLessThan(cluster);
});

it('Y4M says which field comes first, and holds the pictures as they are', async () => {
  const uncompressedSettings = { fourcc: 'I422', ...at25, interlaceMode: 'INTERLACED' } as const;
  const { path } = await run({ container: 'Y4M' }, { codec: 'UNCOMPRESSED', uncompressedSettings });
  const file = readFileSync(path);
  expect(file.toString('latin1', 0, file.indexOf('\n'))).toMatch(/^YUV4MPEG2 W320 H180 F25:1 It A1:1 C422/);
  expect(watchPictures(path)).toMatchObject({ format: 'yuv422p', interlaced: 10, topFieldFirst: 10 });
});

it('GIF goes on for ever and keeps the rate', async () => {
  const { path } = await run({ container: 'GIF' }, { codec: 'GIF', gifSettings: at25 });
  expect(readFileSync(path).includes('NETSCAPE2.0\x03\x01\x00\x00', 0, 'latin1')).toBe(true);
  expect(watchPictures(path).times).toEqual(Array.from({ length: 10 }, (_, index) => index * 4));
});

it('H.265 says of each picture, and of the whole, that it holds two fields', async () => {
  const h265Settings = {
    ...at25,
    rateControlMode: 'VBR',
    bitrate: 1_000_000,
    interlaceMode: 'TOP_FIELD',
  } as const;
  const { path } = await run(
    { container: 'RAW' },
    { codec: 'H_265', h265Settings },
    { video: { height: 180 } },
  );
  const units = [...nalUnits(readFileSync(path))];
  const timings = units
    .filter((unit) => nalType(unit, 'H_265') === 39 && unit[2] === 1)
    .map((unit) => (rawBytes(unit, 8)[4] ?? 0) >> 2);
  // pic_struct 3: top field, then bottom field; source_scan_type 0: interlaced.
  expect(timings).toEqual(Array(10).fill(0b0011_00));
  const sequence = units.find((unit) => nalType(unit, 'H_265') === 33);
  expect((rawBytes(sequence ?? Buffer.alloc(0), 16)[8] ?? 0) >> 6).toBe(0b01);
  expect(watchPictures(path).times).toHaveLength(10);
});
