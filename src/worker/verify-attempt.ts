/** Reopens what an attempt wrote and judges it, before the job is called complete (design section 2, step 8). */
import { faultFromRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import type { OutputGroupResult } from '../engine/protocol.ts';
import type { InputFacts } from '../plan/facts.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { ReadableStore } from '../store/store.ts';
import { evidenceNeeded } from '../verify/output-evidence.ts';
import { type OutputVerdict, verifyOutputs } from '../verify/verify-outputs.ts';
import type { AttemptEngine } from './attempt-engine.ts';

/** A playlist larger than this is not ours. */
const maxPlaylistBytes = 16 * 1024 * 1024;
const readsAtOnce = 16;

/**
 * The verdicts on all outputs. Throws fault 1999 with every defect when one is not sound, or cannot be read back:
 * what an input's fault would be (1404, 1075, 1076…) is none when the object is our own.
 */
export async function verifyAttempt(
  engine: AttemptEngine,
  plan: JobPlan,
  results: readonly OutputGroupResult[],
  store: ReadableStore,
  signal: AbortSignal,
): Promise<readonly OutputVerdict[]> {
  const needed = evidenceNeeded(plan, results);
  const sizes = await readAll(needed.objects, (location) => sizeOf(location, store, signal));
  const playlists = await readAll(needed.playlists, (location) => readWhole(location, store, signal));
  const facts: InputFacts[] = [];
  for (const location of needed.probes) {
    facts.push(...(await ofOutput(location, () => engine.probe([location], true))));
  }
  const { verdicts, fault } = verifyOutputs({ plan, results, facts, playlists, sizes });
  if (fault !== null) throw faultFromRecord(fault);
  return verdicts;
}

/** Reads something of each location, several at a time: a long ladder has thousands of segments. */
async function readAll<Evidence>(
  locations: readonly string[],
  read: (location: string) => Promise<Evidence>,
): Promise<ReadonlyMap<string, Evidence>> {
  const evidence = new Map<string, Evidence>();
  for (let first = 0; first < locations.length; first += readsAtOnce) {
    const some = locations.slice(first, first + readsAtOnce);
    const found = await Promise.all(some.map((location) => ofOutput(location, () => read(location))));
    for (const [index, location] of some.entries()) evidence.set(location, found[index] as Evidence);
  }
  return evidence;
}

async function ofOutput<Evidence>(location: string, read: () => Promise<Evidence>): Promise<Evidence> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof JobFault) || error.code === 1999) throw error;
    const facts = {
      component: 'worker',
      mediaFact: 'an output cannot be read back',
      detail: `${location}: ${error.message}`,
    };
    throw jobFault(1999, 'post-transcode', {}, facts, error);
  }
}

async function sizeOf(location: string, store: ReadableStore, signal: AbortSignal): Promise<number> {
  const reader = await store.open(location, signal);
  await reader.close();
  return reader.head.sizeBytes;
}

async function readWhole(location: string, store: ReadableStore, signal: AbortSignal): Promise<Uint8Array> {
  const reader = await store.open(location, signal);
  try {
    return await reader.read(0, Math.min(reader.head.sizeBytes, maxPlaylistBytes), signal);
  } finally {
    await reader.close();
  }
}
