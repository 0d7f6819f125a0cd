/** Decrypts fMP4 with shaka-packager, which shares no code with ours, and shows samples of any file. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FormatContext, Packet } from 'node-av/lib';

const name = `packager-${platform() === 'darwin' ? 'osx' : platform()}-${arch()}`;
const packager = fileURLToPath(new URL(`../../../node_modules/shaka-packager/bin/${name}`, import.meta.url));

/** False where the package has no binary for the machine. */
export const hasPackager = existsSync(packager);

/** The clear file. Throws with the packager's words when it finds a fault. */
export function decryptWithPackager(
  bytes: Uint8Array,
  stream: 'video' | 'audio',
  keyId: string,
  key: string,
): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-decrypt-'));
  try {
    const input = path.join(folder, 'in.mp4');
    const output = path.join(folder, 'out.mp4');
    writeFileSync(input, bytes);
    execFileSync(
      packager,
      [
        `in=${input},stream=${stream},output=${output}`,
        '--enable_raw_key_decryption',
        '--keys',
        `label=:key_id=${keyId}:key=${key}`,
      ],
      { stdio: 'pipe', timeout: 60_000 },
    );
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A digest of each sample of the first track. */
export function sampleDigests(bytes: Uint8Array): readonly string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-samples-'));
  const file = path.join(folder, 'bytes.mp4');
  writeFileSync(file, bytes);
  const format = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  try {
    if (format.openInputSync(file) < 0) throw new Error('the bytes do not open');
    format.findStreamInfoSync();
    const digests: string[] = [];
    while (format.readFrameSync(packet) >= 0) {
      digests.push(
        createHash('md5')
          .update(packet.data ?? '')
          .digest('hex'),
      );
      packet.unref();
    }
    return digests;
  } finally {
    packet.free();
    format.closeInputSync();
    rmSync(folder, { recursive: true, force: true });
  }
}
