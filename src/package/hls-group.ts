/**
 * One HLS output group while it is made: hands the engine a writer per output, keeps the playlists in step with what
 * is published, ends with the multivariant playlist (spec packaging.md 3–5).
 */
import type { EngineObjects } from '../engine/objects.ts';
import type { OutputWriter } from '../engine/output-writer.ts';
import type { OutputGroupResult } from '../engine/protocol.ts';
import type { HlsOutputGroup } from '../plan/plan.ts';

/** A group in the making. */
export interface HlsGroupWriter {
  /** The writer of one output, by its `outputIndex` in the plan; the same one when asked twice. */
  outputWriter(outputIndex: number): OutputWriter;
  /** Call after `finish` of every output writer: writes the last playlists, children first. */
  finish(): Promise<OutputGroupResult>;
  /** Aborts every writer and drops what is not published. Tolerates being called at any time, and twice. */
  abort(): Promise<void>;
}

/** Starts a group. Nothing is written before the first packets arrive. */
export declare function createHlsGroupWriter(group: HlsOutputGroup, objects: EngineObjects): HlsGroupWriter;
