/**
 * Lays the resources of one virtual track end to end, in whole pictures or samples. Times are summed exactly and rounded
 * once, at each border, so that sound of 29.97 frames a second neither drifts nor loses a sample.
 */
import {
  addSpans,
  countIn,
  equalRational,
  formatRational,
  noTime,
  type Rational,
  rescaleTicks,
  type Span,
  spanOf,
} from '../../exact-time.ts';
import type { ComposedFile, ComposedPart } from '../../plan/composition.ts';
import type { InputFacts } from '../../plan/facts.ts';
import type { Resource, Sequence } from './composition-playlist.ts';
import { type ImfComposition, malformed } from './imf-packages.ts';

/** A segment on the composition's timeline. */
export interface SegmentPlace {
  readonly sequences: readonly Sequence[];
  readonly start: Span;
  readonly end: Span;
}

/** The track to lay. */
export interface TrackToLay {
  readonly composition: ImfComposition;
  readonly segments: readonly SegmentPlace[];
  readonly trackId: string;
  readonly kind: 'video' | 'audio';
  /** Pictures or samples a second. */
  readonly rate: Rational;
  /** Facts of a track file by its identifier. */
  readonly factsOf: (trackFileId: string) => InputFacts | undefined;
}

/** How long a sequence plays. */
export function sequenceSpan({ resources }: Sequence): Span {
  return resources.reduce(
    (sum, { duration, repeatCount, editRate }) =>
      addSpans(sum, spanOf(BigInt(duration) * BigInt(repeatCount), editRate)),
    noTime,
  );
}

/** The parts of a track. Throws fault 1010 when the playlist asks for what the files do not have. */
export function layParts(track: TrackToLay): readonly ComposedPart[] {
  const { segments, trackId, rate } = track;
  return segments.flatMap(({ sequences, start, end }, index) => {
    const sequence = sequences.find((each) => each.trackId === trackId);
    if (sequence === undefined) return [];
    checkLength(track, sequence, { sequences, start, end }, index);
    const parts: ComposedPart[] = [];
    let at = start;
    let unit = countIn(start, rate);
    const last = countIn(end, rate);
    for (const resource of sequence.resources) {
      const file = fileOf(track, resource);
      const firstUnit = Number(countIn(spanOf(BigInt(resource.entryPoint), resource.editRate), rate));
      for (let repeat = 0; repeat < resource.repeatCount; repeat += 1) {
        at = addSpans(at, spanOf(BigInt(resource.duration), resource.editRate));
        const next = countIn(at, rate);
        const border = next < last ? next : last;
        if (border > unit) parts.push({ file, firstUnit, unitCount: Number(border - unit) });
        unit = border > unit ? border : unit;
      }
    }
    // Edit units of sound need not fill the last picture.
    if (last > unit) parts.push({ file: null, firstUnit: 0, unitCount: Number(last - unit) });
    return parts;
  });
}

/** Sequences of a segment are equally long, to the edit unit of the composition. */
function checkLength(
  { composition, trackId }: TrackToLay,
  sequence: Sequence,
  segment: SegmentPlace,
  index: number,
): void {
  const { location, playlist } = composition;
  const own = addSpans(segment.start, sequenceSpan(sequence));
  const unit = spanOf(1n, playlist.editRate);
  const isWithin = (a: Span, b: Span): boolean => {
    const limit = addSpans(b, unit);
    return a.num * limit.den <= limit.num * a.den;
  };
  if (isWithin(own, segment.end) && isWithin(segment.end, own)) return;
  throw malformed(
    location,
    location,
    `The sequences of segment ${index + 1} are not equally long: ${trackId} differs.`,
  );
}

function fileOf({ composition, factsOf, kind, rate }: TrackToLay, resource: Resource): ComposedFile {
  const { location } = composition;
  const facts = factsOf(resource.trackFileId);
  const track = kind === 'video' ? facts?.videoTracks[0] : facts?.audioTracks[0];
  if (facts === undefined || track === undefined)
    throw malformed(location, location, `Track file ${resource.trackFileId} was not examined.`);
  if (kind === 'video' && !equalRational(resource.editRate, rate)) {
    const reason = `A resource counts ${formatRational(resource.editRate)} edit units a second, and its track file has ${formatRational(rate)} pictures.`;
    throw malformed(location, facts.location, reason);
  }
  const needed = spanOf(BigInt(resource.entryPoint + resource.duration), resource.editRate);
  const { durationTicks, timeBase } = track;
  const sampleBase: Rational = { num: rate.den, den: rate.num };
  const units = durationTicks === null ? null : rescaleTicks(BigInt(durationTicks), timeBase, sampleBase);
  // Containers round the length of sound to their own edit units; what is really missing, the run finds.
  const slack = kind === 'video' ? 0n : countIn(spanOf(1n, composition.playlist.editRate), rate);
  if (units !== null && countIn(needed, rate) > units + slack) {
    const reason = `A resource plays ${resource.duration} edit units from ${resource.entryPoint} on, which its track file does not have.`;
    throw malformed(location, facts.location, reason);
  }
  const originTicks = track.startTicks ?? 0;
  const microseconds: Rational = { num: 1, den: 1_000_000 };
  return {
    location: facts.location,
    demuxer: facts.demuxer,
    streamIndex: track.streamIndex,
    originUs: Number(rescaleTicks(BigInt(originTicks), timeBase, microseconds)),
  };
}
