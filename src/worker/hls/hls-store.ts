/**
 * HLS packages as inputs (spec inputs.md 7): a store in front of the stores, which opens a playlist as one object: the
 * chosen variant's transport stream segments, one behind the other. Whoever reads it, here or in the engine, reads a
 * transport stream and knows nothing of playlists.
 */
import { faultFromRecord, JobFault, jobFault } from '../../catalogue/fault.ts';
import type { VideoSelector } from '../../contract/types.generated.ts';
import { isPlaylistName, writtenLocation } from '../../plan/source-locations.ts';
import { transferFailed } from '../../store/http-faults.ts';
import { isSameVersion } from '../../store/same-version.ts';
import type { ObjectHead, ObjectReader, ReadableStore } from '../../store/store.ts';
import { type HlsPart, type HlsRendition, type HlsVariant, readPlaylist, refused } from './playlist.ts';

/** A store that knows which of its objects are packages. */
export interface HlsStore extends ReadableStore {
  /** What the playlists tell of a package that was opened; null for any other object. */
  packageAt(location: string): HlsFacts | null;
}

/** What no segment tells. */
export interface HlsFacts {
  readonly renditions: readonly HlsRendition[];
  readonly durationUs: number;
  /** Bytes of the joined object at which clock and tracks may begin anew, in order. */
  readonly discontinuities: readonly number[];
}

/** Which variants an input may take; absent: any. */
export type VariantChoice = (location: string) => Pick<VideoSelector, 'selectorType' | 'streams'> | undefined;

/** Limits of the service (spec errors.md 3400). */
const longestUrl = 900;
const largestPlaylistBytes = 16 * 1024 * 1024;
/** Segments asked for at a time, and kept open. */
const openSegments = 8;
const packetBytes = 188;
const syncByte = 0x47;

/** Wraps `store`. Only objects named like playlists are looked into. */
export function withHlsPackages(store: ReadableStore, chosen: VariantChoice): HlsStore {
  const packages = new Map<string, Promise<HlsPackage>>();
  const resolved = new Map<string, HlsPackage>();
  return {
    async open(location, signal) {
      const url = writtenLocation(location);
      if (!isPlaylistName(url)) return store.open(location, signal);
      const known =
        packages.get(location) ??
        openPackage(url, store, chosen(location), signal).catch((error) => {
          throw ofInput(error, location);
        });
      packages.set(location, known);
      known.catch(() => forget(packages, location, known));
      const found = await known;
      resolved.set(location, found);
      return openJoined(found, store, location);
    },
    packageAt: (location) => resolved.get(location) ?? null,
  };
}

/** Whatever object of a package is wrong: the input that names the package is the place in the job. */
function ofInput(error: unknown, location: string): unknown {
  if (!(error instanceof JobFault)) return error;
  const { location: object = location, mediaFact = `the object concerned is ${object}` } = error.record;
  return faultFromRecord({ ...error.record, location, ...(object === location ? {} : { mediaFact }) });
}

/** A part as it was when the package was looked into. */
type SizedPart = HlsPart & { readonly length: number; readonly version: ObjectHead };

interface HlsPackage extends HlsFacts {
  readonly parts: readonly SizedPart[];
}

async function openPackage(
  location: string,
  store: ReadableStore,
  choice: ReturnType<VariantChoice>,
  signal: AbortSignal,
): Promise<HlsPackage> {
  if (location.length > longestUrl) throw jobFault(3400, 'url-too-long', { url: location }, about);
  const first = readPlaylist(await fetchText(location, location, store, signal), location, location);
  if (first.kind === 'media') {
    return packageOf(await measure(first.parts, location, location, store, signal), []);
  }
  const child = chooseVariant(first.variants, choice, location);
  const media = readPlaylist(await fetchText(child, location, store, signal), child, location);
  if (media.kind !== 'media') throw refused(location, 'A variant is itself a multivariant playlist.');
  return packageOf(await measure(media.parts, child, location, store, signal), first.audio);
}

function packageOf(parts: readonly SizedPart[], renditions: readonly HlsRendition[]): HlsPackage {
  const discontinuities: number[] = [];
  let offset = 0;
  let durationUs = 0;
  for (const part of parts) {
    if (part.isDiscontinuous && offset > 0) discontinuities.push(offset);
    offset += part.length;
    durationUs += part.durationUs;
  }
  return { parts, renditions, durationUs, discontinuities };
}

/** The highest bit rate, among those that the job lists by their order in the playlist (rule HLS-2). */
function chooseVariant(
  variants: readonly HlsVariant[],
  choice: ReturnType<VariantChoice>,
  url: string,
): string {
  const listed = choice?.selectorType === 'STREAM' ? choice.streams : undefined;
  const candidates = listed === undefined ? variants : listed.flatMap((number) => variants[number - 1] ?? []);
  if (candidates.length === 0 || (listed !== undefined && candidates.length < listed.length)) {
    throw refused(
      url,
      `The playlist has ${variants.length} variants, the job asks for stream ${listed?.join(', ')}.`,
    );
  }
  return candidates.reduce((best, each) => (each.bandwidthBps > best.bandwidthBps ? each : best)).location;
}

async function fetchText(
  manifestUrl: string,
  url: string,
  store: ReadableStore,
  signal: AbortSignal,
): Promise<string> {
  const reader = await store.open(manifestUrl, signal);
  try {
    const { sizeBytes } = reader.head;
    if (sizeBytes > largestPlaylistBytes)
      throw jobFault(3400, 'manifest-too-big', { url, manifestUrl }, about);
    return Buffer.from(await reader.read(0, sizeBytes, signal)).toString('utf8');
  } finally {
    await reader.close();
  }
}

/** Sizes of all segments; each is there and begins as a transport stream or as packed audio does (1056, rule HLS-14). */
async function measure(
  parts: readonly HlsPart[],
  manifestUrl: string,
  url: string,
  store: ReadableStore,
  signal: AbortSignal,
): Promise<readonly SizedPart[]> {
  const sized: SizedPart[] = [];
  for (let index = 0; index < parts.length; index += openSegments) {
    const group = parts.slice(index, index + openSegments);
    sized.push(...(await Promise.all(group.map((part) => measurePart(part, manifestUrl, store, signal)))));
  }
  if (sized.reduce((sum, { length }) => sum + length, 0) === 0)
    throw refused(url, 'All media segments are empty.');
  return sized;
}

async function measurePart(
  part: HlsPart,
  manifestUrl: string,
  store: ReadableStore,
  signal: AbortSignal,
): Promise<SizedPart> {
  const { location, offset, length } = part;
  const unreadable = (mediaFact: string): JobFault =>
    jobFault(1056, 'hls-segment', { segmentUrl: location, manifestUrl }, { ...about, mediaFact });
  const reader = await store.open(location, signal);
  try {
    const { sizeBytes } = reader.head;
    const end = length === null ? sizeBytes : offset + length;
    if (end > sizeBytes) throw unreadable(`its byte range ends at ${end}, the object has ${sizeBytes} bytes`);
    const head = await reader.read(offset, Math.min(2 * packetBytes, end - offset), signal);
    if (!isMedia(head)) throw unreadable('it does not begin as a transport stream does');
    return { ...part, length: end - offset, version: reader.head };
  } catch (error) {
    if (error instanceof JobFault && error.record.code === 1076) {
      throw jobFault(1056, 'hls-segment', { segmentUrl: location, manifestUrl }, about, error);
    }
    throw error;
  } finally {
    await reader.close();
  }
}

/** Two packets of a transport stream, an ID3 tag, or the sync word of AAC, MP3 or AC-3 (RFC 8216 3.4). */
function isMedia(head: Uint8Array): boolean {
  const [a = 0, b = 0] = head;
  if (a === syncByte) return head.length <= packetBytes || head[packetBytes] === syncByte;
  const isTagged = Buffer.from(head.subarray(0, 3)).toString('latin1') === 'ID3';
  return isTagged || (a === 0xff && (b & 0xe0) === 0xe0) || (a === 0x0b && b === 0x77);
}

/**
 * One object made of many: reads go to the parts they touch, of which a few stay open. A part that is not what it was
 * when the package was looked into is fault 3408: what follows it would lie elsewhere.
 */
function openJoined({ parts }: HlsPackage, store: ReadableStore, packageLocation: string): ObjectReader {
  const starts: number[] = [];
  let sizeBytes = 0;
  for (const { length } of parts) {
    starts.push(sizeBytes);
    sizeBytes += length;
  }
  const open = new Map<string, Promise<ObjectReader>>();
  const readerOf = async (part: SizedPart, signal: AbortSignal): Promise<ObjectReader> => {
    const { location } = part;
    const reader = open.get(location) ?? openAgain(part, store, signal);
    open.delete(location);
    open.set(location, reader);
    reader.catch(() => forget(open, location, reader));
    for (const [oldest, stale] of open) {
      if (open.size <= openSegments) break;
      open.delete(oldest);
      await closeOpened(stale);
    }
    return reader;
  };
  const readPart = async (part: SizedPart, within: number, length: number, signal: AbortSignal) => {
    try {
      const reader = await readerOf(part, signal);
      const piece = await reader.read(part.offset + within, length, signal);
      if (piece.length === 0) throw hasChanged(part);
      // The buffer of a reader may be used again by its next read.
      return Uint8Array.from(piece);
    } catch (error) {
      // What its head said is not there any more.
      const isCut = error instanceof JobFault && error.record.code === 1076;
      throw ofInput(isCut ? hasChanged(part, error) : error, packageLocation);
    }
  };
  const partAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    head: { sizeBytes, eTag: null, lastModifiedMs: null, contentType: null, path: null },
    async read(offset, length, signal) {
      const pieces: Uint8Array[] = [];
      let at = offset;
      const end = Math.min(offset + length, sizeBytes);
      while (at < end) {
        const index = partAt(at);
        const part = parts[index];
        if (part === undefined) break;
        const within = at - (starts[index] ?? 0);
        const wanted = Math.min(end - at, part.length - within);
        const piece = await readPart(part, within, wanted, signal);
        pieces.push(piece);
        at += piece.length;
      }
      return Buffer.concat(pieces);
    },
    async close() {
      for (const reader of open.values()) await closeOpened(reader);
      open.clear();
    },
  };
}

async function openAgain(part: SizedPart, store: ReadableStore, signal: AbortSignal): Promise<ObjectReader> {
  const reader = await store.open(part.location, signal);
  if (isSameVersion(reader.head, part.version)) return reader;
  await reader.close();
  throw hasChanged(part);
}

function hasChanged({ location }: SizedPart, cause?: unknown): JobFault {
  return transferFailed(location, 'The file changed while it was read.', cause);
}

/** What failed is tried anew by who asks next; what has taken its place stays. */
function forget<Value>(known: Map<string, Value>, location: string, failed: Value): void {
  if (known.get(location) === failed) known.delete(location);
}

/** One that could not be opened is the matter of who reads from it. */
async function closeOpened(reader: Promise<ObjectReader>): Promise<void> {
  const opened = await reader.catch(() => null);
  await opened?.close();
}

const about = { component: 'probe', mediaFact: 'the input is an HLS package' } as const;
