/** Reopens what an attempt wrote and judges it, before the job is called complete (design section 2, step 8). */
import { faultFromRecord } from '../catalogue/fault.ts';
import type { OutputGroupResult } from '../engine/protocol.ts';
import type { JobPlan } from '../plan/plan.ts';
import type { ReadableStore } from '../store/store.ts';
import { evidenceNeeded } from '../verify/output-evidence.ts';
import { type OutputVerdict, verifyOutputs } from '../verify/verify-outputs.ts';
import type { AttemptEngine } from './attempt-engine.ts';

/** A playlist larger than this is not ours. */
const maxPlaylistBytes = 16 * 1024 * 1024;

/** The verdicts on all outputs. Throws fault 1999 with every defect when one is not sound. */
export async function verifyAttempt(
  engine: AttemptEngine,
  plan: JobPlan,
  results: readonly OutputGroupResult[],
  store: ReadableStore,
  signal: AbortSignal,
): Promise<readonly OutputVerdict[]> {
  const needed = evidenceNeeded(plan, results);
  const sizes = new Map<string, number>();
  for (const location of needed.objects) sizes.set(location, await sizeOf(location, store, signal));
  const playlists = new Map<string, Uint8Array>();
  for (const location of needed.playlists) playlists.set(location, await readWhole(location, store, signal));
  const facts = needed.probes.length === 0 ? [] : await engine.probe(needed.probes);
  const { verdicts, fault } = verifyOutputs({ plan, results, facts, playlists, sizes });
  if (fault !== null) throw faultFromRecord(fault);
  return verdicts;
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
