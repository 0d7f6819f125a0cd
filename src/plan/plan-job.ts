/**
 * The planner (design D4): job settings plus probed facts become a frozen plan, or findings that say why not. Pure
 * and deterministic: the same request gives the same plan, byte for byte.
 */
import type { Finding } from '../catalogue/finding.ts';
import type { Input, JobSettings, VideoDescription } from '../contract/types.generated.ts';
import type { HeAacPolicy } from './aac.ts';
import { defaultSelectorName } from './audio-selectors.ts';
import { refuseCollisions } from './collisions.ts';
import { readColorLuts, tellUnusedLuts } from './color-luts.ts';
import { compareDynamicAudio } from './dynamic-audio.ts';
import { estimatePlan } from './estimate.ts';
import type { InputFacts } from './facts.ts';
import { createFindingLog, type FindingLog } from './finding-log.ts';
import { finishSignals } from './finish-signals.ts';
import { type GroupMetrics, metricFilesOf, readGroupMetrics, withGroupMetrics } from './frame-metrics.ts';
import { deepFreeze } from './freeze.ts';
import { blackSource, emptyFacts, generatorFacts } from './generated-video.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import { reportInputCondition } from './input-condition.ts';
import { jobDurationUs, planInput } from './input-plan.ts';
import type { JobScope } from './job-scope.ts';
import { readJobExtras } from './job-settings.ts';
import { readJobSignals } from './job-signals.ts';
import { inputBaseName } from './naming.ts';
import { ownColorSteps } from './other-inputs.ts';
import { readOutputTimeline } from './output-timeline.ts';
import { checkPassedClips } from './passthrough.ts';
import type { JobPlan, PlannedInput, VideoRendition } from './plan.ts';
import { planGroup } from './plan-group.ts';
import { lutLocations } from './plan-luts.ts';
import { withRoom } from './rate-room.ts';
import { type ReadInput, readInput } from './read-input.ts';
import { createRenditionRegistry } from './rendition-registry.ts';
import { readSettings, type SettingsReader, type SettingsTrace } from './settings-reader.ts';
import { readSharedPeriods } from './shared-periods.ts';
import type { SignalPlan } from './signal-plan.ts';
import { sourceLocations } from './source-locations.ts';
import { planThreads, withThreads } from './threads.ts';
import { refuseUnreadSettings } from './unread-settings.ts';
import { type VideoDraft, withRateConversion } from './video-rendition.ts';

/** What the machine offers to one job: cores to share out, memory the estimate should fit in. */
export interface PlanCapacity {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Choices of the operator that shape plans. */
export interface PlanPolicy {
  /** HE-AAC has no encoder: `lc` encodes AAC-LC with a notice, `refuse` is 1040 (specification README). */
  readonly heAac: HeAacPolicy;
}

/** Everything a plan depends on. */
export interface PlanRequest {
  /** Wire names, after templates and presets are merged. */
  readonly settings: JobSettings;
  /** Of all inputs that are files, in job order, then of the external audio files that selectors name. */
  readonly facts: readonly InputFacts[];
  readonly capacity: PlanCapacity;
  readonly policy?: PlanPolicy;
  readonly job: {
    /** The moment the job left SUBMITTED; the same over all attempts, so that names with `$dt$` are stable. */
    readonly startTimeMs: number;
  };
}

/** A plan, or why there is none. */
export interface PlanResult {
  /** Frozen; null when a finding is an error. */
  readonly plan: JobPlan | null;
  readonly findings: readonly Finding[];
  /** What would be written, as far as it could be planned: also of a job that is refused. */
  readonly outputGroups: readonly PlannedOutputGroup[];
  /** Tables and images that would be read beside the inputs, likewise. */
  readonly sideLocations: readonly string[];
  /** What became of each setting, for the coverage report. */
  readonly trace: SettingsTrace;
}

/**
 * Plans a job whose settings the contract found valid (`validateRequest`, `validateRelations`): what the request
 * alone shows to be wrong is not looked for again. Never throws for anything a valid document or a medium can hold.
 */
export function planJob(request: PlanRequest): PlanResult {
  const findings = createFindingLog();
  const trace: SettingsTrace = { settled: new Set(), withoutEffect: new Map() };
  const settings = readSettings<JobSettings>(request.settings, trace, findings);
  readJobExtras(settings, findings);
  const inputs = readInputs(settings, request, findings);
  if (inputs === null)
    return { plan: null, findings: findings.findings, outputGroups: [], sideLocations: [], trace };
  const scope = createScope(settings, request, inputs, findings, trace);
  const outputGroups = settings
    .children('outputGroups')
    .flatMap((group, index) => planGroup(group, index, scope) ?? []);
  const groupMetrics = readGroupMetrics(settings, findings);
  const signals = finishSignals(settings, scope);
  const tables = lutLocations(
    scope.renditions.videos.map(({ rendition }) => rendition),
    Object.values(signals?.blanking?.steps ?? {}),
  );
  tellUnusedLuts(scope.luts, tables, findings);
  if (
    signals?.blanking != null &&
    scope.renditions.videos.some(({ rendition }) => isPassedThrough(rendition))
  )
    findings.incompatible(settings.at('availBlanking'), 'pictures that pass through cannot be blanked');
  checkPassedClips(
    scope.renditions.videos.map(({ rendition }) => rendition),
    findings,
  );
  for (const input of inputs) reportInputCondition(input, scope);
  const files = inputs.filter(({ location }) => location !== '');
  const places = files.map(({ location, pointer }) => ({ location, pointer: `${pointer}/fileInput` }));
  const measured = scope.renditions.videos.map(({ rendition }) =>
    withGroupMetrics(rendition, outputGroups, groupMetrics),
  );
  refuseCollisions(outputGroups, metricFilesOf(outputGroups, measured), places, findings);
  refuseUnreadSettings(request.settings, trace, findings);
  const sideLocations = [...tables, ...imagesOf(scope, signals)];
  const told = { findings: findings.findings, outputGroups, sideLocations, trace };
  if (findings.hasErrors) return { plan: null, ...told };
  const { cores, memoryBytes } = request.capacity;
  const assemble = (threads: number) => assemblePlan(threads, scope, outputGroups, groupMetrics, signals);
  const plan = assemble(cores);
  // Every thread of an encoder holds pictures: on a machine too small for them, encoders get one thread each.
  const fitting = plan.estimate.memoryBytes > memoryBytes ? assemble(1) : plan;
  return { plan: deepFreeze(fitting), ...told };
}

/** Images in the place of pictures, where there are any. */
function imagesOf({ inputs, renditions }: JobScope, signals: SignalPlan | null): readonly string[] {
  if (renditions.videos.length === 0) return [];
  const images = [...inputs.map(({ imageLocation }) => imageLocation), signals?.blanking?.imageLocation];
  return images.flatMap((location) => location ?? []);
}

/** Null, with a finding, when there is nothing to read. */
function readInputs(
  settings: SettingsReader<JobSettings>,
  request: PlanRequest,
  findings: FindingLog,
): readonly [ReadInput, ...ReadInput[]] | null {
  const readers = settings.children('inputs');
  const used = usedAudioNames(settings);
  if (readers.length === 0) settings.require('inputs');
  const factsOf = (location: string) => request.facts.find((facts) => facts.location === location);
  const locations = sourceLocations(request.settings.inputs ?? []);
  const read = readers.flatMap((input, index) => {
    const location = locations[index] ?? null;
    const facts = factsOfInput(input, location, request.facts[index], factsOf, findings);
    return facts === null ? [] : [readInput(input, location, facts, index, used, findings, factsOf)];
  });
  compareDynamicAudio(read, used, findings);
  const [first, ...others] = read;
  return first === undefined || read.length < readers.length
    ? null
    : withBlackPictures([first, ...others], settings);
}

/** A file has facts of its own; a generator's follow from its settings; sound alone comes from external files. */
function factsOfInput(
  input: SettingsReader<Input>,
  location: string | null,
  inOrder: InputFacts | undefined,
  factsOf: (location: string) => InputFacts | undefined,
  findings: FindingLog,
): InputFacts | null {
  input.read('fileInput');
  if (location !== null) return factsOf(location) ?? inOrder ?? null;
  const generator = input.child('videoGenerator');
  if (generator.isPresent) return generatorFacts(generator, findings);
  const hasSound = [...input.entries('audioSelectors').values()].some((selector) =>
    selector.has('externalAudioFileInput'),
  );
  if (hasSound) return emptyFacts();
  input.require('fileInput');
  return null;
}

/** Inputs without video show black in outputs that have video: of the followed size, or of the output's own. */
function withBlackPictures(
  inputs: readonly [ReadInput, ...ReadInput[]],
  settings: SettingsReader<JobSettings>,
): readonly [ReadInput, ...ReadInput[]] {
  const descriptions = settings
    .children('outputGroups')
    .flatMap((group) => group.children('outputs'))
    .map((output) => output.child('videoDescription'))
    .filter((description) => description.isPresent);
  if (descriptions.length === 0 || inputs.every(({ video }) => video !== null)) return inputs;
  const followed = inputs.find(({ video }) => video !== null && !video.isGenerated)?.video ?? null;
  const [widthPx, heightPx] = descriptions
    .map((description) => [description.read('width'), description.read('height')] as const)
    .find(([width, height]) => width !== undefined && height !== undefined) ?? [640, 360];
  const size = followed ?? { widthPx: widthPx ?? 640, heightPx: heightPx ?? 360 };
  const black = blackSource(
    { widthPx: size.widthPx, heightPx: size.heightPx },
    followed?.followedRate ?? null,
  );
  const withBlack = (input: ReadInput): ReadInput =>
    input.video === null ? { ...input, video: black } : input;
  const [first, ...others] = inputs;
  return [withBlack(first), ...others.map(withBlack)];
}

function isPassedThrough({ encoder }: VideoRendition): boolean {
  return encoder.encoder === 'copy';
}

/** Joins what the steps decided: shared prefix, threads, sources, estimate. */
function assemblePlan(
  cores: number,
  scope: JobScope,
  outputGroups: readonly PlannedOutputGroup[],
  groupMetrics: GroupMetrics,
  signals: SignalPlan | null,
): JobPlan {
  const drafts = scope.renditions.videos;
  const threads = planThreads(
    scope.video,
    drafts.map((draft) => draft.rendition),
    cores,
  );
  const inputs = scope.inputs.map((input) => planInput(input, scope, threads.decoderThreads));
  const planned = drafts.map((draft) => {
    const video = withThreads(withRates(draft, inputs, scope), threads);
    return draft.room === undefined ? video : withRoom(video, draft.room);
  });
  const videoRenditions = planned.map((video) => withGroupMetrics(video, outputGroups, groupMetrics));
  const metricFiles = metricFilesOf(outputGroups, videoRenditions);
  const plan = {
    inputs,
    videoRenditions,
    audioRenditions: scope.renditions.audios,
    outputGroups,
    ...(metricFiles.length === 0 ? {} : { metricFiles }),
    ...(signals === null ? {} : { signals }),
  };
  return { planVersion: 1, ...plan, estimate: estimatePlan(plan, scope.inputs, scope.renditions, cores) };
}

/** Each input comes with a rate and colours of its own. */
function withRates(draft: VideoDraft, inputs: readonly PlannedInput[], scope: JobScope): VideoRendition {
  const rateOf = (inputIndex: number) => inputs[inputIndex]?.video?.frameRate;
  const own = rateOf(draft.rendition.inputIndex);
  const { otherInputs, ...rendition } = own === undefined ? draft.rendition : withRateConversion(draft, own);
  if (otherInputs === undefined) return rendition;
  return {
    ...rendition,
    otherInputs: otherInputs.map((other) => {
      const rate = rateOf(other.inputIndex);
      const filters = [...ownColorSteps(draft, scope.inputs[other.inputIndex], scope), ...other.filters];
      const turned = {
        ...draft,
        rate: draft.otherRates?.get(other.inputIndex) ?? draft.rate,
        preparation: other.preparation ?? null,
        rendition: { ...draft.rendition, filters },
      };
      return rate === undefined
        ? { ...other, filters }
        : { ...other, filters: withRateConversion(turned, rate).filters };
    }),
  };
}

function createScope(
  settings: SettingsReader<JobSettings>,
  request: PlanRequest,
  inputs: readonly [ReadInput, ...ReadInput[]],
  findings: JobScope['findings'],
  trace: SettingsTrace,
): JobScope {
  let videoOrdinal = 0;
  let audioOrdinal = 0;
  const [first] = inputs;
  const followed = followedInput(settings, inputs, findings);
  return {
    findings,
    renditions: createRenditionRegistry(findings),
    inputs,
    followed,
    video: followed.video,
    audio: first.audio,
    firstInputName: first.location === '' ? null : inputBaseName(first.location),
    startTimeMs: request.job.startTimeMs,
    durationUs: jobDurationUs(inputs),
    luts: readJobLuts(settings),
    timeline: readOutputTimeline(
      settings.child('timecodeConfig'),
      first,
      followed.video?.followedRate ?? null,
      request.job.startTimeMs,
      showsTimeline(settings),
      findings,
    ),
    signals: readJobSignals(settings, inputs, followed.video?.followedRate ?? null, findings),
    heAac: request.policy?.heAac ?? 'lc',
    sharedPeriods: readSharedPeriods(settings.children('outputGroups'), request.settings.outputGroups ?? []),
    refuseBelow: (pointer) => void trace.settled.add(pointer),
    nextVideoOrdinal: () => ++videoOrdinal,
    nextAudioOrdinal: () => ++audioOrdinal,
  };
}

/** Without tables the luminance of an input decides nothing. */
function readJobLuts(settings: SettingsReader<JobSettings>): JobScope['luts'] {
  const luts = readColorLuts(settings);
  if (luts.length > 0) return luts;
  for (const input of settings.children('inputs'))
    input
      .child('videoSelector')
      .withoutEffect('maxLuminance', 'it chooses among 3D LUTs, and no output uses one');
  return luts;
}

/** The input that `followSource` names when it has video, else the first that has (spec inputs.md 9). */
function followedInput(
  settings: SettingsReader<JobSettings>,
  inputs: readonly [ReadInput, ...ReadInput[]],
  findings: FindingLog,
): ReadInput {
  const number = settings.read('followSource');
  const named = number === undefined ? undefined : inputs[number - 1];
  if (number !== undefined && named === undefined) {
    findings.incompatible(settings.at('followSource'), `the job has ${inputs.length} inputs`);
  }
  const isFollowable = ({ video }: ReadInput): boolean => video !== null && video.isGenerated === undefined;
  if (named !== undefined && isFollowable(named)) return named;
  return inputs.find(isFollowable) ?? inputs.find(({ video }) => video !== null) ?? inputs[0];
}

/** Program date-time, timed tags, and timecodes in tracks, streams and pictures, show the output timeline. */
function showsTimeline(settings: SettingsReader<JobSettings>): boolean {
  if (settings.child('timedMetadataInsertion').has('id3Insertions')) return true;
  return settings.children('outputGroups').some((group) => {
    const hls = group.child('outputGroupSettings').child('hlsGroupSettings');
    const dates = hls.read('programDateTime') === 'INCLUDE' || hls.read('timedMetadataId3Frame') === 'TDRL';
    return (
      dates || group.children('outputs').some((output) => showsTimecode(output.child('videoDescription')))
    );
  });
}

function showsTimecode(video: SettingsReader<VideoDescription>): boolean {
  const codec = video.child('codecSettings');
  return (
    video.read('timecodeTrack') === 'ENABLED' ||
    video.read('timecodeInsertion') === 'PIC_TIMING_SEI' ||
    video.child('videoPreprocessors').child('timecodeBurnin').isPresent ||
    (['h264Settings', 'h265Settings'] as const).some(
      (block) => codec.child(block).read('unregisteredSeiTimecode') === 'ENABLED',
    )
  );
}

/** Names of audio sources that the outputs ask for. */
function usedAudioNames(settings: SettingsReader<JobSettings>): ReadonlySet<string> {
  const descriptions = settings
    .children('outputGroups')
    .flatMap((group) => group.children('outputs'))
    .flatMap((output) => output.children('audioDescriptions'));
  return new Set(
    descriptions.map((description) => description.read('audioSourceName') ?? defaultSelectorName),
  );
}
