/**
 * Judges the structure of an ISO base media file before the library opens it: what the service refuses by
 * documented codes (spec errors.md 1010, 1075, 1076; README "Where pages disagree"), and what it only warns about.
 */
import { type JobFault, jobFault } from '../../catalogue/fault.ts';
import type { ContainerFormat, InputWarning } from '../../plan/facts.ts';
import type { ByteSource } from './byte-source.ts';
import { brandFamilies } from './demuxers.table.ts';
import { findBox, type InnerBox, type IsoLayout, readIsoLayout } from './iso-boxes.ts';
import { type IsoTrack, readIsoTracks } from './iso-tracks.ts';

/** What the structure of an ISO base media file tells beside the library's view. */
export interface IsoFacts {
  readonly container: ContainerFormat;
  readonly tracks: readonly IsoTrack[];
  readonly isFragmented: boolean;
  readonly warnings: readonly InputWarning[];
  /** Raised when the library cannot open the file: the walk met damage before it found a movie box. */
  readonly damage: JobFault | null;
}

/** Protected sample entries: ISO/IEC 14496-12 8.12 (`enc?`), and the older `drm?` family. */
const protectedEntry = /^(enc[vatsm]|drm[sivtm]|p608)$/;

/** Media header bodies without the 4 bytes of version and flags: 20 (version 0) or 32 (version 1). */
const mediaHeaderSizes = [24, 36];

/** Reads and judges. Throws JobFault 1010, 1075 or 1076. */
export async function examineIsoStructure(bytes: ByteSource, url: string): Promise<IsoFacts> {
  const layout = await readIsoLayout(bytes);
  const isFragmented = layout.boxes.some((box) => box.type === 'moof');
  const hasMovie = layout.boxes.some((box) => box.type === 'moov' && box.end <= bytes.sizeBytes);
  if (!hasMovie && layout.end !== 'stopped') refuseWithoutMovie(layout, url);
  const tracks = layout.moov === null ? [] : readIsoTracks(layout.moov);
  if (layout.moov !== null) refuseBrokenMovie(layout.moov, layout, tracks, url);
  return {
    container: containerOf(layout),
    tracks,
    isFragmented,
    warnings: [...truncationWarnings(layout, tracks), ...headerWarnings(tracks), ...fragmentWarnings(layout)],
    damage: layout.end === 'malformed' ? damageFault(layout, url) : null,
  };
}

/** A movie box that never comes: a bare fragment is 1010, everything else 1075 (spec README). */
function refuseWithoutMovie(layout: IsoLayout, url: string): void {
  if (layout.boxes.some((box) => box.type === 'moof' || box.type === 'styp')) {
    throw openFault(
      url,
      'the file is a media fragment without its initialization segment',
      'a file that begins with its own index',
    );
  }
  if (layout.end === 'malformed') return;
  throw jobFault(
    1075,
    'no-moov',
    { url },
    { component: 'probe', mediaFact: `top-level boxes: ${listTypes(layout)}` },
  );
}

function refuseBrokenMovie(
  moov: InnerBox,
  layout: IsoLayout,
  tracks: readonly IsoTrack[],
  url: string,
): void {
  const media = tracks.filter((track) => track.handler === 'vide' || track.handler === 'soun');
  for (const track of media) {
    const entry = track.sampleEntries.find((type) => protectedEntry.test(type));
    if (entry !== undefined) {
      throw openFault(
        url,
        `track ${track.trackId} is encrypted (sample entry ${entry})`,
        'media without content protection',
      );
    }
    if (track.isExternal) {
      throw openFault(
        url,
        `the samples of track ${track.trackId} are in another file`,
        'a self-contained file',
      );
    }
    if (track.lacksAvcParameters) {
      const mediaFact = `the avcC box of track ${track.trackId} holds no sequence parameter set`;
      throw jobFault(1075, 'invalid-avc-header', {}, { component: 'probe', mediaFact });
    }
  }
  if (findBox(moov, 'elst') !== null || findBox(moov, 'edts') !== null) {
    throw jobFault(
      1075,
      'edit-list-outside-track',
      {},
      { component: 'probe', mediaFact: 'moov holds an edit list of its own' },
    );
  }
  const isInitSegment = findBox(moov, 'mvex') !== null && tracks.every((track) => track.sampleCount === 0);
  if (isInitSegment && layout.end !== 'stopped' && !layout.boxes.some((box) => box.type === 'moof')) {
    throw jobFault(
      1075,
      'broken-structure',
      { url, cause: 'the file is an initialization segment without media fragments' },
      {
        component: 'probe',
        mediaFact: `top-level boxes: ${listTypes(layout)}`,
        expected: 'at least one moof box',
      },
    );
  }
  if (layout.end === 'beyond-end') refuseMissingSamples(layout, tracks);
}

/** Seconds of a track without sync samples that may be missing before the file counts as truncated. */
const tolerableLossSeconds = 1;

/**
 * Error 1076: the index in front declares samples beyond the end of the object, more than the last group of
 * pictures (errors.md 1076, inferred threshold); less is warning 220000.
 */
function refuseMissingSamples(layout: IsoLayout, tracks: readonly IsoTrack[]): void {
  const { sizeBytes } = layout;
  for (const track of tracks) {
    if (track.handler !== 'vide' && track.handler !== 'soun') continue;
    const first = track.firstSampleBeyond(sizeBytes);
    if (first === null || !isMoreThanLastGroup(track, first)) continue;
    throw jobFault(
      1076,
      'truncated',
      { bytes: sizeBytes },
      {
        component: 'probe',
        mediaFact: `track ${track.trackId} declares ${track.sampleCount} samples, those from ${first + 1} on lie beyond the end of the file`,
      },
    );
  }
}

function isMoreThanLastGroup(track: IsoTrack, firstMissing: number): boolean {
  const { lastSyncSample } = track;
  if (lastSyncSample !== null && track.handler === 'vide') return firstMissing < lastSyncSample;
  const ticks = track.durations.reduce((sum, run) => sum + run.count * run.ticks, 0);
  const samplesPerSecond = ticks === 0 ? 0 : (track.sampleCount * track.timescale) / ticks;
  return track.sampleCount - firstMissing > samplesPerSecond * tolerableLossSeconds;
}

function truncationWarnings(layout: IsoLayout, tracks: readonly IsoTrack[]): InputWarning[] {
  const { sizeBytes } = layout;
  const last = layout.boxes.at(-1);
  if (layout.end !== 'beyond-end' || last === undefined) return [];
  const isMediaMissing =
    last.type === 'moof' ||
    tracks.length === 0 ||
    tracks.some((track) => track.firstSampleBeyond(sizeBytes) !== null);
  const isFragmentData = last.type === 'mdat' && layout.boxes.some((box) => box.type === 'moof');
  if (!isMediaMissing && !isFragmentData) return [];
  const detail = `the ${last.type} box at ${last.offset} ends ${last.end - sizeBytes} bytes beyond the end of the file`;
  return [{ code: 220000, detail }];
}

function headerWarnings(tracks: readonly IsoTrack[]): InputWarning[] {
  const short = tracks.find(
    (track) => track.mediaHeaderBytes !== null && !mediaHeaderSizes.includes(track.mediaHeaderBytes),
  );
  if (short === undefined) return [];
  return [
    {
      code: 230004,
      detail: `the media header of track ${short.trackId} has ${short.mediaHeaderBytes} bytes`,
    },
  ];
}

/** `mfhd`, the first child of each `moof`, numbers the fragments. */
function fragmentWarnings(layout: IsoLayout): InputWarning[] {
  let previous = -1;
  for (const box of layout.boxes) {
    if (box.type !== 'moof' || box.head.length < 16 || box.head.toString('latin1', 4, 8) !== 'mfhd') continue;
    const sequence = box.head.readUInt32BE(12);
    if (sequence <= previous) {
      return [
        { code: 230007, detail: `fragment ${sequence} follows fragment ${previous} at byte ${box.offset}` },
      ];
    }
    previous = sequence;
  }
  return [];
}

/** Without a file type box the file is QuickTime (ISO/IEC 14496-12 4.3). */
function containerOf(layout: IsoLayout): ContainerFormat {
  const fileType = layout.boxes.find((box) => box.type === 'ftyp');
  if (fileType === undefined) return 'quicktime';
  const brand = fileType.head.toString('latin1', 0, 4);
  return brandFamilies.find(({ prefix }) => brand.startsWith(prefix))?.container ?? 'mp4';
}

function damageFault(layout: IsoLayout, url: string): JobFault {
  const end = layout.boxes.at(-1)?.end ?? 0;
  const cause = `the box at byte ${end} has an impossible header`;
  return jobFault(
    1075,
    'broken-structure',
    { url, cause },
    { component: 'probe', mediaFact: `top-level boxes: ${listTypes(layout)}` },
  );
}

function openFault(url: string, cause: string, expected: string): JobFault {
  return jobFault(1010, 'open-failed', { url, cause }, { component: 'probe', mediaFact: cause, expected });
}

function listTypes(layout: IsoLayout): string {
  return (
    layout.boxes
      .slice(0, 12)
      .map((box) => box.type)
      .join(' ') || 'none'
  );
}
