/** What must be read back before outputs can be judged (design section 2, step 8). */
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { FragmentedOutput, HlsOutput, PlannedOutputGroup } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';

/** Everything a verdict is based on. */
export interface OutputEvidence {
  readonly plan: JobPlan;
  readonly results: readonly OutputGroupResult[];
  /** Facts of each location in `EvidenceNeeded.probes`, as the engine's probe found them; any order. */
  readonly facts: readonly InputFacts[];
  /** Bodies of `EvidenceNeeded.playlists`, as stored (gzip or not); a missing one is absent, a long one is cut. */
  readonly playlists: ReadonlyMap<string, Uint8Array>;
  /** Stored sizes in bytes of `EvidenceNeeded.objects`; a missing one is absent. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Locations to read back. */
export interface EvidenceNeeded {
  /** Media to open with the probe, in an engine child: files whole, of HLS outputs the first and last segment. */
  readonly probes: readonly string[];
  /** Playlists and MPDs to fetch, and initializations with the first and last segments, which no probe can open. */
  readonly playlists: readonly string[];
  /** Objects whose size to ask for: everything the outputs wrote. */
  readonly objects: readonly string[];
}

/** What to read back for these results. */
export function evidenceNeeded(plan: JobPlan, results: readonly OutputGroupResult[]): EvidenceNeeded {
  const probes = results.flatMap((result) => {
    const group = groupOf(plan, result);
    return result.outputs.flatMap(({ outputIndex, objects }) =>
      mediaToProbe(
        group,
        outputIndex,
        objects.map(({ location }) => location),
      ),
    );
  });
  const objects = results.flatMap(({ outputs, extras = [] }) =>
    [...outputs.flatMap((output) => output.objects), ...extras].map(({ location }) => location),
  );
  const playlists = [
    ...results.flatMap(({ playlistLocations }) => playlistLocations),
    ...objects.filter(isManifest),
    ...results.flatMap((result) => fragmentsToRead(groupOf(plan, result), result)),
    ...results.flatMap((result) => clientManifests(groupOf(plan, result))),
  ];
  return { probes: unique(probes), playlists: unique(playlists), objects: unique(objects) };
}

/** The group of the plan that a result belongs to. Throws RangeError when there is none: a bug of ours. */
export function groupOf(plan: JobPlan, result: OutputGroupResult): PlannedOutputGroup {
  const group = plan.outputGroups.find(({ groupIndex }) => groupIndex === result.groupIndex);
  if (group === undefined) throw new RangeError(`the plan has no output group ${result.groupIndex}`);
  return group;
}

/** Pictures of a frame capture are counted, not opened: the probe takes no still pictures (spec inputs.md 3). */
export function mediaToProbe(
  group: PlannedOutputGroup,
  outputIndex: number,
  objects: readonly string[],
): readonly string[] {
  const media = objects.filter((location) => !isManifest(location));
  if (group.type !== 'FILE_GROUP' && group.encryption !== null) return [];
  if (group.type === 'HLS_GROUP') {
    const planned = group.outputs.find((each) => each.outputIndex === outputIndex);
    const segments = media.filter((location) => planned === undefined || !isKeyFrameFile(planned, location));
    return unique([...segments.slice(0, 1), ...segments.slice(-1)]);
  }
  // A segment without its initialization is no medium; a single file is one, and what is encrypted is none for us.
  if (group.type !== 'FILE_GROUP') return group.segmentControl === 'SINGLE_FILE' ? media : [];
  const output = group.outputs.find((each) => each.outputIndex === outputIndex);
  const logs = new Set(output?.loudnessLogs.map((log) => log.location));
  return output?.container === 'FRAME_CAPTURE' ? [] : media.filter((location) => !logs.has(location));
}

/** True for locations of playlists, MPDs and Smooth manifests among a group's objects. */
export function isManifest(location: string): boolean {
  return ['.m3u8', '.mpd', '.ism', '.ismc'].some((extension) => location.endsWith(extension));
}

/** True for key frames in files of their own, which only the key frame playlist names. */
export function isKeyFrameFile({ iFrameSegmentLocation }: HlsOutput, location: string): boolean {
  // The counter is the last: a destination may hold its text too.
  const end = iFrameSegmentLocation?.lastIndexOf('%05d') ?? -1;
  return end >= 0 && location.startsWith(iFrameSegmentLocation?.slice(0, end) ?? '');
}

/** Players get another manifest than the one that stands for the group. */
function clientManifests(group: PlannedOutputGroup): readonly string[] {
  if (group.type !== 'MS_SMOOTH_GROUP') return [];
  return [group.smooth, ...group.smooth.additional].map(({ clientLocation }) => clientLocation);
}

function fragmentsToRead(group: PlannedOutputGroup, result: OutputGroupResult): readonly string[] {
  if (group.type !== 'CMAF_GROUP' && group.type !== 'DASH_ISO_GROUP') return [];
  return result.outputs.flatMap((output) => {
    const planned = group.outputs.find(({ outputIndex }) => outputIndex === output.outputIndex);
    if (planned === undefined || planned.initLocation === null) return [];
    return [planned.initLocation, ...firstAndLastSegment(planned, output)];
  });
}

/** Locations of the first and the last segment of an output. */
export function firstAndLastSegment(
  { initLocation }: FragmentedOutput,
  { objects }: Pick<OutputResult, 'objects'>,
): readonly string[] {
  const media = objects
    .map(({ location }) => location)
    .filter((location) => location !== initLocation && !isManifest(location));
  return unique([...media.slice(0, 1), ...media.slice(-1)]);
}

function unique(locations: readonly string[]): readonly string[] {
  return [...new Set(locations)];
}
