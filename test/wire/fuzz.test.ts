/** Random requests to every operation: never a 500, never half a thing stored. Seeded. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiFixture, startApi } from '../operations/api-server.ts';
import { expectHealthy, fuzz } from './fuzz-requests.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

it('answers 400 random requests as the service would, and stays healthy', { timeout: 120_000 }, async () => {
  await fuzz(api, 400, 20261128);
  await expectHealthy(api);
  expect(api.logged.filter((line) => line.startsWith('request failed'))).toEqual([]);
});
