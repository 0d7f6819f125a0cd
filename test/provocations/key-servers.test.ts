/** Jobs whose keys come from a real HTTPS key server that does not give them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { answer } from '../../examples/key-server.mjs';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { filesBelow } from '../e2e/run-report.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { startTcpServer } from '../store/http-servers.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { openProvocations, type Provocations } from './provocations.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const plain: Answer = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'this is not CPIX' };
/** How the server answers below each address; elsewhere with something that is no answer. */
const answers: Readonly<Record<string, (question: string) => Answer>> = {
  '/refuses': () => ({ status: 403, headers: {}, body: 'no' }),
  '/fails': () => ({ status: 500, headers: {}, body: 'out of keys' }),
  '/forgets-a-system': (question) => {
    const whole = answer(question);
    return { ...whole, body: whole.body.replace(/<cpix:DRMSystem\s[\s\S]*?<\/cpix:DRMSystem>/, '') };
  },
  '/forgets-a-key': (question) => {
    const whole = answer(question);
    return { ...whole, body: whole.body.replace(/<cpix:Data>[\s\S]*?<\/cpix:Data>/, '') };
  },
};

const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-provoked-'));
const certificates: Certificates | null = makeCertificates(folder);
if (certificates === null)
  console.log('SKIPPED: key servers: openssl is missing, certificates cannot be made');

describe.skipIf(certificates === null)('a key server', { timeout: 120_000 }, () => {
  let place: Provocations;
  let server: Server;

  beforeAll(async () => {
    if (certificates === null) return;
    quietLibraryLog();
    server = createServer(certificates.good, async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const { status, headers, body } =
        answers[request.url ?? '']?.(Buffer.concat(parts).toString()) ?? plain;
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('NODE_EXTRA_CA_CERTS', certificates.authorityFile);
    place = await openProvocations({ options: ['--allow-private-http'] });
    makeClip(place.place('film.mp4'), {
      muxer: 'mp4',
      video: { encoder: 'libx264', frames: 50, frameRate: [25, 1] },
    });
  }, 120_000);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await place?.[Symbol.asyncDispose]();
    await new Promise((resolve) => server?.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  test('an output that cannot be encrypted provokes 1091', async () => {
    const { message } = await place.failing(1091, encrypted('refuses'));
    expect(message).toMatch(/^SPEKE keyserver request failed:-Response code \[403\]/);
    expect(await filesBelow(path.join(place.data, 'buckets', 'out'))).toEqual([]);
  });

  test('whose answer is no document is 1091', async () => {
    const { message } = await place.failing(1091, encrypted('chatters'));
    expect(message).toMatch(/^SPEKE keyserver request failed:-Unable to parse response xml/);
  });

  test('that fails three times is 1091 with what it said', async () => {
    const { message } = await place.failing(1091, encrypted('fails'));
    expect(message).toMatch(/^SPEKE keyserver request failed:-Response code \[500\].*out of keys/);
  });

  test.each([
    ['a key', 'forgets-a-key'],
    ['a DRM system', 'forgets-a-system'],
    [
      'a key of several',
      'forgets-a-key',
      { SpekeAudioPreset: 'PRESET_AUDIO_2', SpekeVideoPreset: 'PRESET_VIDEO_2' },
    ],
  ])('that leaves out %s is 1091', async (_, way, contract?: object) => {
    const { message } = await place.failing(1091, encrypted(way, ownHost(), contract));
    expect(message).toMatch(/^\[GenerateKey\] Failed to find key \[[0-9a-f-]{36}/);
    expect(await filesBelow(path.join(place.data, 'buckets', 'out'))).toEqual([]);
  });

  test('that cuts the TLS handshake is 1091 in the words of the service', async () => {
    const cutter = await startTcpServer((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    try {
      const { message } = await place.failing(1091, encrypted('keys', cutter.host));
      const [host, port] = cutter.host.split(':');
      expect(message).toBe(
        `SPEKE keyserver request failed:-OpenSSL SSL_connect: Connection reset by peer in connection to ${host}:${port}`,
      );
    } finally {
      await cutter.close();
    }
  });

  const ownHost = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const encrypted = (way: string, host = ownHost(), contract?: object): object => ({
    Inputs: [{ FileInput: 's3://media/film.mp4' }],
    OutputGroups: [
      {
        OutputGroupSettings: {
          Type: 'CMAF_GROUP_SETTINGS',
          CmafGroupSettings: {
            Destination: 's3://out/film',
            SegmentLength: 2,
            FragmentLength: 2,
            Encryption: {
              EncryptionMethod: 'AES_CTR',
              Type: 'SPEKE',
              SpekeKeyProvider: {
                Url: `https://${host}/${way}`,
                ResourceId: 'film-1',
                DashSignaledSystemIds: ['edef8ba9-79d6-4ace-a3c8-27dcd51d21ed'],
                HlsSignaledSystemIds: ['edef8ba9-79d6-4ace-a3c8-27dcd51d21ed'],
                ...(contract === undefined ? {} : { EncryptionContractConfiguration: contract }),
              },
            },
          },
        },
        Outputs: [
          {
            NameModifier: '_v',
            ContainerSettings: { Container: 'CMFC' },
            VideoDescription: {
              CodecSettings: {
                Codec: 'H_264',
                H264Settings: { RateControlMode: 'QVBR', MaxBitrate: 1_000_000 },
              },
            },
          },
        ],
      },
    ],
  });
});
