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
  const keys = ['--keys', `label=:key_id=${keyId}:key=${key}`];
  return runPackager(bytes, stream, ['--enable_raw_key_decryption', ...keys]);
}

/** The packager's own encryption of a clear file of one fragment: where it leaves samples clear, so must we. */
export function encryptWithPackager(
  bytes: Uint8Array,
  scheme: 'cenc' | 'cbcs',
  keyId: string,
  key: string,
  iv: string,
): Buffer {
  return runPackager(bytes, 'video', [
    '--enable_raw_key_encryption',
    ...['--keys', `label=:key_id=${keyId}:key=${key}:iv=${iv}`, '--protection_scheme', scheme],
    ...['--clear_lead', '0', '--segment_duration', '1000', '--fragment_duration', '1000'],
  ]);
}

function runPackager(bytes: Uint8Array, stream: string, flags: readonly string[]): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-packager-'));
  try {
    const input = path.join(folder, 'in.mp4');
    const output = path.join(folder, 'out.mp4');
    writeFileSync(input, bytes);
    execFileSync(packager, [`in=${input},stream=${stream},output=${output}`, ...flags], {
      stdio: 'pipe',
      timeout: 60_000,
    });
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Clear and protected bytes of each sample, one behind the other, as all `senc` boxes of a file tell them. */
export function subsamplesIn(file: Buffer, ivBytes: number): readonly (readonly [number, number])[][] {
  const samples: [number, number][][] = [];
  for (let box = file.indexOf('senc', 0, 'latin1'); box >= 0; box = file.indexOf('senc', box + 4, 'latin1')) {
    if (file.readUInt32BE(box + 4) !== 2) continue;
    let at = box + 12;
    for (let count = file.readUInt32BE(box + 8); count > 0; count -= 1) {
      at += ivBytes;
      const runs = file.readUInt16BE(at);
      at += 2;
      const sample: [number, number][] = [];
      for (let run = 0; run < runs; run += 1, at += 6)
        sample.push([file.readUInt16BE(at), file.readUInt32BE(at + 2)]);
      samples.push(sample);
    }
  }
  return samples;
}

/** A digest of each sample of the first track. */
export function sampleDigests(bytes: Uint8Array): readonly string[] {
  return samplesIn(bytes, 'mp4').map((sample) => createHash('md5').update(sample).digest('hex'));
}

/** Samples of the first track of a file. */
export function samplesIn(bytes: Uint8Array, extension: string): readonly Buffer[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-samples-'));
  const file = path.join(folder, `bytes.${extension}`);
  writeFileSync(file, bytes);
  const format = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  try {
    if (format.openInputSync(file) < 0) throw new Error('the bytes do not open');
    format.findStreamInfoSync();
    const samples: Buffer[] = [];
    while (format.readFrameSync(packet) >= 0) {
      samples.push(Buffer.from(packet.data ?? []));
      packet.unref();
    }
    return samples;
  } finally {
    packet.free();
    format.closeInputSync();
    rmSync(folder, { recursive: true, force: true });
  }
}
