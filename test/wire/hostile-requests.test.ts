/** Whatever is sent, the answer is in the service's error format, nothing is stored, and the server lives on. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, startApi } from '../operations/api-server.ts';
import { anyCredentials, type RawAnswer, requestText, sendBytes } from './raw-http.ts';

const bodyLimitBytes = 300_000;
let api: ApiFixture;
let logged: readonly string[];
let url: string;
beforeAll(async () => {
  api = await startApi();
  const server = await api.serve({ bodyLimitBytes });
  url = server.url;
  logged = server.logged;
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const send = (method: string, target: string, body = '', headers: readonly string[] = []) =>
  sendBytes(url, requestText(method, target, body, headers));

function expectRefusal(answer: RawAnswer, status: number, type: string, message: string | RegExp): void {
  expect(answer).toMatchObject({ status });
  expect(answer.headers.get('x-amzn-errortype')).toBe(type);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const body = JSON.parse(answer.body) as { message: string };
  expect(Object.keys(body)).toEqual(['message']);
  expect(body.message).toMatch(message);
}

const unknownOperation = 'Unable to determine service/operation name to be authorized';

describe('routes', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/2017-08-29'],
    ['GET', '/2017-08-29/nothing'],
    ['PATCH', '/2017-08-29/jobs'],
    ['PROPFIND', '/2017-08-29/jobs'],
    ['DELETE', '/2017-08-29/jobs'],
    ['GET', '/2017-08-29/jobs/a/b'],
    ['GET', '/2017-08-29//jobs'],
    ['GET', '/2017-08-29/Jobs'],
    ['GET', '*'],
    ['POST', '/unknown'],
  ])('%s %s is no operation', async (method, target) => {
    expectRefusal(
      await send(method, target, method === 'POST' ? '{}' : ''),
      403,
      'AccessDeniedException',
      unknownOperation,
    );
  });

  it.each([
    '/2017-08-29/queues/%',
    '/2017-08-29/queues/%zz',
    '/2017-08-29/queues/%ff%fe',
    '/2017-08-29/jobs/%c0%80',
  ])('a path that does not decode is refused: %s', async (target) => {
    expectRefusal(await send('GET', target), 400, 'BadRequestException', 'not correctly percent-encoded');
  });

  it('a segment is decoded once, after the path was split', async () => {
    const named = async (segment: string) =>
      (JSON.parse((await send('GET', `/2017-08-29/queues/${segment}`)).body) as { message: string }).message;
    expect(await named('a%2Fb')).toContain('queues/a/b.');
    expect(await named('a%252Fb')).toContain('queues/a%2Fb.');
    expect(await named('a+b%20c%3Ad')).toContain('queues/a+b c:d.');
    expect(await named('%E2%82%AC%25')).toContain(Buffer.from('queues/€%.').toString('latin1'));
  });

  it('a name longer than any ARN is refused', async () => {
    const answer = await send('GET', `/2017-08-29/queues/${'x'.repeat(5000)}`);
    expectRefusal(answer, 400, 'BadRequestException', 'too long');
  });

  it('HEAD is no operation, and has no body', async () => {
    const answer = await send('HEAD', '/2017-08-29/jobs');
    expect(answer).toMatchObject({ status: 403, body: '' });
  });

  it('OPTIONS answers 200 without a body, on every resource and without credentials', async () => {
    const answer = await sendBytes(
      url,
      'OPTIONS /2017-08-29/jobs/1-abcdef HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    expect(answer).toMatchObject({ status: 200, body: '' });
  });
});

const pairs = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":""`).join(',');

describe('bodies', () => {
  const create = (body: string, headers?: readonly string[]) =>
    send('POST', '/2017-08-29/jobs', body, headers);

  it.each([
    ['cut off', '{"role":"r"', /line 1, column/],
    ['no JSON', 'role=r', /column 1/],
    ['a member twice', '{"role":"r","role":"s"}', /given twice/],
    ['a list', '[]', /one JSON object/],
    ['a word', 'null', /one JSON object/],
    ['deep', `{"settings":${'['.repeat(50_000)}`, /deeper/],
  ])('that are %s are refused and say where', async (_, body, remedy) => {
    const answer = await create(body);
    expectRefusal(answer, 400, 'BadRequestException', 'Could not parse request body into json.');
    expect(decodeURIComponent(answer.headers.get('x-openconvert-remedy') ?? '')).toMatch(remedy);
  });

  it('that are not UTF-8 are refused', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    const head = requestText('POST', '/2017-08-29/jobs').replace(
      'Content-Length: 0',
      `Content-Length: ${body.length}`,
    );
    expectRefusal(
      await sendBytes(url, Buffer.concat([Buffer.from(head), body])),
      400,
      'BadRequestException',
      'Could not parse',
    );
  });

  it.each([
    ['U+0000', String.raw`{"role":"a\u0000b","settings":{}}`],
    [
      'half of a surrogate pair',
      String.raw`{"role":"r","settings":{"inputs":[{"fileInput":"s3://b/\ud800"}]}}`,
    ],
    ['U+0000 in a key', String.raw`{"role":"r","settings":{},"tags":{"\u0000":""}}`],
    ['a number without end', '{"role":"r","settings":{"adAvailOffset":1e999}}'],
  ])('with %s are refused', async (_, body) => {
    expectRefusal(await create(body), 400, 'BadRequestException', /valid Unicode|too large/);
  });

  it('with members called __proto__ or constructor are refused like any unknown member', async () => {
    const answer = await create('{"role":"r","settings":{"__proto__":{"x":1}},"constructor":1}');
    expectRefusal(answer, 400, 'BadRequestException', '/__proto__: Is not an allowed property');
    expect(JSON.parse(answer.body).message).toContain('/constructor: Is not an allowed property');
  });

  it('that are too large are refused before they are read', async () => {
    expectRefusal(
      await create(`"${'x'.repeat(bodyLimitBytes)}"`),
      413,
      'RequestEntityTooLargeException',
      'exceeded',
    );
    const chunked = requestText('POST', '/2017-08-29/jobs').replace(
      'Content-Length: 0',
      'Transfer-Encoding: chunked',
    );
    const chunk = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
    expectRefusal(
      await sendBytes(url, chunked + chunk.repeat(7)),
      413,
      'RequestEntityTooLargeException',
      'exceeded',
    );
  });

  it('of any content type are read as JSON; a malformed type is refused', async () => {
    for (const type of ['application/x-amz-json-1.1', 'text/plain', 'application/json; charset=utf-16']) {
      expectRefusal(
        await create('{"settings":{}}', [`Content-Type: ${type}`]),
        400,
        'BadRequestException',
        "The 'role' field is required.",
      );
    }
    expectRefusal(
      await create('{}', ['Content-Type: ;;']),
      415,
      'UnsupportedMediaTypeException',
      'malformed',
    );
  });

  it.each([
    ['2001 items in a list', `{"role":"r","settings":{"inputs":[${'0,'.repeat(2000)}0]}}`],
    ['2001 members in an object', `{"role":"r","settings":{},"tags":{${pairs(2001)}}}`],
    [
      '100,000 values',
      `{"role":"r","settings":{"inputs":[${`[${'0,'.repeat(1999)}0],`.repeat(49)}[${'0,'.repeat(1999)}0]]}}`,
    ],
  ])('with %s are refused before they are validated', async (_, body) => {
    expectRefusal(await create(body), 400, 'BadRequestException', 'too many values');
  });

  it('with more mistakes than anyone reads get 200 of them', async () => {
    const answer = await create(`{"role":"r","settings":{"inputs":[${'0,'.repeat(1999)}0]}}`);
    expectRefusal(answer, 400, 'BadRequestException', '/inputs/0: Should be an object');
    expect(JSON.parse(answer.body).message.split(' | ')).toHaveLength(200);
    expect(answer.headers.get('x-openconvert-remedy')?.length).toBeLessThanOrEqual(4096);
  });

  it('with an endless string of escapes are refused or read, never an error of ours', async () => {
    const answer = await create(`{"role":"${String.raw`\n`.repeat(90_000)}"}`);
    expectRefusal(answer, 400, 'BadRequestException', "The 'settings' field is required.");
  });
});

describe('bytes that are no HTTP', () => {
  it.each([
    ['noise', '\u0001\u0002\u0003\r\n\r\n', 400],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000', 400],
    ['a negative length', 'POST /2017-08-29/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400],
    [
      'two lengths',
      'POST /2017-08-29/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'length and chunks',
      'POST /2017-08-29/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['huge headers', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
  ])('%s', async (_, bytes, status) => {
    const answer = await sendBytes(url, bytes);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-amzn-errortype')).toBe('BadRequestException');
    expect(JSON.parse(answer.body)).toHaveProperty('message');
  });

  it('HTTP/1.1 without a host, and a connection that closes in the middle', async () => {
    const answer = await sendBytes(url, 'GET /2017-08-29/jobs HTTP/1.1\r\n\r\n');
    expectRefusal(answer, 400, 'BadRequestException', 'not well-formed HTTP');
    const { hostname, port } = new URL(url);
    const { connect } = await import('node:net');
    await new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.write(
          'POST /2017-08-29/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"role"',
        );
        socket.resetAndDestroy();
      });
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
  });
});

describe('anything', () => {
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH');
  const segment = fc.oneof(
    fc.constantFrom('2017-08-29', 'jobs', 'queues', 'Default', 'endpoints', 'presets', '..', '', '%2e%2e'),
    fc.webSegment(),
    fc.stringMatching(/^[!-~]{0,20}$/),
  );
  const target = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
  const query = fc.oneof(
    fc.constant(''),
    fc.webQueryParameters().map((text) => `?${text}`),
    fc.stringMatching(/^[!-~]{0,40}$/).map((text) => `?${text}`),
  );
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('{}', '{"role":"r","settings":{}}'),
  );
  const header = fc
    .tuple(fc.stringMatching(/^[A-Za-z-]{1,12}$/), fc.stringMatching(/^[ -~]{0,30}$/))
    .map(([name, value]) => `X-${name}: ${value}`);

  it('gets an answer below 500', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        target,
        query,
        body,
        fc.array(header, { maxLength: 3 }),
        async (verb, path, search, text, headers) => {
          const answer = await send(
            verb,
            path + search,
            verb === 'GET' || verb === 'HEAD' ? '' : text,
            headers,
          );
          expect(answer.status).toBeGreaterThanOrEqual(200);
          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('as a CreateJob gets 400, 404 or a job', async () => {
    const names = fc.constantFrom(
      'role',
      'settings',
      'queue',
      'priority',
      'tags',
      'userMetadata',
      'clientRequestToken',
      'hopDestinations',
      'inputs',
      'outputGroups',
      'outputs',
      'preset',
      'jobTemplate',
      '__proto__',
      'toString',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.string({ unit: 'binary' }),
        fc.double(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, tree, { maxKeys: 6 }), async (document) => {
        const answer = await send('POST', '/2017-08-29/jobs', JSON.stringify({ role: 'r', ...document }));
        expect([201, 400, 404]).toContain(answer.status);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the server healthy, and nothing of it was a bug of ours', async () => {
    const answer = await send('GET', '/2017-08-29/queues/Default');
    expect(answer.status).toBe(200);
    expect(logged.filter((line) => line.startsWith('request failed'))).toEqual([]);
  });
});

describe('web pages', () => {
  const page = 'Origin: https://elsewhere.example';

  it('of other origins are refused by a server without keys, and never told the answer', async () => {
    const answer = await send('POST', '/2017-08-29/endpoints', '{}', [page]);
    expectRefusal(answer, 403, 'AccessDeniedException', 'elsewhere.example');
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('that reach it under a name of their own are refused', async () => {
    const text = requestText('GET', '/2017-08-29/queues').replace(
      'Host: localhost',
      'Host: rebound.example:8420',
    );
    expectRefusal(await sendBytes(url, text), 403, 'AccessDeniedException', 'rebound.example');
  });

  it('that are allowed, or its own, may call and read', async () => {
    const open = await api.serve({ allowedOrigins: ['https://elsewhere.example'] });
    const answer = await sendBytes(open.url, requestText('GET', '/2017-08-29/queues', '', [page]));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://elsewhere.example');
    expect(
      (await sendBytes(open.url, requestText('GET', '/2017-08-29/queues', '', ['Origin: http://localhost'])))
        .status,
    ).toBe(200);
    const preflight = await sendBytes(
      open.url,
      `OPTIONS /2017-08-29/jobs HTTP/1.1\r\nHost: localhost\r\n${page}\r\n\r\n`,
    );
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://elsewhere.example');
  });

  it('need credentials like everyone', async () => {
    const text = requestText('GET', '/2017-08-29/queues').replace(`Authorization: ${anyCredentials}\r\n`, '');
    expectRefusal(
      await sendBytes(url, text),
      403,
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    );
  });
});
