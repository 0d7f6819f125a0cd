/** Jobs whose keys come from a real HTTPS key server that does not give them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { filesBelow } from '../e2e/run-report.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { startTcpServer } from '../store/http-servers.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { openProvocations, type Provocations } from './provocations.ts';

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
    server = createServer(certificates.good, (request, response) => {
      if (request.url === '/refuses') response.writeHead(403).end('no');
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('this is not CPIX');
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
  const encrypted = (way: string, host = ownHost()): object => ({
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
