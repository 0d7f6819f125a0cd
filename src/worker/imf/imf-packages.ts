/**
 * IMF packages as inputs (spec inputs.md 8): an input that is a composition playlist stands for the track files it plays.
 * Which objects they are, the asset map beside the playlist says, and those of the packages in `supplementalImps`.
 */
import { faultFromRecord, JobFault, jobFault } from '../../catalogue/fault.ts';
import type { ObjectReader, ReadableStore } from '../../store/store.ts';
import { ReferenceRefusedError, relativeLocation } from '../relative-location.ts';
import { type MappedAsset, readAssetMap, readPackingList } from './asset-map.ts';
import { type CompositionPlaylist, readCompositionPlaylist } from './composition-playlist.ts';
import { largestDocumentBytes, PackageError, rootNameOf } from './package-xml.ts';

/** A composition whose track files are found. */
export interface ImfComposition {
  /** Of the playlist: the input. */
  readonly location: string;
  readonly playlist: CompositionPlaylist;
  /** Track files by their identifier. */
  readonly files: ReadonlyMap<string, TrackFile>;
}

/** A track file of a package. */
export interface TrackFile {
  readonly location: string;
  /** As the packing list says; null when none does. */
  readonly sizeBytes: number | null;
}

/** Looks at inputs. */
export interface ImfPackages {
  /** The composition that an object plays; null for any other object. Rejects with JobFault, whose place is the input. */
  compositionOf(location: string, signal: AbortSignal): Promise<ImfComposition | null>;
}

/** Folders or asset maps of further packages for an input. */
export type SupplementsOf = (location: string) => readonly string[];

const assetMapName = 'ASSETMAP.xml';
/** Enough of a document to see its root element. */
const headBytes = 4096;

/** Documents of packages that are no input: people name them when they mean the package. */
const otherDocuments: Readonly<Record<string, string>> = {
  AssetMap: 'an asset map',
  PackingList: 'a packing list',
  OutputProfileList: 'an output profile list',
  VolumeIndex: 'a volume index',
};

/** Reads packages through `store`. Only objects named like XML are looked into. */
export function openImfPackages(store: ReadableStore, supplementsOf: SupplementsOf): ImfPackages {
  const known = new Map<string, Promise<ImfComposition | null>>();
  return {
    async compositionOf(location, signal) {
      if (!/\.xml$/i.test(location.startsWith('s3:') ? location : location.replace(/[?#].*$/s, '')))
        return null;
      const found = known.get(location) ?? openComposition(location, store, supplementsOf(location), signal);
      known.set(location, found);
      found.catch(() => known.delete(location));
      return found;
    },
  };
}

/** Whatever object is wrong: what the job names is the place, `named`. */
async function ofNamed<Result>(named: string, work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    throw error instanceof JobFault ? faultFromRecord({ ...error.record, location: named }) : error;
  });
}

/** A package that is not as it must be (1010): `reason` is a sentence. */
export function malformed(url: string, documentUrl: string, reason: string, cause?: unknown): JobFault {
  const about = { component: 'probe', mediaFact: reason, location: url };
  return jobFault(1010, 'package-malformed', { url, documentUrl, reason }, about, cause);
}

async function openComposition(
  url: string,
  store: ReadableStore,
  supplements: readonly string[],
  signal: AbortSignal,
): Promise<ImfComposition | null> {
  const reader = await ofNamed(url, store.open(url, signal));
  try {
    const root = rootNameOf(await ofNamed(url, reader.read(0, headBytes, signal)));
    const other = root === null ? undefined : otherDocuments[root];
    if (other !== undefined) throw notThePlaylist(url, other);
    if (root !== 'CompositionPlaylist') return null;
    const playlist = await readDocument(reader, url, url, readCompositionPlaylist, signal);
    const packages = [
      { named: url, map: relativeLocation(assetMapName, url) },
      ...supplements.map((named) => ({ named, map: assetMapOf(named) })),
    ];
    return { location: url, playlist, files: await findTrackFiles(playlist, packages, url, store, signal) };
  } finally {
    await reader.close();
  }
}

function notThePlaylist(url: string, what: string): JobFault {
  const cause = `the object is ${what} of an IMF package; an input names the composition playlist`;
  const expected = 'the composition playlist (CPL) of the package';
  return jobFault(1010, 'open-failed', { url, cause }, { component: 'probe', mediaFact: cause, expected });
}

/** A supplemental package is named by its folder or its asset map. */
function assetMapOf(location: string): string {
  return location.endsWith('/') ? `${location}${assetMapName}` : location;
}

/** The track files of a playlist; the input's own package goes before the others, in their order. */
async function findTrackFiles(
  playlist: CompositionPlaylist,
  packages: readonly { readonly named: string; readonly map: string }[],
  url: string,
  store: ReadableStore,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TrackFile>> {
  const files = new Map<string, TrackFile>();
  for (const { named, map } of packages) {
    for (const [id, file] of await ofNamed(named, readPackage(map, url, store, signal)))
      if (!files.has(id)) files.set(id, file);
  }
  const wanted = playlist.segments.flatMap(({ sequences }) =>
    sequences.flatMap(({ resources }) => resources),
  );
  const missing = wanted.find(({ trackFileId }) => !files.has(trackFileId));
  if (missing === undefined) return files;
  const reason = `Track file ${missing.trackFileId} is in none of the asset maps ${packages.map(({ map }) => map).join(', ')}. Name the package that holds it in supplementalImps.`;
  throw malformed(url, url, reason);
}

/** The assets of one package. A packing list that is not there is not missed: it only adds what is known of sizes. */
async function readPackage(
  map: string,
  url: string,
  store: ReadableStore,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TrackFile>> {
  const assets = await openDocument(map, url, store, readAssetMap, signal);
  const sizes = new Map<string, number>();
  for (const asset of assets.filter(({ isPackingList }) => isPackingList)) {
    const list = await openDocument(placeOf(asset, map, url), url, store, readPackingList, signal).catch(
      (error) => {
        if (error instanceof JobFault && missingCodes.has(error.code)) return new Map<string, number>();
        throw error;
      },
    );
    for (const [id, sizeBytes] of list) sizes.set(id, sizeBytes);
  }
  return new Map(
    assets.map((asset) => [
      asset.id,
      { location: placeOf(asset, map, url), sizeBytes: sizes.get(asset.id) ?? null },
    ]),
  );
}

const missingCodes: ReadonlySet<number> = new Set([1404, 3404]);

/** Paths are URI references. */
function placeOf({ path }: MappedAsset, map: string, url: string): string {
  try {
    return relativeLocation(path, map);
  } catch (error) {
    if (!(error instanceof ReferenceRefusedError)) throw error;
    throw malformed(url, map, `The path ${error.message}`, error);
  }
}

async function openDocument<Content>(
  location: string,
  url: string,
  store: ReadableStore,
  parse: (bytes: Uint8Array) => Content,
  signal: AbortSignal,
): Promise<Content> {
  const reader = await store.open(location, signal);
  try {
    return await readDocument(reader, location, url, parse, signal);
  } finally {
    await reader.close();
  }
}

async function readDocument<Content>(
  reader: ObjectReader,
  location: string,
  url: string,
  parse: (bytes: Uint8Array) => Content,
  signal: AbortSignal,
): Promise<Content> {
  const { sizeBytes } = reader.head;
  if (sizeBytes > largestDocumentBytes)
    throw malformed(url, location, `It has ${sizeBytes} bytes; ${largestDocumentBytes} are read at most.`);
  const bytes = await reader.read(0, sizeBytes, signal);
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw malformed(url, location, error.message, error);
  }
}
