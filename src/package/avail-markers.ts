/**
 * Lines of media playlists at splice points (spec packaging.md 9): Elemental's cue tags, the same with the SCTE-35 message
 * beside them, or what an ESAM manifest document asks for instead. Pure: breaks and segments in, lines out.
 */
import type { AvailMarkers } from '../plan/signal-plan.ts';
import type { Avail, SpliceCue } from '../signals/avails.ts';
import { type ManifestCondition, type ManifestTag, tagLine } from '../signals/esam-conditions.ts';
import { signalRate } from '../signals/signal-timeline.ts';

/** Lines of one segment. */
export interface SegmentLines {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What a playlist is marked with. */
export interface MarkedSignals {
  readonly avails: readonly Avail[];
  readonly cues: readonly SpliceCue[];
}

/** Segments begin a hair before or behind the point they begin at. */
const toleranceTicks = signalRate / 500;

/** Lines of each segment; `startsUs` are the segments' beginnings, in order. */
export function availLines(
  markers: AvailMarkers,
  { avails, cues }: MarkedSignals,
  startsUs: readonly number[],
): readonly SegmentLines[] {
  const starts = startsUs.map((us) => (us * signalRate) / 1_000_000);
  const lines = starts.map(() => ({ before: [] as string[], after: [] as string[] }));
  const conditionOf = ({ signalId }: SpliceCue): ManifestCondition | undefined =>
    markers.conditions.find((condition) => condition.signalId === signalId && hasTags(condition));
  for (const avail of avails) {
    if (conditionOf(avail.out) !== undefined) continue;
    const span = spanOf(starts, avail.start, avail.end);
    if (span === null) continue;
    for (let index = span.first; index < span.end; index += 1) {
      const elapsed = (starts[index] ?? 0) - (starts[span.first] ?? 0);
      lines[index]?.before.push(
        ...(index === span.first ? outLines(markers, avail) : continuedLines(markers, avail, elapsed)),
      );
    }
    lines[span.end]?.before.push(...inLines(markers, avail));
  }
  for (const cue of cues) {
    const condition = conditionOf(cue);
    if (condition === undefined) continue;
    const avail = avails.find(({ out }) => out === cue);
    const end = condition.durationTicks === null ? (avail?.end ?? null) : cue.at + condition.durationTicks;
    const span = spanOf(starts, cue.at, end);
    if (span !== null) addConditioned(lines, condition, span, starts);
  }
  return lines;
}

interface Span {
  readonly first: number;
  /** The first segment behind it. */
  readonly end: number;
}

/** Null: the point is behind the last segment. */
function spanOf(starts: readonly number[], from: number, to: number | null): Span | null {
  const first = starts.findIndex((start) => start >= from - toleranceTicks);
  if (first < 0) return null;
  const end = to === null ? -1 : starts.findIndex((start) => start >= to - toleranceTicks);
  return { first, end: end < 0 ? starts.length : end };
}

/** A break that begins where another ends is told behind that one's end. */
function outLines({ isElemental, isScte35Enhanced }: AvailMarkers, { out, durationTicks }: Avail): string[] {
  if (!isElemental && !isScte35Enhanced) return [];
  const duration = durationTicks === null ? '' : `:${(durationTicks / signalRate).toFixed(3)}`;
  return [...messageLines(isScte35Enhanced, out), `#EXT-X-CUE-OUT${duration}`];
}

function continuedLines(
  { isElemental, isScte35Enhanced }: AvailMarkers,
  { out, durationTicks }: Avail,
  elapsedTicks: number,
): string[] {
  const elapsed = (elapsedTicks / signalRate).toFixed(3);
  const duration = durationTicks === null ? null : String(Math.round(durationTicks / 90) / 1000);
  const message = out.section === null ? '' : `,SCTE35=${out.section.toString('base64')}`;
  const whole = duration === null ? '' : `,Duration=${duration}`;
  return [
    ...(isElemental ? [`#EXT-X-CUE-OUT-CONT:${elapsed}${duration === null ? '' : `/${duration}`}`] : []),
    ...(isScte35Enhanced ? [`#EXT-X-CUE-OUT-CONT:ElapsedTime=${elapsed}${whole}${message}`] : []),
  ];
}

function inLines({ isElemental, isScte35Enhanced }: AvailMarkers, avail: Avail): string[] {
  if (!isElemental && !isScte35Enhanced) return [];
  return [...(avail.in === null ? [] : messageLines(isScte35Enhanced, avail.in)), '#EXT-X-CUE-IN'];
}

function messageLines(isWanted: boolean, { section }: SpliceCue): string[] {
  return isWanted && section !== null ? [`#EXT-OATCLS-SCTE35:${section.toString('base64')}`] : [];
}

function hasTags({ first, span, last }: ManifestCondition): boolean {
  return first.length + span.length + last.length > 0;
}

function addConditioned(
  lines: readonly { readonly before: string[]; readonly after: string[] }[],
  condition: ManifestCondition,
  { first, end }: Span,
  starts: readonly number[],
): void {
  for (let index = first; index < Math.max(end, first + 1); index += 1) {
    const elapsed = (starts[index] ?? 0) - (starts[first] ?? 0);
    const add = (tags: readonly ManifestTag[]): void => {
      for (const tag of tags) lines[index]?.[tag.isAfter ? 'after' : 'before'].push(tagLine(tag, elapsed));
    };
    add(index === first ? condition.first : condition.span);
    if (index === Math.max(end, first + 1) - 1) add(condition.last);
  }
}
