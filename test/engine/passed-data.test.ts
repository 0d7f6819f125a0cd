/** Data in the place of samples (SMPTE ST 337) that `smpte337Passthrough` lets through: no bit of it may change. */
import { readFileSync, writeFileSync } from 'node:fs';
import { AVMEDIA_TYPE_AUDIO } from 'node-av/constants';
import { FormatContext, InputFormat, Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AudioCodecSettings, ContainerType } from '../../src/contract/types.generated.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { readSound } from './read-sound.ts';
import { runSoundJob } from './sound-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const seconds = 1;
let workshop: Workshop;
/** What the library's own wrapper makes of Dolby Digital: words of 16 bits, of both channels in turn. */
let words: Buffer;
let coded: readonly Buffer[];

beforeAll(() => {
  workshop = openWorkshop();
  const bursts = workshop.inputPath('bursts.spdif');
  const tone = (n: number): number => Math.round(9000 * Math.sin(n / 17));
  makeClip(bursts, { muxer: 'spdif', audio: { encoder: 'ac3', seconds, sampleAt: tone } });
  words = readFileSync(bursts);
  coded = packetsOf(bursts, 'spdif');
  const sampleAt = (n: number, channel: number): number =>
    4 * n + 2 * channel < words.length ? words.readInt16LE(4 * n + 2 * channel) : 0;
  for (const encoder of ['pcm_s16le', 'pcm_s24le'] as const)
    makeClip(workshop.inputPath(`${encoder}.mov`), { muxer: 'mov', audio: { encoder, seconds, sampleAt } });
});
afterAll(() => workshop.close());

/** Packets of sound as a demuxer tells them from one another. */
function packetsOf(path: string, demuxer: string | null): readonly Buffer[] {
  const context = new FormatContext();
  const format = demuxer === null ? null : InputFormat.findInputFormat(demuxer);
  if (context.openInputSync(path, format, null) < 0) throw new Error(`${path} does not open`);
  context.findStreamInfoSync(null);
  const packet = new Packet();
  packet.alloc();
  const packets: Buffer[] = [];
  while (context.readFrameSync(packet) >= 0) {
    const { codecType } = context.streams[packet.streamIndex]?.codecpar ?? {};
    if (codecType === AVMEDIA_TYPE_AUDIO) packets.push(Buffer.from(packet.data ?? []));
    packet.unref();
  }
  packet.free();
  context.closeInputSync();
  return packets;
}

/** The samples of an output as words of 16 bits again; what is below these must be empty. */
function wordsOf(path: string): Buffer {
  const [left = new Float64Array(), right = new Float64Array()] = readSound(path).channels;
  const read = Buffer.alloc(4 * left.length);
  left.forEach((sample, n) => {
    for (const [channel, value] of [sample, right[n] ?? 0].entries()) {
      if (!Number.isInteger(value * 32_768)) throw new Error(`sample ${n} of ${path} is no word of 16 bits`);
      read.writeInt16LE(value * 32_768, 4 * n + 2 * channel);
    }
  });
  return read;
}

const wave = (bitDepth: number): AudioCodecSettings => ({ codec: 'WAV', wavSettings: { bitDepth } });

describe.each(['pcm_s16le', 'pcm_s24le'] as const)('Dolby Digital in words of %s', (encoder) => {
  const outputs: readonly (readonly [ContainerType, AudioCodecSettings])[] = [
    ['MOV', wave(24)],
    ['MXF', wave(24)],
    ['M2TS', wave(24)],
    ['RAW', { codec: 'AIFF', aiffSettings: { bitDepth: 24 } }],
    ['RAW', { codec: 'FLAC', flacSettings: { bitDepth: 24 } }],
    ...(encoder === 'pcm_s16le' ? [['MOV', wave(16)] as const] : []),
  ];

  test('comes out bit for bit, and is Dolby Digital to who unwraps it', async () => {
    const paths = await runSoundJob(
      workshop,
      `${encoder}.mov`,
      outputs.map(([container, codecSettings]) => ({ container, description: { codecSettings } })),
      { smpte337Passthrough: 'ENABLED' },
    );
    expect(coded.length).toBeGreaterThan(25);
    for (const [index, path] of paths.entries()) {
      const read = wordsOf(path);
      const whole = Math.min(read.length, words.length);
      expect(whole, `${outputs[index]}`).toBeGreaterThan(0.95 * words.length);
      expect(read.subarray(0, whole).equals(words.subarray(0, whole)), `${outputs[index]}`).toBe(true);
      const unwrapped = workshop.inputPath('unwrapped.spdif');
      writeFileSync(unwrapped, read);
      const packets = packetsOf(unwrapped, 'spdif');
      expect(packets.length).toBeGreaterThanOrEqual(coded.length - 1);
      for (const [at, packet] of packets.entries())
        expect(packet.equals(coded[at] ?? Buffer.alloc(0))).toBe(true);
    }
  });
});

test('without the setting the track is refused by the name of what it holds', async () => {
  const description = { codecSettings: wave(24) };
  await expect(runSoundJob(workshop, 'pcm_s16le.mov', [{ container: 'MOV', description }])).rejects.toThrow(
    'Audio codec [ac3] for track [1] is not a supported input audio codec',
  );
});
