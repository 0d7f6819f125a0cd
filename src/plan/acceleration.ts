/**
 * Whether a job could be accelerated (spec acceleration.md A.7, queues-and-lifecycle.md 7). ENABLED demands it: what
 * stands in its way is an error of the job, in the order settings (1041), input (1043), too little work (1042).
 * PREFERRED only wishes for it and runs plainly; a notice says why. Pure, like the planner.
 */
import { renderSentence } from '../catalogue/codes.ts';
import type { Finding } from '../catalogue/finding.ts';
import type { JobSettings, Output } from '../contract/types.generated.ts';
import {
  acceleratedInputs,
  acceleratedOutputs,
  type ForbiddingSetting,
  forbiddingJobSettings,
  forbiddingOutputSettings,
  variableRateContainers,
} from './acceleration.table.ts';
import type { InputFacts, VideoTrackFacts } from './facts.ts';
import { createFindingLog, type FindingLog } from './finding-log.ts';

/** `accelerationSettings.mode` of a request. */
export type AccelerationMode = 'DISABLED' | 'ENABLED' | 'PREFERRED';

/** What the verdict depends on. */
export interface AccelerationRequest {
  readonly mode: AccelerationMode;
  readonly settings: JobSettings;
  /** One entry per input with a file. */
  readonly facts: readonly InputFacts[];
  /** Predicted run time without acceleration; null: not known, which never counts as too little. */
  readonly wallMs: number | null;
}

/** Below this run time a job does not gain (acceleration.md A.3; the service's own bound is about ten minutes). */
const worthwhileMs = 60_000;

/** Where the request asks for acceleration; beside `settings`, not below it. */
const modePointer = '/accelerationSettings/mode';

/** Errors for ENABLED, one notice for PREFERRED, nothing for DISABLED. */
export function judgeAcceleration(request: AccelerationRequest): readonly Finding[] {
  if (request.mode === 'DISABLED') return [];
  const log = createFindingLog();
  refuseSettings(request.settings, log);
  refuseInputs(request.settings, request.facts, log);
  if (!log.hasErrors && request.wallMs !== null && request.wallMs < worthwhileMs) {
    log.jobError(1042, 'too-small', {}, modePointer, {
      mediaFact: `without acceleration the job takes about ${(request.wallMs / 1000).toFixed(1)} s`,
      expected: `more than ${worthwhileMs / 1000} s`,
    });
  }
  // The verdict is complete, the splitting is not built: a demand that cannot be met is refused by name.
  if (!log.hasErrors)
    log.notSupported(
      modePointer,
      'ENABLED',
      'accelerated transcoding is not built yet; PREFERRED runs the job plainly',
    );
  return request.mode === 'ENABLED' ? log.findings : [whyPlain(log)];
}

function whyPlain({ findings }: FindingLog): Finding {
  const [first] = findings;
  const message = `The job is not accelerated: ${first?.message ?? ''}`;
  return { severity: 'notice', reason: 'substituted', pointer: modePointer, message };
}

function refuseSettings(settings: JobSettings, log: FindingLog): void {
  const refuse = (advice: string, pointer: string): void =>
    log.jobError(1041, 'job-settings', { advice }, pointer);
  if ((settings.inputs ?? []).length > 1) refuse('Use a single input', '/inputs/1');
  // EMBEDDED is also what an absent source means (acceleration.md A.6).
  if ((settings.timecodeConfig?.source ?? 'EMBEDDED') === 'EMBEDDED')
    refuse('Set the timecode source of the job to ZEROBASED or SPECIFIEDSTART', '/timecodeConfig/source');
  for (const rule of forbiddingJobSettings) {
    for (const pointer of placesOf(settings, rule)) refuse(rule.advice, pointer);
  }
  let ordinal = 0;
  for (const [groupIndex, group] of (settings.outputGroups ?? []).entries()) {
    const outputs = group.outputs ?? [];
    const groupHasVideo = outputs.some(hasVideo);
    for (const [outputIndex, output] of outputs.entries()) {
      ordinal += 1;
      const pointer = `/outputGroups/${groupIndex}/outputs/${outputIndex}`;
      refuseOutput(output, { ordinal, pointer, groupHasVideo }, log);
    }
  }
}

function hasVideo({ videoDescription }: Output): boolean {
  return videoDescription !== undefined && videoDescription !== null;
}

function refuseOutput(
  output: Output,
  place: { readonly ordinal: number; readonly pointer: string; readonly groupHasVideo: boolean },
  log: FindingLog,
): void {
  const refuse = (advice: string, pointer: string): void =>
    log.jobError(1041, 'settings', { advice, output: place.ordinal }, pointer);
  for (const rule of forbiddingOutputSettings) {
    for (const below of placesOf(output, rule)) refuse(rule.advice, `${place.pointer}${below}`);
  }
  const container = output.containerSettings?.container;
  const codec = output.videoDescription?.codecSettings?.codec;
  // Sound and captions of a package that has video belong to it (acceleration.md A.5).
  if (!place.groupHasVideo) return refuse('Add a video component', place.pointer);
  if (codec === undefined || container === undefined || codec === 'FRAME_CAPTURE') return;
  // CBR is the default of transport stream files (acceleration.md A.5).
  const rateMode = output.containerSettings?.m2tsSettings?.rateMode;
  if (container === 'M2TS' && rateMode === undefined) {
    refuse('Set the rate mode of the transport stream to VBR', `${place.pointer}/containerSettings`);
  }
  const allowed = acceleratedOutputs[container] ?? [];
  if (allowed.includes(codec)) return;
  refuse(
    allowed.length === 0
      ? 'Use a container that can be accelerated'
      : `Use one of the video codecs ${allowed.join(', ')} with the container ${container}`,
    `${place.pointer}/videoDescription/codecSettings/codec`,
  );
}

function refuseInputs(settings: JobSettings, facts: readonly InputFacts[], log: FindingLog): void {
  for (const [index, each] of facts.entries()) {
    const source = settings.inputs?.[index]?.timecodeSource ?? 'EMBEDDED';
    const reasons = inputReasons(each, source, index);
    const [first] = reasons;
    if (first === undefined) continue;
    log.jobError(
      1043,
      'input-reasons',
      { reasons: reasons.map(({ sentence }) => sentence).join(' ') },
      `/inputs/${index}/${first.setting}`,
      { mediaFact: reasons.map(({ fact }) => fact).join('; '), expected: first.expected },
    );
  }
}

interface InputReason {
  /** The guilty setting of the input. */
  readonly setting: 'fileInput' | 'timecodeSource';
  readonly sentence: string;
  readonly fact: string;
  readonly expected: string;
}

/** Inputs are counted from 0 in these messages (observed). */
function inputReasons(facts: InputFacts, timecodeSource: string, index: number): readonly InputReason[] {
  const video = facts.videoTracks.find((track) => !track.isAttachedPicture);
  const allowed = acceleratedInputs[facts.container] ?? [];
  const reasons: InputReason[] = [];
  if (video === undefined || !allowed.includes(video.codec)) reasons.push(codecReason(facts, video, index));
  if (video?.isVariableFrameRate === true && !variableRateContainers.has(facts.container)) {
    reasons.push({
      setting: 'fileInput',
      sentence: renderSentence(1043, 'variable-rate', { input: index }),
      fact: `the frame rate varies in a ${facts.container} file`,
      expected: 'a constant frame rate, or MP4 or QuickTime',
    });
  }
  if (video?.hasEmptyEdit === true) {
    reasons.push({
      setting: 'fileInput',
      sentence: renderSentence(1043, 'empty-edits', { input: index }),
      fact: 'the edit list of the video track has an empty edit',
      expected: 'an edit list without empty edits',
    });
  }
  if (timecodeSource === 'EMBEDDED' && facts.startTimecode === null) {
    reasons.push({
      setting: 'timecodeSource',
      sentence: renderSentence(1043, 'no-timecode', { input: index }),
      fact: 'the input has no embedded timecode and its timecode source is EMBEDDED',
      expected: 'timecodeSource ZEROBASED or SPECIFIEDSTART, or an input with timecode',
    });
  }
  return reasons;
}

function codecReason(facts: InputFacts, video: VideoTrackFacts | undefined, index: number): InputReason {
  const allowed = acceleratedInputs[facts.container];
  const fact =
    video === undefined
      ? `a ${facts.container} file without video`
      : `${video.codec} video in a ${facts.container} file`;
  return {
    setting: 'fileInput',
    sentence: renderSentence(1043, 'codec', { medium: fact, input: index }),
    fact,
    expected:
      allowed === undefined
        ? `one of the containers ${Object.keys(acceleratedInputs).join(', ')}`
        : `one of the codecs ${allowed.join(', ')}`,
  };
}

/** Pointers below `root` where a rule's path leads to a value that forbids. */
function placesOf(root: object, { path, values }: ForbiddingSetting): readonly string[] {
  let places: readonly { readonly pointer: string; readonly value: unknown }[] = [
    { pointer: '', value: root },
  ];
  for (const step of path.slice(1).split('/')) {
    places = places.flatMap(({ pointer, value }) => {
      if (typeof value !== 'object' || value === null) return [];
      const members =
        step === '*' ? Object.entries(value) : [[step, (value as Record<string, unknown>)[step]]];
      return members.map(([name, member]) => ({ pointer: `${pointer}/${name}`, value: member }));
    });
  }
  return places
    .filter(({ value }) => value !== undefined && value !== null)
    .filter(({ value }) => values === 'present' || values.includes(String(value)))
    .map(({ pointer }) => pointer);
}
