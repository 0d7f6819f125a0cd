/**
 * A composition opened for reading packets: to its decoders it is one file with one track per virtual track. Each track
 * reads its parts one after another, opens a file when it comes to it, and gives its packets the composition's own times;
 * what lies outside a part is left out, sound to the sample. Pictures of compositions are coded each by itself (JPEG 2000,
 * ProRes), and sound is PCM: parts begin and end anywhere.
 */
import { Packet, type Stream } from 'node-av/lib';
import { faultFromRecord, JobFault, jobFault } from '../catalogue/fault.ts';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import type { ComposedFile, ComposedTrack } from '../plan/composition.ts';
import type { PlannedInput } from '../plan/plan.ts';
import type { EngineObjects } from './objects.ts';
import { type OpenSource, openSource } from './open-source.ts';

const microseconds: Rational = { num: 1, den: 1_000_000 };
/** Silence is given out in pieces of this many samples. */
const silentSamples = 4096n;

/** Opens the tracks of a composition that the plan reads, at or before `skippedUs`. Throws JobFault, whose place is the input. */
export async function openComposedSource(
  input: PlannedInput,
  tracks: readonly ComposedTrack[],
  objects: EngineObjects,
  skippedUs: number,
): Promise<OpenSource> {
  const wanted = new Set([
    ...(input.video === null ? [] : [input.video.streamIndex]),
    ...input.audio.flatMap(({ streamIndexes }) => streamIndexes),
  ]);
  const open: TrackReader[] = [];
  try {
    for (const track of tracks.filter(({ streamIndex }) => wanted.has(streamIndex)))
      open.push(await openTrack(track, objects, input.location, skippedUs));
  } catch (error) {
    for (const reader of open) await reader.close();
    throw error;
  }
  let isClosed = false;
  return {
    stream(streamIndex) {
      const reader = open.find(({ track }) => track.streamIndex === streamIndex);
      if (reader === undefined) throw new RangeError(`the composition has no track ${streamIndex}`);
      return reader.stream;
    },
    async read(packet) {
      // In order of time, so that no decoder waits for another track's packets.
      let first: TrackReader | null = null;
      for (const reader of open) {
        if (!(await reader.prepare())) continue;
        if (first === null || reader.seconds() < first.seconds()) first = reader;
      }
      first?.take(packet);
      return first !== null;
    },
    truncation: () => 'none',
    get bytesRead() {
      return open.reduce((sum, reader) => sum + reader.bytesRead(), 0);
    },
    get sizeBytes() {
      return open.reduce((sum, reader) => sum + reader.sizeBytes(), 0);
    },
    isMp4: false,
    clockOffsetSeconds: 0,
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const reader of open) await reader.close();
    },
  };
}

/** One track, on its way through its parts. */
interface TrackReader {
  readonly track: ComposedTrack;
  /** Of the file that was opened first: it tells decoders what all files hold. */
  readonly stream: Stream;
  /** Makes the next packet ready; false at the end of the track. */
  prepare(): Promise<boolean>;
  /** When the packet that is ready plays. */
  seconds(): number;
  /** Moves the packet that is ready into `packet`. */
  take(packet: Packet): void;
  bytesRead(): number;
  sizeBytes(): number;
  close(): Promise<void>;
}

/** A part under way. */
interface OpenPart {
  readonly file: OpenFile | null;
  /** Of the composition's track: where the part begins, and the next unit that it gives. */
  readonly start: bigint;
  next: bigint;
  readonly end: bigint;
  /** Of the file: what stands at `start`. */
  readonly firstUnit: bigint;
}

interface OpenFile {
  readonly source: OpenSource;
  readonly file: ComposedFile;
  readonly timeBase: Rational;
  readonly origin: bigint;
  /** Bytes of one sample of all channels, where the file holds sound. */
  readonly blockBytes: number;
}

async function openTrack(
  track: ComposedTrack,
  objects: EngineObjects,
  url: string,
  skippedUs: number,
): Promise<TrackReader> {
  const unitBase: Rational = { num: track.rate.den, den: track.rate.num };
  const skipped = rescaleTicks(BigInt(Math.round(skippedUs)), microseconds, unitBase);
  const ready = new Packet();
  ready.alloc();
  let readyAt: bigint | null = null;
  let index = 0;
  let start = 0n;
  let part: OpenPart | null = null;
  let closedBytes = 0;
  let sizes = 0;

  const openFile = async (file: ComposedFile, fromUnit: bigint): Promise<OpenFile> => {
    const skip = Number(rescaleTicks(fromUnit, unitBase, microseconds));
    const source = await openSource(asInput(track, file), objects, skip).catch((error) => {
      throw ofInput(error, url);
    });
    sizes += source.sizeBytes;
    const opened = source.stream(file.streamIndex);
    const { num, den } = opened.timeBase;
    const timeBase: Rational = { num, den };
    const origin = rescaleTicks(BigInt(Math.round(file.originUs)), microseconds, timeBase);
    return { source, file, timeBase, origin, blockBytes: blockBytesOf(opened) };
  };
  const closePart = async (): Promise<void> => {
    const source = part?.file?.source;
    closedBytes += source?.bytesRead ?? 0;
    part = null;
    await source?.close();
  };
  /** Opens the next part that is not wholly skipped; the last one in any case, if `isForced`. */
  const openNext = async (isForced: boolean): Promise<OpenPart | null> => {
    for (; index < track.parts.length; index += 1) {
      const planned = track.parts[index];
      if (planned === undefined) break;
      const end = start + BigInt(planned.unitCount);
      const isLast = index === track.parts.length - 1;
      if (end > skipped || (isForced && isLast)) {
        const within = skipped > start && skipped < end ? skipped - start : 0n;
        const firstUnit = BigInt(planned.firstUnit);
        const file = planned.file === null ? null : await openFile(planned.file, firstUnit + within);
        part = { file, start, next: start + within, end, firstUnit };
        start = end;
        index += 1;
        return part;
      }
      start = end;
    }
    return null;
  };

  const read = async (source: OpenSource): Promise<boolean> => {
    try {
      return await source.read(ready);
    } catch (error) {
      throw ofInput(error, url);
    }
  };
  /** The next unit of a file's track that is wanted, as a packet on the composition's clock; false at the file's end. */
  const readPacket = async (
    open: OpenPart,
    { source, timeBase, origin, blockBytes }: OpenFile,
  ): Promise<boolean> => {
    while (await read(source)) {
      const unit = rescaleTicks(ready.pts - origin, timeBase, unitBase) - open.firstUnit + open.start;
      const count = track.kind === 'video' ? 1n : BigInt(Math.floor(ready.size / blockBytes));
      const from = unit > open.next ? unit : open.next;
      const to = unit + count < open.end ? unit + count : open.end;
      if (unit >= open.end) {
        ready.unref();
        return false;
      }
      if (to <= from) {
        ready.unref();
        continue;
      }
      if (track.kind === 'audio') cutSound(ready, unit, from, to, count);
      stamp(from, to);
      open.next = to;
      return true;
    }
    return false;
  };
  const readSilence = (open: OpenPart): void => {
    const left = open.end - open.next;
    const to = open.next + (left < silentSamples ? left : silentSamples);
    ready.unref();
    ready.data = Buffer.alloc(Number(to - open.next) * (begun?.blockBytes ?? 0));
    ready.isKeyframe = true;
    stamp(open.next, to);
    open.next = to;
  };
  const stamp = (from: bigint, to: bigint): void => {
    const ticksOf = (unit: bigint): bigint => rescaleTicks(unit, unitBase, begun?.timeBase ?? unitBase);
    ready.streamIndex = track.streamIndex;
    ready.pts = ticksOf(from);
    ready.dts = ready.pts;
    ready.duration = ticksOf(to) - ready.pts;
    readyAt = from;
  };

  const begun = (await openNext(true))?.file;
  if (begun == null)
    throw new RangeError(`track ${track.streamIndex} of the composition begins with silence`);
  const stream = begun.source.stream(begun.file.streamIndex);

  return {
    track,
    stream,
    async prepare() {
      while (readyAt === null) {
        const open = part ?? (await openNext(false));
        if (open === null) return false;
        if (open.next >= open.end) await closePart();
        else if (open.file === null) readSilence(open);
        else if (!(await readPacket(open, open.file))) throw endsEarly(track, open, open.file, url);
      }
      return true;
    },
    seconds: () => (Number(readyAt ?? 0n) * track.rate.den) / track.rate.num,
    take(packet) {
      packet.ref(ready);
      ready.unref();
      readyAt = null;
    },
    bytesRead: () => closedBytes + (part?.file?.source.bytesRead ?? 0),
    sizeBytes: () => sizes,
    async close() {
      ready.free();
      await closePart();
    },
  };
}

/** One track of one file, as an input of its own. */
function asInput(
  { kind, rate }: ComposedTrack,
  { location, demuxer, streamIndex, originUs }: ComposedFile,
): PlannedInput {
  const video = { streamIndex, decoderThreads: 1, sharedFilters: [], frameRate: rate, frameCount: null };
  const audio = { id: '', streamIndexes: [streamIndex], offsetMs: 0, selectorName: '', trackNumbers: [1] };
  return {
    inputIndex: 0,
    location,
    demuxer,
    demuxerOptions: {},
    video: kind === 'video' ? video : null,
    audio: kind === 'video' ? [] : [audio],
    originUs,
    durationUs: null,
  };
}

/** Bytes of one sample of all channels: PCM, in whole bytes each. */
function blockBytesOf({ codecpar }: Stream): number {
  return codecpar.channels * Math.ceil(codecpar.bitsPerCodedSample / 8);
}

/** Leaves the samples `from` to `to` of a packet that holds `count` from `unit` on. */
function cutSound(packet: Packet, unit: bigint, from: bigint, to: bigint, count: bigint): void {
  if (from === unit && to === unit + count) return;
  const block = packet.size / Number(count);
  const bytes = Buffer.from(packet.data ?? []).subarray(
    Number(from - unit) * block,
    Number(to - unit) * block,
  );
  packet.unref();
  packet.data = Buffer.from(bytes);
  packet.isKeyframe = true;
}

/** The playlist counts what it plays: a file that has less was cut off. */
function endsEarly(track: ComposedTrack, part: OpenPart, { source, file }: OpenFile, url: string): JobFault {
  const unit = part.next - part.start + part.firstUnit;
  const what = track.kind === 'video' ? 'picture' : 'sample';
  const mediaFact = `${file.location} ends before its ${what} ${unit}, which the composition plays`;
  return jobFault(
    1076,
    'truncated',
    { bytes: source.sizeBytes },
    { component: 'demuxer', mediaFact, location: url },
  );
}

/** Whatever file is wrong: the composition is the place in the job. */
function ofInput(error: unknown, url: string): unknown {
  return error instanceof JobFault ? faultFromRecord({ ...error.record, location: url }) : error;
}
