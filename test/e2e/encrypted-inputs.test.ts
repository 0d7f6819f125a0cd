/** Client-side encrypted inputs through the product: their output equals that of the clear file (spec inputs.md 15). */
import { createCipheriv, createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FormatContext, Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callKms } from '../keys/kms-calls.ts';
import { startS3Server } from '../store/s3-server.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { changed, completeJob, fileOf, filesBelow, runJob } from './run-report.ts';
import { clip, mp4Settings, prepareData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const key = createHash('sha256').update('the data key').digest();
const wrappedKey = Buffer.concat([
  Buffer.alloc(32, 1),
  createHash('sha256').update('wrapped').digest(),
]).toString('base64');
const vectors = {
  AES_CTR: Buffer.alloc(16, 0xf9),
  AES_CBC: Buffer.alloc(16, 5),
  AES_GCM: Buffer.alloc(12, 6),
};
type Mode = keyof typeof vectors;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let keyFile: string;
let clear: Buffer;
let expected: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  keyFile = path.join(data, 'keys.json');
  const entry = { encryptedDecryptionKey: wrappedKey, key: key.toString('base64') };
  await writeFile(keyFile, JSON.stringify({ keys: [entry] }));
  clear = await readFile(fileOf(data, clip.location));
  await completeJob(data, movSettings('s3://out/clear'));
  expected = await mediaOf('s3://out/clear.mov');
}, 120_000);
afterAll(() => folder?.[Symbol.asyncDispose]());

async function putEncrypted(mode: Mode, name: string, with_: Buffer = key): Promise<string> {
  const cipher = createCipheriv(
    `aes-256-${mode.slice(4).toLowerCase()}` as 'aes-256-gcm',
    with_,
    vectors[mode],
  );
  const bytes = Buffer.concat([cipher.update(clear), cipher.final()]);
  const location = `s3://media/${name}.enc`;
  await writeFile(
    fileOf(data, location),
    mode === 'AES_GCM' ? Buffer.concat([bytes, cipher.getAuthTag()]) : bytes,
  );
  return location;
}

/** A codec that gives the same bytes on every run, whatever its threads do. */
function movSettings(destination: string): object {
  return changed(mp4Settings(destination), {
    '/OutputGroups/0/Outputs/0/ContainerSettings': { Container: 'MOV' },
    '/OutputGroups/0/Outputs/0/VideoDescription/CodecSettings': {
      Codec: 'PRORES',
      ProresSettings: { CodecProfile: 'APPLE_PRORES_422' },
    },
    '/OutputGroups/0/Outputs/0/AudioDescriptions/0/CodecSettings': { Codec: 'AIFF', AiffSettings: {} },
  });
}

function encrypted(location: string, mode: Mode, out: string, wrapped = wrappedKey): object {
  return changed(movSettings(out), {
    '/Inputs/0/FileInput': location,
    '/Inputs/0/DecryptionSettings': {
      DecryptionMode: mode,
      EncryptedDecryptionKey: wrapped,
      InitializationVector: vectors[mode].toString('base64'),
    },
  });
}

/** Digests of the tracks: how they lie between each other and when the file was made differ from run to run. */
async function mediaOf(location: string): Promise<string> {
  const context = new FormatContext();
  if (context.openInputSync(fileOf(data, location), null, null) < 0)
    throw new Error(`${location} does not open`);
  const hashes = context.streams.map(() => createHash('sha256'));
  const packet = new Packet();
  packet.alloc();
  while (context.readFrameSync(packet) >= 0) {
    hashes[packet.streamIndex]?.update(`${packet.pts} ${packet.size} `).update(packet.data ?? '');
    packet.unref();
  }
  packet.free();
  context.closeInputSync();
  return hashes.map((hash) => hash.digest('hex')).join(' ');
}

describe('an encrypted input', patient, () => {
  test.each(['AES_CTR', 'AES_CBC', 'AES_GCM'] as const)(
    '%s gives the output of the clear file',
    async (mode) => {
      const location = await putEncrypted(mode, mode);
      const job = encrypted(location, mode, `s3://out/${mode}`);
      await completeJob(data, job, '--decryption-keys', keyFile);
      expect(await mediaOf(`s3://out/${mode}.mov`)).toBe(expected);
      expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]);
    },
  );

  test('is checked with its plan, which holds no key', async () => {
    const location = await putEncrypted('AES_CTR', 'checked');
    const file = path.join(data, 'checked.json');
    await writeFile(file, JSON.stringify(encrypted(location, 'AES_CTR', 's3://out/checked')));
    const { stdout, stderr } = await openconvert(
      'check',
      file,
      '--data',
      data,
      '--json',
      '--decryption-keys',
      keyFile,
    );
    expect(JSON.parse(stdout).plan.inputs[0].decryption).toMatchObject({ mode: 'AES_CTR', wrappedKey });
    for (const text of [stdout, stderr])
      for (const form of ['base64', 'hex'] as const) expect(text).not.toContain(key.toString(form));
  });

  test('without a source of keys is 1040 at the setting', async () => {
    const location = await putEncrypted('AES_CTR', 'no-keys');
    const { exitCode, report } = await runJob(data, encrypted(location, 'AES_CTR', 's3://out/no-keys'));
    expect(exitCode).toBe(1);
    expect(report.errorCode).toBe(1040);
    expect(JSON.stringify(report)).toContain('"/inputs/0/decryptionSettings"');
    expect(report.errorMessage).toContain('--decryption-keys');
  });

  test.each(['AES_CBC', 'AES_GCM'] as const)('%s with another key is 1010', async (mode) => {
    const location = await putEncrypted(mode, `other-${mode}`, createHash('sha256').update('b').digest());
    const job = encrypted(location, mode, `s3://out/other-${mode}`);
    const { report } = await runJob(data, job, '--decryption-keys', keyFile);
    expect(report.errorCode).toBe(1010);
    // Once in 256 times a wrong key gives CBC a valid padding; what comes out is no media then.
    if (mode === 'AES_GCM') expect(report.errorMessage).toContain('cannot be decrypted');
  });

  test('that is not encrypted at all is 1010: what CTR makes of it is no media', async () => {
    const job = encrypted(clip.location, 'AES_CTR', 's3://out/plain');
    const { report } = await runJob(data, job, '--decryption-keys', keyFile);
    expect(report).toMatchObject({ errorCode: 1010 });
  });

  test('with a vector of twelve bytes for CBC is refused as a document', async () => {
    const job = changed(encrypted('s3://media/x', 'AES_CBC', 's3://out/x'), {
      '/Inputs/0/DecryptionSettings/InitializationVector': Buffer.alloc(12).toString('base64'),
    });
    const { exitCode, report } = await runJob(data, job, '--decryption-keys', keyFile);
    expect(exitCode).toBe(2);
    expect(JSON.stringify(report)).toContain('16 bytes');
  });

  test('whose key KMS unwraps', async () => {
    const moto = await startS3Server();
    if (moto === null) return;
    const { KeyMetadata } = await callKms(moto.endpoint, 'CreateKey', {});
    const made = await callKms(moto.endpoint, 'GenerateDataKey', {
      KeyId: KeyMetadata?.KeyId,
      KeySpec: 'AES_256',
      EncryptionContext: { service: 'mediaconvert.amazonaws.com' },
    });
    const location = await putEncrypted('AES_GCM', 'kms', Buffer.from(made.Plaintext ?? '', 'base64'));
    const job = encrypted(location, 'AES_GCM', 's3://out/kms', made.CiphertextBlob);
    process.env['AWS_ACCESS_KEY_ID'] ??= 'AKIDEXAMPLE';
    process.env['AWS_SECRET_ACCESS_KEY'] ??= 'secret';
    await completeJob(data, job, '--kms-endpoint', moto.endpoint);
    await moto.close();
    expect(await mediaOf('s3://out/kms.mov')).toBe(expected);
  });

  test('with a file of keys that is none is a mistake of the command', async () => {
    await writeFile(path.join(data, 'bad.json'), '{}');
    const { exitCode, stderr } = await openconvert(
      'probe',
      clip.location,
      '--data',
      data,
      '--decryption-keys',
      path.join(data, 'bad.json'),
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain('no list "keys"');
  });
});
