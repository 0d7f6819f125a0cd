/**
 * Cuts the frames of one output into fragments and segments (spec packaging.md 3), for all groups whose media are
 * fragmented MP4. Video decides by its key frames; audio alone follows the group's leading output; audio beside video
 * goes where the video is, and on the plain grid after its end.
 *
 * A fragment is written when the next begins, because its table comes before its samples; a segment when it is certain
 * that it stands (`minFinalSegmentLength` may still give a short tail to the one before): at most two segments are held.
 */
import type { EncodedTrack } from '../../engine/output-writer.ts';
import { rescaleTicks } from '../../exact-time.ts';
import type { FragmentationPlan, FragmentedOutput } from '../../plan/group-plan.ts';
import { type Instant, toMicroseconds, wholeSteps } from '../instant.ts';
import type { TrackMeter } from '../measured-tracks.ts';
import { type CutTimeline, gridCuts, type KeyFrameCuts, keyFrameCuts } from '../segment-cuts.ts';
import type { Segmentation } from '../segmented-writer.ts';
import type { SegmentItem } from '../segmenter.ts';
import type { EventMessages } from './event-messages.ts';
import { type FormattedFragment, formatFragment, type TrackFragment } from './fragment.ts';
import type { FragmentedSegment, FragmentFiles, HeldFragment, HeldSegment } from './fragment-files.ts';
import { createFragmentLane, type FragmentLane, type SampleProtector } from './fragment-lane.ts';
import { formatInitialization } from './initialization.ts';
import { fragmentTimeBox } from './piff-boxes.ts';

/** What a fragmenter works with; its writer owns and closes all of it. */
export interface FragmenterParts {
  readonly group: FragmentationPlan;
  readonly output: FragmentedOutput;
  readonly timeline: CutTimeline;
  /** True for the one output whose cuts the others follow. */
  readonly leads: boolean;
  readonly tracks: readonly EncodedTrack[];
  readonly meter: TrackMeter;
  readonly files: FragmentFiles;
  readonly protection: TrackProtections | null;
  /** Null: no event messages. */
  readonly events: EventMessages | null;
  /** How late the pictures of the group begin, where sound in other files follows them. */
  readonly lateness?: GroupLateness;
}

/** Told by the leading output with its first picture. */
export interface GroupLateness {
  pictures: Instant | null;
}

/** Encryption of an output's tracks. */
export interface TrackProtections {
  /** Null leaves the track clear. */
  protectorOf(track: EncodedTrack, trackIndex: number): SampleProtector | null;
  /** The track's entry with its scheme around it, and the clear one when the output begins clear. */
  entriesOf(track: EncodedTrack, entry: Buffer): readonly Buffer[];
  /** `pssh` boxes for the index. */
  readonly headers: readonly Uint8Array[];
  /** Segments at the beginning that stay clear. */
  readonly clearSegments: number;
}

/** Starts before the first fragment. */
export function createFragmenter(parts: FragmenterParts): Segmentation<FragmentedSegment> {
  const { group, output, timeline, leads, tracks, meter, files, protection, lateness, events } = parts;
  const isSmooth = output.brand === 'piff';
  /** The last key frame lasts to the end of the pictures that are left out. */
  const isKeyFramesOnly = output.isKeyFramesOnly === true;
  const hasVideo = output.videoRenditionId !== null;
  const minFinalUs = hasVideo || timeline.hasEnded ? Math.round(group.minFinalSegmentSeconds * 1e6) : 0;
  const placeInTimeline = timeline.follower();
  // On the grid where fragments fill segments; elsewhere their lengths count from the segment's start.
  const isOnGrid = group.segmentLengthControl === 'EXACT' && fillsSegment(group);
  let isFragmentCut = fragmentCuts();
  const protectors = tracks.map((track, index) => protection?.protectorOf(track, index) ?? null);
  let begunSegments = 0;
  const isClear = (): boolean => begunSegments <= (protection?.clearSegments ?? 0);
  const lanes: readonly FragmentLane[] = tracks.map((track, index) =>
    createFragmentLane(track, index + 1, {
      brand: output.brand,
      sampleEntry: output.sampleEntry,
      compositionOffsets: group.compositionOffsets,
      protector: () => (isClear() ? null : (protectors[index] ?? null)),
      videoOffset() {
        const [video] = lanes;
        if (video?.track.kind !== 'video') return lateness?.pictures ?? null;
        return { ticks: video.presentationOffset, base: { num: 1, den: video.timescale } };
      },
    }),
  );
  const [leadingLane] = lanes;
  if (leadingLane === undefined) throw new TypeError(`output ${output.pointer} has no track`);
  const lead = leadingLane;

  let sequence = 0;
  let fragmentStart: Instant | null = null;
  let fragmentHasKey = false;
  let current: HeldSegment | null = null;
  /** Before `current`, while that may still be too short to stand alone. */
  let held: HeldSegment | null = null;
  let isCutPlaced = false;
  let pendingCut: Instant | null = null;
  let tailCuts: KeyFrameCuts | null = null;
  let isInitialized = false;

  function fragmentCuts(): KeyFrameCuts {
    return keyFrameCuts(isOnGrid ? 'EXACT' : 'GOP_MULTIPLE', group.fragmentSeconds);
  }

  function isSegmentCut(item: SegmentItem): boolean {
    if (item.kind === 'video') return item.isCut;
    return hasVideo ? (tailCuts?.(item.start) ?? false) : isCutPlaced;
  }

  function isDue(item: SegmentItem): boolean {
    if (item.kind === 'video') return item.isKey && isFragmentCut(item.start);
    if (fragmentStart === null || (hasVideo && tailCuts === null)) return false;
    const { fragmentSeconds } = group;
    if (isOnGrid) {
      const begun = wholeSteps(fragmentStart, fragmentSeconds);
      // The run-up of sound in front of 0 is no fragment of its own.
      return wholeSteps(item.start, fragmentSeconds) > (begun < 0n ? 0n : begun);
    }
    return wholeSteps(elapsed(fragmentStart, item.start), fragmentSeconds) >= 1n;
  }

  /** Ends the fragment in front of `next`. */
  function endFragment(next: SegmentItem | null, end: Instant): void {
    if (fragmentStart === null || current === null) return;
    for (const lane of lanes) {
      const isNext = next !== null && lane.track === tracks[next.kind === 'video' ? 0 : next.trackIndex];
      lane.settle(isNext ? decodingStart(next) : isKeyFramesOnly ? end : null);
    }
    const taken = lanes.flatMap((lane) => lane.take() ?? []);
    if (taken.length === 0) return;
    initialize();
    const described = taken.map(describe);
    // A Smooth fragment holds one track.
    if (isSmooth) for (const track of described) current.fragments.push(smoothFragment(track, fragmentStart));
    else current.fragments.push(holdFragment(nextFragment(described), fragmentStart, end));
    fragmentStart = null;
  }

  function nextFragment(tracks: readonly TrackFragment[]): FormattedFragment {
    sequence += 1;
    return formatFragment(sequence, tracks, isSmooth ? 'piff' : 'iso');
  }

  /** Its times are those of its own samples, which is what players compute with. */
  function smoothFragment(track: TrackFragment, start: Instant): HeldFragment {
    const startTicks = track.decodeTicks;
    const length = track.samples.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
    const extraBoxes = [fragmentTimeBox(startTicks, BigInt(length))];
    return {
      ...holdFragment(nextFragment([{ ...track, extraBoxes }]), start, start),
      trackId: track.trackId,
      startTicks,
      endTicks: startTicks + BigInt(length),
    };
  }

  /** Samples of a clear lead have the track's second entry. */
  function describe(track: TrackFragment): TrackFragment {
    const lane = lanes.find(({ trackId }) => trackId === track.trackId);
    const isProtected = track.samples.some((sample) => sample.protection !== null);
    const hasTwoEntries =
      lane !== undefined && isProtectedTrack(lane) && (protection?.clearSegments ?? 0) > 0;
    return { ...track, descriptionIndex: hasTwoEntries && !isProtected ? 2 : 1 };
  }

  function isProtectedTrack(lane: FragmentLane): boolean {
    return (protectors[lane.trackId - 1] ?? null) !== null;
  }

  function holdFragment(fragment: FormattedFragment, start: Instant, end: Instant): HeldFragment {
    return {
      ...fragment,
      trackId: lead.trackId,
      startTicks: lead.presentationTicks(start),
      endTicks: lead.presentationTicks(end),
      startUs: Math.max(0, toMicroseconds(start)),
      isKey: fragmentHasKey,
    };
  }

  function initialize(): void {
    if (isInitialized) return;
    isInitialized = true;
    const initialized = lanes.map((lane) => {
      const { track, trackId, timescale, mediaStart } = lane;
      const entry = lane.sampleEntry();
      if (track.kind === 'video') meter.seeSampleEntry(entry);
      return {
        trackId,
        kind: track.kind,
        timescale,
        mediaStart,
        sampleEntries: protection?.entriesOf(track, entry) ?? [entry],
        ...shownSize(track),
        language: track.kind === 'audio' ? track.rendition.language : null,
      };
    });
    const indexed = {
      trackId: lead.trackId,
      timescale: lead.timescale,
      presentationOffset: lead.presentationOffset,
    };
    const described = lanes.map((lane) => ({
      trackId: lane.trackId,
      kind: lane.track.kind,
      sampleEntry: lane.sampleEntry(),
    }));
    const initialization = formatInitialization(
      brandsOf(output, group),
      initialized,
      protection?.headers ?? [],
    );
    files.initialize(initialization, indexed, described);
  }

  function beginSegment(item: SegmentItem): void {
    endFragment(item, item.start);
    const isFirst = begunSegments === 0;
    begunSegments += 1;
    if (current !== null) {
      current.endUs = Math.max(0, toMicroseconds(item.start));
      current.endTicks = lead.presentationTicks(item.start);
      confirm();
      if (minFinalUs === 0) publish(current);
      else held = current;
    }
    current = emptySegment(Math.max(0, toMicroseconds(item.start)));
    if (!isFirst && leads && tailCuts === null) pendingCut = item.start;
    tellCut();
  }

  /** Event messages of a segment stand in front of its first fragment. */
  function publish(segment: HeldSegment): void {
    const [first, ...others] = segment.fragments;
    const boxes =
      first === undefined
        ? []
        : (events?.boxesOf({
            endUs: segment.endUs,
            startTicks: first.startTicks,
            timescale: lead.timescale,
            presentationOffset: lead.presentationOffset,
          }) ?? []);
    if (first === undefined || boxes.length === 0) return files.publish(segment);
    const bytes = boxes.reduce((sum, box) => sum + box.length, 0);
    const fronted = {
      ...first,
      parts: [...boxes, ...first.parts],
      sizeBytes: first.sizeBytes + bytes,
      firstSampleEndBytes: first.firstSampleEndBytes + bytes,
    };
    files.publish({ ...segment, fragments: [fronted, ...others] });
  }

  function confirm(): void {
    if (held !== null) publish(held);
    held = null;
  }

  /** Followers hear of a cut only when it is certain that the segment behind it will stand. */
  function tellCut(): void {
    if (pendingCut === null || held !== null) return;
    timeline.cutAt(pendingCut);
    pendingCut = null;
  }

  function advance(us: number): void {
    if (held !== null && current !== null && us - current.startUs >= minFinalUs) confirm();
    tellCut();
  }

  return {
    place(item) {
      if (item.kind === 'video' || hasVideo) return true;
      const place = placeInTimeline(item.start);
      isCutPlaced = place === 'cut';
      return place !== 'wait';
    },
    write(item) {
      advance(toMicroseconds(item.start));
      if (isSegmentCut(item) || current === null) {
        beginSegment(item);
        isFragmentCut = fragmentCuts();
        isDue(item);
      } else if (isDue(item)) endFragment(item, item.start);
      if (fragmentStart === null) {
        fragmentStart = item.start;
        fragmentHasKey = item.kind === 'video' && item.isKey;
      }
      const lane = lanes[item.kind === 'video' ? 0 : item.trackIndex];
      if (lane === undefined) throw new RangeError('frame of an unknown track');
      if (item.kind === 'video') meter.countVideo(item.packet.size);
      else meter.countAudio(item.trackIndex, item.bytes.length);
      lane.push(item);
      if (lateness !== undefined && leads && item.kind === 'video') {
        lateness.pictures ??= { ticks: lane.presentationOffset, base: { num: 1, den: lane.timescale } };
      }
      if (item.kind === 'video' && leads) timeline.advanceTo(pendingCut ?? item.order);
    },
    endVideo() {
      if (tailCuts !== null) return;
      const end = meter.videoEnd;
      tailCuts = gridCuts(group.segmentSeconds, end);
      if (!leads) return;
      if (end !== null) advance(toMicroseconds(end));
      tellCut();
      timeline.end(end);
    },
    ready: files.ready,
    async finish() {
      const end = meter.outputEnd();
      const endUs = toMicroseconds(end);
      endFragment(null, end);
      advance(endUs);
      if (current !== null) {
        const last = held === null ? current : merged(held, current);
        held = null;
        last.endUs = endUs;
        last.endTicks = lead.presentationTicks(end);
        publish(last);
        current = null;
      }
      await files.finish();
    },
    abort: files.abort,
    close() {},
    published: files.published,
  };
}

function fillsSegment({ segmentSeconds: whole, fragmentSeconds: part }: FragmentationPlan): boolean {
  return (whole.num * part.den) % (whole.den * part.num) === 0;
}

function elapsed(from: Instant, to: Instant): Instant {
  return { ticks: to.ticks - rescaleTicks(from.ticks, from.base, to.base), base: to.base };
}

function decodingStart(item: SegmentItem): Instant {
  return item.kind === 'video' ? item.decode : item.start;
}

function emptySegment(startUs: number): HeldSegment {
  return { startUs, endUs: startUs, endTicks: 0n, fragments: [] };
}

/** The tail is too short to stand alone. */
function merged(into: HeldSegment, tail: HeldSegment): HeldSegment {
  return { ...into, fragments: [...into.fragments, ...tail.fragments] };
}

function brandsOf({ brand }: FragmentedOutput, group: FragmentationPlan): string[] {
  if (brand === 'piff') return ['isml', 'piff', 'iso2'];
  return brand === 'cmfc' ? cmafBrands(group.compositionOffsets) : ['iso6', 'dash', 'mp41'];
}

/** `cmf2` for signed offsets, which `cmfc` does not allow (ISO/IEC 23000-19 7.7). */
function cmafBrands(offsets: FragmentationPlan['compositionOffsets']): string[] {
  return offsets === 'signed' ? ['cmf2', 'iso6', 'cmfc', 'mp41'] : ['cmfc', 'iso6', 'mp41'];
}

/** Pixels as they are shown: the width follows the shape of the pixels. */
function shownSize(track: EncodedTrack): { readonly shownWidthPx: number; readonly shownHeightPx: number } {
  if (track.kind === 'audio') return { shownWidthPx: 0, shownHeightPx: 0 };
  const { widthPx, heightPx, sampleAspectRatio } = track.rendition;
  return {
    shownWidthPx: Math.round((widthPx * sampleAspectRatio.num) / sampleAspectRatio.den),
    shownHeightPx: heightPx,
  };
}
