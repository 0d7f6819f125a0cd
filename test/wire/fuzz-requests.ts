/** Requests at random, near enough to real ones to reach every layer, and what must hold for their answers. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Operation, operations } from '../../src/contract/operations.ts';
import { availableOperations } from '../../src/operations/operation-table.ts';
import { corruptionsOf, documentOf, placesOf } from '../contract/contract-documents.ts';
import { changed } from '../contract/valid-job.ts';
import type { ApiFixture } from '../operations/api-server.ts';
import { type RawAnswer, requestText, sendBytes } from './raw-http.ts';

/** Operations that answer from the database alone. */
const targets = operations.filter(({ name }) => availableOperations.has(name) && name !== 'Probe');

/** A request of an operation: members of the contract, now and then one of them wrong, or with a trap beside it. */
const request = fc.constantFrom(...targets).chain((operation) => {
  const density = /Job|Template|Preset/.test(operation.name) ? 0.04 : 0.4;
  return fc
    .record({ document: documentOf(operation.input, density), choice: fc.nat(), trap: fc.nat({ max: 9 }) })
    .map(({ document, choice, trap }) => textOf(operation, mangled(operation, document, choice, trap)));
});

function mangled(operation: Operation, document: object, choice: number, trap: number): object {
  const places = placesOf(operation.input, document);
  const place = places[choice % Math.max(places.length, 1)];
  if (trap < 3 && place !== undefined) {
    const wrong = corruptionsOf(place.member);
    return changed(document, place.pointer, wrong[choice % wrong.length]);
  }
  if (trap === 3) return { ...document, constructor: 1, toString: {}, nextToken: 'x'.repeat(2000) };
  // A computed name makes a member of its own; it is what JSON.parse makes, too.
  if (trap === 4) return { ...document, ['__proto__']: { polluted: true } };
  return document;
}

function textOf(operation: Operation, document: object): string {
  const values = document as Record<string, unknown>;
  const take = (location: string) =>
    operation.members.filter((member) => member.location === location && values[member.name] !== undefined);
  let target: string = operation.path;
  for (const { name } of take('path'))
    target = target.replace(`{${name}}`, encodeURIComponent(String(values[name])) || '%00');
  const query = take('query').map(({ name }) => `${name}=${encodeURIComponent(String(values[name]))}`);
  const outside = new Set(
    operation.members.filter(({ location }) => location !== 'body').map(({ name }) => name),
  );
  const body = operation.hasBody
    ? `{${Object.entries(values)
        .filter(([name]) => !outside.has(name))
        .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
        .join(',')}}`
    : '';
  return requestText(operation.method, query.length === 0 ? target : `${target}?${query.join('&')}`, body);
}

/** What a hostile network does to a request. */
const damage = fc.oneof(
  fc.constant((text: string) => text),
  fc.nat({ max: 400 }).map((at) => (text: string) => text.slice(0, at)),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => (text: string) => {
    const place = at % Math.max(text.length, 1);
    return text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
  }),
  fc.nat().map((at) => (text: string) => {
    const place = at % Math.max(text.length, 1);
    return text.slice(0, place) + text.slice(place, place + 40) + text.slice(place);
  }),
  fc.constant((text: string) => text.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')),
  fc.constant((text: string) =>
    text.replace('Content-Length', 'Content-Type: application/json; charset=utf-16\r\nContent-Length'),
  ),
  fc.constant((text: string) =>
    text.replace(/Content-Length: (\d+)/, (_, length) => `Content-Length: ${Number(length) + 9}`),
  ),
);

/** Sends random requests. Every answer is one of the service's; what was created is there whole. */
export async function fuzz(api: ApiFixture, runs: number, seed: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(request, damage, async (text, harm) => {
      const bytes = Buffer.from(harm(text), 'utf8');
      const answer = await sendBytes(api.url, bytes, { endsAfterSending: true });
      // A request that was cut off before its end may go without an answer.
      if (answer.status !== 0) expectServiceAnswer(answer);
    }),
    { numRuns: runs, seed },
  );
}

function expectServiceAnswer(answer: RawAnswer): void {
  expect(answer.status).toBeGreaterThanOrEqual(200);
  expect(answer.status, answer.body).toBeLessThan(500);
  if (answer.status < 400 || answer.body === '') return;
  expect(answer.headers.get('x-amzn-errortype')).toMatch(/Exception$/);
  expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['message']);
}

/** Nothing of it was a bug of ours, no prototype was polluted, and every stored thing can be read whole. */
export async function expectHealthy(api: ApiFixture): Promise<void> {
  expect('polluted' in {}).toBe(false);
  const get = async (target: string) => {
    const answer = await sendBytes(api.url, requestText('GET', target));
    expect(answer.status, `${target}: ${answer.body}`).toBe(200);
    return JSON.parse(Buffer.from(answer.body, 'latin1').toString('utf8')) as Record<string, unknown>;
  };
  for (const [list, member, one] of [
    ['jobs', 'jobs', 'id'],
    ['queues', 'queues', 'name'],
    ['presets', 'presets', 'name'],
    ['jobTemplates', 'jobTemplates', 'name'],
  ] as const) {
    const items = (await get(`/2017-08-29/${list}`))[member] as Record<string, string>[];
    for (const item of items) {
      const name = encodeURIComponent(item[one] ?? '');
      const [whole] = Object.values(await get(`/2017-08-29/${list}/${name}`)) as object[];
      expect(whole).toEqual(item);
    }
  }
}
