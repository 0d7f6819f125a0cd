/** Sound of a WAV file through a real job, an output for each description: probe, plan and engine, in this process. */
import type {
  AudioDescription,
  AudioSelector,
  ContainerType,
  JobSettings,
} from '../../src/contract/types.generated.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { probeFile } from '../probe/objects.ts';
import type { Workshop } from './workshop.ts';

export interface SoundOutput {
  readonly container: ContainerType;
  readonly description: AudioDescription;
}

let made = 0;

/** Paths of the outputs, in their order. Throws with the findings when there is no plan. */
export async function runSoundJob(
  workshop: Workshop,
  key: string,
  outputs: readonly SoundOutput[],
  selector: AudioSelector = {},
): Promise<readonly string[]> {
  const location = `s3://inputs/${key}`;
  const facts = { ...(await probeFile(workshop.inputPath(key))), location };
  made += 1;
  const settings: JobSettings = {
    inputs: [
      {
        fileInput: location,
        audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT', ...selector } },
      },
    ],
    outputGroups: [
      {
        outputGroupSettings: {
          type: 'FILE_GROUP_SETTINGS',
          fileGroupSettings: { destination: `s3://outputs/sound-${made}` },
        },
        outputs: outputs.map(({ container, description }, index) => ({
          nameModifier: `_${index}`,
          containerSettings: { container },
          audioDescriptions: [{ audioSourceName: 'Audio Selector 1', ...description }],
        })),
      },
    ],
  };
  const { plan, findings } = planJob({
    settings,
    facts: [facts],
    capacity: { cores: 2, memoryBytes: 4_000_000_000 },
    job: { startTimeMs: 0 },
  });
  if (plan === null)
    throw new Error(findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
  const { groups } = await workshop.run(plan, { byPath: true });
  return (groups[0]?.outputs ?? []).map(({ locations }) =>
    workshop.outputPath((locations[0] ?? '').replace('s3://outputs/', '')),
  );
}
