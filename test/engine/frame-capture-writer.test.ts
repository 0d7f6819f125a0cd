/** Captured pictures on their way to the store: several at a time, in order in the result, each failure told. */
import { Packet } from 'node-av/lib';
import { expect, it } from 'vitest';
import { createFrameCaptureWriter } from '../../src/engine/frame-capture-writer.ts';
import type { EngineObjects } from '../../src/engine/objects.ts';
import type { FileOutput } from '../../src/plan/group-plan.ts';

interface Open {
  readonly location: string;
  readonly publish: (sizeBytes: number) => void;
  readonly fail: (reason: Error) => void;
}

/** A store whose objects are published when a test says so. */
function openStore() {
  const open: Open[] = [];
  const aborted: string[] = [];
  const objects: Pick<EngineObjects, 'create'> = {
    create(location) {
      let [publish, fail] = [(_sizeBytes: number): void => {}, (_reason: Error): void => {}];
      const published = new Promise<{ readonly sizeBytes: number }>((resolve, reject) => {
        publish = (sizeBytes) => resolve({ sizeBytes });
        fail = reject;
      });
      open.push({ location, publish: (bytes) => publish(bytes), fail: (reason) => fail(reason) });
      return {
        location,
        write() {},
        drained: async () => {},
        publish: () => published,
        async abort() {
          aborted.push(location);
        },
      };
    },
  };
  const output = { outputIndex: 0, location: 's3://out/p.%03d.jpg' } as FileOutput;
  return { open, aborted, writer: createFrameCaptureWriter(output, objects, { contentType: 'image/jpeg' }) };
}

const picture = new Packet();
picture.alloc();

it('has four pictures under way, no more, and the object of the next one open', async () => {
  const { open, writer } = openStore();
  for (let number = 0; number < 4; number += 1) await writer.writePacket(0, picture);
  const fifth = writer.writePacket(0, picture);
  expect(open).toHaveLength(5);
  open[0]?.publish(1);
  await fifth;
  expect(open.map(({ location }) => location)).toEqual(
    ['000', '001', '002', '003', '004', '005'].map((number) => `s3://out/p.${number}.jpg`),
  );
});

it('drops the object of a picture that did not come', async () => {
  const { open, aborted, writer } = openStore();
  await writer.writePacket(0, picture);
  open[0]?.publish(1);
  await writer.finish();
  expect(aborted).toEqual(['s3://out/p.001.jpg']);
});

it('tells of pictures in their order, whatever the order they arrive in', async () => {
  const { open, writer } = openStore();
  for (let number = 0; number < 3; number += 1) await writer.writePacket(0, picture);
  for (const number of [2, 0, 1]) open[number]?.publish(10 + number);
  const { locations, objects } = await writer.finish();
  expect(objects.map(({ sizeBytes }) => sizeBytes)).toEqual([10, 11, 12]);
  expect(locations).toEqual(['s3://out/p.002.jpg']);
});

it('fails with the first picture that fails, and drops those that are under way', async () => {
  const { open, aborted, writer } = openStore();
  for (let number = 0; number < 4; number += 1) await writer.writePacket(0, picture);
  open[1]?.publish(1);
  open[0]?.fail(new Error('the store is full'));
  await expect(writer.writePacket(0, picture)).rejects.toThrow('the store is full');
  await writer.abort();
  expect(aborted).toEqual(['000', '002', '003', '004'].map((number) => `s3://out/p.${number}.jpg`));
});

it('does not finish with a picture that failed at the end', async () => {
  const { open, writer } = openStore();
  for (let number = 0; number < 2; number += 1) await writer.writePacket(0, picture);
  open[0]?.publish(1);
  open[1]?.fail(new Error('the store is full'));
  await expect(writer.finish()).rejects.toThrow('the store is full');
});
