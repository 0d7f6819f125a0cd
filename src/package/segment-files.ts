/**
 * The objects of one output while its segments are written (spec packaging.md 2, 5).
 *
 * A segment is *current* while its bytes go straight into its object, and *pending* while a final segment may still
 * turn out too short to stand alone (`minFinalSegmentLength`): its bytes wait in memory until it is long enough, then
 * it becomes current and the one before is closed; if the output ends first, they go to the end of the one before.
 * A closed segment is published in the background, at most `publishesInFlight` at once, and is listed in `published`
 * when it and all before it are readable. SINGLE_FILE has one object for all: nothing is published before the end.
 */
import type { Cipher } from 'node:crypto';
import type { EngineObjects, OutputObject } from '../engine/objects.ts';
import type { HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import { hlsContentTypes, writeOptions } from './object-options.ts';
import { segmentLocation } from './segment-location.ts';

/** A finished segment. */
export interface WrittenSegment {
  readonly location: string;
  /** Where it begins in its object; 0 unless all segments share one. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly keyFrames: readonly KeyFrameSpan[];
}

/** The bytes of a key frame with the tables in front of it. */
export interface KeyFrameSpan {
  /** Of a key frame in an object of its own; absent: it is part of its segment. */
  readonly location?: string;
  /** Within the object. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly startUs: number;
}

/** The segments of one output. Times are on the output timeline. */
export interface SegmentFiles {
  /** Ends the segment at `startUs` and begins the next there. */
  begin(startUs: number): void;
  /** Copies the bytes. */
  write(bytes: Uint8Array): void;
  /** Bytes written into the segment so far. */
  readonly positionBytes: number;
  /** Notes a key frame of the segment, by its place in the segment, or in an object of its own. */
  noteKeyFrame(span: KeyFrameSpan): void;
  /** Frames up to `us` are written: a pending segment may have become long enough by it. */
  advance(us: number): void;
  /** True while the newest segment may still be merged into the one before. */
  readonly isPending: boolean;
  /** Resolves when more bytes are welcome, or at once; rejects with the failure of a segment before. */
  ready(): Promise<void> | null;
  /** Ends the last segment and publishes everything. */
  finish(endUs: number): Promise<void>;
  abort(): Promise<void>;
  readonly published: readonly WrittenSegment[];
}

/** Segments that may be on their way into the store while the next ones are written. */
const publishesInFlight = 2;
/** Bytes after which back-pressure of the object is asked for. */
const drainIntervalBytes = 256 * 1024;

/** What decides about an output's segments. */
export interface SegmentFilesOptions {
  readonly group: HlsOutputGroup;
  readonly output: HlsOutput;
  readonly objects: EngineObjects;
  /** 0: every segment stands as soon as it begins. */
  readonly minFinalUs: number;
  /** Called when `published` has grown. */
  readonly onPublished: () => void;
  /** A fresh cipher for the segment of this number, from 1; null leaves segments clear. */
  readonly cipherOf: ((number: number) => Cipher) | null;
}

interface Segment {
  readonly startUs: number;
  readonly keyFrames: KeyFrameSpan[];
  sizeBytes: number;
  /** Null: the bytes are held in memory. */
  object: OutputObject | null;
  /** Null before the first byte is stored, and for clear segments. */
  cipher: Cipher | null;
  held: Uint8Array[];
}

/** Starts with no segment; `begin` comes first. */
export function createSegmentFiles({
  group,
  output,
  objects,
  minFinalUs,
  onPublished,
  cipherOf,
}: SegmentFilesOptions): SegmentFiles {
  const options = writeOptions(group.objectSettings, hlsContentTypes[output.segmentFormat]);
  const isSingleFile = group.segmentControl === 'SINGLE_FILE';
  // A name with the time of completion is known only then (spec naming.md 5): such segments wait whole in memory.
  const isNamedAtEnd = !isSingleFile && segmentLocation.dependsOnTime(output.segmentLocation);
  const closed: WrittenSegment[] = [];
  const published: WrittenSegment[] = [];
  const publishing: Promise<void>[] = [];
  let singleFile: OutputObject | null = null;
  let fileBytes = 0;
  let current: Segment | null = null;
  let pending: Segment | null = null;
  let undrainedBytes = 0;
  let failure: unknown = null;

  const locationOf = (number: number, completedMs: number): string =>
    segmentLocation.numbered(output.segmentLocation, number, completedMs, output.segmentsPerFolder ?? null);

  const hold = (startUs: number): Segment => ({
    startUs,
    keyFrames: [],
    sizeBytes: 0,
    object: null,
    cipher: null,
    held: [],
  });

  /** Gives a segment its object, and the object the bytes held so far. */
  function store(segment: Segment): void {
    if (isNamedAtEnd) return;
    if (isSingleFile) singleFile ??= objects.create(output.segmentLocation, options);
    const numbered = (): string => locationOf(closed.length + 1, 0);
    segment.object = singleFile ?? objects.create(numbered(), options);
    for (const bytes of segment.held) put(segment, segment.object, bytes);
    segment.held = [];
  }

  /** Hands bytes to the object, through the segment's cipher. */
  function put(segment: Segment, object: OutputObject, bytes: Uint8Array): void {
    if (cipherOf === null) return object.write(bytes);
    segment.cipher ??= cipherOf(closed.length + 1);
    object.write(segment.cipher.update(bytes));
  }

  function append(segment: Segment, bytes: Uint8Array): void {
    if (segment.object === null) segment.held.push(bytes.slice());
    else put(segment, segment.object, bytes);
    segment.sizeBytes += bytes.length;
    undrainedBytes += bytes.length;
  }

  function close(segment: Segment, endUs: number): void {
    const location = segment.object?.location ?? locationOf(closed.length + 1, Date.now());
    const object = segment.object ?? objects.create(location, options);
    for (const bytes of segment.held) put(segment, object, bytes);
    if (segment.cipher !== null) object.write(segment.cipher.final());
    const { startUs } = segment;
    const sizeBytes = cipherOf === null ? segment.sizeBytes : paddedBytes(segment.sizeBytes);
    const offsetBytes = isSingleFile ? fileBytes : 0;
    const keyFrames = segment.keyFrames.map((span) => movedSpan(span, offsetBytes));
    const written = { location, offsetBytes, sizeBytes, startUs, endUs, keyFrames };
    closed.push(written);
    fileBytes += sizeBytes;
    if (!isSingleFile) publish(object, written);
  }

  function publish(object: OutputObject, written: WrittenSegment): void {
    const before = publishing.at(-1);
    const done = object.publish().then(
      async () => {
        await before;
        published.push(written);
        onPublished();
      },
      async (error: unknown) => {
        failure ??= error;
        await object.abort();
      },
    );
    const settled = done.catch((error: unknown) => {
      failure ??= error;
    });
    publishing.push(settled);
    void settled.then(() => publishing.splice(publishing.indexOf(settled), 1));
  }

  function confirm(): void {
    if (current === null || pending === null) return;
    close(current, pending.startUs);
    current = pending;
    pending = null;
    store(current);
  }

  /** The tail is too short to stand alone. */
  function merge(into: Segment, tail: Segment): void {
    const shift = into.sizeBytes;
    into.keyFrames.push(...tail.keyFrames.map((span) => movedSpan(span, shift)));
    for (const bytes of tail.held) append(into, bytes);
  }

  async function allPublished(): Promise<void> {
    while (publishing.length > 0) await Promise.all(publishing);
    if (failure !== null) throw failure;
  }

  return {
    begin(startUs) {
      if (current === null) {
        current = hold(startUs);
        store(current);
        return;
      }
      confirm();
      pending = hold(startUs);
      if (minFinalUs === 0) confirm();
    },
    write(bytes) {
      const segment = pending ?? current;
      if (segment === null) throw new TypeError('no segment has begun');
      append(segment, bytes);
    },
    get positionBytes() {
      return (pending ?? current)?.sizeBytes ?? 0;
    },
    noteKeyFrame(span) {
      (pending ?? current)?.keyFrames.push(span);
    },
    advance(us) {
      if (pending !== null && us - pending.startUs >= minFinalUs) confirm();
    },
    get isPending() {
      return pending !== null;
    },
    ready() {
      if (failure !== null) return Promise.reject(failure);
      if (publishing.length > publishesInFlight) {
        return Promise.resolve(publishing[0]).then(() => {
          if (failure !== null) throw failure;
        });
      }
      if (undrainedBytes < drainIntervalBytes) return null;
      undrainedBytes = 0;
      return current?.object?.drained() ?? null;
    },
    async finish(endUs) {
      if (current !== null) {
        if (pending !== null) {
          if (endUs - pending.startUs >= minFinalUs) confirm();
          else merge(current, pending);
          pending = null;
        }
        close(current, endUs);
        current = null;
      }
      await allPublished();
      if (singleFile === null) return;
      await singleFile.publish();
      singleFile = null;
      published.push(...closed);
      onPublished();
    },
    async abort() {
      failure ??= new Error('output aborted');
      const open = [current?.object, singleFile];
      current = null;
      pending = null;
      singleFile = null;
      for (const object of open) await object?.abort();
      await Promise.all(publishing);
    },
    published,
  };
}

/** Objects of their own stay as they are. */
function movedSpan(span: KeyFrameSpan, bytes: number): KeyFrameSpan {
  return span.location === undefined ? { ...span, offsetBytes: span.offsetBytes + bytes } : span;
}

/** AES-CBC fills up to whole blocks, and adds one when there is nothing to fill (PKCS#7). */
function paddedBytes(bytes: number): number {
  return bytes - (bytes % 16) + 16;
}
