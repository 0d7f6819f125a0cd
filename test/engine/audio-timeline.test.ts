/** Several tracks of one selector, joined channel by channel although they begin and end at different times (rule A-1). */
import { AV_SAMPLE_FMT_S16 } from 'node-av/constants';
import { avChannelLayoutDefault, type ChannelLayout, type Frame } from 'node-av/lib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAudioTimeline } from '../../src/engine/audio-timeline.ts';
import { createFramePool, type NativePool } from '../../src/engine/native-pool.ts';
import { createRunCounters, type RunCounters } from '../../src/engine/run-counters.ts';
import { fillWithSilence } from '../../src/engine/silent-frame.ts';
import { rational } from '../../src/exact-time.ts';

const rate = 48_000;
const base = rational(1, rate);
const form = {
  sampleRateHz: rate,
  format: AV_SAMPLE_FMT_S16,
  channelLayout: avChannelLayoutDefault(2) as ChannelLayout,
};

let pool: NativePool<Frame>;
let counters: RunCounters;
beforeEach(() => {
  pool = createFramePool();
  counters = createRunCounters();
});
afterEach(() => pool.free());

/** A track of one value, from its first to its last sample. */
interface Track {
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/** All tracks in the order of their times, as a file has them; the samples that come out, channel by channel. */
async function joined(
  tracks: readonly Track[],
  isClip = false,
  onDelay: (samples: number) => void = () => {},
): Promise<Int16Array[]> {
  const timeline = createAudioTimeline(
    tracks.map(() => form),
    pool,
    counters,
    isClip,
  );
  const pieces: Int16Array[] = [];
  let given = 0;
  const emit = (frame: Frame): void => {
    given += frame.nbSamples;
    const bytes = Buffer.from(frame.data?.[0] ?? Buffer.alloc(0));
    const samples = frame.nbSamples * frame.channels;
    pieces.push(Int16Array.from({ length: samples }, (_, n) => bytes.readInt16LE(2 * n)));
    pool.give(frame);
  };
  const size = 1024;
  const ends = Math.max(...tracks.map(({ to }) => to));
  for (let at = Math.min(...tracks.map(({ from }) => from)); at < ends; at += size) {
    onDelay(at - given);
    for (const [index, { value, from, to }] of tracks.entries()) {
      const [first, last] = [Math.max(at, from), Math.min(at + size, to)];
      if (first >= last) continue;
      const frame = pool.take();
      fillWithSilence(frame, form, last - first);
      const plane = frame.data?.[0] as Buffer;
      for (let n = 0; n < (last - first) * 2; n += 1) plane.writeInt16LE(value, 2 * n);
      frame.pts = BigInt(first);
      await timeline.accept(index, frame, base, emit);
    }
  }
  await timeline.finish(emit);
  timeline.close();
  const channels = tracks.length * 2;
  const all = pieces.flatMap((piece) => [...piece]);
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: all.length / channels }, (_, n) => all[n * channels + channel] ?? 0),
  );
}

/** The places at which a channel changes its value. */
function steps(channel: Int16Array | undefined): (readonly [number, number])[] {
  return [...(channel ?? [])].flatMap((value, at, all) =>
    value === all[at - 1] ? [] : [[at, value] as const],
  );
}

const first: Track = { value: 1000, from: 0, to: 96_000 };
const late: Track = { value: 2000, from: 30_000, to: 96_000 };
const short: Track = { value: 3000, from: 0, to: 48_000 };

it.each([
  ['first', [late, first]],
  ['second', [first, late]],
])('a track that begins late is silent until then, where it stands %s', async (_, tracks) => {
  const sound = await joined(tracks);
  for (const [index, track] of tracks.entries()) {
    const expected =
      track === late
        ? [
            [0, 0],
            [30_000, 2000],
          ]
        : [[0, 1000]];
    expect(steps(sound[2 * index])).toEqual(expected);
    expect(sound[2 * index]).toHaveLength(96_000);
  }
});

it.each([
  ['first', [short, first]],
  ['second', [first, short]],
])('a track that ends early is silent from then on, where it stands %s', async (_, tracks) => {
  const sound = await joined(tracks);
  for (const [index, track] of tracks.entries()) {
    const expected =
      track === short
        ? [
            [0, 3000],
            [48_000, 0],
          ]
        : [[0, 1000]];
    expect(steps(sound[2 * index])).toEqual(expected);
    expect(sound[2 * index]).toHaveLength(96_000);
  }
});

it('a track that was over before a clip began is silent beside the others', async () => {
  const sound = await joined(
    [
      { ...first, from: -48_000 },
      { ...short, from: -48_000, to: 0 },
    ],
    true,
  );
  expect(steps(sound[0])).toEqual([[0, 1000]]);
  expect(steps(sound[2])).toEqual([[0, 0]]);
  expect(sound[2]).toHaveLength(96_000);
});

it('does not keep the sound of a long track back until a short one is over', async () => {
  const seconds = 12;
  let most = 0;
  const sound = await joined([{ ...first, to: seconds * rate }, short], false, (delay) => {
    most = Math.max(most, delay);
  });
  expect(sound[0]).toHaveLength(seconds * rate);
  expect(steps(sound[0])).toEqual([[0, 1000]]);
  expect(steps(sound[2])).toEqual([
    [0, 3000],
    [48_000, 0],
  ]);
  // What comes out while the file is read is never further behind than the track that may still come.
  expect(most).toBeLessThan(6 * rate);
});
