/** Runs one video description on a clip the way a job does: probe, plan, engine, in this process. */
import type { Finding } from '../../src/catalogue/finding.ts';
import type {
  ContainerSettings,
  ContainerType,
  JobSettings,
  VideoDescription,
} from '../../src/contract/types.generated.ts';
import type { OutputResult } from '../../src/engine/protocol.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { probeFile } from '../probe/objects.ts';
import type { RunOptions, Workshop } from './workshop.ts';

export interface VideoJob {
  /** Object of the input bucket. */
  readonly key: string;
  readonly video: VideoDescription;
  readonly container?: ContainerType;
  /** Beside the container. */
  readonly containerSettings?: Omit<ContainerSettings, 'container'>;
  readonly changes?: Partial<JobSettings>;
  readonly onBlackVideo?: NonNullable<RunOptions['onBlackVideo']>;
}

export interface FinishedVideoJob {
  readonly plan: JobPlan;
  readonly facts: InputFacts;
  readonly findings: readonly Finding[];
  /** Path of the output. */
  readonly path: string;
  readonly output: OutputResult;
}

let made = 0;

/** Plans without running. Throws with the findings when there is no plan. */
export async function planVideoJob(
  workshop: Workshop,
  { key, video, container = 'MP4', containerSettings = {}, changes = {} }: VideoJob,
): Promise<Pick<FinishedVideoJob, 'plan' | 'facts' | 'findings'> & { readonly name: string }> {
  const location = `s3://inputs/${key}`;
  const facts = { ...(await probeFile(workshop.inputPath(key))), location };
  made += 1;
  const name = `video-${made}`;
  const settings: JobSettings = {
    inputs: [{ fileInput: location, timecodeSource: 'ZEROBASED' }],
    timecodeConfig: { source: 'ZEROBASED' },
    outputGroups: [
      {
        outputGroupSettings: {
          type: 'FILE_GROUP_SETTINGS',
          fileGroupSettings: { destination: `s3://outputs/${name}` },
        },
        outputs: [{ containerSettings: { container, ...containerSettings }, videoDescription: video }],
      },
    ],
    ...changes,
  };
  const { plan, findings } = planJob({
    settings,
    facts: [facts],
    capacity: { cores: 2, memoryBytes: 4_000_000_000 },
    job: { startTimeMs: Date.parse('2026-01-02T03:04:05Z') },
  });
  if (plan === null) {
    throw new Error(findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
  }
  return { plan, facts, findings, name };
}

/** Runs it to the end. */
export async function runVideoJob(workshop: Workshop, job: VideoJob): Promise<FinishedVideoJob> {
  const { name: _name, ...planned } = await planVideoJob(workshop, job);
  const { groups } = await workshop.run(planned.plan, {
    byPath: true,
    ...(job.onBlackVideo === undefined ? {} : { onBlackVideo: job.onBlackVideo }),
  });
  const output = groups[0]?.outputs[0];
  const location = output?.locations[0];
  if (output === undefined || location === undefined) throw new Error('the job made no output');
  return { ...planned, output, path: workshop.outputPath(location.replace('s3://outputs/', '')) };
}
