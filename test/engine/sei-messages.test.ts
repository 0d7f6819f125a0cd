/** Times of pictures in messages of the stream (Rec. ITU-T H.264 D.2.3). */
import { expect, it } from 'vitest';
import { createClock } from '../../src/engine/sei-messages.ts';

it.each([
  ['29.97', { num: 30_000, den: 1001 }, 1800],
  ['59.94', { num: 60_000, den: 1001 }, 3600],
])(
  'numbers are told to be left out before the first of a minute at %s, and only there',
  (_name, frameRate, first) => {
    const clock = createClock({ timecode: '00:00:00;00', frameRate });
    const told = Array.from({ length: 20 * 60 * 60 }, (_, tick) => tick).filter(
      (tick) => clock(tick).isAfterDrop,
    );
    expect(told.slice(0, 1)).toEqual([first]);
    // Nine minutes of ten.
    expect(told).toHaveLength(first === 1800 ? 36 : 18);
  },
);
