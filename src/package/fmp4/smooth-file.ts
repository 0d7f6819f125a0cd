/**
 * The one file of a Smooth output (spec packaging.md 11): an initialization, fragments of one track each, and at the end
 * the index by which servers find a fragment (`mfra`). Nothing in front depends on what comes later, so the file leaves
 * while it is made.
 */
import type { OutputObject } from '../../engine/objects.ts';
import { writeOptions } from '../object-options.ts';
import { box, fullBox, u8, u32, u64 } from './boxes.ts';
import type {
  DescribedTrack,
  FileChunk,
  FragmentedSegment,
  FragmentFiles,
  FragmentFilesOptions,
  HeldSegment,
  IndexedTrack,
} from './fragment-files.ts';
import { writeAll } from './write-all.ts';

interface PlacedChunk extends FileChunk {
  readonly offsetBytes: number;
}

/** Starts with nothing; the object is created with the initialization. */
export function createSmoothFile({
  group,
  output,
  objects,
  onPublished,
}: FragmentFilesOptions): FragmentFiles {
  const location = output.segmentLocation;
  const laidOut: FragmentedSegment[] = [];
  const published: FragmentedSegment[] = [];
  const chunks: PlacedChunk[] = [];
  let described: readonly DescribedTrack[] = [];
  let track: IndexedTrack | null = null;
  let object: OutputObject | null = null;
  let otherBytes = 0;
  let position = 0;
  let failure: unknown = null;
  let isWriting = false;
  let writing: Promise<void> = Promise.resolve();

  /** One write behind the other; the first failure ends them all. */
  function append(parts: readonly Uint8Array[]): void {
    position += parts.reduce((sum, { length }) => sum + length, 0);
    isWriting = true;
    const next = writing.then(async () => {
      if (failure === null && object !== null) await writeAll(object, parts);
    });
    const settled = next
      .catch((error: unknown) => {
        failure ??= error;
      })
      .then(() => {
        if (writing === settled) isWriting = false;
      });
    writing = settled;
  }

  return {
    initialize(initialization, indexed, tracks) {
      track = indexed;
      described = tracks;
      object = objects.create(location, writeOptions(group.objectSettings, output.contentType));
      otherBytes = initialization.length;
      append([initialization]);
    },
    publish(segment) {
      if (failure !== null || track === null) return;
      const start = position;
      chunks.push(...placedChunks(segment, start));
      append(segment.fragments.flatMap(({ parts }) => parts));
      const { startUs, endUs, endTicks, fragments } = segment;
      const startTicks = fragments[0]?.startTicks ?? 0n;
      const sizeBytes = position - start;
      laidOut.push({
        location,
        offsetBytes: start,
        sizeBytes,
        startUs,
        endUs,
        startTicks,
        endTicks,
        keyFrames: [],
      });
    },
    async ready() {
      if (isWriting) await writing;
      if (failure !== null) throw failure;
    },
    async finish() {
      if (object === null) return;
      const index = randomAccessIndex(described, chunks);
      otherBytes += index.length;
      append([index]);
      await writing;
      if (failure !== null) throw failure;
      await object.publish();
      object = null;
      published.push(...laidOut);
      onPublished();
    },
    async abort() {
      failure ??= new Error('output aborted');
      await writing;
      await object?.abort();
      object = null;
    },
    published,
    get track() {
      return track;
    },
    header: null,
    get described() {
      return described;
    },
    chunks,
    get otherObjects() {
      return otherBytes === 0 ? [] : [{ location, sizeBytes: otherBytes }];
    },
  };
}

/** The fragments of a segment that begins at `start`. */
function placedChunks({ fragments }: HeldSegment, start: number): PlacedChunk[] {
  let offsetBytes = start;
  return fragments.map(({ trackId, startTicks, endTicks, sizeBytes }) => {
    const chunk = { trackId, startTicks, durationTicks: endTicks - startTicks, offsetBytes };
    offsetBytes += sizeBytes;
    return chunk;
  });
}

/** `mfra` with the places of all fragments by track, and its own size at the very end (ISO/IEC 14496-12 8.8.9). */
function randomAccessIndex(tracks: readonly DescribedTrack[], chunks: readonly PlacedChunk[]): Buffer {
  const tables = tracks.map(({ trackId }) => {
    const own = chunks.filter((chunk) => chunk.trackId === trackId);
    const entries = own.flatMap(({ startTicks, offsetBytes }) => [
      u64(startTicks),
      u64(BigInt(offsetBytes)),
      // The first sample of the first run of the first track fragment; each number in one byte.
      u8(1, 1, 1),
    ]);
    return fullBox('tfra', 1, 0, u32(trackId, 0, own.length), ...entries);
  });
  const bytes = tables.reduce((sum, { length }) => sum + length, 0) + 8 + 16;
  return box('mfra', ...tables, fullBox('mfro', 0, 0, u32(bytes)));
}
