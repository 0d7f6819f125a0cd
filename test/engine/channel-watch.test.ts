import { AV_CODEC_ID_EAC3 } from 'node-av/constants';
import type { Packet, Stream } from 'node-av/lib';
import { describe, expect, test } from 'vitest';
import { watchChannels } from '../../src/engine/probe/channel-watch.ts';

const stream = { codecpar: { codecId: AV_CODEC_ID_EAC3 } } as Stream;

/** Frames of Dolby Digital Plus (ATSC A/52 E.2.2): type and number of the substream, then channels. */
const frameOf = (type: number, substream: number, channels: 'stereo' | '5.1'): Packet => {
  const audioMode = channels === '5.1' ? 7 : 2;
  const low = channels === '5.1' ? 1 : 0;
  const data = Buffer.from([
    11,
    119,
    (type << 6) | (substream << 3),
    0,
    0x30 | (audioMode << 1) | low,
    16 << 3,
    0,
    0,
  ]);
  return { data } as unknown as Packet;
};

function widestOf(frames: readonly Packet[]): number | undefined {
  const watch = watchChannels(stream, 'mpegts');
  for (const frame of frames) watch?.see(frame);
  return watch?.found()?.channels;
}

const repeated = (times: number, ...frames: readonly Packet[]): readonly Packet[] =>
  Array.from({ length: times }, () => frames).flat();

describe('the widest frames of a track', () => {
  test('are four in a row', () => {
    const stereo = repeated(8, frameOf(0, 0, 'stereo'));
    expect(widestOf([...stereo, ...repeated(3, frameOf(0, 0, '5.1')), ...stereo])).toBe(2);
    expect(widestOf([...stereo, ...repeated(4, frameOf(0, 0, '5.1')), ...stereo])).toBe(6);
  });

  test('are those of the first programme, between whose frames others stand', () => {
    expect(widestOf(repeated(8, frameOf(0, 0, '5.1'), frameOf(0, 1, 'stereo')))).toBe(6);
    expect(widestOf(repeated(8, frameOf(0, 0, 'stereo'), frameOf(1, 0, '5.1')))).toBe(2);
  });
});
