/** Playlists as two independent parsers see them, and the objects they name. */
import HLS from 'hls-parser';
import { Parser } from 'm3u8-parser';
import type { MemoryObjects } from './memory-objects.ts';

export interface SeenSegment {
  readonly uri: string;
  readonly duration: number;
  readonly byteRange: { readonly length: number; readonly offset: number } | null;
}

/** Segments of a media playlist. Throws when either parser finds a fault, or when they disagree. */
export function readMediaPlaylist(text: string): readonly SeenSegment[] {
  HLS.setOptions({ strictMode: true });
  const strict = HLS.parse(text);
  if (strict.isMasterPlaylist) throw new Error('not a media playlist');
  const { manifest, warnings } = readLoosely(text);
  if (warnings.length > 0) throw new Error(warnings.join('; '));
  const seen = strict.segments.map(
    (segment): SeenSegment => ({
      uri: segment.uri,
      duration: segment.duration,
      byteRange:
        segment.byterange === undefined
          ? null
          : { length: segment.byterange.length, offset: segment.byterange.offset },
    }),
  );
  const other = manifest.segments.map(({ uri, duration }) => ({ uri, duration }));
  if (JSON.stringify(other) !== JSON.stringify(seen.map(({ uri, duration }) => ({ uri, duration })))) {
    throw new Error(`the parsers disagree about ${text}`);
  }
  return seen;
}

/** URIs of variants, of I-frame variants and of audio renditions. */
export function readMultivariantPlaylist(text: string): readonly string[] {
  HLS.setOptions({ strictMode: true });
  const strict = HLS.parse(text);
  if (!strict.isMasterPlaylist) throw new Error('not a multivariant playlist');
  const { manifest, warnings } = readLoosely(text);
  if (warnings.length > 0) throw new Error(warnings.join('; '));
  const plain = strict.variants.filter((variant) => !variant.isIFrameOnly);
  if (manifest.playlists.length !== plain.length) throw new Error(`the parsers disagree about ${text}`);
  const audio = strict.variants.flatMap((variant) =>
    variant.audio.flatMap((rendition) => rendition.uri ?? []),
  );
  return [...new Set([...strict.variants.map((variant) => variant.uri), ...audio])];
}

interface LooseManifest {
  readonly segments: readonly { readonly uri: string; readonly duration: number }[];
  readonly playlists: readonly { readonly uri: string }[];
}

function readLoosely(text: string): {
  readonly manifest: LooseManifest;
  readonly warnings: readonly string[];
} {
  const parser = new Parser();
  const warnings: string[] = [];
  parser.on('warn', ({ message }: { readonly message: string }) => warnings.push(message));
  parser.push(text);
  parser.end();
  return { manifest: parser.manifest as LooseManifest, warnings };
}

/** The location a relative URI stands for. */
export function locate(playlist: string, uri: string): string {
  return decodeURIComponent(new URL(uri, playlist.replace('s3:', 'http:')).href).replace('http:', 's3:');
}

/** What a media playlist lists, with the bytes a player gets for each entry. */
export function entriesOf(
  objects: MemoryObjects,
  playlist: string,
): { readonly uri: string; readonly duration: number; readonly bytes: Buffer }[] {
  return readMediaPlaylist(textOf(objects, playlist)).map(({ uri, duration, byteRange }) => {
    const object = objects.visible.get(locate(playlist, uri)) ?? Buffer.alloc(0);
    const range = byteRange ?? { offset: 0, length: object.length };
    return { uri, duration, bytes: object.subarray(range.offset, range.offset + range.length) };
  });
}

export function textOf(objects: MemoryObjects, location: string): string {
  return objects.visible.get(location)?.toString() ?? `no ${location}`;
}
