/** HTTP(S) inputs against servers that really misbehave (spec errors.md 5, inputs.md 6). */
import { describe, expect, test } from 'vitest';
import type { JobFault } from '../../src/catalogue/fault.ts';
import type { HttpStore, HttpStoreSettings } from '../../src/store/http.ts';
import { failure, readAll, server, storeWith, tcpServer } from './http-place.ts';
import { content, serveContent } from './http-servers.ts';

const signal = new AbortController().signal;
/** For servers that never answer: the test ends when the deadline does. */
const impatient: HttpStoreSettings = { deadlines: { connectMs: 10_000, headersMs: 100, stallMs: 100 } };

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
    const { host } = await server((_, response) =>
      response.writeHead(status, { location: `http://${target.host}/b` }).end(),
    );
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
    const { host } = await server((_, response) =>
      response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
    );
    expect((await failure(`http://${host}/a`)).code).toBe(3453);
  });
});

describe('a redirect that leads nowhere good', () => {
  const refusalOf = async (target: string, use: Parameters<HttpStore['forJob']>[0] = {}) => {
    const { host } = await server((_, response) => response.writeHead(302, { location: target }).end());
    const location = `http://${host}/a?mine=1`;
    const error = await storeWith()
      .forJob(use)
      .open(location, signal)
      .catch((reason: unknown) => reason);
    return { location, record: (error as JobFault).record };
  };

  test.each([
    [
      'with user name and password',
      3452,
      'http://user:secret@h.example/b.mp4?sig=secret#secret',
      "'http://h.example/b.mp4?…'",
    ],
    ['at a port that cannot exist', 3453, 'http://h.example:99999/b?sig=secret', undefined],
    ['at a host that cannot exist', 3456, 'http://ex_ample..com/b?sig=secret', "'http://ex_ample..com/b?…'"],
  ])(
    '%s is fault %i of the URL of the job, without the secrets of the other',
    async (_, code, target, shown) => {
      const { location, record } = await refusalOf(target);
      expect(record).toMatchObject({ code, location });
      if (shown !== undefined) expect(record.message).toContain(shown);
      expect(JSON.stringify(record)).not.toMatch(/secret/);
    },
  );

  test('to a location that the policy disallows is fault 3457 in the same way', async () => {
    const { location, record } = await refusalOf('https://h.example/b.mp4?X-Amz-Signature=secret', {
      allowsInput: (url) => !url.startsWith('https:'),
    });
    expect(record).toMatchObject({
      code: 3457,
      location,
      message:
        "3457: You specified an input location that your policy disallows: 'https://h.example/b.mp4?….",
    });
    expect(JSON.stringify(record)).not.toMatch(/secret/);
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
    const { host } = await server((_, response) =>
      response.writeHead(200, { 'accept-ranges': 'none', 'content-length': 9 }).end(),
    );
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
      response.writeHead(206, {
        'content-length': 524_288,
        'content-range': `bytes 0-524287/${content.length}`,
      });
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
      response
        .writeHead(206, { 'content-range': `bytes 0-524287/${content.length}` })
        .end(content.subarray(0, 1000));
    });
    expect((await failure(`http://${host}/a`)).code).toBe(3408);
  });

  test('a short body once is repaired by asking again', async () => {
    let isFirst = true;
    const { host } = await server((request, response) => {
      if (request.method === 'HEAD' || !isFirst) return serveContent(request, response);
      isFirst = false;
      response.writeHead(206, {
        'content-length': 524_288,
        'content-range': `bytes 0-524287/${content.length}`,
      });
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

  test('more readers than we have connections wait their turn: the server can be reached, and it is the silence that is told', async () => {
    const { host } = await tcpServer(() => {});
    const deadlines = { connectMs: 300, headersMs: 600, stallMs: 600 };
    const store = storeWith({ deadlines, retry: { attempts: 1, firstPauseMs: 1, totalMs: 1 } });
    const codes = await Promise.all(
      Array.from({ length: 14 }, (_, index) =>
        store.open(`http://${host}/${index}`, new AbortController().signal).then(
          () => 0,
          (error: JobFault) => error.code,
        ),
      ),
    );
    expect(codes).toEqual(Array(14).fill(3408));
  });

  test('a body that stalls is fault 3408', async () => {
    const { host } = await server((request, response) => {
      if (request.method === 'HEAD') return serveContent(request, response);
      response.writeHead(206, {
        'content-length': 524_288,
        'content-range': `bytes 0-524287/${content.length}`,
      });
      response.write(content.subarray(0, 1000));
    });
    expect(
      await failure(`http://${host}/a`, {
        deadlines: { connectMs: 10_000, headersMs: 10_000, stallMs: 100 },
      }),
    ).toMatchObject({
      code: 3408,
      message: expect.stringContaining('Connection timed out.'),
    });
  });

  test('a file that changes while it is read is fault 3408', async () => {
    let version = 0;
    const { host } = await server((request, response) => {
      const setHeader = response.setHeader.bind(response);
      version += 1;
      response.setHeader = (name, value) =>
        setHeader(name, name === 'etag' ? `"v${version < 3 ? 1 : 2}"` : value);
      serveContent(request, response);
    });
    expect(await failure(`http://${host}/a`)).toMatchObject({
      code: 3408,
      message: expect.stringContaining('The file changed'),
    });
  });

  test.each([
    ['is read where each answer was changed as it was made', true],
    ['that changes by its date is fault 3408', false],
  ])('a file without a tag %s', async (_name, isMadeAnew) => {
    let asked = 0;
    const { host } = await server((request, response) => {
      const setHeader = response.setHeader.bind(response);
      asked += 1;
      const changedMs = Date.UTC(2026, 0, 1) + 5000 * asked;
      setHeader('last-modified', new Date(changedMs).toUTCString());
      setHeader('date', new Date(changedMs + (isMadeAnew ? 0 : 60_000)).toUTCString());
      response.setHeader = (name, value) => (name === 'etag' ? response : setHeader(name, value));
      serveContent(request, response);
    });
    const url = `http://${host}/a`;
    if (isMadeAnew) expect((await readAll(url)).equals(content)).toBe(true);
    else expect((await failure(url)).code).toBe(3408);
  });

  test('an answer that is not HTTP is fault 3999', async () => {
    const { host } = await tcpServer((socket) => socket.once('data', () => socket.end('HTP/9 what\r\n\r\n')));
    expect((await failure(`http://${host}/a`)).code).toBe(3999);
  });

  test('cancel ends a waiting read at once', async () => {
    const { host } = await tcpServer(() => {});
    const stopper = new AbortController();
    const opening = storeWith({ deadlines: { connectMs: 60_000, headersMs: 60_000, stallMs: 60_000 } }).open(
      `http://${host}/a`,
      stopper.signal,
    );
    stopper.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow('stopped');
  });
});
