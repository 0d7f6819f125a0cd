/** Signals on the output timeline: breaks, points, and what readers get. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availsOf, type SpliceCue } from '../../src/signals/avails.ts';
import { isId3Tag, releaseTimeTag, timestampTag } from '../../src/signals/id3-tags.ts';
import { createSignalTimeline } from '../../src/signals/signal-timeline.ts';

const second = 90_000;

function cue(seconds: number, edges: SpliceCue['edges'] = [], changes: Partial<SpliceCue> = {}): SpliceCue {
  const at = seconds * second;
  const section = Buffer.from(`${seconds}`);
  return {
    at,
    messageAt: Math.max(0, at - 4 * second),
    section,
    edges,
    signalId: null,
    isLate: false,
    isInSegments: true,
    ...changes,
  };
}

const out = (typeId: number, seconds: number | null = null) =>
  ({ kind: 'out', typeId, durationTicks: seconds === null ? null : seconds * second }) as const;
const back = (typeId: number) => ({ kind: 'in', typeId }) as const;

describe('ad avails', () => {
  const spans = (cues: readonly SpliceCue[]) =>
    availsOf(cues).map(({ start, end, durationTicks }) =>
      [start, end, durationTicks].map((ticks) => (ticks === null ? null : ticks / second)),
    );

  it('end with their message, with their length, or not at all', () => {
    expect(spans([cue(10, [out(0x34)]), cue(40, [back(0x35)])])).toEqual([[10, 40, 30]]);
    expect(spans([cue(10, [out(0x34, 30)])])).toEqual([[10, 40, 30]]);
    expect(spans([cue(10, [out(0x34, 30)]), cue(25, [back(0x35)])])).toEqual([[10, 25, 30]]);
    expect(spans([cue(10, [out(0x30)])])).toEqual([[10, null, null]]);
  });

  it('hold the breaks inside them, and follow each other without a gap', () => {
    const nested = [cue(10, [out(0x34)]), cue(10, [out(0x30)]), cue(20, [back(0x31)]), cue(40, [back(0x35)])];
    expect(spans(nested)).toEqual([[10, 40, 30]]);
    const chained = [cue(10, [out(0x30)]), cue(20, [back(0x31), out(0x30)]), cue(30, [back(0x31)])];
    expect(spans(chained)).toEqual([
      [10, 20, 10],
      [20, 30, 10],
    ]);
  });

  it('are no matter of chapters and programs', () => {
    expect(spans([cue(10, []), cue(20, [back(0x35)])])).toEqual([]);
  });
});

describe('the timeline', () => {
  it('has a point for each splice and for the end of a break, once', () => {
    const timeline = createSignalTimeline([cue(10, [out(0x34, 30)])]);
    timeline.addCue(cue(10, [out(0x34, 30)]));
    expect(timeline.cues).toHaveLength(1);
    expect(timeline.hasPointIn(9 * second, 10 * second)).toBe(true);
    expect(timeline.hasPointIn(10 * second, 11 * second)).toBe(false);
    expect(timeline.hasPointIn(39 * second, 40 * second)).toBe(true);
    // A picture that rounding puts a hair in front of its point.
    expect(timeline.hasPointIn(9 * second, 10 * second - 1)).toBe(true);
    expect(timeline.hasPointIn(10 * second - 1, 10 * second + 3600)).toBe(false);
    expect(timeline.availAt(10 * second)).not.toBeNull();
    expect(timeline.availAt(40 * second)).toBeNull();
    expect(timeline.isNearPoint(41 * second, 2 * second)).toBe(true);
    expect(timeline.isNearPoint(40 * second, 2 * second)).toBe(false);
  });

  it('cuts nothing where the message came too late', () => {
    const timeline = createSignalTimeline([cue(10, [out(0x34, 30)], { isLate: true })]);
    expect(timeline.hasPointIn(0, 100 * second)).toBe(false);
    expect(timeline.availAt(20 * second)).toBeNull();
  });

  it('gives every reader everything once, in order of time, whatever the order of telling', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 40 }), fc.array(fc.nat(1000)), (times, asks) => {
        const timeline = createSignalTimeline([], [{ kind: 'id3', at: 500, bytes: Buffer.alloc(0) }]);
        const reader = timeline.reader(() => true);
        const other = timeline.reader(({ kind }) => kind === 'klv');
        for (const at of times) timeline.addPayload({ kind: 'id3', at, bytes: Buffer.alloc(0) });
        const sorted = [...asks, 1001].sort((a, b) => a - b);
        const taken = sorted.map((end) => reader.takeBefore(end).map(({ at }) => at));
        for (const [index, ats] of taken.entries())
          expect(ats.every((at) => at < (sorted[index] ?? 0))).toBe(true);
        expect(taken.flat()).toEqual([...times, 500].sort((a, b) => a - b));
        expect(other.takeBefore(2000)).toEqual([]);
      }),
    );
  });

  it('begins again for another pass with what was known from the start', () => {
    const timeline = createSignalTimeline([cue(10)]);
    const reader = timeline.reader(() => true);
    timeline.addCue(cue(20));
    timeline.restart();
    expect(timeline.cues.map(({ at }) => at / second)).toEqual([10]);
    expect(reader.takeBefore(100 * second)).toHaveLength(1);
  });
});

describe('ID3 tags', () => {
  it('are recognized whole, alone or one behind the other', () => {
    const tag = timestampTag(123n);
    expect(isId3Tag(tag)).toBe(true);
    expect(isId3Tag(Buffer.concat([tag, releaseTimeTag(0)]))).toBe(true);
    expect(isId3Tag(tag.subarray(0, -1))).toBe(false);
    expect(isId3Tag(Buffer.concat([tag, Buffer.of(0)]))).toBe(false);
    expect(isId3Tag(Buffer.alloc(0))).toBe(false);
  });

  it('tell a wall clock', () => {
    const tag = releaseTimeTag(Date.parse('2026-01-02T03:04:05.900Z'));
    expect(tag.toString('latin1')).toContain('TDRL');
    expect(tag.subarray(-20).toString('latin1')).toBe('\u00032026-01-02T03:04:05');
  });
});
