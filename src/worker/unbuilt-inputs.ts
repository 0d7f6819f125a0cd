/**
 * Kinds of inputs that this release does not read. They are refused before anything is opened: what lies at their
 * location is no media file, and a fault of the probe would tell of that instead of the reason.
 */
import { type JobFault, jobFault } from '../catalogue/fault.ts';
import { firstFaultOf } from '../catalogue/several-faults.ts';
import type { JobSettings } from '../contract/types.generated.ts';

const unbuilt = {
  tamsSettings: 'Time-addressable media stores are not read by this release.',
  dolbyVisionMetadataXml: 'Dolby Vision metadata are not read by this release.',
  multiViewSettings: 'Stereoscopic inputs are not read by this release.',
} as const;

/** Throws fault 1040 that names every such setting of the job. */
export function refuseUnbuiltInputs({ inputs = [] }: JobSettings): void {
  const faults = inputs.flatMap((input, index) =>
    Object.entries(unbuilt).flatMap(([member, reason]): JobFault[] => {
      if (input[member as keyof typeof unbuilt] === undefined) return [];
      const pointer = `/inputs/${index}/${member}`;
      return [
        jobFault(1040, 'incompatible', { setting: pointer, reason }, { component: 'planner', pointer }),
      ];
    }),
  );
  const fault = firstFaultOf(faults.map(({ record }) => record));
  if (fault !== null) throw fault;
}
