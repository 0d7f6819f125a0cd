/** Reads an HLS package with the library's own demuxer, which fetches keys and decrypts by itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Dictionary, FormatContext, Packet } from 'node-av/lib';
import type { MemoryObjects } from './memory-objects.ts';

/** Packets of each stream, as `readHlsFolder` has them; `keys` are files that key URIs name. */
export function readHlsPackage(
  objects: MemoryObjects,
  playlist: string,
  keys: Readonly<Record<string, Buffer>> = {},
): readonly (readonly Buffer[])[] {
  const files = [...objects.visible].map(([location, bytes]) => [path.basename(location), bytes] as const);
  return readHlsFolder(new Map([...files, ...Object.entries(keys)]), playlist);
}

/**
 * Packets of each stream, in order, then those of the last segment once more. The demuxer forgets the key with the last
 * byte of the last segment, while packets are still on their way: it reads that segment twice, so that all packets of the
 * first time are whole.
 */
export function readHlsFolder(
  files: ReadonlyMap<string, Buffer>,
  playlist: string,
): readonly (readonly Buffer[])[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-hls-'));
  const format = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  try {
    for (const [name, bytes] of files)
      writeFileSync(path.join(folder, name), name === playlist ? lastTwice(bytes.toString()) : bytes);
    const options = Dictionary.fromObject({ allowed_extensions: 'ALL', extension_picky: '0' });
    const opened = format.openInputSync(path.join(folder, playlist), null, options);
    if (opened < 0) throw new Error(`${playlist} does not open (${opened})`);
    format.findStreamInfoSync();
    const streams: Buffer[][] = format.streams.map(() => []);
    while (format.readFrameSync(packet) >= 0) {
      streams[packet.streamIndex]?.push(Buffer.from(packet.data ?? []));
      packet.unref();
    }
    return streams;
  } finally {
    packet.free();
    format.closeInputSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastTwice(text: string): string {
  return text.replace(/(#EXTINF:[^\n]*\n(?:#[^\n]*\n)*[^\n]*\n)(#EXT-X-ENDLIST)/, '$1$1$2');
}
