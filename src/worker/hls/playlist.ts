/**
 * Reads HLS playlists given as input and holds them to the rules of the service (spec inputs.md 7, README): version,
 * target duration and syntax are 1010; live, encrypted, fMP4, gaps in byte ranges and sizes are 3400. Pure.
 */
import { type JobFault, jobFault } from '../../catalogue/fault.ts';
import { ReferenceRefusedError, relativeLocation } from '../relative-location.ts';

/** A variant of a multivariant playlist. */
export interface HlsVariant {
  readonly location: string;
  readonly bandwidthBps: number;
}

/** An alternate audio rendition. */
export interface HlsRendition {
  readonly groupId: string;
  readonly name: string;
  readonly language: string | null;
  readonly isDefault: boolean;
  /** Its media playlist; null: the sound lies in the segments of the variants. */
  readonly location: string | null;
}

/** A part of an object that holds media. */
export interface HlsPart {
  readonly location: string;
  readonly offset: number;
  /** Null: to the end of the object. */
  readonly length: number | null;
  /** As the playlist says it. */
  readonly durationUs: number;
  /** Clock, tracks and their identifiers may differ from the part before (RFC 8216 4.3.2.3). */
  readonly isDiscontinuous: boolean;
}

/** A playlist, read. */
export type HlsPlaylist =
  | {
      readonly kind: 'multivariant';
      readonly variants: readonly HlsVariant[];
      readonly audio: readonly HlsRendition[];
    }
  | { readonly kind: 'media'; readonly parts: readonly HlsPart[] };

/** The newest version the service reads (rule HLS-4). */
const newestVersion = 4;

/** Reads one playlist. `inputUrl` is what the job names, for messages. Throws JobFault 1010 or 3400. */
export function readPlaylist(text: string, playlistUrl: string, inputUrl: string): HlsPlaylist {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  if (lines[0] !== '#EXTM3U') throw malformed(inputUrl, playlistUrl, 'The first line is not #EXTM3U.');
  checkVersion(lines, playlistUrl, inputUrl);
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'))
    ? readMultivariant(lines, playlistUrl, inputUrl)
    : readMedia(lines, playlistUrl, inputUrl);
}

function checkVersion(lines: readonly string[], manifestUrl: string, url: string): void {
  const versions = lines.filter((line) => line.startsWith('#EXT-X-VERSION:'));
  if (versions.length > 1)
    throw jobFault(1010, 'playlist-version-repeated', { url, manifestUrl }, aboutPlaylist);
  const version = Number(versions[0]?.slice('#EXT-X-VERSION:'.length) ?? 1);
  if (version > newestVersion) {
    const mediaFact = `the playlist is of version ${version}`;
    throw jobFault(1010, 'playlist-version-too-new', { url, manifestUrl }, { ...aboutPlaylist, mediaFact });
  }
}

function readMultivariant(lines: readonly string[], playlistUrl: string, inputUrl: string): HlsPlaylist {
  const variants: HlsVariant[] = [];
  const audio: HlsRendition[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) {
      const uri = lines.slice(index + 1).find((next) => next !== '' && !next.startsWith('#'));
      const bandwidth = Number(attributesOf(line).get('BANDWIDTH'));
      if (uri === undefined || !(bandwidth >= 0)) {
        throw malformed(inputUrl, playlistUrl, 'A variant has no BANDWIDTH or no URI.');
      }
      variants.push({ location: placeOf(uri, playlistUrl, inputUrl), bandwidthBps: bandwidth });
    }
    const media = line.startsWith('#EXT-X-MEDIA:') ? attributesOf(line) : null;
    if (media?.get('TYPE') !== 'AUDIO') continue;
    const uri = media.get('URI');
    audio.push({
      groupId: media.get('GROUP-ID') ?? '',
      name: media.get('NAME') ?? '',
      language: media.get('LANGUAGE')?.toLowerCase() ?? null,
      isDefault: media.get('DEFAULT') === 'YES',
      location: uri === undefined ? null : placeOf(uri, playlistUrl, inputUrl),
    });
  }
  refuseTwins(audio, inputUrl);
  return { kind: 'multivariant', variants, audio };
}

/** Every triple of group, name and language is unique (spec inputs.md 7). */
function refuseTwins(audio: readonly HlsRendition[], url: string): void {
  const keys = audio.map(({ groupId, name, language }) => JSON.stringify([groupId, name, language]));
  if (new Set(keys).size === keys.length) return;
  throw refused(url, 'Two audio renditions have the same group, name and language.');
}

function readMedia(lines: readonly string[], playlistUrl: string, inputUrl: string): HlsPlaylist {
  const value = (tag: string): string | undefined =>
    lines.find((line) => line.startsWith(`${tag}:`))?.slice(tag.length + 1);
  const isFinal = lines.includes('#EXT-X-ENDLIST') || value('#EXT-X-PLAYLIST-TYPE') === 'VOD';
  if (!isFinal) throw refused(inputUrl, 'The playlist is not final: it has no #EXT-X-ENDLIST.');
  if (lines.some((line) => line.startsWith('#EXT-X-MAP:'))) {
    throw refused(inputUrl, 'The media segments are not MPEG-2 transport streams.');
  }
  const target = Number(value('#EXT-X-TARGETDURATION') ?? Number.NaN);
  const parts: HlsPart[] = [];
  let range: string | null = null;
  let durationUs: number | null = null;
  let isDiscontinuous = false;
  for (const line of lines) {
    if (line.startsWith('#EXT-X-KEY:') && attributesOf(line).get('METHOD') !== 'NONE') {
      throw refused(inputUrl, 'The media segments are encrypted.');
    }
    if (line.startsWith('#EXTINF:')) {
      durationUs = readDuration(line, target, playlistUrl, inputUrl);
    }
    if (line === '#EXT-X-DISCONTINUITY') isDiscontinuous = true;
    if (line.startsWith('#EXT-X-BYTERANGE:')) range = line.slice('#EXT-X-BYTERANGE:'.length);
    if (line === '' || line.startsWith('#')) continue;
    if (durationUs === null) throw malformed(inputUrl, playlistUrl, 'A segment has no #EXTINF.');
    const location = placeOf(line, playlistUrl, inputUrl);
    const place = range === null ? { offset: 0, length: null } : rangeOf(range, location, parts, inputUrl);
    parts.push({ location, ...place, durationUs, isDiscontinuous });
    range = null;
    durationUs = null;
    isDiscontinuous = false;
  }
  if (parts.length === 0) throw malformed(inputUrl, playlistUrl, 'It lists no media segment.');
  return { kind: 'media', parts };
}

function placeOf(uri: string, playlistUrl: string, inputUrl: string): string {
  try {
    return relativeLocation(uri, playlistUrl);
  } catch (error) {
    if (!(error instanceof ReferenceRefusedError)) throw error;
    throw malformed(inputUrl, playlistUrl, `The URI ${error.message}`);
  }
}

/** Rule HLS-8: the duration rounded to whole seconds (RFC 8216 4.3.3.1). */
function readDuration(line: string, target: number, manifestUrl: string, url: string): number {
  const seconds = Number.parseFloat(line.slice('#EXTINF:'.length));
  if (!(seconds >= 0) || Number.isNaN(target)) {
    throw malformed(url, manifestUrl, 'It has no #EXT-X-TARGETDURATION, or an #EXTINF without a duration.');
  }
  if (Math.round(seconds) <= target) return Math.round(seconds * 1_000_000);
  const mediaFact = `${seconds} s is more than ${target} s`;
  throw jobFault(
    1010,
    'playlist-segment-too-long',
    { url, manifestUrl, line },
    { ...aboutPlaylist, mediaFact },
  );
}

/** Rule HLS-6: ranges of a resource begin at its start and follow one another, whatever lies between them. */
function rangeOf(
  range: string,
  location: string,
  parts: readonly HlsPart[],
  url: string,
): Pick<HlsPart, 'offset' | 'length'> {
  const [length = Number.NaN, given] = range.split('@').map(Number);
  const before = parts.findLast((part) => part.location === location);
  const expected = before === undefined ? 0 : before.offset + (before.length ?? 0);
  const offset = given ?? expected;
  if (!(length > 0) || offset !== expected) {
    throw refused(url, 'The byte ranges of a resource do not begin at its start or leave gaps.');
  }
  return { offset, length };
}

/** Attribute list of a tag (RFC 8216 4.2); quotes are taken away. */
function attributesOf(line: string): ReadonlyMap<string, string> {
  const list = line.slice(line.indexOf(':') + 1);
  return new Map(
    [...list.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(([, key = '', value = '']) => [
      key,
      value.replaceAll('"', ''),
    ]),
  );
}

const aboutPlaylist = { component: 'probe', mediaFact: 'the input is an HLS playlist' } as const;

function malformed(url: string, manifestUrl: string, reason: string): JobFault {
  return jobFault(1010, 'playlist-malformed', { url, manifestUrl, reason }, aboutPlaylist);
}

/** A rule for HLS inputs is broken (spec inputs.md HLS-13). */
export function refused(url: string, reason: string): JobFault {
  return jobFault(3400, 'reason', { url, reason }, { ...aboutPlaylist, mediaFact: reason });
}
