/**
 * The verdict on what a job wrote, before it is called complete (design section 2, step 8): every output is reopened,
 * and what is found there is held against the plan and against what the engine reported. Pure: the facts come from a
 * probe in an engine child, playlists and sizes from the store.
 */
import { type FaultRecord, jobFault } from '../catalogue/fault.ts';
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import { rationalToNumber } from '../exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from '../plan/facts.ts';
import type { FileContainer } from '../plan/file-plan.ts';
import type { PlannedOutputGroup } from '../plan/group-plan.ts';
import type { AudioRendition, JobPlan, VideoRendition } from '../plan/plan.ts';
import { groupOf, isManifest, mediaToProbe, type OutputEvidence } from './output-evidence.ts';
import { fragmentDefects, mpdDefects } from './verify-fragmented.ts';
import { childPlaylistDefects, multivariantDefects } from './verify-playlists.ts';
import { smoothDefects } from './verify-smooth.ts';

/** The result of checking one output. Stored with the output. */
export interface OutputVerdict {
  readonly groupIndex: number;
  readonly outputIndex: number;
  readonly isSound: boolean;
  /** What is wrong, one sentence each; empty when sound. */
  readonly defects: readonly string[];
  /** What was looked at. */
  readonly checked: {
    readonly objects: number;
    readonly bytes: number;
    readonly durationMs: number;
    /** Pictures the engine wrote; null without video. */
    readonly frames: number | null;
  };
}

/** Verdicts on all outputs, in job order, and the fault when one is bad: 1999, with every defect in its detail. */
export function verifyOutputs(evidence: OutputEvidence): {
  readonly verdicts: readonly OutputVerdict[];
  readonly fault: FaultRecord | null;
} {
  const verdicts = evidence.results.flatMap((result) => groupVerdicts(evidence, result));
  const defects = verdicts.flatMap((verdict) => verdict.defects);
  const first = defects[0];
  if (first === undefined) return { verdicts, fault: null };
  const detail = defects.join('; ');
  const { record } = jobFault(1999, 'post-transcode', {}, { component: 'worker', mediaFact: first, detail });
  return { verdicts, fault: record };
}

function groupVerdicts(evidence: OutputEvidence, result: OutputGroupResult): OutputVerdict[] {
  const group = groupOf(evidence.plan, result);
  // The parent is nobody's own: its defects stand with the first output.
  const shared = [
    ...(group.type === 'HLS_GROUP' || group.type === 'CMAF_GROUP'
      ? multivariantDefects(group, result, evidence)
      : []),
    ...(group.type === 'CMAF_GROUP' || group.type === 'DASH_ISO_GROUP'
      ? mpdDefects(group, result, evidence)
      : []),
    ...extraDefects(result, evidence),
    ...(group.type === 'MS_SMOOTH_GROUP' ? smoothDefects(group, result, evidence) : []),
    ...group.outputs
      .filter(({ outputIndex }) => !result.outputs.some((output) => output.outputIndex === outputIndex))
      .map(({ pointer }) => `output ${pointer} was not written`),
  ];
  return result.outputs.map((output, index) => {
    const defects = [...(index === 0 ? shared : []), ...outputDefects(evidence, group, output)];
    return {
      groupIndex: result.groupIndex,
      outputIndex: output.outputIndex,
      isSound: defects.length === 0,
      defects,
      checked: {
        objects: output.objects.length,
        bytes: output.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        durationMs: output.durationMs,
        frames: output.video?.frames ?? null,
      },
    };
  });
}

function outputDefects(evidence: OutputEvidence, group: PlannedOutputGroup, result: OutputResult): string[] {
  const media = result.objects.filter(({ location }) => !isManifest(location));
  const defects = [...sizeDefects(result, evidence)];
  if (media.length === 0)
    defects.push(`output ${result.outputIndex} of group ${group.groupIndex} has no media`);
  const probed = mediaToProbe(
    group,
    result.outputIndex,
    media.map(({ location }) => location),
  );
  for (const location of probed) {
    const facts = evidence.facts.find((each) => each.location === location);
    if (facts === undefined) defects.push(`${location} could not be opened`);
    else defects.push(...trackDefects(evidence.plan, group, result, facts, probed.indexOf(location) === 0));
  }
  if (group.type === 'HLS_GROUP') {
    const output = group.outputs.find((each) => each.outputIndex === result.outputIndex);
    if (output !== undefined) defects.push(...childPlaylistDefects(group, output, result, evidence));
    return defects;
  }
  if (group.type !== 'FILE_GROUP') {
    const output = group.outputs.find((each) => each.outputIndex === result.outputIndex);
    if (output === undefined) return defects;
    defects.push(...fragmentDefects(output, result, evidence));
    if (group.type === 'CMAF_GROUP') defects.push(...childPlaylistDefects(group, output, result, evidence));
    return defects;
  }
  const output = group.outputs.find((each) => each.outputIndex === result.outputIndex);
  if (output?.container === 'FRAME_CAPTURE' && media.length !== result.video?.frames) {
    defects.push(`${media.length} pictures were written, ${result.video?.frames ?? 0} were encoded`);
  }
  for (const facts of evidence.facts) {
    if (
      output !== undefined &&
      measuredContainers.includes(output.container) &&
      facts.location === media[0]?.location
    )
      defects.push(...lengthDefects(result, facts));
  }
  return defects;
}

/** Containers whose headers tell length and frames exactly. */
const measuredContainers: readonly FileContainer[] = ['MP4', 'MOV', 'F4V'];

/** Another group in the same folder may have written over a sheet of thumbnails: its size is not compared. */
function extraDefects({ extras = [] }: OutputGroupResult, { sizes }: OutputEvidence): string[] {
  return extras.flatMap(({ location }) => {
    const stored = sizes.get(location);
    if (stored === undefined) return [`${location} is missing`];
    return stored === 0 ? [`${location} is empty`] : [];
  });
}

function sizeDefects({ objects }: OutputResult, { sizes }: OutputEvidence): string[] {
  return objects.flatMap(({ location, sizeBytes }) => {
    const stored = sizes.get(location);
    if (stored === undefined) return [`${location} is missing`];
    if (stored === 0) return [`${location} is empty`];
    return stored === sizeBytes ? [] : [`${location} has ${stored} bytes, ${sizeBytes} were written`];
  });
}

/**
 * Tracks as planned. Outputs whose tracks end at different times lack the shorter one in later segments, so only the
 * first opened object must have them all.
 */
function trackDefects(
  plan: JobPlan,
  group: PlannedOutputGroup,
  result: OutputResult,
  facts: InputFacts,
  mustHaveAll: boolean,
): string[] {
  const output = group.outputs.find((each) => each.outputIndex === result.outputIndex);
  if (output === undefined)
    return [`the plan has no output ${result.outputIndex} in group ${group.groupIndex}`];
  const video = plan.videoRenditions.find(({ id }) => id === output.videoRenditionId);
  const audio = output.audioRenditionIds.flatMap(
    (id) => plan.audioRenditions.find((each) => each.id === id) ?? [],
  );
  const defects: string[] = [];
  const wanted = (video === undefined ? 0 : 1) + audio.length;
  const found = facts.videoTracks.length + facts.audioTracks.length;
  if (mustHaveAll && found !== wanted)
    defects.push(`${facts.location} has ${found} tracks, ${wanted} were planned`);
  const picture = facts.videoTracks[0];
  if (video !== undefined && picture !== undefined)
    defects.push(...videoDefects(facts.location, video, picture));
  facts.audioTracks.forEach((track, index) => {
    const rendition = audio[index];
    if (rendition !== undefined) defects.push(...audioDefects(facts.location, rendition, track));
  });
  return defects;
}

/** FFmpeg codec names of what the plan encodes. */
const codecNames: Readonly<Record<string, string>> = {
  H_264: 'h264',
  H_265: 'hevc',
  AVC_INTRA: 'h264',
  XAVC: 'h264',
  MPEG2: 'mpeg2video',
  PRORES: 'prores',
  VC3: 'dnxhd',
  AV1: 'av1',
  VP8: 'vp8',
  VP9: 'vp9',
  AAC: 'aac',
  AC3: 'ac3',
  EAC3: 'eac3',
  FLAC: 'flac',
  MP2: 'mp2',
  MP3: 'mp3',
  OPUS: 'opus',
  VORBIS: 'vorbis',
};

function videoDefects(location: string, planned: VideoRendition, found: VideoTrackFacts): string[] {
  const codec = codecNames[planned.encoder.codec];
  return [
    ...(codec === undefined || codec === found.codec
      ? []
      : [`${location} has ${found.codec} video, ${codec} was planned`]),
    ...(found.widthPx === planned.widthPx && found.heightPx === planned.heightPx
      ? []
      : [
          `${location} has ${found.widthPx}x${found.heightPx} pictures, ${planned.widthPx}x${planned.heightPx} were planned`,
        ]),
  ];
}

/** The sample rate is left alone for HE-AAC, shown at the core's rate, and Opus, which plays at 48 kHz (RFC 7845 5.1). */
function audioDefects(location: string, planned: AudioRendition, found: AudioTrackFacts): string[] {
  const codec = codecNames[planned.encoder.codec];
  const isOtherRate =
    planned.encoder.codec !== 'OPUS' &&
    found.sampleRateHz !== planned.sampleRateHz &&
    found.sampleRateHz * 2 !== planned.sampleRateHz;
  // LATM is another framing of the same AAC.
  const foundCodec = found.codec.replace(/_latm$/, '');
  return [
    ...(codec === undefined || codec === foundCodec
      ? []
      : [`${location} has ${found.codec} audio, ${codec} was planned`]),
    ...(isOtherRate
      ? [`${location} has audio at ${found.sampleRateHz} Hz, ${planned.sampleRateHz} Hz was planned`]
      : []),
  ];
}

/** Frames exactly, duration within one frame of the slowest track (containers round to their time scale). */
function lengthDefects(result: OutputResult, facts: InputFacts): string[] {
  const video = facts.videoTracks[0];
  const defects: string[] = [];
  if (
    video !== undefined &&
    result.video !== null &&
    video.frameCount !== null &&
    video.frameCount !== result.video.frames
  ) {
    defects.push(`${facts.location} has ${video.frameCount} pictures, ${result.video.frames} were encoded`);
  }
  const frameMs = video?.frameRate == null ? 0 : 1000 / rationalToNumber(video.frameRate);
  const audioFrameMs = result.audio.reduce(
    (longest, { sampleRateHz }) => Math.max(longest, 2048e3 / sampleRateHz),
    0,
  );
  const toleranceMs = Math.max(frameMs, audioFrameMs) + 1;
  if (facts.durationUs !== null && Math.abs(facts.durationUs / 1000 - result.durationMs) > toleranceMs) {
    defects.push(
      `${facts.location} lasts ${Math.round(facts.durationUs / 1000)} ms, ${result.durationMs} ms were encoded`,
    );
  }
  return defects;
}
