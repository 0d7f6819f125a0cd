/**
 * Inputs at HTTP servers that misbehave in one way each: real sockets on loopback ports. The jobs run beside each
 * other on one server, because most of their time is waiting for answers that do not come.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutPolicyCommand } from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JobErrorCode } from '../../src/catalogue/codes.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed, filesBelow, runJob } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { makeClip } from '../probe/tiny-media.ts';
import {
  closedPort,
  serveContent,
  startServer as startHttpServer,
  startTcpServer,
  type TestServer,
} from '../store/http-servers.ts';
import { type Certificate, makeCertificates } from './certificates.ts';
import { checkFailure, openProvocations, type Provocations } from './provocations.ts';

const patient = { timeout: 120_000 };
const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-provoked-'));
const certificates = makeCertificates(folder);
const opened: TestServer[] = [];

quietLibraryLog();
makeClip(path.join(folder, 'film.mp4'), {
  muxer: 'mp4',
  video: { encoder: 'libx264', frames: 50, frameRate: [25, 1] },
  audio: { encoder: 'aac', seconds: 2 },
});
const film = readFileSync(path.join(folder, 'film.mp4'));

/** How often each path was asked for, so that servers can recover. */
const asked = new Map<string, number>();
const plain = keep(await startHttpServer(misbehave));
const garbled = keep(await startTcpServer((socket) => socket.end('HTTP/1.1 twohundred Fine\r\n\r\n')));
const mute = keep(await startTcpServer(() => {}));
const secure = async (certificate: Certificate | undefined): Promise<string> =>
  certificate === undefined
    ? ''
    : `https://${keep(await startHttpServer((request, response) => serveContent(request, response, film), certificate)).host}/film.mp4`;
const good = await secure(certificates?.good);
const expired = await secure(certificates?.expired);
const foreign = await secure(certificates?.foreign);
const selfSigned = await secure(certificates?.selfSigned);
const closed = await closedPort();

interface HttpCase {
  readonly title: string;
  readonly code: JobErrorCode;
  readonly url: string;
  readonly message: RegExp;
}

const at = (way: string): string => `http://${plain.host}/${way}/film.mp4`;
const failures: readonly HttpCase[] = [
  ...[
    ['401', 3401, 'requires authorization.'],
    ['407', 3401, 'requires authorization.'],
    ['403', 3403, 'is forbidden.'],
    ['404', 3404, 'not found.'],
    ['410', 3404, 'not found.'],
    ['500', 3450, 'Error encountered when accessing'],
    ['502', 3450, 'Error encountered when accessing'],
    ['303', 3453, "can't follow redirects"],
    ['307', 3453, "can't follow redirects"],
    ['308', 3453, "can't follow redirects"],
    ['416', 3458, "doesn't support ranged-GET requests"],
    ['400', 3999, 'HTTP status 400'],
    ['429', 3999, 'HTTP status 429'],
  ].map(([status, code, text]) => ({
    title: `that answers ${status}`,
    code: code as JobErrorCode,
    url: at(`status/${status}`),
    message: new RegExp(`^${code}: .*${text}`),
  })),
  of('that answers 408', 3408, at('status/408'), /^3408: .*: Connection timed out\.$/),
  of(
    'that says nothing after the connection',
    3408,
    `http://${mute.host}/film.mp4`,
    /Connection timed out\.$/,
  ),
  of(
    'that ends every body in the middle',
    3408,
    at('half'),
    /Connection closed before the end of the file\.$/,
  ),
  of('that changes while it is read', 3408, at('changing'), /The file changed while it was read\.$/),
  of('at a port where nobody listens', 3451, `http://${closed}/film.mp4`, /could not be reached/),
  of('redirected a second time', 3453, at('again'), /can't follow redirects/),
  of('redirected without a Location', 3453, at('nowhere'), /can't follow redirects/),
  of('redirected to another scheme', 3453, at('scheme'), /can't follow redirects/),
  of('at a name without address', 3454, 'http://nonexistent.invalid/film.mp4', /Name resolution failed/),
  of('at a server that does not speak TLS', 3455, `https://${plain.host}/film.mp4`, /SSL failures/),
  of('at a host that cannot exist', 3456, 'http://ex_ample..com/film.mp4', /address 'ex_ample..com' for URL/),
  of('at a port that cannot exist', 3456, 'http://example.com:99999/film.mp4', /'example.com:99999'/),
  of('without ranges', 3458, at('whole'), /doesn't support ranged-GET requests/),
  of('that refuses ranges by its header', 3458, at('none'), /doesn't support ranged-GET requests/),
  of('with a status line that is none', 3999, `http://${garbled.host}/film.mp4`, /the answer is not HTTP/),
  ...(certificates === null
    ? []
    : [
        of('with a certificate whose time is over', 3455, expired, /SSL failures/),
        of('with the certificate of another host', 3455, foreign, /SSL failures/),
      ]),
];

let place: Provocations;
const jobs = new Map<string, string>();

beforeAll(async () => {
  if (certificates !== null) vi.stubEnv('NODE_EXTRA_CA_CERTS', certificates.authorityFile);
  const options = ['--allow-private-http', '--slots', '6', '--limit', 'networkSilenceSeconds=1'];
  place = await openProvocations({ options });
  for (const { title, url } of failures) jobs.set(title, await place.submit(inputAt(url)));
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await place?.[Symbol.asyncDispose]();
  for (const each of opened) await each.close();
  rmSync(folder, { recursive: true });
});

describe('an HTTP input', patient, () => {
  test.each(failures.map((each) => [each.title, each] as const))(
    '%s',
    async (title, { code, url, message }) => {
      const failure = checkFailure(code, await place.ended(jobs.get(title) ?? ''));
      expect(failure.message).toMatch(message);
      expect(failure.explanation.pointer).toBe('/inputs/0/fileInput');
      if (failure.message.includes("'http")) expect(failure.message).toContain(`'${url}'`);
    },
  );

  test('a URL with a blank provokes 3452', async () => {
    const { message } = await place.failing(3452, inputAt('http://example.com/a film.mp4'));
    expect(message).toBe("3452: URL 'http://example.com/a film.mp4' is malformed.");
  });

  test.skipIf(certificates === null)('a certificate nobody vouches for provokes 3455', async () => {
    const { message } = await place.failing(3455, inputAt(selfSigned));
    expect(message).toBe(`3455: SSL failures encountered when accessing: '${selfSigned}'.`);
  });

  test.skipIf(certificates === null)('with a good certificate is read', async () => {
    const { job } = await place.run(inputAt(good, 's3://out/good'));
    expect(job.Status, job.ErrorMessage).toBe('COMPLETE');
  });

  test('that answers 503 twice and then the file is read without a retry of the job', async () => {
    const { job } = await place.run(inputAt(at('recovering/2'), 's3://out/soon'));
    expect(job).toMatchObject({ Status: 'COMPLETE' });
    expect(job.RetryCount).toBeUndefined();
  });

  test('that answers 503 for a whole attempt completes in the second one', async () => {
    const { job, events } = await place.run(inputAt(at('recovering/3'), 's3://out/later'));
    expect(job).toMatchObject({ Status: 'COMPLETE', RetryCount: 1 });
    // Told once, although two attempts began.
    expect(events.filter(({ status }) => status === 'PROGRESSING')).toHaveLength(1);
    expect(job.ErrorCode).toBeUndefined();
  });

  test('redirected to a URL that is none is told as the input it is, without user name, password and query', async () => {
    const { message, explanation, events } = await place.failing(3452, inputAt(at('login')));
    expect(message).toBe("3452: URL 'http://h.example/film.mp4?…' is malformed.");
    expect(explanation.pointer).toBe('/inputs/0/fileInput');
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('redirected to where the policy does not allow is told as the input it is, without the query', async () => {
    await Promise.all([...jobs.values()].map((id) => place.ended(id)));
    await place.client.send(new PutPolicyCommand({ Policy: { HttpsInputs: 'DISALLOWED' } }));
    try {
      const url = at('signed');
      const { message, explanation, events } = await place.failing(3457, inputAt(url));
      expect(message).toBe(
        "3457: You specified an input location that your policy disallows: 'https://h.example/film.mp4?….",
      );
      expect(explanation.pointer).toBe('/inputs/0/fileInput');
      expect(JSON.stringify(events)).not.toContain('secret');
    } finally {
      await place.client.send(new PutPolicyCommand({ Policy: { HttpsInputs: 'ALLOWED' } }));
    }
  });

  test('leaves nothing behind when it fails', async () => {
    await Promise.all([...jobs.values()].map((id) => place.ended(id)));
    expect(await filesBelow(path.join(place.data, 'scratch'))).toEqual([]);
    expect(await filesBelow(path.join(place.data, 'buckets', 'out', 'never'))).toEqual([]);
  });
});

describe('without leave for private addresses', patient, () => {
  test('loopback, link-local and private hosts are refused by address, by name and in any spelling', async () => {
    const port = plain.host.split(':')[1];
    const urls = [
      '127.0.0.1',
      'localhost',
      '169.254.169.254',
      '10.1.2.3',
      '[::1]',
      '2130706433',
      '0x7f.1',
    ].map((host) => `http://${host}:${port}/status/200/film.mp4`);
    const { Inputs, ...settings } = mp4Settings('s3://out/never/x');
    const inputs = urls.map((FileInput) => ({ ...Inputs[0], FileInput }));
    const before = plain.requests.length;
    const { exitCode, report } = await runJob(place.data, { ...settings, Inputs: inputs });
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ errorCode: 3456, fault: { pointer: '/inputs/0/fileInput' } });
    // All of them are told at once.
    const others = report.findings.map(({ code, pointer }) => `${code} ${pointer}`);
    expect(others).toEqual(urls.slice(1).map((_, index) => `3456 /inputs/${index + 1}/fileInput`));
    expect(plain.requests.slice(before).map(({ url }) => url)).toEqual([]);
  });
});

function of(title: string, code: JobErrorCode, url: string, message: RegExp): HttpCase {
  return { title, code, url, message };
}

function inputAt(url: string, destination = 's3://out/never/x'): object {
  return changed(mp4Settings(destination), { '/Inputs/0/FileInput': url });
}

function keep(server: TestServer): TestServer {
  opened.push(server);
  return server;
}

/** `/WAY[/NUMBER]/film.mp4` */
function misbehave(request: IncomingMessage, response: ServerResponse): void {
  const [, way = '', number = '0'] = /^\/(\w+)(?:\/(\d+))?\//.exec(request.url ?? '') ?? [];
  const count = (asked.get(request.url ?? '') ?? 0) + 1;
  asked.set(request.url ?? '', count);
  const isHead = request.method === 'HEAD';
  switch (way) {
    case 'status':
      return void response.writeHead(Number(number), { location: '/good/film.mp4' }).end();
    case 'again':
      return void response.writeHead(302, { location: '/again/film.mp4?once=more' }).end();
    case 'nowhere':
      return void response.writeHead(301).end();
    case 'login':
      return void response.writeHead(302, { location: 'http://u:secret@h.example/film.mp4?t=secret' }).end();
    case 'signed':
      return void response
        .writeHead(302, { location: 'https://h.example/film.mp4?X-Amz-Signature=secret' })
        .end();
    case 'scheme':
      return void response.writeHead(302, { location: 'ftp://example.com/film.mp4' }).end();
    case 'whole':
      return void response.end(isHead ? undefined : film);
    case 'none':
      response.setHeader('accept-ranges', 'none');
      return void response.end(isHead ? undefined : film);
    case 'half':
      if (isHead) return serveContent(request, response, film);
      return breakOff(response);
    case 'changing':
      return void changing(request, response, count);
    case 'recovering':
      if (count <= Number(number)) return void response.writeHead(503).end();
      return serveContent(request, response, film);
    default:
      return serveContent(request, response, film);
  }
}

/** Every answer belongs to another version of the file. */
function changing(request: IncomingMessage, response: ServerResponse, count: number): void {
  response.setHeader('etag', `"v${count}"`);
  const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (request.method === 'HEAD') return void response.end();
  const body = film.subarray(Number(first), Number(last) + 1);
  const range = `bytes ${first}-${Number(first) + body.length - 1}/${film.length}`;
  response.writeHead(206, { 'content-range': range }).end(body);
}

/** Promises the whole film and closes the connection after the first bytes. */
function breakOff(response: ServerResponse): void {
  const range = `bytes 0-${film.length - 1}/${film.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': film.length, etag: '"v1"' });
  response.write(film.subarray(0, 1000), () => response.destroy());
}
