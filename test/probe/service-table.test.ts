/** The service description table, as broadcasts write it and as hostile streams do (EN 300 468 5.2.3). */
import { describe, expect, test } from 'vitest';
import { watchServiceTable } from '../../src/engine/probe/service-table.ts';
import { sectionChecksum } from '../../src/signals/section-checksum.ts';

interface SectionParts {
  readonly tableId?: number;
  readonly number?: number;
  readonly last?: number;
  readonly version?: number;
  readonly isCurrent?: boolean;
}

const first = service(3401, 'Rai', '\x05Rai 1');
const second = service(3402, 'Rai', 'Rai 2');

describe('services', () => {
  test('are named by their program, in the bytes of the stream', () => {
    const table = watchServiceTable();
    table.take(packets(section([...first, ...second]))[0] ?? Buffer.alloc(0), true);
    expect(table.isComplete).toBe(true);
    expect([...table.services()]).toEqual([
      [3401, { providerName: 'Rai', serviceName: '\x05Rai 1' }],
      [3402, { providerName: 'Rai', serviceName: 'Rai 2' }],
    ]);
  });

  test('stand in sections that follow each other closely, over packets, between those of other streams', () => {
    const other = section(service(3401, 'Other', 'Other'), { tableId: 0x46 });
    const bouquet = section(
      Array.from({ length: 60 }, (_, index) => index),
      { tableId: 0x4a },
    );
    const many = Array.from({ length: 30 }, (_, index) =>
      service(index, 'provider', `service ${index}`),
    ).flat();
    const bytes = Buffer.concat([
      other,
      section(many, { number: 0, last: 1 }),
      bouquet,
      section(first, { number: 1, last: 1 }),
    ]);
    const table = watchServiceTable();
    // All sections run on in one chain: the start flag is on those packets in which a section begins.
    for (const [index, { payload, isStart }] of chain(bytes, [0, other.length]).entries()) {
      expect(table.isComplete, `packet ${index}`).toBe(false);
      table.take(payload, isStart);
    }
    expect(table.isComplete).toBe(true);
    expect(table.services().size).toBe(31);
    expect(table.services().get(29)).toEqual({ providerName: 'provider', serviceName: 'service 29' });
    expect(table.services().get(3401)?.providerName).toBe('Rai');
  });

  test('of a newer table take the place of the older ones; one announced for later does not count', () => {
    const table = watchServiceTable();
    const take = (bytes: Buffer) => {
      for (const payload of packets(bytes)) table.take(payload, true);
    };
    take(section(first, { version: 1 }));
    take(section(second, { version: 2, isCurrent: false }));
    expect([...table.services().keys()]).toEqual([3401]);
    take(section(second, { version: 2 }));
    expect([...table.services().keys()]).toEqual([3402]);
  });

  test('without a descriptor, or with one that does not hold what it says, have no name', () => {
    const bare = [0x00, 0x07, 0xfc, 0x80, 0x00];
    const lying = [0x00, 0x08, 0xfc, 0x80, 0x06, 0x48, 4, 1, 200, 65, 65];
    const short = [0x00, 0x09, 0xfc, 0x80, 0x02, 0x48, 0];
    const table = watchServiceTable();
    table.take(packets(section([...bare, ...lying, ...short, ...first]))[0] ?? Buffer.alloc(0), true);
    expect([...table.services().keys()]).toEqual([3401]);
  });
});

describe('hostile bytes', () => {
  test('damaged sections do not count', () => {
    const good = section(first);
    for (let at = 0; at < good.length; at += 1) {
      const damaged = Buffer.from(good);
      damaged[at] = (damaged[at] ?? 0) ^ 0x40;
      const table = watchServiceTable();
      table.take(packets(damaged)[0] ?? Buffer.alloc(0), true);
      expect(table.services().size, `byte ${at}`).toBe(0);
    }
  });

  test('pointers beyond the packet, empty payloads, packets without a beginning and noise neither throw nor count', () => {
    const table = watchServiceTable();
    table.take(Buffer.alloc(0), true);
    table.take(Buffer.from([250, 0x42]), true);
    table.take(Buffer.alloc(184, 0x42), false);
    let seed = 1;
    const noise = () =>
      Buffer.from(
        Array.from({ length: 184 }, () => {
          seed = (seed * 48_271) % 0x7fff_ffff;
          return seed & 0xff;
        }),
      );
    for (let index = 0; index < 2000; index += 1) table.take(noise(), index % 3 === 0);
    expect(table.services().size).toBe(0);
    // And what comes after it is read.
    table.take(packets(section(first))[0] ?? Buffer.alloc(0), true);
    expect(table.services().size).toBe(1);
  });
});

function service(id: number, provider: string, name: string): number[] {
  const names = [...bytesOf(provider), ...bytesOf(name)];
  const descriptor = [0x48, names.length + 1, 1, ...names];
  return [id >> 8, id & 0xff, 0xfc, 0x80, descriptor.length, ...descriptor];
}

function bytesOf(text: string): number[] {
  return [text.length, ...Buffer.from(text, 'latin1')];
}

function section(services: readonly number[], parts: SectionParts = {}): Buffer {
  const { tableId = 0x42, number = 0, last = 0, version = 0, isCurrent = true } = parts;
  const length = services.length + 12;
  const bytes = Buffer.from([
    ...[tableId, 0xf0 | (length >> 8), length & 0xff, 0, 1],
    ...[0xc0 | (version << 1) | (isCurrent ? 1 : 0), number, last, 0, 1, 0xff],
    ...services,
    ...[0, 0, 0, 0],
  ]);
  bytes.writeUInt32BE(sectionChecksum(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** One short section in the payload of one packet. */
function packets(bytes: Buffer): readonly Buffer[] {
  return [Buffer.concat([Buffer.from([0]), bytes, Buffer.alloc(183 - bytes.length, 0xff)])];
}

/** Bytes cut into payloads; where sections begin at `starts`, the pointer says how far in. */
function chain(bytes: Buffer, starts: readonly number[]): { payload: Buffer; isStart: boolean }[] {
  const payloads: { payload: Buffer; isStart: boolean }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = starts.find((place) => place >= at && place < at + 183);
    const room = start === undefined ? 184 : 183;
    const part = bytes.subarray(at, at + room);
    const filling = Buffer.alloc(room - part.length, 0xff);
    const pointer = start === undefined ? Buffer.alloc(0) : Buffer.from([start - at]);
    payloads.push({ payload: Buffer.concat([pointer, part, filling]), isStart: start !== undefined });
    at += room;
  }
  return payloads;
}
