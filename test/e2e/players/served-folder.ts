/** Serves a bucket's folder over HTTP as a web server would, with byte ranges and keys, and the page that plays it. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { smoothFragment } from './smooth-origin.ts';

const types: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  ismc: 'application/vnd.ms-sstr+xml',
  ts: 'video/mp2t',
  aac: 'audio/aac',
  jpg: 'image/jpeg',
  js: 'text/javascript',
};

const scripts: Readonly<Record<string, string>> = {
  '/hls.js': 'hls.js/dist/hls.min.js',
  '/dash.js': 'dashjs/dist/modern/umd/dash.all.min.js',
  '/dash-smooth.js': 'dashjs/dist/modern/umd/dash.mss.min.js',
  '/shaka.js': 'shaka-player/dist/shaka-player.compiled.js',
};

const page =
  '<!doctype html><video id="v" muted playsinline></video><canvas id="c"></canvas>' +
  Object.keys(scripts)
    .map((address) => `<script src="${address}"></script>`)
    .join('');

/** A running web server. */
export interface ServedFolder {
  readonly origin: string;
  /** Names that were asked for and not there. */
  readonly missing: readonly string[];
  /** Keys by the last part of their address below `/keys/`; more may be put there while it runs. */
  readonly keys: Map<string, Buffer>;
  close(): Promise<void>;
}

/** Serves until it is closed. */
export async function serveFolder(folder: string): Promise<ServedFolder> {
  const missing: string[] = [];
  const keys = new Map<string, Buffer>();
  const bodyOf = (place: string): Buffer | undefined => {
    if (place === '/') return Buffer.from(page);
    const script = scripts[place];
    if (script !== undefined)
      return readFileSync(fileURLToPath(new URL(`../../../node_modules/${script}`, import.meta.url)));
    if (place.startsWith('/keys/')) return keys.get(path.basename(place));
    return readIfThere(path.join(folder, place)) ?? smoothFragment(folder, place);
  };
  const server = createServer((request, response) => {
    const place = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/');
    const body = bodyOf(place);
    if (body === undefined) {
      if (place !== '/favicon.ico') missing.push(place);
      response.writeHead(404).end();
      return;
    }
    const type = place === '/' ? 'text/html' : (types[place.split('.').at(-1) ?? ''] ?? 'video/mp4');
    const isPacked = body.readUInt16BE(0) === 0x1f8b;
    const headers = { 'content-type': type, ...(isPacked ? { 'content-encoding': 'gzip' } : {}) };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range === null) {
      response.writeHead(200, { ...headers, 'accept-ranges': 'bytes' }).end(body);
      return;
    }
    const from = Number(range[1]);
    const to = Math.min(range[2] === '' ? body.length - 1 : Number(range[2]), body.length - 1);
    response
      .writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${body.length}` })
      .end(body.subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    missing,
    keys,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
