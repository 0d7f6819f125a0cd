/** Targets against real files, streams and HTTP servers. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { canceledBody, progressingBody } from '../../src/events/bodies.ts';
import { eventEnvelope } from '../../src/events/envelope.ts';
import { jsonLinesFileTarget, jsonLinesStreamTarget } from '../../src/events/json-lines-target.ts';
import { webhookTarget } from '../../src/events/webhook-target.ts';

const subject = {
  accountId: '000000000000',
  region: 'us-east-1',
  jobId: '1-aaaaaa',
  jobArn: 'arn:a',
  queueArn: 'arn:q',
  userMetadata: { title: 'ü' },
};
const first = eventEnvelope(subject, progressingBody(), 1_000);
const second = eventEnvelope(subject, canceledBody(), 2_000);
const never = new AbortController().signal;

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

describe('JSON lines', () => {
  it('append to a file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'openconvert-events-'));
    try {
      const file = path.join(folder, 'events.jsonl');
      const target = jsonLinesFileTarget(file);
      await target.deliver(first, never);
      await target.deliver(second, never);
      const lines = (await readFile(file, 'utf8')).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => JSON.parse(line))).toEqual([first, second]);
      await expect(target.deliver(first, AbortSignal.abort())).rejects.toThrow();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('go to a stream, and fail when it is closed', async () => {
    const stream = new PassThrough();
    const target = jsonLinesStreamTarget('stdout', stream);
    await target.deliver(first, never);
    stream.end();
    expect(JSON.parse(await text(stream))).toEqual(first);
    stream.on('error', () => {});
    await expect(target.deliver(second, never)).rejects.toThrow();
  });
});

describe('a webhook', () => {
  it('gets the envelope as JSON, with its headers', async () => {
    const seen: {
      readonly headers: IncomingMessage['headers'];
      readonly method: string | undefined;
      readonly body: string;
    }[] = [];
    const url = await listen(async (request, response) => {
      seen.push({ headers: request.headers, method: request.method, body: await text(request) });
      response.writeHead(204).end();
    });
    await webhookTarget(url, { deadlineMs: 5_000, headers: { 'x-secret': 's' } }).deliver(first, never);
    expect(seen[0]?.method).toBe('POST');
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'x-secret': 's' });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(JSON.parse(JSON.stringify(first)));
  });

  it('logs in with the credentials of its address, and keeps them out of its name', async () => {
    let authorization: string | undefined;
    const url = await listen((request, response) => {
      authorization = request.headers.authorization;
      response.end('ok');
    });
    const target = webhookTarget(`${url.replace('http://', 'http://me:p%40ss@')}?token=hidden`);
    await target.deliver(first, never);
    expect(authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(target.name).toMatch(/^webhook:http:\/\/127\.0\.0\.1:\d+\/hook#[0-9a-f]{8}$/);
  });

  it.each([302, 400, 500, 503])('that answers %i has not taken the event', async (status) => {
    const url = await listen((_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    await expect(webhookTarget(url).deliver(first, never)).rejects.toThrow(`answered ${status}`);
  });

  it('that never answers fails at the deadline', async () => {
    const url = await listen(() => {});
    await expect(webhookTarget(url, { deadlineMs: 50, headers: {} }).deliver(first, never)).rejects.toThrow(
      /timeout|aborted/,
    );
  });

  it('that nobody serves fails', async () => {
    const url = await listen(() => {});
    const server = servers.pop();
    server?.close();
    if (server !== undefined) await once(server, 'close');
    await expect(webhookTarget(url).deliver(first, never)).rejects.toThrow();
  });

  it('stops waiting when the server is stopped', async () => {
    const stopper = new AbortController();
    const url = await listen(() => stopper.abort(new Error('stopping')));
    await expect(webhookTarget(url).deliver(first, stopper.signal)).rejects.toThrow('stopping');
  });

  it('must be http or https', () => {
    expect(() => webhookTarget('ftp://host/')).toThrow(TypeError);
    expect(() => webhookTarget('not a url')).toThrow(TypeError);
  });
});
