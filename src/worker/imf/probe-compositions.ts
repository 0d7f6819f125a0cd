/** Stands between who asks for facts of inputs and who probes files: a composition is asked for, its track files are probed. */
import { type FaultRecord, faultFromRecord, JobFault } from '../../catalogue/fault.ts';
import type { InputFacts } from '../../plan/facts.ts';
import { composeFacts, trackFiles } from './compose-facts.ts';
import type { ImfComposition, ImfPackages } from './imf-packages.ts';

/** Inputs, looked at: which of them are compositions. */
export interface SeenInputs {
  /** What has to be probed: the inputs that are files, and the track files of the others. */
  readonly locations: readonly string[];
  /** Those among them that are track files. */
  readonly trackFiles: readonly string[];
  /** Faults of compositions that cannot be used. */
  readonly faults: readonly FaultRecord[];
  /** Facts of the inputs, from those of what was probed. Throws JobFault. */
  factsOf(location: string, ofFile: (location: string) => InputFacts): InputFacts;
  /** A fault of a track file is one of its composition. */
  placed(error: unknown): unknown;
}

/** Looks at inputs. All are looked at, so that everything wrong is told at once. */
export async function seeInputs(
  inputs: readonly string[],
  packages: ImfPackages,
  signal: AbortSignal,
): Promise<SeenInputs> {
  const compositions = new Map<string, ImfComposition>();
  const files: string[] = [];
  const faults: FaultRecord[] = [];
  for (const location of new Set(inputs)) {
    try {
      const composition = await packages.compositionOf(location, signal);
      if (composition === null) files.push(location);
      else compositions.set(location, composition);
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      faults.push(error.record);
    }
  }
  const ownerOf = new Map(
    [...compositions.values()].flatMap((one) => trackFiles(one).map((file) => [file, one.location] as const)),
  );
  return {
    locations: [...files, ...ownerOf.keys()],
    trackFiles: [...ownerOf.keys()],
    faults,
    factsOf(location, ofFile) {
      const composition = compositions.get(location);
      return composition === undefined ? ofFile(location) : composeFacts(composition, ofFile);
    },
    placed(error) {
      return error instanceof JobFault ? faultFromRecord(placeIn(error.record, ownerOf)) : error;
    },
  };
}

function placeIn(record: FaultRecord, ownerOf: ReadonlyMap<string, string>): FaultRecord {
  const url = record.location ?? record.parameters['url'];
  const owner = typeof url === 'string' ? ownerOf.get(url) : undefined;
  const { others } = record;
  return {
    ...record,
    ...(owner === undefined ? {} : { location: owner }),
    ...(others === undefined ? {} : { others: others.map((other) => placeIn(other, ownerOf)) }),
  };
}
