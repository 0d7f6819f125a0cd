/** A hop whose destination is gone, on a real server: the shortest wait is a minute, spent without any work. */
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  type MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { startTcpServer, type TestServer } from '../store/http-servers.ts';
import { openProvocations, type Provocations } from './provocations.ts';

let place: Provocations;
let mute: TestServer;

beforeAll(async () => {
  mute = await startTcpServer(() => {});
  place = await openProvocations({
    options: ['--allow-private-http', '--slots', '1', '--limit', 'networkSilenceSeconds=600'],
  });
}, 120_000);
afterAll(async () => {
  await mute?.close();
  await place?.[Symbol.asyncDispose]();
});

test('a hop whose destination was deleted provokes 100000', { timeout: 240_000 }, async () => {
  const client: MediaConvertClient = place.client;
  await client.send(new CreateQueueCommand({ Name: 'Elsewhere' }));
  const at = { '/Inputs/0/FileInput': `http://${mute.host}/film.mp4` };
  // Holds the only slot: its input never answers.
  const blocking = await place.submit(changed(mp4Settings('s3://out/never'), at));
  const waiting = await place.submit(mp4Settings('s3://out/never'), {
    HopDestinations: [{ WaitMinutes: 1, Queue: 'Elsewhere' }],
  });
  await client.send(new DeleteQueueCommand({ Name: 'Elsewhere' }));
  const warning = await place.event(waiting, 'NEW_WARNING');
  expect(warning).toMatchObject({
    warningCode: '100000',
    warningMessage: "Your job couldn't hop from its original submission queue to its destination queue.",
  });
  await place.cancel(waiting);
  await place.cancel(blocking);
  const { job, events } = await place.ended(waiting);
  expect(job).toMatchObject({ Status: 'CANCELED', Warnings: [{ Code: 100000, Count: 1 }] });
  expect(events.filter(({ status }) => status === 'QUEUE_HOP')).toEqual([]);
  await place.ended(blocking);
});
