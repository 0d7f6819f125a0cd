/** Plans jobs in tests: small builders for documents, one call for the planner. */
import type { Finding } from '../../src/catalogue/finding.ts';
import type {
  AudioDescription,
  H264Settings,
  H265Settings,
  JobSettings,
  Output,
  OutputGroup,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { HlsOutputGroup } from '../../src/plan/group-plan.ts';
import type { AudioRendition, JobPlan, VideoRendition } from '../../src/plan/plan.ts';
import { type PlanRequest, type PlanResult, planJob } from '../../src/plan/plan-job.ts';
import { hdFacts } from './facts-fixtures.ts';

/** The moment all test jobs start. */
export const startTimeMs = Date.parse('2026-01-02T03:04:05Z');

export function planOf(
  settings: JobSettings,
  facts: InputFacts = hdFacts(),
  changes: Partial<PlanRequest> = {},
): PlanResult {
  const capacity = { cores: 4, memoryBytes: 8_000_000_000 };
  return planJob({ settings, facts: [facts], capacity, job: { startTimeMs }, ...changes });
}

/** The plan of a job that must plan. Throws with its findings when it does not. */
export function mustPlan(settings: JobSettings, facts?: InputFacts, changes?: Partial<PlanRequest>): JobPlan {
  const { plan, findings } = planOf(settings, facts, changes);
  if (plan === null)
    throw new Error(findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
  return plan;
}

/** Error findings as `code message`. */
export function errorsOf({ findings }: PlanResult): readonly string[] {
  return findings.flatMap((finding) =>
    finding.severity === 'error' ? [`${finding.code} ${finding.message}`] : [],
  );
}

/** Notices as `reason pointer`. */
export function noticesOf(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap((finding) =>
    finding.severity === 'notice' ? [`${finding.reason} ${finding.pointer}`] : [],
  );
}

export const stereo: AudioDescription = {
  audioSourceName: 'Audio Selector 1',
  codecSettings: {
    codec: 'AAC',
    aacSettings: { bitrate: 128000, codingMode: 'CODING_MODE_2_0', sampleRate: 48000 },
  },
};

/** A job with one input and the given groups. */
export function jobWith(
  outputGroups: readonly OutputGroup[],
  changes: Partial<JobSettings> = {},
): JobSettings {
  return {
    inputs: [
      {
        fileInput: 's3://in/film.mp4',
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
      },
    ],
    outputGroups,
    ...changes,
  };
}

export function fileGroup(outputs: readonly Output[], destination = 's3://out/folder/'): OutputGroup {
  return {
    outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination } },
    outputs,
  };
}

export function hlsGroup(outputs: readonly Output[], settings: object = {}): OutputGroup {
  const hlsGroupSettings = {
    destination: 's3://out/hls/main',
    segmentLength: 6,
    minSegmentLength: 0,
    ...settings,
  };
  return { outputGroupSettings: { type: 'HLS_GROUP_SETTINGS', hlsGroupSettings }, outputs };
}

export function h264Video(
  settings: Partial<H264Settings> = {},
  changes: Partial<VideoDescription> = {},
): VideoDescription {
  return {
    ...changes,
    codecSettings: {
      codec: 'H_264',
      h264Settings: { rateControlMode: 'VBR', bitrate: 2_000_000, ...settings },
    },
  };
}

export function h265Video(
  settings: Partial<H265Settings> = {},
  changes: Partial<VideoDescription> = {},
): VideoDescription {
  return {
    ...changes,
    codecSettings: {
      codec: 'H_265',
      h265Settings: { rateControlMode: 'VBR', bitrate: 2_000_000, ...settings },
    },
  };
}

export function mp4Output(videoDescription: VideoDescription, changes: Partial<Output> = {}): Output {
  return {
    containerSettings: { container: 'MP4' },
    videoDescription,
    audioDescriptions: [stereo],
    ...changes,
  };
}

/** A job that makes one MP4 file of one video description. */
export function mp4Job(video: VideoDescription, changes: Partial<Output> = {}): JobSettings {
  return jobWith([fileGroup([mp4Output(video, changes)])]);
}

export function onlyVideo(plan: JobPlan): VideoRendition {
  const [video, ...others] = plan.videoRenditions;
  if (video === undefined || others.length > 0)
    throw new Error(`${plan.videoRenditions.length} video renditions`);
  return video;
}

export function onlyAudio(plan: JobPlan): AudioRendition {
  const [audio, ...others] = plan.audioRenditions;
  if (audio === undefined || others.length > 0)
    throw new Error(`${plan.audioRenditions.length} audio renditions`);
  return audio;
}

export function onlyHlsGroup(plan: JobPlan): HlsOutputGroup {
  const [group] = plan.outputGroups;
  if (group?.type !== 'HLS_GROUP') throw new Error('the first group is no HLS group');
  return group;
}

/** Filters as text: `scale w=640 h=360 …`. */
export function filtersOf(rendition: VideoRendition | AudioRendition): readonly string[] {
  return rendition.filters.map(({ name, options }) =>
    [name, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(' '),
  );
}

/** The encoder's own options, `x264-params` or `x265-params`, taken apart. */
export function encoderParameters({ encoder }: VideoRendition): Readonly<Record<string, string>> {
  const text = encoder.options['x264-params'] ?? encoder.options['x265-params'] ?? '';
  return Object.fromEntries(text.split(':').map((pair) => pair.split('=')));
}
