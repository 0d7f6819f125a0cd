/** Sound codecs and file containers from a real job, read back with parsers that are not ours. */
import { readFile } from 'node:fs/promises';
import { createFile, type ISOFile, MP4BoxBuffer } from 'mp4box';
import { describe, expect, test } from 'vitest';
import { watchMedia } from '../engine/watch-media.ts';
import { completeJob, fileOf, runJob } from './run-report.ts';
import { clip, useData } from './tiny-jobs.ts';

const patient = { timeout: 240_000 };

let data: string;
useData((path) => {
  data = path;
});

const picture = {
  Width: 160,
  Height: 90,
  CodecSettings: {
    Codec: 'H_264',
    H264Settings: { RateControlMode: 'CBR', Bitrate: 200_000, QualityTuningLevel: 'SINGLE_PASS' },
  },
};

const sound = (Codec: string, block: string, settings: object, changes: object = {}) => ({
  ...changes,
  CodecSettings: { Codec, [block]: settings },
});
const aac = sound('AAC', 'AacSettings', {
  Bitrate: 96_000,
  CodingMode: 'CODING_MODE_2_0',
  SampleRate: 48_000,
});
const ac3 = sound('AC3', 'Ac3Settings', { Bitrate: 192_000 });
const eac3 = sound('EAC3', 'Eac3Settings', { Bitrate: 192_000 });
const wave = (settings: object) => sound('WAV', 'WavSettings', { BitDepth: 16, Channels: 2, ...settings });

function output(
  name: string,
  Container: string,
  video: object | null,
  audio: readonly object[],
  containerSettings: object = {},
) {
  return {
    NameModifier: `_${name}`,
    ContainerSettings: { Container, ...containerSettings },
    ...(video === null ? {} : { VideoDescription: video }),
    AudioDescriptions: audio,
  };
}

function job(...Outputs: readonly object[]) {
  return {
    Inputs: [
      { FileInput: clip.location, AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } } },
    ],
    OutputGroups: [
      {
        OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: { Destination: 's3://out/' } },
        Outputs,
      },
    ],
  };
}

describe('elementary sound and Ogg', patient, () => {
  test('every codec makes a file that decodes whole, in the form its container has', async () => {
    const files = {
      'clip_latm.aac': output('latm', 'RAW', null, [
        sound('AAC', 'AacSettings', {
          Bitrate: 96_000,
          CodingMode: 'CODING_MODE_2_0',
          SampleRate: 48_000,
          RawFormat: 'LATM_LOAS',
        }),
      ]),
      'clip_raw.ac3': output('raw', 'RAW', null, [ac3]),
      'clip_plus.ec3': output('plus', 'RAW', null, [eac3]),
      'clip_two.mp2': output('two', 'RAW', null, [
        sound('MP2', 'Mp2Settings', { Bitrate: 192_000, Channels: 2, SampleRate: 48_000 }),
      ]),
      'clip_three.mp3': output('three', 'RAW', null, [
        sound('MP3', 'Mp3Settings', {
          RateControlMode: 'VBR',
          VbrQuality: 2,
          Channels: 2,
          SampleRate: 44_100,
        }),
      ]),
      'clip_big.aiff': output('big', 'RAW', null, [
        sound('AIFF', 'AiffSettings', { BitDepth: 24, Channels: 2, SampleRate: 48_000 }),
      ]),
      'clip_riff.wav': output('riff', 'RAW', null, [wave({})]),
      'clip_long.wav': output('long', 'RAW', null, [wave({ Format: 'RF64', BitDepth: 24 })]),
      'clip_wide.wav': output('wide', 'RAW', null, [wave({ Format: 'EXTENSIBLE', Channels: 10 })]),
      'clip_lossless.flac': output('lossless', 'RAW', null, [
        sound('FLAC', 'FlacSettings', { BitDepth: 16, Channels: 1, SampleRate: 96_000 }),
      ]),
      'clip_opus.ogg': output('opus', 'OGG', null, [
        sound('OPUS', 'OpusSettings', { Bitrate: 64_000, Channels: 1, SampleRate: 48_000 }),
      ]),
      'clip_vorbis.ogg': output('vorbis', 'OGG', null, [
        sound('VORBIS', 'VorbisSettings', { VbrQuality: 3, Channels: 2, SampleRate: 48_000 }),
      ]),
    };
    const { outputGroupDetails } = await completeJob(data, job(...Object.values(files)));
    const paths = outputGroupDetails[0]?.outputDetails.map(({ outputFilePaths }) => outputFilePaths[0]);
    expect(paths).toEqual(Object.keys(files).map((name) => `s3://out/${name}`));
    for (const name of Object.keys(files)) {
      const { tracks, audio } = await watchMedia(fileOf(data, `s3://out/${name}`));
      expect(tracks, name).toHaveLength(1);
      expect(audio.decodeErrors, name).toBe(0);
      const rate = name.includes('lossless') ? 96_000 : name.includes('three') ? 44_100 : 48_000;
      // Codecs with frames fill the last one, and some begin with a frame of priming.
      expect(audio.samples / rate, name).toBeGreaterThanOrEqual(clip.durationMs / 1000 - 0.03);
      expect(audio.samples / rate, name).toBeLessThan(clip.durationMs / 1000 + 0.1);
    }
  });

  test('the headers of WAV files say RIFF, RF64 and EXTENSIBLE, with the sizes of what follows', async () => {
    const [riff, long, wide] = await Promise.all(
      ['riff', 'long', 'wide'].map((name) => readFile(fileOf(data, `s3://out/clip_${name}.wav`))),
    );
    const text = (bytes: Buffer | undefined, at: number) => bytes?.toString('latin1', at, at + 4);
    expect([text(riff, 0), riff?.readUInt32LE(4), riff?.readUInt16LE(20)]).toEqual([
      'RIFF',
      (riff?.length ?? 0) - 8,
      1,
    ]);
    expect([text(long, 0), text(long, 12), long?.readBigUInt64LE(20)]).toEqual([
      'RF64',
      'ds64',
      BigInt((long?.length ?? 0) - 8),
    ]);
    expect([text(wide, 0), wide?.readUInt16LE(20), wide?.readUInt16LE(22)]).toEqual(['RIFF', 0xfffe, 10]);
  });
});

describe('sound beside pictures', patient, () => {
  test('MP4, QuickTime and Flash video carry the tracks asked for, as an independent parser sees them', async () => {
    const labels = { AudioChannelTaggingSettings: { ChannelTags: ['L', 'R'] } };
    const movie = output(
      'movie',
      'MOV',
      { ...picture, TimecodeTrack: 'ENABLED' },
      [
        { ...wave({ BitDepth: 24 }), ...labels },
        sound('AIFF', 'AiffSettings', { BitDepth: 16, Channels: 2 }),
        ac3,
      ],
      { MovSettings: { ClapAtom: 'INCLUDE' } },
    );
    await completeJob(
      data,
      job(output('dolby', 'MP4', picture, [ac3, eac3]), movie, output('flash', 'F4V', picture, [aac])),
    );

    const dolby = await boxesOf('s3://out/clip_dolby.mp4');
    expect(dolby.getInfo().tracks.map(({ codec }) => codec)).toEqual([
      expect.stringMatching(/^avc1/),
      'ac-3',
      'ec-3',
    ]);

    const quickTime = await boxesOf('s3://out/clip_movie.mov');
    expect(quickTime.getInfo().brands[0]).toBe('qt  ');
    const entries = quickTime.moov.traks.map((track) => track.mdia.minf.stbl.stsd.entries[0]?.type);
    expect(entries).toEqual(['avc1', 'in24', 'twos', 'ac-3', 'tmcd']);
    const movieBytes = await readFile(fileOf(data, 's3://out/clip_movie.mov'));
    expect(clapOf(movieBytes)).toEqual([160, 1, 90, 1, 0, 1, 0, 1]);
    // Two descriptions, left and right; the first box of this type belongs to the labelled track.
    expect(labelsOf(movieBytes)).toEqual([1, 2]);
    expect((await watchMedia(fileOf(data, 's3://out/clip_movie.mov'))).video.times).toHaveLength(clip.frames);

    const flash = await readFile(fileOf(data, 's3://out/clip_flash.f4v'));
    expect(flash.toString('latin1', 8, 12)).toBe('f4v ');
    expect(flash.indexOf('moov', 0, 'latin1')).toBeLessThan(flash.indexOf('mdat', 0, 'latin1'));
  });

  test('Dolby sound passes through bit by bit', async () => {
    await completeJob(data, job(output('source', 'MP4', picture, [ac3])));
    const settings = {
      ...job(
        output('copy', 'MP4', picture, [{ CodecSettings: { Codec: 'PASSTHROUGH' } }]),
        output('bare', 'RAW', null, [{ CodecSettings: { Codec: 'PASSTHROUGH' } }]),
      ),
      Inputs: [
        {
          FileInput: 's3://out/clip_source.mp4',
          AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
        },
      ],
    };
    await completeJob(data, settings);
    const [source, copy] = await Promise.all(
      ['source.mp4', 'source_copy.mp4'].map((name) =>
        soundBytes(name === 'source.mp4' ? 's3://out/clip_source.mp4' : 's3://out/clip_source_copy.mp4'),
      ),
    );
    expect(copy?.equals(source ?? Buffer.alloc(0))).toBe(true);
    expect(
      (await readFile(fileOf(data, 's3://out/clip_source_bare.ac3'))).equals(source ?? Buffer.alloc(0)),
    ).toBe(true);
  });
});

describe('what a container cannot hold', patient, () => {
  test('an MXF output that its profile does not allow provokes 1080', async () => {
    const mono = wave({ Channels: 1 });
    const { exitCode, report } = await runJob(
      data,
      job(output('mxf', 'MXF', picture, [mono, mono, mono], { MxfSettings: { Profile: 'XDCAM' } })),
    );
    expect([exitCode, report.errorCode]).toEqual([1, 1080]);
    expect(report.errorMessage).toMatch(/^MXF_muxer \[1\]: XDCAM/);
  });

  test('a data channel of plain sound provokes 1093', async () => {
    const RemixSettings = {
      ChannelsIn: 2,
      ChannelsOut: 2,
      ChannelMapping: { OutputChannels: [{ InputChannels: [0, -60] }, { InputChannels: [-60, 0] }] },
      AudioDescriptionAudioChannel: 1,
      AudioDescriptionDataChannel: 2,
    };
    const { exitCode, report } = await runJob(
      data,
      job(output('described', 'MP4', picture, [{ ...aac, RemixSettings }])),
    );
    expect([exitCode, report.errorCode]).toEqual([1, 1093]);
    expect(report.errorMessage).toMatch(/does not contain an AD data stream/);
  });
});

async function boxesOf(location: string): Promise<ISOFile> {
  const bytes = await readFile(fileOf(data, location));
  const file = createFile();
  file.onError = (error) => {
    throw new Error(`${location}: ${error}`);
  };
  file.appendBuffer(
    MP4BoxBuffer.fromArrayBuffer(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      0,
    ),
  );
  file.flush();
  return file;
}

function clapOf(bytes: Buffer): readonly number[] {
  const at = bytes.indexOf('clap', 0, 'latin1') + 4;
  return Array.from({ length: 8 }, (_, index) => bytes.readInt32BE(at + index * 4));
}

function labelsOf(bytes: Buffer): readonly number[] {
  const at = bytes.indexOf('chan', bytes.indexOf('in24', 0, 'latin1'), 'latin1') + 4;
  return Array.from({ length: bytes.readUInt32BE(at + 12) }, (_, index) =>
    bytes.readUInt32BE(at + 16 + index * 20),
  );
}

/** The samples of the second track, in order, through the independent parser. */
async function soundBytes(location: string): Promise<Buffer> {
  const bytes = await readFile(fileOf(data, location));
  const file = await boxesOf(location);
  const track = file.getInfo().tracks[1];
  if (track === undefined) throw new Error(`${location} has no second track`);
  const samples = file.getTrackSamplesInfo(track.id);
  return Buffer.concat(samples.map(({ offset, size }) => bytes.subarray(offset, offset + size)));
}
