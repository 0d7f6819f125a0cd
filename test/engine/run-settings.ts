/**
 * A job from its settings to finished files in this process: real probe, real plan, real engine. The sound of the
 * outputs is uncompressed and their picture of constant quality, so that frames and samples can be told apart.
 */
import type { Finding } from '../../src/catalogue/finding.ts';
import type { Input, JobSettings } from '../../src/contract/types.generated.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { externalAudioLocations, inputLocations } from '../../src/worker/read-locations.ts';
import { probePackages } from '../imf/probe-package.ts';
import { type ReadMedia, readNumberedMedia } from './numbered-media.ts';
import type { FinishedRun, Workshop } from './workshop.ts';

export interface SettingsRun extends FinishedRun {
  readonly plan: JobPlan;
  readonly findings: readonly Finding[];
  /** The output read back. */
  readonly media: ReadMedia;
}

let made = 0;

/** One output with picture and sound, of the frame size given or followed. */
export function oneOutput(inputs: readonly Input[], changes: OutputChanges = {}): JobSettings {
  const { video = {}, codec = {}, hasAudio = true, audioSourceName = 'Audio Selector 1', job = {} } = changes;
  const h264Settings = {
    rateControlMode: 'VBR',
    bitrate: 20_000_000,
    qualityTuningLevel: 'SINGLE_PASS',
    ...codec,
  };
  const aacSettings = { bitrate: 128_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 } as const;
  made += 1;
  return {
    inputs,
    timecodeConfig: { source: 'ZEROBASED' },
    outputGroups: [
      {
        outputGroupSettings: {
          type: 'FILE_GROUP_SETTINGS',
          fileGroupSettings: { destination: `s3://outputs/made-${made}` },
        },
        outputs: [
          {
            containerSettings: { container: 'MP4' },
            videoDescription: { ...video, codecSettings: { codec: 'H_264', h264Settings } },
            ...(hasAudio
              ? { audioDescriptions: [{ audioSourceName, codecSettings: { codec: 'AAC', aacSettings } }] }
              : {}),
          },
        ],
      },
    ],
    ...job,
  } as JobSettings;
}

export interface OutputChanges {
  readonly video?: object;
  readonly codec?: object;
  readonly hasAudio?: boolean;
  readonly audioSourceName?: string;
  readonly job?: Partial<JobSettings>;
}

/** An input of the workshop's bucket with one audio selector. */
export function inputOf(key: string, changes: Partial<Input> = {}): Input {
  return {
    fileInput: `s3://inputs/${key}`,
    timecodeSource: 'ZEROBASED',
    audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
    ...changes,
  } as Input;
}

export async function factsOf(workshop: Workshop, settings: JobSettings): Promise<readonly InputFacts[]> {
  const locations = [...inputLocations(settings), ...externalAudioLocations(settings)];
  const supplements = (settings.inputs ?? []).flatMap(({ supplementalImps = [] }) => supplementalImps);
  return probePackages(await workshop.store(), locations, supplements);
}

/** Plans and runs. Throws with the findings when there is no plan. */
export async function runSettings(
  workshop: Workshop,
  settings: JobSettings,
  options: { readonly byPath?: boolean } = {},
): Promise<SettingsRun> {
  const facts = await factsOf(workshop, settings);
  const { plan, findings } = planJob({
    settings,
    facts,
    capacity: { cores: 2, memoryBytes: 4_000_000_000 },
    job: { startTimeMs: 0 },
  });
  if (plan === null) throw new Error(findings.map(({ message }) => message).join('\n'));
  const exact = withReadableOutputs(plan);
  const finished = await workshop.run(exact, options);
  const location = finished.groups[0]?.outputs[0]?.locations[0] ?? '';
  const media = readNumberedMedia(workshop.outputPath(location.replace('s3://outputs/', '')));
  return { ...finished, plan, findings, media };
}

function withReadableOutputs(plan: JobPlan): JobPlan {
  return {
    ...plan,
    videoRenditions: plan.videoRenditions.map((video) => ({
      ...video,
      encoder: {
        ...video.encoder,
        bitrateBps: 0,
        maxBitrateBps: 0,
        bufferSizeBits: 0,
        options: { preset: 'ultrafast', qp: '18' },
      },
    })),
    audioRenditions: plan.audioRenditions.map((audio) => ({
      ...audio,
      sampleFormat: 's16',
      encoder: { ...audio.encoder, codec: 'WAV', encoder: 'pcm_s16le', options: {}, bitrateBps: 0 },
    })),
    outputGroups: plan.outputGroups.map((group) =>
      group.type !== 'FILE_GROUP'
        ? group
        : {
            ...group,
            outputs: group.outputs.map((output) => ({
              ...output,
              container: 'RAW' as const,
              muxer: 'mov',
              muxerOptions: {},
              location: output.location.replace(/mp4$/, 'mov'),
            })),
          },
    ),
  };
}
