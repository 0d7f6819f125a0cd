/** How an MPD names segments: templates with timelines or a duration, or ranges of one file (spec packaging.md 6.3). */
import { fillMarks, namesTime } from '../segment-location.ts';
import { element, textElement, type XmlElement } from '../xml.ts';
import type { AdaptationSet } from './adaptation-sets.ts';
import type { MeasuredRepresentation, MpdGroup } from './representation.ts';

/** The elements of one set: what all its representations share, and what each has of its own. */
export interface SegmentInformation {
  readonly shared: readonly XmlElement[];
  own(member: MeasuredRepresentation): readonly XmlElement[];
}

/** Where sets stand. */
export interface PeriodPlace {
  /** The address of an object as the MPD writes it. */
  readonly uriOf: (location: string) => string;
  /** The duration of the period as the MPD writes it, in milliseconds. */
  readonly periodMs: number;
}

/** Describes the segments of a set. */
export function segmentInformation(
  group: MpdGroup,
  set: AdaptationSet,
  { uriOf, periodMs }: PeriodPlace,
): SegmentInformation {
  const [first] = set.members;
  if (first === undefined || first.header !== null)
    return { shared: [], own: (member) => singleFile(member, uriOf) };
  const { timescale } = first.track;
  const scale = { startNumber: 1, timescale };
  const common = commonTimeline(group, set);
  const shared = element('SegmentTemplate', scale, common === null ? [] : [common]);
  return {
    shared: [shared],
    own(member) {
      const own = timelineOf(member);
      const duration = hasTimeline(group, member) ? null : approximateDuration(group, member, periodMs);
      const usesTimeline = duration === null;
      const isShared = common !== null && JSON.stringify(common) === JSON.stringify(own);
      return [
        element(
          'SegmentTemplate',
          {
            media: templateAddress(member.output.segmentLocation, uriOf),
            initialization: literal(uriOf(member.output.initLocation ?? '')),
            ...scale,
            timescale: member.track.timescale,
            presentationTimeOffset: offsetOf(member),
            duration: duration === null || isShared ? null : String(duration),
          },
          usesTimeline && !isShared ? [own] : [],
        ),
      ];
    },
  };
}

/** COMPACT and DISTINCT share a timeline in video sets, FULL in all, when most representations have it. */
function commonTimeline({ mpd }: MpdGroup, set: AdaptationSet): XmlElement | null {
  if (!mpd.hasTimelines || mpd.style === 'BASIC') return null;
  if (set.kind === 'audio' && mpd.style !== 'FULL') return null;
  const [first] = set.members;
  const isOneScale = set.members.every(({ track }) => track.timescale === first?.track.timescale);
  return first === undefined || !isOneScale ? null : timelineOf(first);
}

/** `$Time$` in names can be filled in from a timeline alone. BASIC writes timelines for outputs with a name modifier. */
function hasTimeline({ mpd, splices, outputs }: MpdGroup, { output }: MeasuredRepresentation): boolean {
  // Segments that end at splice points, or where the input has key frames, have no length in common.
  if (splices !== undefined || outputs.some(({ passedVideo }) => passedVideo !== undefined)) return true;
  if (namesTime(output.segmentLocation)) return true;
  return mpd.hasTimelines && (mpd.style !== 'BASIC' || output.hasNameModifier);
}

function offsetOf({ track }: MeasuredRepresentation): string | null {
  return track.presentationOffset === 0n ? null : String(track.presentationOffset);
}

/** Equal neighbours are counted (`r`); a time is written where it does not follow from the one before. */
function timelineOf({ segments }: MeasuredRepresentation): XmlElement {
  const runs: { start: bigint; duration: bigint; repeats: number }[] = [];
  for (const { startTicks, endTicks } of segments) {
    const duration = endTicks - startTicks;
    const last = runs.at(-1);
    const follows =
      last !== undefined && last.start + last.duration * BigInt(last.repeats + 1) === startTicks;
    if (last !== undefined && follows && last.duration === duration) last.repeats += 1;
    else runs.push({ start: startTicks, duration, repeats: 0 });
  }
  return element(
    'SegmentTimeline',
    {},
    runs.map(({ start, duration, repeats }) =>
      element('S', { t: String(start), d: String(duration), r: repeats === 0 ? null : repeats }),
    ),
  );
}

/** The attribute is an unsignedInt. */
const longestDuration = 0xffff_ffffn;

/**
 * The `duration` of templates without a timeline: the nominal one, unless players would count more or fewer segments by
 * it than there are; then the length that all but the last have, or the shortest that fits the count. Players count as many
 * as begin within the period, which lasts as long as its longest track (ISO/IEC 23009-1 5.3.9.5.3). Null where a segment
 * begins half a nominal one before or behind what that tells: the track has a timeline then.
 */
function approximateDuration(
  { segmentSeconds }: MpdGroup,
  { segments, track }: MeasuredRepresentation,
  periodMs: number,
): bigint | null {
  const count = BigInt(segments.length);
  const start = track.presentationOffset;
  const own = (segments.at(-1)?.endTicks ?? 0n) - start;
  const period = (BigInt(periodMs) * BigInt(track.timescale) + 999n) / 1000n;
  const total = period > own ? period : own;
  const fits = (ticks: bigint): boolean =>
    ticks > 0n && ticks <= longestDuration && (total + ticks - 1n) / ticks === count;
  const nominal = (BigInt(track.timescale) * BigInt(segmentSeconds.num)) / BigInt(segmentSeconds.den);
  const first = (segments[0]?.endTicks ?? 0n) - start;
  const ticks = [nominal, first].find(fits) ?? (total + count - 1n) / count;
  // The first one may begin at any time of its own.
  const isNear = segments.slice(1).every(({ startTicks }, index) => {
    const late = BigInt(index + 1) * ticks - (startTicks - start);
    return 2n * (late < 0n ? -late : late) < nominal;
  });
  return fits(ticks) && isNear ? ticks : null;
}

/** `$Number%09d$` and `$Time$` stand for what names count; every other dollar sign is written twice (ISO/IEC 23009-1 5.3.9.4.4). */
export function templateAddress(location: string, uriOf: (location: string) => string): string {
  const marked = fillMarks(location, ({ kind, digits }) => `_OC_${kind}_${digits}_`);
  return literal(uriOf(marked)).replace(/_OC_([dt])_(\d+)_/g, (_, kind: string, digits: string) => {
    const name = kind === 'd' ? 'Number' : 'Time';
    return digits === '1' ? `$${name}$` : `$${name}%0${digits}d$`;
  });
}

function literal(uri: string): string {
  return uri.replaceAll('$', '$$$$');
}

function singleFile(member: MeasuredRepresentation, uriOf: (location: string) => string): XmlElement[] {
  const { header, track, output } = member;
  if (header === null) return [];
  const { initializationBytes, indexBytes } = header;
  const index = `${initializationBytes}-${initializationBytes + indexBytes - 1}`;
  return [
    textElement('BaseURL', uriOf(output.segmentLocation)),
    element(
      'SegmentBase',
      { indexRange: index, timescale: track.timescale, presentationTimeOffset: offsetOf(member) },
      [element('Initialization', { range: `0-${initializationBytes - 1}` })],
    ),
  ];
}
