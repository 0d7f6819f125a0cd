/**
 * The objects of one output of fragmented MP4 (spec packaging.md 5): an initialization and a file per segment, or one
 * file with an index in front of all fragments. The index needs their sizes, so that file grows in the scratch folder
 * and becomes an object at the end.
 *
 * Segments are published in the background, at most `publishesInFlight` at once, and listed in `published` when they and
 * all before them are readable.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { jobFault } from '../../catalogue/fault.ts';
import type { EngineObjects, OutputObject } from '../../engine/objects.ts';
import type { FragmentedOutput, ObjectSettings } from '../../plan/group-plan.ts';
import type { SegmentationPlan } from '../../plan/streaming-plan.ts';
import { writeOptions } from '../object-options.ts';
import type { WrittenSegment } from '../segment-files.ts';
import { segmentLocation } from '../segment-location.ts';
import type { FormattedFragment } from './fragment.ts';
import { segmentIndex, segmentIndexBytes, segmentType } from './initialization.ts';
import { createSmoothFile } from './smooth-file.ts';
import { writeAll } from './write-all.ts';

/** A finished segment with its exact times, in ticks of the output's first track. */
export interface FragmentedSegment extends WrittenSegment {
  readonly startTicks: bigint;
  readonly endTicks: bigint;
}

/** A fragment that waits for its segment to be written. */
export interface HeldFragment extends FormattedFragment {
  /** The track that its times belong to: its only one in Smooth files, the output's first else. */
  readonly trackId: number;
  readonly startTicks: bigint;
  readonly endTicks: bigint;
  readonly startUs: number;
  /** It begins with a key frame. */
  readonly isKey: boolean;
}

/** A segment in memory. */
export interface HeldSegment {
  readonly startUs: number;
  endUs: number;
  endTicks: bigint;
  readonly fragments: HeldFragment[];
}

/** What indexes and manifests count in. */
export interface IndexedTrack {
  readonly trackId: number;
  readonly timescale: number;
  /** Ticks by which presentation times of the media are later than the output's. */
  readonly presentationOffset: bigint;
}

/** A track with its clear sample entry. */
export interface DescribedTrack {
  readonly trackId: number;
  readonly kind: 'video' | 'audio';
  readonly sampleEntry: Buffer;
}

/** A fragment of a Smooth file as manifests and the file's own index name it. */
export interface FileChunk {
  readonly trackId: number;
  readonly startTicks: bigint;
  readonly durationTicks: bigint;
}

/** Byte ranges at the beginning of a single file. */
export interface SingleFileHeader {
  readonly initializationBytes: number;
  readonly indexBytes: number;
}

/** The objects of one output. */
export interface FragmentFiles {
  /** Comes before the first segment. `track` is the first of `tracks`. */
  initialize(initialization: Buffer, track: IndexedTrack, tracks: readonly DescribedTrack[]): void;
  /** Takes a whole segment. */
  publish(segment: HeldSegment): void;
  ready(): Promise<void> | null;
  finish(): Promise<void>;
  abort(): Promise<void>;
  readonly published: readonly FragmentedSegment[];
  /** Null before `initialize`. */
  readonly track: IndexedTrack | null;
  /** Null until a single file is finished, and for Smooth files, which begin with no index. */
  readonly header: SingleFileHeader | null;
  /** Of Smooth files: their tracks and chunks, in file order; empty for others. */
  readonly described: readonly DescribedTrack[];
  readonly chunks: readonly FileChunk[];
  /** What is written beside segments. */
  readonly otherObjects: readonly { readonly location: string; readonly sizeBytes: number }[];
}

/** What decides about an output's files. */
export interface FragmentFilesOptions {
  readonly group: SegmentationPlan & { readonly objectSettings: ObjectSettings };
  readonly output: FragmentedOutput;
  readonly objects: EngineObjects;
  /** Path in the scratch folder, used for single files. */
  readonly scratchPath: string;
  /** Called when `published` has grown. */
  readonly onPublished: () => void;
}

/** Objects that may be on their way into the store while the next segment is made: their bytes are all in memory. */
const publishesInFlight = 1;
/** Bytes of a scratch file that are read at once. */
const pieceBytes = 256 * 1024;

/** Starts with nothing; objects are created when there is something to write. */
export function createFragmentFiles(options: FragmentFilesOptions): FragmentFiles {
  if (options.output.brand === 'piff') return createSmoothFile(options);
  return options.group.segmentControl === 'SINGLE_FILE' ? singleFile(options) : segmentFiles(options);
}

function segmentFiles({ group, output, objects, onPublished }: FragmentFilesOptions): FragmentFiles {
  const options = writeOptions(group.objectSettings, output.contentType);
  const published: FragmentedSegment[] = [];
  const publishing: Promise<void>[] = [];
  const open = new Set<OutputObject>();
  const otherObjects: { location: string; sizeBytes: number }[] = [];
  let track: IndexedTrack | null = null;
  let closed = 0;
  let failure: unknown = null;

  async function store(location: string, parts: readonly Uint8Array[]): Promise<number> {
    if (failure !== null) throw failure;
    const object = objects.create(location, options);
    open.add(object);
    try {
      await writeAll(object, parts);
      return (await object.publish()).sizeBytes;
    } catch (error) {
      await object.abort();
      throw error;
    } finally {
      open.delete(object);
    }
  }

  function enqueue(work: () => Promise<void>): void {
    const before = publishing.at(-1);
    const settled = Promise.all([work(), before])
      .then(() => {})
      .catch((error: unknown) => {
        failure ??= error;
      });
    publishing.push(settled);
    void settled.then(() => publishing.splice(publishing.indexOf(settled), 1));
  }

  return {
    initialize(initialization, described) {
      track = described;
      const location = output.initLocation;
      if (location === null) throw new TypeError(`output ${output.pointer} has no initialization`);
      enqueue(async () => {
        otherObjects.push({ location, sizeBytes: await store(location, [initialization]) });
      });
    },
    publish(segment) {
      if (track === null || failure !== null) return;
      const { parts, written } = layOut(segment, track);
      closed += 1;
      const location = segmentLocation.fragmented(output.segmentLocation, closed, startOf(segment));
      const before = publishing.at(-1);
      enqueue(async () => {
        await store(location, parts);
        await before;
        if (failure !== null) return;
        published.push({ ...written, location });
        onPublished();
      });
    },
    ready() {
      if (failure !== null) return Promise.reject(failure);
      if (publishing.length <= publishesInFlight) return null;
      return Promise.resolve(publishing[0]).then(() => {
        if (failure !== null) throw failure;
      });
    },
    async finish() {
      while (publishing.length > 0) await Promise.all(publishing);
      if (failure !== null) throw failure;
    },
    async abort() {
      failure ??= new Error('output aborted');
      await Promise.all([...open].map((object) => object.abort()));
      await Promise.all(publishing);
    },
    published,
    get track() {
      return track;
    },
    header: null,
    described: [],
    chunks: [],
    otherObjects,
  };
}

function startOf({ fragments }: HeldSegment): bigint {
  return fragments[0]?.startTicks ?? 0n;
}

/** A segment file: type, index, fragments. */
function layOut(
  segment: HeldSegment,
  track: IndexedTrack,
): { readonly parts: readonly Uint8Array[]; readonly written: Omit<FragmentedSegment, 'location'> } {
  const { fragments } = segment;
  const index = segmentIndex(
    track.trackId,
    track.timescale,
    startOf(segment),
    fragments.map(({ sizeBytes, startTicks, endTicks }) => ({
      sizeBytes,
      durationTicks: endTicks - startTicks,
    })),
  );
  const parts = [segmentType(), index, ...fragments.flatMap((fragment) => fragment.parts)];
  const headerBytes = (parts[0]?.length ?? 0) + index.length;
  const { sizeBytes, keyFrames } = measure(segment, headerBytes);
  const { startUs, endUs, endTicks } = segment;
  const startTicks = startOf(segment);
  return { parts, written: { startUs, endUs, startTicks, endTicks, offsetBytes: 0, sizeBytes, keyFrames } };
}

/** Size of a segment and the places of its key frames, when its first fragment begins at `at`. */
function measure({ fragments }: HeldSegment, at: number): Pick<FragmentedSegment, 'sizeBytes' | 'keyFrames'> {
  let position = at;
  const keyFrames = fragments.flatMap((fragment) => {
    const offsetBytes = position;
    position += fragment.sizeBytes;
    const { isKey, firstSampleEndBytes: sizeBytes, startUs } = fragment;
    return isKey ? [{ offsetBytes, sizeBytes, startUs }] : [];
  });
  return { sizeBytes: position, keyFrames };
}

function singleFile({
  group,
  output,
  objects,
  scratchPath,
  onPublished,
}: FragmentFilesOptions): FragmentFiles {
  const options = writeOptions(group.objectSettings, output.contentType);
  const published: FragmentedSegment[] = [];
  const laidOut: Omit<FragmentedSegment, 'location'>[] = [];
  let initialization = Buffer.alloc(0);
  let track: IndexedTrack | null = null;
  let file: number | null = null;
  let position = 0;
  let header: SingleFileHeader | null = null;
  let object: OutputObject | null = null;
  let isAborted = false;

  function release(): void {
    if (file === null) return;
    closeSync(file);
    file = null;
    unlinkSync(scratchPath);
  }

  return {
    initialize(bytes, described) {
      initialization = Buffer.from(bytes);
      track = described;
      file = openSync(scratchPath, 'w+');
    },
    publish(segment) {
      if (isAborted || file === null) return;
      const { sizeBytes, keyFrames } = measure(segment, position);
      const { startUs, endUs, endTicks } = segment;
      laidOut.push({
        startUs,
        endUs,
        startTicks: startOf(segment),
        endTicks,
        offsetBytes: position,
        sizeBytes: sizeBytes - position,
        keyFrames,
      });
      for (const part of segment.fragments.flatMap(({ parts }) => parts)) append(file, part, scratchPath);
      position = sizeBytes;
    },
    ready: () => null,
    async finish() {
      if (file === null || track === null) return;
      const index = segmentIndex(
        track.trackId,
        track.timescale,
        laidOut[0]?.startTicks ?? 0n,
        laidOut.map(({ sizeBytes, startTicks, endTicks }) => ({
          sizeBytes,
          durationTicks: endTicks - startTicks,
        })),
      );
      header = {
        initializationBytes: initialization.length,
        indexBytes: segmentIndexBytes(laidOut.length),
      };
      object = objects.create(output.segmentLocation, options);
      await writeAll(object, [initialization, index]);
      for (let at = 0; at < position; at += pieceBytes) {
        const piece = Buffer.allocUnsafe(Math.min(pieceBytes, position - at));
        readSync(file, piece, 0, piece.length, at);
        await writeAll(object, [piece]);
      }
      await object.publish();
      object = null;
      release();
      const shift = initialization.length + index.length;
      const location = output.segmentLocation;
      published.push(...laidOut.map((segment) => ({ ...moved(segment, shift), location })));
      onPublished();
    },
    async abort() {
      isAborted = true;
      await object?.abort();
      object = null;
      release();
    },
    published,
    get track() {
      return track;
    },
    get header() {
      return header;
    },
    described: [],
    chunks: [],
    get otherObjects() {
      if (header === null) return [];
      const { initializationBytes, indexBytes } = header;
      return [{ location: output.segmentLocation, sizeBytes: initializationBytes + indexBytes }];
    },
  };
}

function moved<Segment extends Omit<FragmentedSegment, 'location'>>(
  segment: Segment,
  bytes: number,
): Segment {
  return {
    ...segment,
    offsetBytes: segment.offsetBytes + bytes,
    keyFrames: segment.keyFrames.map((span) => ({ ...span, offsetBytes: span.offsetBytes + bytes })),
  };
}

/** Throws fault 1050 when the scratch folder is full. */
function append(file: number, bytes: Uint8Array, scratchPath: string): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw jobFault(1050, 'scratch', { path: scratchPath }, { component: 'muxer' }, error);
  }
}
