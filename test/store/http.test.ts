/** HTTP(S) inputs against servers that really misbehave (spec errors.md 5, inputs.md 6). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { isPrivateAddress } from '../../src/store/http-address.ts';
import { createHttpStore, type HttpStore, type HttpStoreSettings } from '../../src/store/http.ts';
import { closedPort, content, serveContent, startServer, startTcpServer, type TestServer } from './http-servers.ts';

const signal = new AbortController().signal;
/** For servers that never answer: the test ends when the deadline does. */
const impatient: HttpStoreSettings = { deadlines: { connectMs: 10_000, headersMs: 100, stallMs: 100 } };
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

function storeWith(settings: HttpStoreSettings = {}): HttpStore {
  const store = createHttpStore({
    allowedPrivateHosts: 'all',
    retry: { attempts: 3, firstPauseMs: 1, totalMs: 5_000 },
    deadlines: { connectMs: 10_000, headersMs: 10_000, stallMs: 10_000 },
    ...settings,
  });
  opened.push(store);
  return store;
}

async function server(listener: RequestListener): Promise<TestServer> {
  const started = await startServer(listener);
  opened.push(started);
  return started;
}

async function tcpServer(onConnection: Parameters<typeof startTcpServer>[0]): Promise<TestServer> {
  const started = await startTcpServer(onConnection);
  opened.push(started);
  return started;
}

async function readAll(url: string, settings?: HttpStoreSettings): Promise<Buffer> {
  const reader = await storeWith(settings).open(url, signal);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < reader.head.sizeBytes; at += 100_000) pieces.push(await reader.read(at, 100_000, signal));
  await reader.close();
  return Buffer.concat(pieces);
}

/** Code and message of the fault that opening and reading ends with. */
async function failure(url: string, settings?: HttpStoreSettings): Promise<{ code: number; message: string }> {
  try {
    await readAll(url, settings);
  } catch (error) {
    const { record } = error as { record?: { code: number; message: string } };
    if (record === undefined) throw error;
    return { code: record.code, message: record.message };
  }
  throw new Error(`${url} could be read`);
}

describe('a server that behaves', () => {
  test('is read in ranges over kept connections', async () => {
    const { host, requests } = await server(serveContent);
    expect((await readAll(`http://${host}/a.mp4?token=1`)).equals(content)).toBe(true);
    expect(requests[0]?.method).toBe('HEAD');
    expect(requests[0]?.url).toBe('/a.mp4?token=1');
    expect(requests.some((each) => each.headers.authorization !== undefined)).toBe(false);
    expect(new Set(requests.map((each) => each.socket.remotePort)).size).toBe(1);
  });

  test('gives the head of the object', async () => {
    const { host } = await server(serveContent);
    const reader = await storeWith().open(`http://${host}/a`, signal);
    expect(reader.head).toMatchObject({ sizeBytes: content.length, eTag: '"v1"', path: null });
    expect(await reader.read(content.length - 10, 100, signal)).toHaveLength(10);
    expect(await reader.read(content.length + 10, 100, signal)).toHaveLength(0);
  });

  test('may serve an empty object', async () => {
    const { host } = await server((request, response) => serveContent(request, response, Buffer.alloc(0)));
    expect(await readAll(`http://${host}/a`)).toHaveLength(0);
  });

  test.each([301, 302])('may redirect once with %i', async (status) => {
    const target = await server(serveContent);
    const { host } = await server((_, response) => response.writeHead(status, { location: `http://${target.host}/b` }).end());
    expect((await readAll(`http://${host}/a`)).equals(content)).toBe(true);
  });

  test('that fails twice with 503 is asked again', async () => {
    let failures = 2;
    const { host } = await server((request, response) => {
      if (request.method === 'GET' && failures > 0) {
        failures -= 1;
        return void response.writeHead(503).end();
      }
      serveContent(request, response);
    });
    expect((await readAll(`http://${host}/a`)).equals(content)).toBe(true);
  });
});

describe('statuses', () => {
  test.each([
    [401, 3401, "3401: Access to '{url}' requires authorization."],
    [407, 3401, "3401: Access to '{url}' requires authorization."],
    [403, 3403, "3403: Access to '{url}' is forbidden."],
    [404, 3404, "3404: '{url}' not found."],
    [410, 3404, "3404: '{url}' not found."],
    [408, 3408, '3408: Error uploading file from HTTP source: Connection timed out.'],
    [500, 3450, "3450: Error encountered when accessing: '{url}'."],
    [503, 3450, "3450: Error encountered when accessing: '{url}'."],
    [418, 3999, '3999: Unexpected error when accessing HTTP input: HTTP status 418'],
    [429, 3999, '3999: Unexpected error when accessing HTTP input: HTTP status 429'],
  ])('%i is fault %i', async (status, code, message) => {
    const { host } = await server((_, response) => response.writeHead(status).end('x'.repeat(1000)));
    const url = `http://${host}/in%20put.mp4`;
    expect(await failure(url)).toEqual({ code, message: message.replace('{url}', url) });
  });
});

describe('redirects that are not followed are fault 3453', () => {
  test.each([303, 307, 308])('status %i', async (status) => {
    const { host } = await server((_, response) => response.writeHead(status, { location: '/b' }).end());
    expect((await failure(`http://${host}/a`)).code).toBe(3453);
  });

  test('a second redirect', async () => {
    const { host } = await server((_, response) => response.writeHead(302, { location: '/b' }).end());
    expect((await failure(`http://${host}/a`)).code).toBe(3453);
  });

  test('without Location', async () => {
    const { host } = await server((_, response) => response.writeHead(301).end());
    expect((await failure(`http://${host}/a`)).code).toBe(3453);
  });

  test('to another scheme', async () => {
    const { host } = await server((_, response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end());
    expect((await failure(`http://${host}/a`)).code).toBe(3453);
  });
});

describe('ranges', () => {
  test('a server that ignores them is fault 3458', async () => {
    const { host } = await server((request, response) => {
      delete request.headers.range;
      serveContent(request, response);
    });
    const url = `http://${host}/a`;
    expect(await failure(url)).toEqual({
      code: 3458,
      message: `3458: The URL you provided doesn't support ranged-GET requests: '${url}'.`,
    });
  });

  test('Accept-Ranges: none is fault 3458', async () => {
    const { host } = await server((_, response) => response.writeHead(200, { 'accept-ranges': 'none', 'content-length': 9 }).end());
    expect((await failure(`http://${host}/a`)).code).toBe(3458);
  });

  test('416 is fault 3458', async () => {
    const { host } = await server((request, response) =>
      request.method === 'HEAD' ? serveContent(request, response) : response.writeHead(416).end(),
    );
    expect((await failure(`http://${host}/a`)).code).toBe(3458);
  });
});

describe('transfers that break', () => {
  test('a body that ends early, again and again, is fault 3408', async () => {
    const { host, requests } = await server((request, response) => {
      if (request.method === 'HEAD') return serveContent(request, response);
      response.writeHead(206, { 'content-length': 65_536, 'content-range': `bytes 0-65535/${content.length}` });
      response.write(content.subarray(0, 1000), () => response.destroy());
    });
    expect(await failure(`http://${host}/a`)).toEqual({
      code: 3408,
      message: '3408: Error uploading file from HTTP source: Connection closed before the end of the file.',
    });
    expect(requests.filter((each) => each.method === 'GET')).toHaveLength(3);
  });

  test('a short body that ends politely is fault 3408', async () => {
    const { host } = await server((request, response) => {
      if (request.method === 'HEAD') return serveContent(request, response);
      response.writeHead(206, { 'content-range': `bytes 0-65535/${content.length}` }).end(content.subarray(0, 1000));
    });
    expect((await failure(`http://${host}/a`)).code).toBe(3408);
  });

  test('a short body once is repaired by asking again', async () => {
    let isFirst = true;
    const { host } = await server((request, response) => {
      if (request.method === 'HEAD' || !isFirst) return serveContent(request, response);
      isFirst = false;
      response.writeHead(206, { 'content-length': 65_536, 'content-range': `bytes 0-65535/${content.length}` });
      response.write(content.subarray(0, 1000), () => response.destroy());
    });
    expect((await readAll(`http://${host}/a`)).equals(content)).toBe(true);
  });

  test('a server that accepts and says nothing is fault 3408', async () => {
    const { host } = await tcpServer(() => {});
    expect(await failure(`http://${host}/a`, impatient)).toEqual({
      code: 3408,
      message: '3408: Error uploading file from HTTP source: Connection timed out.',
    });
  });

  test('a body that stalls is fault 3408', async () => {
    const { host } = await server((request, response) => {
      if (request.method === 'HEAD') return serveContent(request, response);
      response.writeHead(206, { 'content-length': 65_536, 'content-range': `bytes 0-65535/${content.length}` });
      response.write(content.subarray(0, 1000));
    });
    expect(await failure(`http://${host}/a`, { deadlines: { connectMs: 10_000, headersMs: 10_000, stallMs: 100 } })).toMatchObject({
      code: 3408,
      message: expect.stringContaining('Connection timed out.'),
    });
  });

  test('a file that changes while it is read is fault 3408', async () => {
    let version = 0;
    const { host } = await server((request, response) => {
      const setHeader = response.setHeader.bind(response);
      response.setHeader = (name, value) => setHeader(name, name === 'etag' ? `"v${(version += 1) < 3 ? 1 : 2}"` : value);
      serveContent(request, response);
    });
    expect(await failure(`http://${host}/a`)).toMatchObject({ code: 3408, message: expect.stringContaining('The file changed') });
  });

  test('an answer that is not HTTP is fault 3999', async () => {
    const { host } = await tcpServer((socket) => socket.once('data', () => socket.end('HTP/9 what\r\n\r\n')));
    expect((await failure(`http://${host}/a`)).code).toBe(3999);
  });

  test('cancel ends a waiting read at once', async () => {
    const { host } = await tcpServer(() => {});
    const stopper = new AbortController();
    const opening = storeWith({ deadlines: { connectMs: 60_000, headersMs: 60_000, stallMs: 60_000 } }).open(`http://${host}/a`, stopper.signal);
    stopper.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow('stopped');
  });
});

describe('hosts', () => {
  test('a closed port is fault 3451', async () => {
    const url = `http://${await closedPort()}/a`;
    expect(await failure(url)).toEqual({ code: 3451, message: `3451: Server could not be reached when accessing: '${url}'.` });
  });

  test('a name that does not resolve is fault 3454', async () => {
    const url = 'http://nonexistent.invalid/a';
    expect(await failure(url)).toEqual({ code: 3454, message: `3454: Name resolution failed when accessing: '${url}'.` });
  });

  test.each(['http://h/a b.mp4', 'ftp://h/a', 'http:/h/a', 'http://h\\a', 'http://user:pass@h/a', 'http://h/a\n'])('%j is fault 3452', async (url) => {
    expect(await failure(url)).toEqual({ code: 3452, message: `3452: URL '${url}' is malformed.` });
  });

  test.each(['http://ex_ample..com/', 'http://h:99999/', 'http://h:0/', 'http://h:x/', 'http:///a', 'http://[::zz]/', 'http://999.1.1.1/', 'http://a%b/'])(
    '%s is fault 3456',
    async (url) => {
      expect((await failure(url)).code).toBe(3456);
    },
  );
});

describe('private addresses', () => {
  const strict: HttpStoreSettings = { allowedPrivateHosts: [] };

  test.each(['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1', '0.0.0.0'])(
    '%s is fault 3456 and is not connected to',
    async (name) => {
      const { host, requests } = await server(serveContent);
      const url = `http://${name}:${host.split(':')[1]}/a`;
      expect((await failure(url, strict)).code).toBe(3456);
      expect(requests).toHaveLength(0);
    },
  );

  test('a redirect to one is refused although the first host is allowed', async () => {
    const target = await server(serveContent);
    const { host } = await server((_, response) => response.writeHead(302, { location: `http://${target.host}/b` }).end());
    expect((await failure(`http://${host}/a`, { allowedPrivateHosts: [host] })).code).toBe(3456);
    expect(target.requests).toHaveLength(0);
    expect((await readAll(`http://${host}/a`, { allowedPrivateHosts: [host, target.host] })).equals(content)).toBe(true);
  });

  test.each([
    ['8.8.8.8', false],
    ['2606:4700::1111', false],
    ['172.15.255.255', false],
    ['172.16.0.1', true],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['100.64.0.1', true],
    ['fe80::1', true],
    ['fd12::1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:8.8.8.8', false],
    ['::ffff:7f00:1', true],
    ['64:ff9b::7f00:1', true],
    ['2002:7f00:1::', true],
    ['255.255.255.255', true],
    ['not an address', true],
  ])('%s is private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });
});

describe('TLS', () => {
  const certificate = makeCertificate();
  test.skipIf(certificate === null)('an untrusted certificate is fault 3455; a trusted one is read', async () => {
    if (certificate === null) return;
    const secure = await startServer(serveContent, certificate);
    opened.push(secure);
    const url = `https://${secure.host}/a`;
    expect(await failure(url)).toEqual({ code: 3455, message: `3455: SSL failures encountered when accessing: '${url}'.` });
    const trusted = await readAll(url, { certificateAuthorities: [certificate.cert.toString()] });
    expect(trusted.equals(content)).toBe(true);
  });

  test.skipIf(certificate === null)('a certificate of another host is fault 3455', async () => {
    if (certificate === null) return;
    const secure = await startServer(serveContent, certificate);
    opened.push(secure);
    const url = `https://localhost:${secure.host.split(':')[1]}/a`;
    expect((await failure(url, { certificateAuthorities: [certificate.cert.toString()] })).code).toBe(3455);
  });

  test('a server that does not speak TLS is fault 3455', async () => {
    const { host } = await server(serveContent);
    expect((await failure(`https://${host}/a`)).code).toBe(3455);
  });
});

/** A self-signed certificate for 127.0.0.1; null, with the reason printed, where there is no openssl. */
function makeCertificate(): { key: Buffer; cert: Buffer } | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-tls-'));
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    console.log('skipped: TLS certificates need the openssl command (apt-get install openssl)');
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
