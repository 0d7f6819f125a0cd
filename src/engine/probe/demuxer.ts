/**
 * A demuxer for probing: bounded analysis, no other files, synchronous calls for path inputs and asynchronous
 * ones for IO contexts (design D3).
 */
import { Dictionary, FormatContext, InputFormat, type Packet } from 'node-av/lib';
import { JobFault, jobFault } from '../../catalogue/fault.ts';
import { isEnd, isExit } from '../library-error.ts';
import { recentLibraryLog } from '../library-log.ts';
import type { InputObject } from '../objects.ts';

/** An open demuxer. */
export interface ProbeDemuxer {
  readonly context: FormatContext;
  /** Lets the library complete what headers do not tell, within its bounds. Throws JobFault. */
  analyze(): Promise<void>;
  /** Reads the next packet; false at the end and where the rest cannot be read. Throws the object's own fault. */
  read(packet: Packet): Promise<boolean>;
  close(): Promise<void>;
}

/** Bytes and time the library may look at: enough for late tracks of a broadcast stream, bounded for hostile files. */
const probeBytes = 16n * 1024n * 1024n;
const analyzeUs = 6_000_000n;
const maxStreams = 500;

/** Opens an object with the demuxer that recognised it. Throws JobFault: the object's own, or 1075. */
export async function openDemuxer(input: InputObject, demuxer: string, url: string): Promise<ProbeDemuxer> {
  const context = new FormatContext();
  context.allocContext();
  context.probesize = probeBytes;
  context.maxAnalyzeDuration = analyzeUs;
  context.maxStreams = maxStreams;
  const format = InputFormat.findInputFormat(demuxer.split(',')[0] ?? demuxer);
  const options = Dictionary.fromObject({ protocol_whitelist: 'file' });
  const check = (result: number): void => {
    if (input.fault instanceof Error) throw input.fault;
    if (result < 0) throw brokenStructure(url, demuxer);
  };
  try {
    if (input.io !== null) context.pb = input.io;
    check(
      input.path === null
        ? await context.openInput('', format, options)
        : context.openInputSync(input.path, format, options),
    );
  } catch (error) {
    context.freeContext();
    throw error;
  } finally {
    options.free();
  }
  return {
    context,
    async analyze() {
      check(input.path === null ? await context.findStreamInfo(null) : context.findStreamInfoSync(null));
    },
    async read(packet) {
      const result = input.path === null ? await context.readFrame(packet) : context.readFrameSync(packet);
      if (result >= 0) return true;
      if (!isEnd(result) && input.fault instanceof Error) throw input.fault;
      if (isExit(result)) throw new Error('reading the input was stopped');
      return false;
    },
    async close() {
      if (input.path === null) await context.closeInput();
      else context.closeInputSync();
    },
  };
}

/** The fault of a recognised container that the library cannot open. */
export function brokenStructure(url: string, demuxer: string): JobFault {
  const family = demuxer.split(',')[0] ?? demuxer;
  return jobFault(
    1075,
    'broken-structure',
    { url, cause: `the structure of the ${family} container is damaged` },
    { component: 'demuxer', detail: recentLibraryLog() },
  );
}

/** True for the fault `brokenStructure` makes: the library gave up without a reason of the object's. */
export function isBrokenStructure(error: unknown): boolean {
  return error instanceof JobFault && error.code === 1075 && error.record.component === 'demuxer';
}
