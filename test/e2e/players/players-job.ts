/** Runs the players' packages as one job, through the command line and with a key server, and serves what comes out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { answer, keyOf } from '../../../examples/key-server.mjs';
import { makeCertificates } from '../../provocations/certificates.ts';
import { completeJob } from '../run-report.ts';
import { makeFilm } from './film.ts';
import { filmInput, groupOf, type PlayedPackage, staticKey } from './package-parts.ts';
import { type ServedFolder, serveFolder } from './served-folder.ts';

const secret = 'demonstration';

/** Packages on a web server. */
export interface PlayersJob {
  readonly origin: string;
  /** Names that players asked for and that are not there. */
  readonly missing: readonly string[];
  /** Key by key id for players of an MPD, which names the ids alone; null: for its playlists, and clear packages. */
  clearKeys(from: PlayedPackage, manifest: string): Readonly<Record<string, string>> | null;
  close(): Promise<void>;
}

/** False where there is no openssl: packages with keys of a server cannot be made. */
export async function runPlayersJob(packages: readonly PlayedPackage[]): Promise<PlayersJob> {
  const data = mkdtempSync(path.join(tmpdir(), 'openconvert-players-'));
  const outputs = path.join(data, 'buckets', 'out');
  mkdirSync(path.join(data, 'buckets', 'media'), { recursive: true });
  mkdirSync(outputs, { recursive: true });
  makeFilm(path.join(data, 'buckets', 'media', 'film.mov'));
  const certificates = makeCertificates(data);
  const served = await serveFolder(outputs);
  served.keys.set('film', Buffer.from(staticKey, 'hex'));
  const keyServer = certificates === null ? null : await startKeyServer(certificates.good, served);
  const places = { keyUrl: `${served.origin}/keys/film`, spekeUrl: keyServer?.url ?? '' };
  const made = packages.filter(({ keys }) => keys !== 'server' || keyServer !== null);
  const before = process.env['NODE_EXTRA_CA_CERTS'];
  if (certificates !== null) process.env['NODE_EXTRA_CA_CERTS'] = certificates.authorityFile;
  try {
    const groups = made.map((each) => groupOf(each, places));
    await completeJob(data, { Inputs: [filmInput], OutputGroups: groups }, '--allow-private-http');
  } finally {
    if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
    else process.env['NODE_EXTRA_CA_CERTS'] = before;
    await new Promise((resolve) => (keyServer === null ? resolve(null) : keyServer.server.close(resolve)));
  }
  return {
    origin: served.origin,
    missing: served.missing,
    clearKeys({ name, keys }, manifest) {
      if (keys === 'none' || manifest !== 'mpd') return null;
      const text = readFileSync(path.join(outputs, name, 'film.mpd'), 'utf8');
      const ids = [...text.matchAll(/default_KID="([^"]+)"/g)].map(([, id = '']) => id);
      return Object.fromEntries(
        ids.map((id) => [
          id.replaceAll('-', ''),
          keys === 'static' ? staticKey : keyOf(id, secret).toString('hex'),
        ]),
      );
    },
    async close() {
      await served.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Speaks SPEKE; the keys of segments, which players fetch, it names as objects of the web server. */
async function startKeyServer(
  tls: { readonly key: Buffer; readonly cert: Buffer },
  served: ServedFolder,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(tls, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { status, headers, body } = answer(Buffer.concat(parts).toString(), secret);
    const told = body.replace(/(<cpix:URIExtXKey>)([^<]+)/g, (_, name: string, address: string) => {
      const keyId = path.basename(Buffer.from(address, 'base64').toString());
      served.keys.set(keyId, keyOf(keyId, secret));
      return `${name}${Buffer.from(`${served.origin}/keys/${keyId}`).toString('base64')}`;
    });
    const identity = Buffer.from('identity').toString('base64');
    response
      .writeHead(status, headers)
      .end(told.replace(/(<speke:KeyFormat>)[^<]+/g, (_, name: string) => `${name}${identity}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/speke`, server };
}
