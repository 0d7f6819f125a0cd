/**
 * Facts of a composition: its virtual tracks, laid out in frames and samples, with what the probe found in their files
 * (spec inputs.md 8; SMPTE ST 2067-2 and 2067-3). Pure.
 */
import { jobFault } from '../../catalogue/fault.ts';
import {
  addSpans,
  countIn,
  formatRational,
  longerSpan,
  noTime,
  type Rational,
  rational,
  type Span,
} from '../../exact-time.ts';
import type { ComposedTrack } from '../../plan/composition.ts';
import type {
  AudioTrackFacts,
  DataTrackFacts,
  InputFacts,
  InputWarning,
  VideoTrackFacts,
} from '../../plan/facts.ts';
import { playedKinds, type Sequence } from './composition-playlist.ts';
import { type ImfComposition, malformed } from './imf-packages.ts';
import { layParts, type SegmentPlace, sequenceSpan } from './lay-parts.ts';

/** What was probed of the track files, by location. */
export type FactsOfFile = (location: string) => InputFacts;

/** Facts of the whole. Throws JobFault when the files are not what the playlist says: 1010, 1030, 1076. */
export function composeFacts(composition: ImfComposition, factsOf: FactsOfFile): InputFacts {
  const { location, playlist } = composition;
  checkSizes(composition, factsOf);
  const segments = placeSegments(composition);
  const lead = playlist.segments[0]?.sequences ?? [];
  const tracks = lead.map((sequence, index) => composeTrack(composition, segments, sequence, index, factsOf));
  const videoTracks = tracks.flatMap((track) => (track.facts.kind === 'video' ? [track.facts] : []));
  const total = segments.at(-1)?.end ?? noTime;
  const sources = trackFiles(composition).map(factsOf);
  return {
    location,
    container: 'imf',
    demuxer: 'imf',
    sizeBytes: sources.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    eTag: null,
    durationUs: Number(countIn(total, microseconds)),
    startUs: 0,
    bitrateBps: null,
    startTimecode: playlist.startTimecode,
    videoTracks,
    audioTracks: tracks.flatMap(({ facts }) => (facts.kind === 'audio' ? [facts] : [])),
    dataTracks: tracks.flatMap(({ facts }) => (facts.kind === 'data' ? [facts] : [])),
    programs: [],
    composition: tracks.flatMap(({ composed }) => composed ?? []),
    ...optionalWarnings(sources.flatMap(({ warnings = [] }) => warnings)),
  };
}

const microseconds = rational(1_000_000);

/** Locations of the track files that are played, once each. */
export function trackFiles({ playlist, files }: ImfComposition): readonly string[] {
  const played = playlist.segments.flatMap(({ sequences }) =>
    sequences.flatMap(({ resources }) => resources),
  );
  return [...new Set(played.flatMap(({ trackFileId }) => files.get(trackFileId)?.location ?? []))];
}

/** A file that is shorter than its packing list says was cut off on its way. */
function checkSizes({ location, files, playlist }: ImfComposition, factsOf: FactsOfFile): void {
  const played = playlist.segments.flatMap(({ sequences }) =>
    sequences.flatMap(({ resources }) => resources),
  );
  for (const { trackFileId } of played) {
    const file = files.get(trackFileId);
    const actual = file === undefined ? null : factsOf(file.location).sizeBytes;
    if (file?.sizeBytes == null || actual === null || actual >= file.sizeBytes) continue;
    const mediaFact = `${file.location} has ${actual} bytes; the packing list says ${file.sizeBytes}`;
    throw jobFault(1076, 'truncated', { bytes: actual }, { component: 'probe', mediaFact, location });
  }
}

/** Where segments begin and end: each lasts as long as its picture, or its longest sound where there is none. */
function placeSegments({ location, playlist }: ImfComposition): readonly SegmentPlace[] {
  const lead = playlist.segments[0]?.sequences ?? [];
  if (lead.filter(({ kind }) => kind === playedKinds.video).length > 1)
    throw malformed(location, location, 'It has more than one MainImageSequence in a segment.');
  const places: SegmentPlace[] = [];
  let start: Span = noTime;
  for (const [index, { sequences }] of playlist.segments.entries()) {
    const ids = sequences.map(({ trackId }) => trackId);
    const odd =
      lead.find(({ trackId }) => !ids.includes(trackId)) ??
      sequences.find(({ trackId }) => !lead.some((one) => one.trackId === trackId));
    if (odd !== undefined || new Set(ids).size < ids.length)
      throw malformed(
        location,
        location,
        `Segment ${index + 1} does not hold every virtual track once${odd === undefined ? '' : `: ${odd.trackId}`}.`,
      );
    const picture = sequences.find(({ kind }) => kind === playedKinds.video);
    const lengths = (picture === undefined ? sequences : [picture]).map(sequenceSpan);
    const length = lengths.reduce(longerSpan, noTime);
    const end = addSpans(start, length);
    places.push({ sequences, start, end });
    start = end;
  }
  return places;
}

interface ComposedFacts {
  readonly facts: VideoTrackFacts | AudioTrackFacts | DataTrackFacts;
  /** Null: the track is not played. */
  readonly composed: ComposedTrack | null;
}

function composeTrack(
  composition: ImfComposition,
  segments: readonly SegmentPlace[],
  { kind, trackId }: Sequence,
  index: number,
  factsOf: FactsOfFile,
): ComposedFacts {
  const number = { streamIndex: index, trackId: index + 1 };
  if (kind !== playedKinds.video && kind !== playedKinds.audio)
    return { facts: { ...silentTrack, ...number, codec: kind }, composed: null };
  const files = new Map(
    segments
      .flatMap(({ sequences }) => sequences.filter((sequence) => sequence.trackId === trackId))
      .flatMap(({ resources }) => resources)
      .map(({ trackFileId }) => [trackFileId, factsOf(composition.files.get(trackFileId)?.location ?? '')]),
  );
  if (kind === playedKinds.video) {
    const track = sameTracks(composition, [...files.values()], (facts) => facts.videoTracks[0], pictureKey);
    const rate = track.frameRate;
    refuseOddPictures(composition, segments, trackId, track);
    if (rate === null)
      throw malformed(
        composition.location,
        composition.location,
        'Its picture track files tell no frame rate.',
      );
    const parts = layParts({
      composition,
      segments,
      trackId,
      rate,
      kind: 'video',
      factsOf: (id) => files.get(id),
    });
    return {
      facts: { ...track, ...number, ...timesOf(parts, rate), frameCount: lengthOf(parts) },
      composed: { kind: 'video', streamIndex: index, rate, parts },
    };
  }
  const track = sameTracks(composition, [...files.values()], (facts) => facts.audioTracks[0], soundKey);
  const rate = rational(track.sampleRateHz);
  const parts = layParts({
    composition,
    segments,
    trackId,
    rate,
    kind: 'audio',
    factsOf: (id) => files.get(id),
  });
  return {
    facts: { ...track, ...number, ...timesOf(parts, rate) },
    composed: { kind: 'audio', streamIndex: index, rate, parts },
  };
}

/**
 * Pictures that would be decoded, but to wrong colours: the code stream of JPEG 2000 does not tell Y'CbCr 4:4:4 from RGB,
 * nor where black is.
 */
function refuseOddPictures(
  { location, playlist }: ImfComposition,
  segments: readonly SegmentPlace[],
  trackId: string,
  { chroma }: VideoTrackFacts,
): void {
  const resources = segments
    .flatMap(({ sequences }) => sequences.filter((sequence) => sequence.trackId === trackId))
    .flatMap((sequence) => sequence.resources);
  for (const { descriptorId } of resources) {
    const picture = descriptorId === null ? undefined : playlist.pictures.get(descriptorId);
    if (chroma !== 'rgb' || picture === undefined) continue;
    const isLimited = picture.black !== null && picture.black > 0;
    if (picture.components === 'rgb' && !isLimited) continue;
    const what = isLimited ? 'RGB of limited range in an IMF package' : "JPEG 2000 of Y'CbCr 4:4:4";
    throw jobFault(1030, 'video-property', { what }, { component: 'probe', mediaFact: what, location });
  }
}

function lengthOf(parts: ComposedTrack['parts']): number {
  return parts.reduce((sum, { unitCount }) => sum + unitCount, 0);
}

function timesOf(
  parts: ComposedTrack['parts'],
  rate: Rational,
): Pick<VideoTrackFacts, 'timeBase' | 'startTicks' | 'durationTicks'> {
  return { timeBase: rational(rate.den, rate.num), startTicks: 0, durationTicks: lengthOf(parts) };
}

/** The track of all files: essence of one virtual track is of one kind (ST 2067-2 7.2.2, homogeneous essence). */
function sameTracks<Track>(
  { location }: ImfComposition,
  files: readonly InputFacts[],
  trackOf: (facts: InputFacts) => Track | undefined,
  keyOf: (track: Track) => string,
): Track {
  const tracks = files.map((facts) => {
    const track = trackOf(facts);
    if (track !== undefined) return track;
    throw malformed(location, facts.location, 'The track file does not hold what its sequence plays.');
  });
  const [first] = tracks;
  if (first === undefined) throw malformed(location, location, 'A virtual track plays nothing.');
  const other = tracks.findIndex((track) => keyOf(track) !== keyOf(first));
  if (other < 0) return first;
  const reason = `Track files of one virtual track differ: ${keyOf(first)}, and ${keyOf(tracks[other] ?? first)} in ${files[other]?.location}.`;
  throw malformed(location, location, reason);
}

function pictureKey({ codec, widthPx, heightPx, pixelFormat, scan, frameRate }: VideoTrackFacts): string {
  const rate = frameRate === null ? 'no frame rate' : `${formatRational(frameRate)} fps`;
  return `${codec} ${widthPx}×${heightPx} ${pixelFormat} ${scan} ${rate}`;
}

function soundKey({ codec, channels, sampleRateHz }: AudioTrackFacts): string {
  return `${codec}, ${channels} channels, ${sampleRateHz} Hz`;
}

/** A virtual track that is named and not played: captions, markers, immersive sound. */
const silentTrack = {
  kind: 'data',
  fourCc: '',
  profile: null,
  timeBase: rational(1),
  startTicks: 0,
  durationTicks: null,
  bitrateBps: null,
  language: null,
} as const;

function optionalWarnings(warnings: readonly InputWarning[]): Pick<InputFacts, 'warnings'> {
  return warnings.length === 0 ? {} : { warnings };
}
