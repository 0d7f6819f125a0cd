/** Serves published objects over HTTP as a web server would, with byte ranges, and the page that plays them. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { smoothFragment } from './smooth-origin.ts';

const types: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  ismc: 'application/vnd.ms-sstr+xml',
  ts: 'video/mp2t',
  js: 'text/javascript',
  html: 'text/html',
};

const scripts: Readonly<Record<string, string>> = {
  '/hls.js': 'hls.js/dist/hls.min.js',
  '/dash.js': 'dashjs/dist/modern/umd/dash.all.min.js',
  '/dash-smooth.js': 'dashjs/dist/modern/umd/dash.mss.min.js',
  '/shaka.js': 'shaka-player/dist/shaka-player.compiled.js',
};

const page =
  '<!doctype html><video id="v" muted playsinline></video><canvas id="c"></canvas>' +
  '<script src="/hls.js"></script><script src="/dash.js"></script><script src="/dash-smooth.js"></script><script src="/shaka.js"></script>';

export interface ServedObjects {
  readonly origin: string;
  /** Names that were asked for and not there. */
  readonly missing: readonly string[];
  close(): Promise<void>;
}

/** `folders` maps a path prefix to objects by location. */
export async function serveObjects(
  folders: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>,
): Promise<ServedObjects> {
  const missing: string[] = [];
  const bodyOf = (path: string): Uint8Array | undefined => {
    if (path === '/') return Buffer.from(page);
    const script = scripts[path];
    if (script !== undefined)
      return readFileSync(fileURLToPath(new URL(`../../../node_modules/${script}`, import.meta.url)));
    const [, folder = '', ...rest] = path.split('/');
    const objects = folders.get(folder);
    const name = rest.join('/');
    return objects?.get(`s3://out/vod/${name}`) ?? smoothFragment(objects, name);
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/');
    const body = bodyOf(path);
    if (body === undefined) {
      if (path !== '/favicon.ico') missing.push(path);
      response.writeHead(404).end();
      return;
    }
    const type = path === '/' ? 'text/html' : (types[path.split('.').at(-1) ?? ''] ?? 'video/mp4');
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (range === null) {
      response.writeHead(200, { 'content-type': type, 'accept-ranges': 'bytes' }).end(body);
      return;
    }
    const from = Number(range[1]);
    const to = Math.min(range[2] === '' ? body.length - 1 : Number(range[2]), body.length - 1);
    response
      .writeHead(206, { 'content-type': type, 'content-range': `bytes ${from}-${to}/${body.length}` })
      .end(body.subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    missing,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
