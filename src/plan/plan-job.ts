/**
 * The planner (design D4): job settings plus probed facts become a frozen plan, or findings that say why not. Pure
 * and deterministic: the same request gives the same plan, byte for byte.
 */
import type { Finding } from '../catalogue/finding.ts';
import type { Input, JobSettings, OutputGroup } from '../contract/types.generated.ts';
import type { HeAacPolicy } from './aac.ts';
import { defaultSelectorName, readAudioSelectors } from './audio-selectors.ts';
import { planCmafGroup } from './cmaf-group.ts';
import { refuseCollisions } from './collisions.ts';
import { planDashGroup } from './dash-group.ts';
import { estimatePlan } from './estimate.ts';
import type { InputFacts } from './facts.ts';
import { planFileGroup } from './file-group.ts';
import { createFindingLog } from './finding-log.ts';
import { deepFreeze } from './freeze.ts';
import { planHlsGroup } from './hls-group.ts';
import { reportInputCondition } from './input-condition.ts';
import { inputDurationUs, planInput } from './input-plan.ts';
import { type InputExtras, readInputExtras } from './input-settings.ts';
import type { JobScope } from './job-scope.ts';
import { readJobExtras } from './job-settings.ts';
import { inputBaseName } from './naming.ts';
import { readOutputTimeline } from './output-timeline.ts';
import type { JobPlan, PlannedOutputGroup } from './plan.ts';
import { createRenditionRegistry } from './rendition-registry.ts';
import { readSettings, type SettingsReader, type SettingsTrace } from './settings-reader.ts';
import { planThreads, withThreads } from './threads.ts';
import { refuseUnreadSettings } from './unread-settings.ts';
import { withRateConversion } from './video-rendition.ts';
import { readVideoSource } from './video-source.ts';

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
  /** One entry per input of the job, in its order. */
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
  const inputs = settings.children('inputs');
  const input = inputs[0];
  const facts = request.facts[0];
  if (input === undefined || facts === undefined) {
    // Facts belong to files; what makes its own picture (`videoGenerator`, TAMS) has none.
    if (input === undefined) settings.require('inputs');
    else input.require('fileInput');
    return { plan: null, findings: findings.findings, trace };
  }
  for (const further of inputs.slice(1)) {
    findings.notSupported(
      further.pointer,
      further.read('fileInput') ?? 'input',
      'joining several inputs is not built yet',
    );
    trace.settled.add(further.pointer);
  }

  const location = input.read('fileInput') ?? facts.location;
  const video = readVideoSource(input, facts, 1, findings);
  const extras = readInputExtras(input, facts, findings);
  const scope = createScope(settings, request, { input, facts, location, video }, findings, trace);
  const outputGroups = settings
    .children('outputGroups')
    .flatMap((group, index) => planGroup(group, index, scope) ?? []);
  reportInputCondition(facts, scope, input.at('fileInput'));
  refuseCollisions(outputGroups, [{ location, pointer: input.at('fileInput') }], findings);
  refuseUnreadSettings(request.settings, trace, findings);
  if (findings.hasErrors) return { plan: null, findings: findings.findings, trace };
  const { cores, memoryBytes } = request.capacity;
  const assemble = (threads: number) =>
    assemblePlan(threads, { facts, location, extras }, scope, outputGroups);
  const plan = assemble(cores);
  // Every thread of an encoder holds pictures: on a machine too small for them, encoders get one thread each.
  const fitting = plan.estimate.memoryBytes > memoryBytes ? assemble(1) : plan;
  return { plan: deepFreeze(fitting), findings: findings.findings, trace };
}

/** Joins what the steps decided: shared prefix, threads, sources, estimate. */
function assemblePlan(
  cores: number,
  source: { readonly facts: InputFacts; readonly location: string; readonly extras: InputExtras },
  scope: JobScope,
  outputGroups: readonly PlannedOutputGroup[],
): JobPlan {
  const drafts = scope.renditions.videos;
  const threads = planThreads(
    scope.video,
    drafts.map((draft) => draft.rendition),
    cores,
  );
  const input = planInput(source, scope, threads.decoderThreads);
  const sharedRate = input.video?.frameRate;
  const videoRenditions = drafts.map((draft) =>
    withThreads(sharedRate === undefined ? draft.rendition : withRateConversion(draft, sharedRate), threads),
  );
  const plan = { inputs: [input], videoRenditions, audioRenditions: scope.renditions.audios, outputGroups };
  return { planVersion: 1, ...plan, estimate: estimatePlan(plan, scope.video, drafts, cores) };
}

function createScope(
  settings: SettingsReader<JobSettings>,
  request: PlanRequest,
  source: {
    readonly input: SettingsReader<Input>;
    readonly facts: InputFacts;
    readonly location: string;
    readonly video: JobScope['video'];
  },
  findings: JobScope['findings'],
  trace: SettingsTrace,
): JobScope {
  let videoOrdinal = 0;
  let audioOrdinal = 0;
  return {
    findings,
    renditions: createRenditionRegistry(),
    video: source.video,
    audio: readAudioSelectors(source.input, source.facts, 0, usedAudioNames(settings), findings),
    firstInputName: inputBaseName(source.location),
    startTimeMs: request.job.startTimeMs,
    durationUs: inputDurationUs(source.facts),
    timeline: readOutputTimeline(
      settings.child('timecodeConfig'),
      source.facts,
      source.video?.followedRate ?? null,
      request.job.startTimeMs,
      showsTimeline(settings),
    ),
    heAac: request.policy?.heAac ?? 'lc',
    refuseBelow: (pointer) => void trace.settled.add(pointer),
    nextVideoOrdinal: () => ++videoOrdinal,
    nextAudioOrdinal: () => ++audioOrdinal,
  };
}

/** Program date-time and timecode tracks show the output timeline. */
function showsTimeline(settings: SettingsReader<JobSettings>): boolean {
  return settings.children('outputGroups').some((group) => {
    const dates =
      group.child('outputGroupSettings').child('hlsGroupSettings').read('programDateTime') === 'INCLUDE';
    return (
      dates ||
      group
        .children('outputs')
        .some((output) => output.child('videoDescription').read('timecodeTrack') === 'ENABLED')
    );
  });
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

function planGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): PlannedOutputGroup | null {
  group.label('name');
  group.label('customName');
  const settings = group.child('outputGroupSettings');
  settings.accept('perFrameMetrics', [], 'frames are not measured yet');
  switch (settings.read('type')) {
    case 'FILE_GROUP_SETTINGS':
      return planFileGroup(group, groupIndex, scope);
    case 'HLS_GROUP_SETTINGS':
      return planHlsGroup(group, groupIndex, scope);
    case 'CMAF_GROUP_SETTINGS':
      return planCmafGroup(group, groupIndex, scope);
    case 'DASH_ISO_GROUP_SETTINGS':
      return planDashGroup(group, groupIndex, scope);
    default:
      // The whole group is refused with its type: its parts are not refused one by one.
      settings.accept(
        'type',
        ['FILE_GROUP_SETTINGS', 'HLS_GROUP_SETTINGS', 'CMAF_GROUP_SETTINGS', 'DASH_ISO_GROUP_SETTINGS'],
        'output groups are FILE_GROUP, HLS_GROUP, CMAF_GROUP and DASH_ISO_GROUP',
      );
      settings.require('type');
      scope.refuseBelow(group.pointer);
      return null;
  }
}
