/** Which signals a transport stream takes, and where its marks stand when splice points cut it. */
import { describe, expect, it } from 'vitest';
import { createBoundaryMarker } from '../../src/engine/transport/boundary-points.ts';
import { describeDataStreams } from '../../src/engine/transport/data-streams.ts';
import { rational } from '../../src/exact-time.ts';
import type { TransportSegmentation } from '../../src/plan/file-plan.ts';
import type { DataStreamsPlan } from '../../src/plan/signal-plan.ts';
import type { Signal } from '../../src/signals/signal-timeline.ts';
import { formatTimeSignal } from '../../src/signals/splice-section.ts';

const plan: DataStreamsPlan = {
  scte35Pid: 500,
  id3Pid: 502,
  klv: { pid: 503, isSynchronous: false },
  startsWithVideo: false,
};

const splice = (isInSegments: boolean): Signal => {
  const section = formatTimeSignal(0, []);
  const cue = { at: 0, messageAt: 0, section, edges: [], signalId: null, isLate: false, isInSegments };
  return { kind: 'splice', at: 0, section, cue };
};
const payload = (kind: 'id3' | 'klv', at: number): Signal => ({ kind, at, bytes: Buffer.of(1) });

describe('data of a transport stream', () => {
  it('is what the plan has a PID for', () => {
    const { wish, streams } = describeDataStreams({ ...plan, id3Pid: null }, 1);
    expect(streams.map(({ pid, streamType }) => [pid, streamType])).toEqual([
      [500, 0x86],
      [503, 0x06],
    ]);
    expect([splice(true), payload('id3', 0), payload('klv', 0)].map(wish)).toEqual([true, false, true]);
  });

  it('begins with the first picture where dataPTSControl says so', () => {
    const aligned = describeDataStreams({ ...plan, startsWithVideo: true }, 1);
    const free = describeDataStreams(plan, 1);
    const [early, first] = [payload('klv', -1), payload('klv', 0)];
    expect([aligned.wish(early), aligned.wish(first), free.wish(early)]).toEqual([false, true, true]);
  });

  it('leaves messages out of segments that a manifest document keeps from them, and of nothing else', () => {
    const kept = splice(false);
    expect(describeDataStreams(plan, 1, true).wish(kept)).toBe(false);
    expect(describeDataStreams(plan, 1).wish(kept)).toBe(true);
  });

  it('describes asynchronous KLV by its registration', () => {
    const klv = describeDataStreams(plan, 1).streams.find(({ pid }) => pid === 503);
    expect(klv?.descriptors.toString('latin1')).toBe('\u0005\u0004KLVA');
  });
});

describe('marks of segments, four seconds long, with a splice point at five', () => {
  const segmentation: TransportSegmentation = {
    markers: 'RAI_SEGSTART',
    seconds: rational(4),
    fragmentSeconds: null,
    onAudio: false,
    audioSeconds: null,
    minIntervalMs: 0,
    startTimeMs: 0,
  };
  const marked = (parts: Partial<TransportSegmentation>) => {
    const isSpliced = (after: number, until: number) => after < 5 && until >= 5;
    const marker = createBoundaryMarker({ ...segmentation, ...parts }, 'video', true, isSpliced);
    const seconds = Array.from({ length: 18 }, (_, second) => second);
    return seconds.filter((second) => marker?.mark(second, true)?.isSegment === true);
  };

  it('MAINTAIN_CADENCE: keep their grid', () => {
    expect(marked({})).toEqual([0, 4, 5, 8, 12, 16]);
  });

  it('RESET_CADENCE: count from the splice', () => {
    expect(marked({ resetsCadence: true })).toEqual([0, 4, 5, 9, 13, 17]);
  });
});
