/**
 * An input opened for reading packets: demuxer over a path (synchronous calls) or over an object's IO context
 * (asynchronous calls, design D3). Truncation is judged here, because only the demuxer's owner sees both the
 * declared samples and the bytes.
 */
import { AV_PKT_FLAG_CORRUPT, AVDISCARD_ALL } from 'node-av/constants';
import { Dictionary, FormatContext, InputFormat, type Packet, type Stream } from 'node-av/lib';
import { JobFault, jobFault } from '../catalogue/fault.ts';
import type { Rational } from '../exact-time.ts';
import type { PlannedInput } from '../plan/plan.ts';
import { isEnd, isExit, isInvalid } from './library-error.ts';
import { recentLibraryLog } from './library-log.ts';
import type { EngineObjects, InputObject } from './objects.ts';
import { repairPackets } from './repaired-packets.ts';
import { seekToClip } from './seek-to-clip.ts';

/** How reading ended, when it did not simply end. */
type Truncation = 'none' | 'tail' | 'missing-samples';

/** An open demuxer and its object. Its owner closes it. */
export interface OpenSource {
  /** The demuxer's stream. Throws fault 1075 when the planned stream is not there. */
  stream(streamIndex: number): Stream;
  /** Reads the next packet of a wanted stream; false at the end. Throws JobFault. */
  read(packet: Packet): boolean | Promise<boolean>;
  /** Known after the end was reached. */
  truncation(): Truncation;
  readonly bytesRead: number;
  readonly sizeBytes: number;
  readonly isMp4: boolean;
  /** What was added to the times of the packet read last, because the input's clock jumped; seconds. */
  readonly clockOffsetSeconds: number;
  close(): Promise<void>;
}

/**
 * Opens an input as planned, so that reading begins at or before `skippedUs` behind its first picture. Throws JobFault
 * (1075 for a broken structure, or the object's own fault).
 */
export async function openSource(
  input: PlannedInput,
  objects: EngineObjects,
  skippedUs = 0,
): Promise<OpenSource> {
  const object = await objects.openInput(input.location);
  const context = new FormatContext();
  try {
    await openDemuxer(context, input, object);
  } catch (error) {
    await object.close();
    throw error;
  }
  const streams = context.streams;
  const sparse = new Set((input.data ?? []).map(({ streamIndex }) => streamIndex));
  const wanted = wantedStreams(input);
  for (const stream of streams) {
    if (!wanted.has(stream.index)) stream.discard = AVDISCARD_ALL;
  }
  const isMp4 = input.demuxer.split(',').includes('mp4');
  const leadIndex = input.video?.streamIndex ?? [...wanted][0] ?? -1;
  const tail = watchTail(streams, leadIndex, isMp4, object.sizeBytes);
  const { discontinuities: cuts = [] } = input;
  const begun = await seekToClip(context, input, {
    // Where the clock begins anew its times say nothing of places: reading from the start is always right.
    skippedUs: cuts.length === 0 ? skippedUs : 0,
    isAsync: object.path === null,
    wanted,
  });
  const timeBases = streams.map(({ timeBase }): Rational => ({ num: timeBase.num, den: timeBase.den }));
  const repaired = repairPackets(input.demuxer, timeBases, sparse, { cuts, leadIndex });
  let isClosed = false;

  const judge = (result: number, packet: Packet): boolean | 'again' => {
    if (result >= 0) {
      if (!wanted.has(packet.streamIndex)) {
        packet.unref();
        return 'again';
      }
      tail.see(packet);
      return repaired.accept(packet) ? true : 'again';
    }
    if (object.fault instanceof Error) throw readFault(object.fault, input, result);
    // A demuxer that loses its place after it has given packets has met the damaged tail of a file.
    const isBrokenOff = isInvalid(result) && tail.packetsSeen() > 0;
    if (isBrokenOff) tail.breakOff();
    if (isBrokenOff || isEnd(result)) {
      if (!repaired.isLeadEverywhere) throw otherTracks(input);
      repaired.finish();
      return repaired.takeInto(packet);
    }
    throw readFault(null, input, result);
  };

  const readFromPath = (packet: Packet): boolean => {
    for (;;) {
      if (repaired.takeInto(packet)) return true;
      const result = begun.takeInto(packet) ? 0 : context.readFrameSync(packet);
      const verdict = judge(result, packet);
      if (verdict !== 'again') return verdict;
    }
  };
  const readFromObject = async (packet: Packet): Promise<boolean> => {
    for (;;) {
      if (repaired.takeInto(packet)) return true;
      const result = begun.takeInto(packet) ? 0 : await context.readFrame(packet);
      const verdict = judge(result, packet);
      if (verdict !== 'again') return verdict;
    }
  };

  return {
    stream(streamIndex) {
      const stream = streams[streamIndex];
      if (stream === undefined)
        throw structureFault(input, `stream ${streamIndex} is not in the file any more`);
      return stream;
    },
    read: object.path === null ? readFromObject : readFromPath,
    // What was skipped by seeking was never missed.
    truncation: () => (begun.hasSought ? 'none' : tail.verdict()),
    get bytesRead() {
      return object.bytesRead > 0 ? object.bytesRead : tail.bytesSeen();
    },
    sizeBytes: object.sizeBytes,
    isMp4,
    get clockOffsetSeconds() {
      return repaired.time.offsetSeconds;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      begun.free();
      repaired.free();
      await context.closeInput();
      await object.close();
    },
  };
}

async function openDemuxer(context: FormatContext, input: PlannedInput, object: InputObject): Promise<void> {
  // The first of a demuxer's alternative names finds it (`mov,mp4,m4a,…`).
  const format = InputFormat.findInputFormat(input.demuxer.split(',')[0] ?? input.demuxer);
  const options = Dictionary.fromObject({ ...input.demuxerOptions });
  context.allocContext();
  try {
    if (object.io !== null) context.pb = object.io;
    const opened =
      object.path === null
        ? await context.openInput('', format, options)
        : context.openInputSync(object.path, format, options);
    if (opened < 0) throw openFault(input, object, opened);
    const found =
      object.path === null ? await context.findStreamInfo(null) : context.findStreamInfoSync(null);
    if (found < 0) throw openFault(input, object, found);
  } catch (error) {
    await context.closeInput();
    throw error;
  } finally {
    options.free();
  }
}

function wantedStreams(input: PlannedInput): Set<number> {
  const wanted = new Set<number>();
  if (input.video !== null) wanted.add(input.video.streamIndex);
  for (const source of input.audio) for (const streamIndex of source.streamIndexes) wanted.add(streamIndex);
  for (const { streamIndex } of input.data ?? []) wanted.add(streamIndex);
  return wanted;
}

/**
 * Tells a file that was cut off from one that simply ends. An ISO file whose index comes first declares every
 * sample: samples that were never delivered although their bytes would lie beyond the end of the object are a
 * truncation (fault 1076, spec errors.md 1076); a damaged last packet elsewhere is warning 220000. Samples hidden
 * by an edit list also stay undelivered, but their bytes are there.
 */
function watchTail(streams: readonly Stream[], leadIndex: number, isMp4: boolean, sizeBytes: number) {
  const lead = streams[leadIndex];
  const declared = Number(lead?.nbFrames ?? 0n);
  // Samples of one tick each (PCM) come many in a packet, and the packet's duration says how many.
  const isOfTicks = declared > 1 && lead?.duration === lead?.nbFrames;
  let leadSamples = 0;
  let leadBytes = 0;
  let packets = 0;
  let sinceKey = 0;
  let longestGop = 1;
  let endOfBytes = 0;
  let isBroken = false;
  return {
    see(packet: Packet): void {
      packets += 1;
      isBroken = (packet.flags & AV_PKT_FLAG_CORRUPT) !== 0;
      const end = Number(packet.pos) + packet.size;
      if (end > endOfBytes) endOfBytes = end;
      if (packet.streamIndex !== leadIndex) return;
      leadSamples += isOfTicks ? Number(packet.duration) : 1;
      leadBytes += packet.size;
      sinceKey = packet.isKeyframe ? 1 : sinceKey + 1;
      longestGop = Math.max(longestGop, sinceKey);
    },
    breakOff(): void {
      isBroken = true;
    },
    packetsSeen: () => packets,
    bytesSeen: () => endOfBytes,
    verdict(): Truncation {
      const missing = declared - leadSamples;
      if (isMp4 && missing > 0 && leadSamples > 0) {
        const bytesLeft = sizeBytes - endOfBytes;
        const bytesMissing = (leadBytes / leadSamples) * missing;
        if (bytesLeft < bytesMissing / 2) return missing > longestGop ? 'missing-samples' : 'tail';
      }
      return isBroken ? 'tail' : 'none';
    },
  };
}

/** Behind a discontinuity tracks may have other PIDs (RFC 8216 4.3.2.3): what lies there must not be lost unsaid. */
function otherTracks({ location }: PlannedInput): JobFault {
  const reason = 'A part between #EXT-X-DISCONTINUITY tags does not have the tracks of the first part.';
  return jobFault(
    3400,
    'reason',
    { url: location, reason },
    { component: 'demuxer', location, mediaFact: reason },
  );
}

function openFault(input: PlannedInput, object: InputObject, result: number): JobFault {
  if (object.fault instanceof JobFault) return object.fault;
  return structureFault(input, `the demuxer '${input.demuxer}' answers ${result}`);
}

function structureFault(input: PlannedInput, cause: string): JobFault {
  return jobFault(
    1075,
    'broken-structure',
    { url: input.location, cause },
    { component: 'demuxer', detail: recentLibraryLog() },
  );
}

/** The bare number of a failed read is explained by the object behind it. */
function readFault(cause: Error | null, input: PlannedInput, result: number): Error {
  if (cause instanceof JobFault) return cause;
  if (isExit(result) && cause !== null) return cause;
  return jobFault(
    1075,
    'broken-structure',
    { url: input.location, cause: cause?.message ?? `reading packets ends with ${result}` },
    { component: 'demuxer', detail: recentLibraryLog() },
    cause ?? undefined,
  );
}
