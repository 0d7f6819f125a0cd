/** A file that a selector names for its sound is told about differently from an input (spec errors.md 1075). */
import { type FaultRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import type { JobSettings } from '../contract/types.generated.ts';
import { externalAudioLocations, inputLocations } from './read-locations.ts';

/**
 * What is no media at all is 1010 as an input; as external audio (subtitles, mostly) it is 1075. Anything else passes as
 * it is.
 */
export function asAudioFileFault(error: unknown, settings: JobSettings): unknown {
  if (!(error instanceof JobFault)) return error;
  const inputs = new Set(inputLocations(settings));
  const sound = new Set(externalAudioLocations(settings).filter((location) => !inputs.has(location)));
  const { others, ...first } = error.record;
  const told = tell(first, sound);
  const all = others?.map((other) => tell(other, sound));
  return told === first && all === undefined
    ? error
    : new JobFault(all === undefined ? told : { ...told, others: all });
}

function tell(fault: FaultRecord, sound: ReadonlySet<string>): FaultRecord {
  const location = fault.location ?? String(fault.parameters['url'] ?? '');
  if (fault.code !== 1010 || !sound.has(location)) return fault;
  const { mediaFact, expected } = fault;
  return jobFault(
    1075,
    'incompatible-headers',
    { url: location },
    {
      component: 'probe',
      location,
      ...(mediaFact === undefined ? {} : { mediaFact }),
      ...(expected === undefined ? {} : { expected }),
    },
  ).record;
}
