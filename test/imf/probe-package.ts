/** Facts of inputs in this process, compositions among them: what the worker and its engine do between them. */

import { faultFromRecord, JobFault } from '../../src/catalogue/fault.ts';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import { probeInput } from '../../src/engine/probe/probe-input.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { ObjectStore } from '../../src/store/store.ts';
import { openImfPackages } from '../../src/worker/imf/imf-packages.ts';
import { seeInputs } from '../../src/worker/imf/probe-compositions.ts';

export async function probePackages(
  store: ObjectStore,
  locations: readonly string[],
  supplements: readonly string[] = [],
): Promise<readonly InputFacts[]> {
  const { signal } = new AbortController();
  const seen = await seeInputs(
    locations,
    openImfPackages(store, () => supplements),
    signal,
  );
  const [fault] = seen.faults;
  if (fault !== undefined) throw faultFromRecord(fault);
  const objects = createLocalObjects(store);
  const facts = new Map<string, InputFacts>();
  for (const location of seen.locations) {
    try {
      const input = await objects.openInput(location);
      try {
        facts.set(
          location,
          await probeInput(input, location, seen.trackFiles.includes(location) ? 'imf' : null),
        );
      } finally {
        await input.close();
      }
    } catch (error) {
      throw seen.placed(error instanceof JobFault ? faultFromRecord({ location, ...error.record }) : error);
    }
  }
  const ofFile = (location: string): InputFacts => {
    const found = facts.get(location);
    if (found === undefined) throw new Error(`no facts of ${location}`);
    return found;
  };
  return locations.map((location) => seen.factsOf(location, ofFile));
}
