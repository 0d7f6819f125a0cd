/** The long form of fuzz.test.ts: ten times as many requests, from another seed on each of two servers. */
import { expect, it } from 'vitest';
import { startApi } from '../operations/api-server.ts';
import { expectHealthy, fuzz } from './fuzz-requests.ts';

it.each([1, 2])(
  'answers 2,000 random requests as the service would (seed %i)',
  { timeout: 300_000 },
  async (seed) => {
    await using api = await startApi();
    await fuzz(api, 2000, seed);
    await expectHealthy(api);
    expect(api.logged.filter((line) => line.startsWith('request failed'))).toEqual([]);
  },
);
