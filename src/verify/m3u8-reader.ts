/**
 * Reads HLS playlists for verification: only what a verdict needs, and nothing shared with the writer, so that a
 * mistake there is not repeated here.
 */
import { gunzipSync } from 'node:zlib';

/** A media playlist. */
export interface ReadMediaPlaylist {
  readonly kind: 'media';
  readonly targetDurationSeconds: number | null;
  readonly hasEnd: boolean;
  readonly isIFramesOnly: boolean;
  readonly entries: readonly ReadEntry[];
}

/** One segment or key frame. */
export interface ReadEntry {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly byteRange: { readonly lengthBytes: number; readonly offsetBytes: number } | null;
}

/** A multivariant playlist. */
export interface ReadMultivariantPlaylist {
  readonly kind: 'multivariant';
  /** URIs of variants, I-frame variants and renditions, in order, repeats included. */
  readonly uris: readonly string[];
}

/** Reads either kind; null with a text that is no playlist. `body` may be gzip-compressed. */
export function readPlaylist(body: Uint8Array): ReadMediaPlaylist | ReadMultivariantPlaylist | null {
  const text = decode(body);
  const lines = text?.split(/\r?\n/) ?? [];
  if (lines[0]?.trim() !== '#EXTM3U') return null;
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:'))
    ? readMultivariant(lines)
    : readMedia(lines);
}

function decode(body: Uint8Array): string | null {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return Buffer.from(body).toString('utf8');
  try {
    return gunzipSync(body).toString('utf8');
  } catch {
    return null;
  }
}

function readMultivariant(lines: readonly string[]): ReadMultivariantPlaylist {
  const uris = lines.flatMap((line) => {
    if (line !== '' && !line.startsWith('#')) return [line];
    const isReference = line.startsWith('#EXT-X-MEDIA:') || line.startsWith('#EXT-X-I-FRAME-STREAM-INF:');
    const uri = isReference ? /[,:]URI="([^"]*)"/.exec(line)?.[1] : undefined;
    return uri === undefined ? [] : [uri];
  });
  return { kind: 'multivariant', uris };
}

function readMedia(lines: readonly string[]): ReadMediaPlaylist {
  const entries: ReadEntry[] = [];
  let durationSeconds = Number.NaN;
  let byteRange: ReadEntry['byteRange'] = null;
  let targetDurationSeconds: number | null = null;
  for (const line of lines) {
    const [tag = '', value = ''] = splitTag(line);
    if (tag === '#EXT-X-TARGETDURATION') targetDurationSeconds = Number.parseInt(value, 10);
    else if (tag === '#EXTINF') durationSeconds = Number.parseFloat(value);
    else if (tag === '#EXT-X-BYTERANGE') byteRange = readByteRange(value, entries.at(-1)?.byteRange ?? null);
    else if (line !== '' && !line.startsWith('#')) {
      entries.push({ uri: line, durationSeconds, byteRange });
      durationSeconds = Number.NaN;
      byteRange = null;
    }
  }
  return {
    kind: 'media',
    targetDurationSeconds,
    hasEnd: lines.includes('#EXT-X-ENDLIST'),
    isIFramesOnly: lines.includes('#EXT-X-I-FRAMES-ONLY'),
    entries,
  };
}

function splitTag(line: string): readonly string[] {
  const colon = line.indexOf(':');
  return line.startsWith('#') && colon > 0 ? [line.slice(0, colon), line.slice(colon + 1)] : [line];
}

/** Without an offset a range begins where the one before ended (RFC 8216 4.3.2.2). */
function readByteRange(value: string, before: ReadEntry['byteRange']): ReadEntry['byteRange'] {
  const [length = '', offset] = value.split('@');
  const follows = before === null ? 0 : before.offsetBytes + before.lengthBytes;
  return {
    lengthBytes: Number.parseInt(length, 10),
    offsetBytes: offset === undefined ? follows : Number.parseInt(offset, 10),
  };
}

/**
 * The location of the media that a manifest names. URIs below the base address of their group count from the folder of
 * `root`, its main manifest.
 */
export function resolveMediaUri(
  manifest: string,
  uri: string,
  { baseUrl, root }: { readonly baseUrl: string; readonly root: string | null },
): string {
  const isBased = baseUrl !== '' && uri.startsWith(baseUrl);
  return isBased ? resolveUri(root ?? manifest, uri.slice(baseUrl.length)) : resolveUri(manifest, uri);
}

/** The location a URI stands for inside the playlist at `playlist`; absolute URIs stay. */
export function resolveUri(playlist: string, uri: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(uri)) return uri;
  const parts = playlist.split('/').slice(0, -1);
  for (const part of uri.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(decodeURIComponent(part));
  }
  return parts.join('/');
}
