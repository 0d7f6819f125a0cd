/** Lines at splice points: the guide's sample manifests, and what ESAM manifest documents ask for (spec packaging.md 9). */
import HLS from 'hls-parser';
import { Parser } from 'm3u8-parser';
import { describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { availLines } from '../../src/package/avail-markers.ts';
import { formatMediaPlaylist } from '../../src/package/media-playlist.ts';
import { keyFrameCuts } from '../../src/package/segment-cuts.ts';
import { createSpliceCuts } from '../../src/package/splice-cuts.ts';
import type { AvailMarkers } from '../../src/plan/signal-plan.ts';
import { type ManifestCondition, readManifestConditions } from '../../src/signals/esam-conditions.ts';
import { readEsamSignals } from '../../src/signals/esam-signals.ts';
import { createSignalTimeline, type SignalTimeline } from '../../src/signals/signal-timeline.ts';
import { manifestDocument, signalDocument, twoBreaks } from '../signals/support/esam-documents.ts';

const second = 90_000;

/** The signals of a document, with a point of no break at `chapter` seconds. */
function signalsOf(document: string, chapter: number | null = null): SignalTimeline {
  const signals = readEsamSignals(document, rational(25));
  const timeline = createSignalTimeline(
    signals.map(({ id, at, section, edges }) => ({
      at,
      messageAt: Math.max(0, at - 4 * second),
      section,
      edges,
      signalId: id,
      isLate: false,
      isInSegments: true,
    })),
  );
  if (chapter !== null) {
    const point = {
      messageAt: 0,
      section: null,
      edges: [],
      signalId: 'c',
      isLate: false,
      isInSegments: true,
    };
    timeline.addCue({ ...point, at: chapter * second });
  }
  return timeline;
}

/** Starts of the segments of a stream with a key frame each second. */
function cutAt(signals: SignalTimeline, minSegmentSeconds = 0, lengthSeconds = 226): readonly number[] {
  const cuts = keyFrameCuts('EXACT', rational(12), createSpliceCuts({ minSegmentSeconds }, signals));
  const keys = Array.from({ length: lengthSeconds + 1 }, (_, at) => at);
  return keys.filter((at) => cuts({ ticks: BigInt(at), base: rational(1) }) || at === 0);
}

function playlistOf(
  signals: SignalTimeline,
  starts: readonly number[],
  markers: AvailMarkers,
  end: number,
): string {
  const lines = availLines(
    markers,
    signals,
    starts.map((at) => at * 1_000_000),
  );
  return formatMediaPlaylist({
    version: 3,
    targetDurationSeconds: 12,
    kind: 'segments',
    isComplete: true,
    forbidsCaching: false,
    durationFormat: 'FLOATING_POINT',
    map: null,
    entries: starts.map((at, index) => ({
      uri: `${index + 1}.ts`,
      durationUs: Math.round(((starts[index + 1] ?? end) - at) * 1_000_000),
      byteRange: null,
      programDateTimeMs: null,
      linesBefore: lines[index]?.before ?? [],
      linesAfter: lines[index]?.after ?? [],
    })),
  });
}

/** Durations and marks, in order, without names of files. */
function marksOf(playlist: string): readonly string[] {
  return playlist
    .split('\n')
    .filter((line) => /^#EXT(INF|-X-CUE|-OATCLS)/.test(line))
    .map((line) => line.replace(/^#EXTINF:(.*),$/, '$1').replace(/^#EXT-X-/, ''));
}

const plain: AvailMarkers = { isElemental: true, isScte35Enhanced: false, conditions: [] };
const enhanced: AvailMarkers = { isElemental: false, isScte35Enhanced: true, conditions: [] };

describe("the guide's sample: segments of twelve seconds, breaks at 10 and 75, a point at 135", () => {
  const signals = signalsOf(twoBreaks, 135);
  const starts = cutAt(signals);

  it('cuts on the grid and at the points, and the grid goes on', () => {
    const lengths = starts.map((at, index) => (starts[index + 1] ?? 226.067) - at);
    expect(lengths.slice(0, -1)).toEqual([
      10, 2, 12, 12, 4, 8, 12, 12, 3, 9, 12, 9, 3, 12, 12, 3, 9, 12, 12, 12, 12, 12, 12,
    ]);
    expect(lengths.at(-1)).toBeCloseTo(10.067, 6);
  });

  it('ELEMENTAL', () => {
    const playlist = playlistOf(signals, starts, plain, 226.067);
    expect(marksOf(playlist).slice(0, 22)).toEqual([
      '10.000',
      'CUE-OUT:30.000',
      '2.000',
      'CUE-OUT-CONT:2.000/30',
      '12.000',
      'CUE-OUT-CONT:14.000/30',
      '12.000',
      'CUE-OUT-CONT:26.000/30',
      '4.000',
      'CUE-IN',
      '8.000',
      '12.000',
      '12.000',
      '3.000',
      'CUE-OUT:30.000',
      '9.000',
      'CUE-OUT-CONT:9.000/30',
      '12.000',
      'CUE-OUT-CONT:21.000/30',
      '9.000',
      'CUE-IN',
      '3.000',
    ]);
    const parser = new Parser();
    parser.push(playlist);
    parser.end();
    const seen = parser.manifest as { readonly segments: readonly { cueOut?: string; cueIn?: string }[] };
    expect(seen.segments.flatMap(({ cueOut }, index) => (cueOut === undefined ? [] : [index]))).toEqual([
      1, 9,
    ]);
    expect(seen.segments.flatMap(({ cueIn }, index) => (cueIn === undefined ? [] : [index]))).toEqual([
      5, 12,
    ]);
    expect(HLS.parse(playlist).isMasterPlaylist).toBe(false);
  });

  it('ELEMENTAL_SCTE35', () => {
    const [start, end] = signals.cues.map(({ section }) => section?.toString('base64') ?? '');
    expect(marksOf(playlistOf(signals, starts, enhanced, 226.067)).slice(0, 12)).toEqual([
      '10.000',
      `#EXT-OATCLS-SCTE35:${start}`,
      'CUE-OUT:30.000',
      '2.000',
      `CUE-OUT-CONT:ElapsedTime=2.000,Duration=30,SCTE35=${start}`,
      '12.000',
      `CUE-OUT-CONT:ElapsedTime=14.000,Duration=30,SCTE35=${start}`,
      '12.000',
      `CUE-OUT-CONT:ElapsedTime=26.000,Duration=30,SCTE35=${start}`,
      '4.000',
      `#EXT-OATCLS-SCTE35:${end}`,
      'CUE-IN',
    ]);
  });
});

describe('segments near splice points', () => {
  it('leave out the boundary that would make a short one, before and behind a point', () => {
    // 11 lies before the boundary at 12, 25 behind the one at 24.
    const signals = signalsOf(signalDocument({ point: '11', descriptor: '' }));
    const point = {
      messageAt: 0,
      section: null,
      edges: [],
      signalId: 'b',
      isLate: false,
      isInSegments: true,
    };
    signals.addCue({ ...point, at: 25 * second });
    expect(cutAt(signals, 0, 50)).toEqual([0, 11, 12, 24, 25, 36, 48]);
    expect(cutAt(signals, 2, 50)).toEqual([0, 11, 25, 36, 48]);
  });

  it('are the same for outputs whose frames stand at slightly different times', () => {
    const signals = signalsOf(signalDocument({ point: '20', descriptor: '' }));
    const splices = createSpliceCuts({ minSegmentSeconds: 3 }, signals);
    const at = (ticks: bigint) => ({ ticks, base: rational(1, 90_000) });
    expect(splices?.isTooNear(at(2_160_000n))).toBe(false);
    // A point that is told after the first output has passed the boundary changes nothing for the others.
    signals.addCue({
      at: 25 * second,
      messageAt: 0,
      section: null,
      edges: [],
      signalId: 'x',
      isLate: false,
      isInSegments: true,
    });
    expect(splices?.isTooNear(at(2_163_003n))).toBe(false);
    expect(splices?.isTooNear(at(4_320_000n))).toBe(false);
  });
});

describe('manifest documents', () => {
  const signals = signalsOf(twoBreaks);
  const starts = cutAt(signals, 0, 120);
  const conditions: readonly ManifestCondition[] = readManifestConditions(manifestDocument);

  it('take the place of the tags at their signals alone', () => {
    const marks = marksOf(playlistOf(signals, starts, { ...plain, conditions }, 120));
    expect(marks.slice(0, 14)).toEqual([
      '10.000',
      'CUE-OUT:4,SpliceType=VOD_DAI',
      '2.000',
      'CUE-OUT-CONT:2/4,SpliceType=VOD_DAI',
      '12.000',
      'CUE-OUT-CONT:14/4,SpliceType=VOD_DAI',
      '12.000',
      'CUE-OUT-CONT:26/4,SpliceType=VOD_DAI',
      '4.000',
      'CUE-IN:4,SpliceType=VOD_DAI',
      '8.000',
      '12.000',
      '12.000',
      '3.000',
    ]);
    expect(marks.slice(14, 16)).toEqual(['CUE-OUT:30.000', '9.000']);
  });

  it('have the last line behind the last segment', () => {
    const playlist = playlistOf(signals, starts.slice(0, 5), { ...plain, conditions }, 40);
    expect(playlist.endsWith('5.ts\n#EXT-X-CUE-IN:4,SpliceType=VOD_DAI\n#EXT-X-ENDLIST\n')).toBe(true);
  });
});
