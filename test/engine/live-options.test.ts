import type { CodecContext } from 'node-av/lib';
import { describe, expect, test } from 'vitest';
import { createLiveOptions, firstOptions } from '../../src/engine/live-options.ts';
import type { EncoderPlan } from '../../src/plan/plan.ts';

const frameRate = { num: 25, den: 1 };
/** A picture of the average has 1,000 bytes. */
const pictureBytes = 1000;
const plan = {
  options: { lmin: '118', bt: '7' },
  opening: { frames: 2, options: { lmin: '354' } },
  sparing: { mostBehindBits: 8 * 1500, options: { lmin: '236' } },
  bitrateBps: 8 * pictureBytes * 25,
} as unknown as EncoderPlan;

/** The options that an encoder is told, picture by picture, where these become so many bytes. */
function toldOf(encoder: EncoderPlan, sizes: readonly number[]): readonly (readonly string[])[] {
  const live = createLiveOptions(encoder, frameRate);
  return sizes.map((bytes) => {
    const told: string[] = [];
    const setOption = (name: string, value: string): number => {
      told.push(`${name}=${value}`);
      return 0;
    };
    live.prepare({ setOption } as unknown as CodecContext);
    live.add(bytes);
    return told;
  });
}

describe('options of an encoder that runs', () => {
  test('it is opened with those of its first frames, and with those that hold while the average is kept', () => {
    expect(firstOptions(plan)).toEqual({ lmin: '354', bt: '7' });
    const { opening: _, ...unopened } = plan;
    expect(firstOptions(unopened)).toEqual({ lmin: '236', bt: '7' });
  });

  test('behind the first frames it gets those that hold while the average is kept, once', () => {
    expect(toldOf(plan, [1000, 1000, 1000, 1000])).toEqual([[], [], ['lmin=236'], []]);
  });

  test('where it is too far behind the average it gets its own, until it is less so', () => {
    // Behind by 0, 1000, 2000 and 1400 bytes.
    expect(toldOf(plan, [1000, 0, 0, 1600, 1000])).toEqual([
      [],
      [],
      ['lmin=236'],
      ['lmin=118'],
      ['lmin=236'],
    ]);
  });

  test('an encoder without either is told nothing', () => {
    const { opening: _, sparing: __, ...plain } = plan;
    expect(toldOf(plain, [0, 0, 0, 0, 0]).flat()).toEqual([]);
  });
});
