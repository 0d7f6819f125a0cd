/** Jobs whose input is at an HTTP server: a real one on a loopback port, well-behaved or answering one status. */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { countingFile, makeBigObject } from '../engine/big-objects.ts';
import { watchMedia } from '../engine/watch-media.ts';
import { closedPort, serveContent, startServer, type TestServer } from '../store/http-servers.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { changed, completeJob, fileOf, filesBelow, type RunReport, runJob } from './run-report.ts';
import { clip, mp4Settings, prepareData } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let server: TestServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await prepareData(data);
  const film = await readFile(fileOf(data, clip.location));
  server = await startServer((request, response) => {
    const [, way = '', status] = /^\/(status|half|whole)\/(\d*)/.exec(request.url ?? '') ?? [];
    if (way === 'status') response.writeHead(Number(status), { location: '/films/clip.mp4' }).end();
    else if (way === 'whole') response.end(request.method === 'HEAD' ? undefined : film);
    else if (way === 'half' && request.method === 'GET') breakOff(response, film.length);
    else serveContent(request, response, film);
  });
}, 120_000);

afterAll(async () => {
  await server?.close();
  await folder?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  server.requests.length = 0;
  expect(await filesBelow(path.join(data, 'scratch'))).toEqual([]);
});

describe('an input over HTTP', patient, () => {
  test('is read in ranges and becomes an output with every frame, named after it', async () => {
    const settings = inputAt(`http://${server.host}/films/My%20Clip.mp4?token=1`, 's3://out/http/');
    const { outputGroupDetails } = await completeJob(data, settings, '--allow-private-http');
    expect(outputGroupDetails[0]?.outputDetails[0]?.outputFilePaths).toEqual(['s3://out/http/My%20Clip.mp4']);
    const { video } = await watchMedia(fileOf(data, 's3://out/http/My%20Clip.mp4'));
    expect(video.times).toHaveLength(clip.frames);
    const gets = server.requests.filter(({ method }) => method === 'GET');
    expect(gets.length).toBeGreaterThan(0);
    expect(gets.every(({ headers }) => /^bytes=\d+-\d+$/.test(headers.range ?? ''))).toBe(true);
    expect(new Set(server.requests.map(({ url }) => url))).toEqual(new Set(['/films/My%20Clip.mp4?token=1']));
  });

  test('with its index at the end is probed with at most four range requests', async () => {
    const file = path.join(data, 'index-last.mp4');
    makeBigObject(file, 'mp4-index-last', 40_000_000);
    const { listener, counted, close } = countingFile(file);
    const other = await startServer(listener);
    const url = `http://${other.host}/film.mp4`;
    const report = await openconvert('probe', url, '--data', data, '--json', '--allow-private-http');
    await other.close();
    close();
    expect(JSON.parse(report.stdout)).toMatchObject({ container: 'mp4', durationUs: 40_000_000 });
    expect(counted.rangeRequests).toBeLessThanOrEqual(4);
    expect(counted.bytes).toBeLessThan(6_000_000);
  });

  test('at a private address without leave provokes 3456', async () => {
    const url = `http://${server.host}/clip.mp4`;
    const { exitCode, report } = await runJob(data, inputAt(url));
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      errorCode: 3456,
      errorMessage: `3456: HTTP server address '${server.host}' for URL '${url}' is invalid.`,
      remedy: expect.stringContaining('--allow-private-http'),
    });
    expect(server.requests).toEqual([]);
  });

  test('a file at an HTTP server that wants a login provokes 3401', async () => {
    const url = statusUrl(401);
    expect(await failing(url)).toMatchObject({
      errorCode: 3401,
      errorMessage: `3401: Access to '${url}' requires authorization.`,
    });
  });

  test('an HTTP server that refuses the request provokes 3403', async () => {
    const url = statusUrl(403);
    expect(await failing(url)).toMatchObject({
      errorCode: 3403,
      errorMessage: `3403: Access to '${url}' is forbidden.`,
    });
  });

  test('a file that the HTTP server does not have provokes 3404', async () => {
    const url = statusUrl(404);
    expect(await failing(url)).toMatchObject({ errorCode: 3404, errorMessage: `3404: '${url}' not found.` });
    // Final at once: the user must act.
    expect(server.requests).toHaveLength(1);
  });

  test('an HTTP server that fails provokes 3450', async () => {
    const url = statusUrl(503);
    expect(await failing(url)).toMatchObject({
      errorCode: 3450,
      errorMessage: `3450: Error encountered when accessing: '${url}'.`,
    });
    // Three attempts of the job, each asking three times.
    expect(server.requests).toHaveLength(9);
    server.requests.length = 0;
    expect(await failing(statusUrl(500))).toMatchObject({ errorCode: 3450 });
  });

  test('an answer of an HTTP server that no other code names provokes 3999', async () => {
    expect(await failing(statusUrl(418))).toMatchObject({
      errorCode: 3999,
      errorMessage: '3999: Unexpected error when accessing HTTP input: HTTP status 418',
    });
  });

  test('that is redirected in a way that is not followed provokes 3453', async () => {
    const url = statusUrl(307);
    expect(await failing(url)).toMatchObject({
      errorCode: 3453,
      errorMessage: expect.stringContaining(
        `3453: MediaConvert can't follow redirects when accessing your input: ${url}.`,
      ),
    });
  });

  test('from a server without ranges provokes 3458', async () => {
    const url = `http://${server.host}/whole/clip.mp4`;
    expect(await failing(url)).toMatchObject({
      errorCode: 3458,
      errorMessage: `3458: The URL you provided doesn't support ranged-GET requests: '${url}'.`,
    });
  });

  test('an HTTP transfer that breaks off provokes 3408', async () => {
    expect(await failing(`http://${server.host}/half/clip.mp4`)).toMatchObject({
      errorCode: 3408,
      errorMessage: expect.stringMatching(/^3408: Error uploading file from HTTP source: Connection closed/),
    });
  });

  test('at a host without address provokes 3454', async () => {
    const url = 'http://nonexistent.invalid/clip.mp4';
    expect(await failing(url)).toMatchObject({
      errorCode: 3454,
      errorMessage: `3454: Name resolution failed when accessing: '${url}'.`,
    });
  });

  test('an HTTP server that cannot be reached provokes 3451', async () => {
    const url = `http://${await closedPort()}/clip.mp4`;
    expect(await failing(url)).toMatchObject({
      errorCode: 3451,
      errorMessage: `3451: Server could not be reached when accessing: '${url}'.`,
    });
  });
});

/** Promises a range and closes the connection in the middle of it. */
function breakOff(response: ServerResponse, length: number): void {
  const range = { 'content-range': `bytes 0-${length - 1}/${length}`, 'content-length': length };
  response.writeHead(206, { ...range, etag: '"v1"' });
  response.write(Buffer.alloc(1000), () => response.destroy());
}

function statusUrl(status: number): string {
  return `http://${server.host}/status/${status}/clip.mp4`;
}

function inputAt(url: string, destination = 's3://out/never/x'): object {
  return changed(mp4Settings(destination), { '/Inputs/0/FileInput': url });
}

async function failing(url: string): Promise<RunReport> {
  const { exitCode, report } = await runJob(data, inputAt(url), '--allow-private-http');
  expect(report.status, JSON.stringify(report)).toBe('ERROR');
  expect(exitCode).toBe(1);
  expect(report.remedy).toBeTruthy();
  expect(await filesBelow(path.join(data, 'buckets', 'out', 'never'))).toEqual([]);
  return report;
}
