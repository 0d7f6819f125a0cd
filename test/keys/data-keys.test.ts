/** Data keys of encrypted inputs: from a file, and from KMS. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDataKeys, readKeyFile } from '../../src/keys/data-keys.ts';
import { signRequest } from '../../src/keys/sign-request.ts';
import { startServer, type TestServer } from '../store/http-servers.ts';
import { startS3Server } from '../store/s3-server.ts';
import { callKms } from './kms-calls.ts';

const signal = new AbortController().signal;
const wrapped = {
  ciphertext: Buffer.alloc(32, 9).toString('base64'),
  region: null,
  location: 's3://in/film.mp4',
  pointer: '/inputs/0/decryptionSettings',
};
const credentials = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' });
const kmsAt = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials,
  timeoutMs: 20_000,
  retryDelaysMs: [1, 1],
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'openconvert-keys-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
async function kmsAnswering(status: number, body: unknown): Promise<TestServer> {
  const server = await startServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  servers.push(server);
  return server;
}

describe('a file of keys', () => {
  test('gives the key that stands behind a ciphertext', async () => {
    const key = Buffer.alloc(24, 3);
    const file = path.join(folder, 'keys.json');
    const entry = { encryptedDecryptionKey: wrapped.ciphertext, key: key.toString('base64') };
    writeFileSync(file, JSON.stringify({ keys: [entry] }));
    const keys = createDataKeys({ known: await readKeyFile(file), kms: null });
    expect((await keys.unwrap(wrapped, null, signal)).equals(key)).toBe(true);
  });

  test.each([
    ['{"keys": [', 'no JSON'],
    ['{"key": []}', 'no list "keys"'],
    ['{"keys": [{"encryptedDecryptionKey": "AAAA"}]}', '/keys/0'],
    ['{"keys": [{"encryptedDecryptionKey": "AAAA", "key": "c2VjcmV0"}]}', 'no AES key'],
  ])('%s is refused with its place and without a key', async (content, words) => {
    const file = path.join(folder, 'bad.json');
    writeFileSync(file, content);
    const error = await readKeyFile(file).catch((reason: Error) => reason);
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).not.toContain('c2VjcmV0');
  });

  test('without any source of keys the setting is refused by name', async () => {
    const keys = createDataKeys({ known: new Map(), kms: null });
    await expect(keys.unwrap(wrapped, null, signal)).rejects.toMatchObject({
      code: 1040,
      message: expect.stringContaining('/inputs/0/decryptionSettings/encryptedDecryptionKey'),
    });
  });
});

describe('KMS', () => {
  const moto = startS3Server();
  afterAll(async () => (await moto)?.close());

  test('unwraps a key that it has wrapped for the service, and no other', { timeout: 60_000 }, async () => {
    const server = await moto;
    if (server === null) return;
    const { KeyMetadata } = await callKms(server.endpoint, 'CreateKey', {});
    const wrap = async (service: string) => {
      const answer = await callKms(server.endpoint, 'GenerateDataKey', {
        KeyId: KeyMetadata?.KeyId,
        KeySpec: 'AES_256',
        EncryptionContext: { service },
      });
      return { ciphertext: answer.CiphertextBlob ?? '', clear: answer.Plaintext ?? '' };
    };
    const keys = createDataKeys({ known: new Map(), kms: kmsAt(server.endpoint) });
    const ours = await wrap('mediaconvert.amazonaws.com');
    const key = await keys.unwrap({ ...wrapped, ciphertext: ours.ciphertext }, null, signal);
    expect(key.toString('base64')).toBe(ours.clear);
    const others = await wrap('other.amazonaws.com');
    await expect(
      keys.unwrap({ ...wrapped, ciphertext: others.ciphertext }, null, signal),
    ).rejects.toMatchObject({ code: 1010 });
  });

  test.each([
    ['AccessDeniedException', 400, 1401],
    ['com.amazonaws.kms#DisabledException', 400, 1401],
    ['InvalidCiphertextException', 400, 1010],
    ['IncorrectKeyException', 400, 1010],
    ['KMSInternalException', 500, 1999],
  ])('%s is %i, error %i', async (type, status, code) => {
    const server = await kmsAnswering(status, { __type: type, message: 'no' });
    const keys = createDataKeys({ known: new Map(), kms: kmsAt(`http://${server.host}`) });
    await expect(keys.unwrap(wrapped, null, signal)).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(status === 500 ? 3 : 1);
  });

  test('a key of another length is 1010 and is not quoted', async () => {
    const secret = Buffer.alloc(10, 0x5a).toString('base64');
    const server = await kmsAnswering(200, { Plaintext: secret });
    const keys = createDataKeys({ known: new Map(), kms: kmsAt(`http://${server.host}`) });
    const error = await keys.unwrap(wrapped, null, signal).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 1010, message: expect.stringContaining('80 bits') });
    expect(JSON.stringify(error)).not.toContain(secret);
  });

  test('is asked with the credentials of the job where it has some, and the service’s context', async () => {
    let asked = '';
    const server = await startServer((request, response) => {
      request.on('data', (bytes) => {
        asked += String(bytes);
      });
      request.on('end', () =>
        response.end(JSON.stringify({ Plaintext: Buffer.alloc(16, 1).toString('base64') })),
      );
    });
    servers.push(server);
    const keys = createDataKeys({ known: new Map(), kms: kmsAt(`http://${server.host}`) });
    const role = async () => ({ accessKeyId: 'ROLE', secretAccessKey: 's', sessionToken: 'token' });
    await keys.unwrap({ ...wrapped, region: 'eu-west-1' }, role, signal);
    const headers = server.requests[0]?.headers ?? {};
    expect(headers['x-amz-target']).toBe('TrentService.Decrypt');
    expect(headers['x-amz-security-token']).toBe('token');
    expect(headers.authorization).toMatch(/Credential=ROLE\/\d{8}\/eu-west-1\/kms\/aws4_request/);
    expect(JSON.parse(asked)).toEqual({
      CiphertextBlob: wrapped.ciphertext,
      EncryptionContext: { service: 'mediaconvert.amazonaws.com' },
    });
  });
});

test('signatures are those of the published test suite (post-vanilla)', () => {
  const headers = signRequest(
    { host: 'example.amazonaws.com' },
    '',
    { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    { region: 'us-east-1', service: 'service', nowMs: Date.UTC(2015, 7, 30, 12, 36) },
  );
  expect(headers['authorization']).toContain(
    'Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  );
});
