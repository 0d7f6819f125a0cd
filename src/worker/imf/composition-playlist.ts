/**
 * Composition playlists (SMPTE ST 2067-3): segments, one behind the other; in each, one sequence of every virtual track;
 * in each sequence, resources: parts of track files. Pure; places and files come later.
 */
import { type Rational, rational } from '../../exact-time.ts';
import {
  childOf,
  childrenOf,
  identifierOf,
  type PackageElement,
  PackageError,
  parsePackageXml,
  textOf,
} from './package-xml.ts';

/** A playlist, read. */
export interface CompositionPlaylist {
  readonly id: string;
  readonly editRate: Rational;
  /** `HH:MM:SS:FF`, with a semicolon where frames are dropped; null when the playlist counts none. */
  readonly startTimecode: string | null;
  readonly segments: readonly Segment[];
  /** What the playlist says of pictures, by the identifier that resources refer to. */
  readonly pictures: ReadonlyMap<string, PictureDescriptor>;
}

/** A description of pictures that their own headers do not carry. */
export interface PictureDescriptor {
  readonly components: 'rgb' | 'ycbcr';
  /** The value of black, where the descriptor gives it. */
  readonly black: number | null;
}

/** A stretch of the composition: one sequence of each virtual track. */
export interface Segment {
  readonly sequences: readonly Sequence[];
}

/** What a virtual track plays during a segment. */
export interface Sequence {
  /** Name of the element, such as `MainImageSequence`. */
  readonly kind: string;
  readonly trackId: string;
  /** Empty for kinds that are not played. */
  readonly resources: readonly Resource[];
}

/** A part of a track file, counted in its own edit units. */
export interface Resource {
  readonly trackFileId: string;
  readonly editRate: Rational;
  readonly entryPoint: number;
  readonly duration: number;
  readonly repeatCount: number;
  /** Of its essence descriptor; null when the playlist names none. */
  readonly descriptorId: string | null;
}

/** Kinds of virtual tracks that are played (spec inputs.md 8). */
export const playedKinds = { video: 'MainImageSequence', audio: 'MainAudioSequence' } as const;

/** Resources of one playlist, repeats counted. */
const mostResources = 10_000;

/** Reads a playlist. Throws PackageError. */
export function readCompositionPlaylist(bytes: Uint8Array): CompositionPlaylist {
  const root = parsePackageXml(bytes);
  if (root.name !== 'CompositionPlaylist')
    throw new PackageError(`It begins with ${root.name}, not with CompositionPlaylist.`);
  if (childOf(root, 'ReelList') !== null)
    throw new PackageError('It is a playlist of a digital cinema package, not of an IMF package.');
  const editRate = editRateOf(root);
  if (editRate === null) throw new PackageError('CompositionPlaylist has no EditRate.');
  const segmentList = childOf(root, 'SegmentList');
  const segments = segmentList === null ? [] : childrenOf(segmentList, 'Segment');
  if (segments.length === 0) throw new PackageError('CompositionPlaylist has no Segment.');
  const read = segments.map((segment) => readSegment(segment, editRate));
  const resources = read.flatMap(({ sequences }) => sequences.flatMap((sequence) => sequence.resources));
  const count = resources.reduce((sum, { repeatCount }) => sum + repeatCount, 0);
  if (count > mostResources)
    throw new PackageError(
      `It plays ${count} resources, repeats counted; ${mostResources} are read at most.`,
    );
  return {
    id: identifierOf(root),
    editRate,
    startTimecode: readTimecode(root),
    segments: read,
    pictures: readPictures(root),
  };
}

function readSegment(segment: PackageElement, editRate: Rational): Segment {
  const list = childOf(segment, 'SequenceList');
  return {
    sequences: (list?.children ?? []).map((sequence) => ({
      kind: sequence.name,
      trackId: identifierOf(sequence, 'TrackId'),
      resources: isPlayed(sequence.name) ? readResources(sequence, editRate) : [],
    })),
  };
}

function isPlayed(kind: string): boolean {
  return kind === playedKinds.video || kind === playedKinds.audio;
}

function readResources(sequence: PackageElement, editRate: Rational): readonly Resource[] {
  const list = childOf(sequence, 'ResourceList');
  const resources = list === null ? [] : childrenOf(list, 'Resource');
  if (resources.length === 0) throw new PackageError(`A ${sequence.name} has no Resource.`);
  return resources.map((resource) => readResource(resource, editRate));
}

/** Absent members have the defaults of ST 2067-3 6.11: from the entry point to the end, once, at the composition's rate. */
function readResource(resource: PackageElement, compositionRate: Rational): Resource {
  const type = resource.attributes['type']?.replace(/^.*:/, '');
  if (type !== undefined && type !== 'TrackFileResourceType')
    throw new PackageError(`Resources of type ${type} are not played.`);
  const intrinsic = countOf(resource, 'IntrinsicDuration', null);
  const entryPoint = countOf(resource, 'EntryPoint', 0);
  const duration = countOf(resource, 'SourceDuration', intrinsic - entryPoint);
  const repeatCount = countOf(resource, 'RepeatCount', 1);
  if (duration < 1 || repeatCount < 1 || entryPoint + duration > intrinsic) {
    const id = textOf(resource, 'Id') ?? '';
    throw new PackageError(
      `Resource ${id} plays ${duration} edit units from ${entryPoint} on, ${repeatCount} times; its file has ${intrinsic}.`,
    );
  }
  return {
    trackFileId: identifierOf(resource, 'TrackFileId'),
    editRate: editRateOf(resource) ?? compositionRate,
    entryPoint,
    duration,
    repeatCount,
    descriptorId: textOf(resource, 'SourceEncoding')?.toLowerCase() ?? null,
  };
}

function countOf(element: PackageElement, name: string, otherwise: number | null): number {
  const text = textOf(element, name);
  if (text === null && otherwise !== null) return otherwise;
  if (text === null || !/^\d{1,12}$/.test(text))
    throw new PackageError(`${name} of a Resource is '${text ?? ''}', and must be a number.`);
  return Number(text);
}

/** Numerator and denominator, with a space between them. */
function editRateOf(element: PackageElement): Rational | null {
  const text = textOf(element, 'EditRate');
  if (text === null) return null;
  const [, num, den] = /^([1-9]\d{0,8})\s+([1-9]\d{0,8})$/.exec(text) ?? [];
  if (num === undefined || den === undefined)
    throw new PackageError(`EditRate of ${element.name} is '${text}', and must be two numbers.`);
  return rational(Number(num), Number(den));
}

/** Frames are dropped where TimecodeDropFrame says so; the address is then written with a semicolon. */
function readTimecode(root: PackageElement): string | null {
  const timecode = childOf(root, 'CompositionTimecode');
  const address = timecode === null ? null : textOf(timecode, 'TimecodeStartAddress');
  const [, time, frames] = /^(\d\d:\d\d:\d\d)[:;.](\d\d)$/.exec(address ?? '') ?? [];
  if (timecode === null || time === undefined || frames === undefined) return null;
  const isDropFrame = ['1', 'true'].includes(textOf(timecode, 'TimecodeDropFrame') ?? '');
  return `${time}${isDropFrame ? ';' : ':'}${frames}`;
}

/** Picture descriptors by their identifier (ST 2067-3 annex; names of SMPTE ST 377-1). */
function readPictures(root: PackageElement): ReadonlyMap<string, PictureDescriptor> {
  const list = childOf(root, 'EssenceDescriptorList');
  return new Map(
    (list?.children ?? []).flatMap((entry): [string, PictureDescriptor][] => {
      const id = textOf(entry, 'Id')?.toLowerCase();
      const rgb = childOf(entry, 'RGBADescriptor');
      const isPicture = rgb !== null || childOf(entry, 'CDCIDescriptor') !== null;
      if (id === undefined || !isPicture) return [];
      const black = rgb === null ? null : textOf(rgb, 'ComponentMinRef');
      return [
        [id, { components: rgb === null ? 'ycbcr' : 'rgb', black: black === null ? null : Number(black) }],
      ];
    }),
  );
}
