/** Submit tokens under concurrency, through the real SDK: a client that repeats itself gets one job. */
import { CreateJobCommand, type MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

const tokens = 40;
const repeats = 10;

conformance(
  'CreateJob',
  'success',
  'of one token sent ten times at once makes one job, for each of many tokens',
  async () => {
    const answers = await Promise.all(
      Array.from({ length: tokens * repeats }, async (_, index) => {
        const ClientRequestToken = `token-${index % tokens}`;
        const input = { Role: role, Settings: mp4Settings(`s3://media/${index}.mp4`), ClientRequestToken };
        const { Job, $metadata } = await client.send(new CreateJobCommand(input));
        expect($metadata.httpStatusCode).toBe(201);
        return { token: ClientRequestToken, id: Job?.Id };
      }),
    );
    const ids = new Map<string, Set<string | undefined>>();
    for (const { token, id } of answers) ids.set(token, (ids.get(token) ?? new Set()).add(id));
    expect([...ids.values()].map((each) => each.size)).toEqual(Array(tokens).fill(1));
    const stored = await api.database.sql.selectFrom('job').select('id').execute();
    expect(stored).toHaveLength(tokens);
    expect(new Set(api.submittedIds).size).toBe(tokens);
  },
);
