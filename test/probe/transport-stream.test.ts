import { describe, expect, test } from 'vitest';
import type { ByteSource } from '../../src/engine/probe/byte-source.ts';
import { examineTransportStream } from '../../src/engine/probe/transport-stream.ts';
import { sectionChecksum } from '../../src/signals/section-checksum.ts';

const association = section(0x00, 1, [0x00, 0x01, 0xe1, 0x00, 0x00, 0x02, 0xe2, 0x00]);
const radio = section(0x02, 1, [
  0xe1,
  0x01,
  0xf0,
  0x00,
  ...stream(0x0f, 0x101, [0x0a, 4, 0x65, 0x6e, 0x67, 3]),
]);
const television = section(0x02, 2, [
  ...[0xe2, 0x01, 0xf0, 0x02, 0x05, 0x00],
  ...stream(0x1b, 0x201, []),
  ...stream(0x0f, 0x202, [0x0a, 4, 0x64, 0x65, 0x75, 0]),
]);
const tables = [
  packet(0, association, { isStart: true }),
  packet(0x100, radio, { isStart: true }),
  packet(0x200, television, { isStart: true }),
];
const payload = (isScrambled: boolean) =>
  [0x101, 0x201, 0x202].flatMap((pid) =>
    Array.from({ length: 4 }, () => packet(pid, Buffer.alloc(184), { isScrambled })),
  );

describe('programs of a transport stream', () => {
  test('are read with their streams and audio types', async () => {
    expect(await examine(Buffer.concat([...tables, ...payload(false)]))).toEqual({
      isScrambled: false,
      endsInsidePacket: false,
      programs: [
        { programNumber: 1, streams: [{ pid: 0x101, streamType: 0x0f, audioType: 3 }] },
        {
          programNumber: 2,
          streams: [
            { pid: 0x201, streamType: 0x1b, audioType: null },
            { pid: 0x202, streamType: 0x0f, audioType: 0 },
          ],
        },
      ],
    });
  });

  test('are found behind leading junk, with arrival timestamps, and with parity', async () => {
    const packets = [...tables, ...payload(false)];
    const variants = {
      junk: Buffer.concat([Buffer.from('junk\x47junk'), ...packets]),
      timestamps: Buffer.concat(packets.flatMap((bytes) => [Buffer.from([0x12, 0x47, 0x34, 0x56]), bytes])),
      parity: Buffer.concat(packets.flatMap((bytes) => [bytes, Buffer.alloc(16)])),
    };
    for (const [name, bytes] of Object.entries(variants)) {
      const facts = await examine(bytes);
      expect(facts?.programs, name).toHaveLength(2);
      expect(facts?.endsInsidePacket, name).toBe(false);
    }
  });

  test('are read from sections that go over several packets', async () => {
    const many = Array.from({ length: 60 }, (_, index) => stream(0x0f, 0x300 + index, [])).flat();
    const long = section(0x02, 1, [0xe1, 0x01, 0xf0, 0x00, ...many]);
    const start = Buffer.concat([Buffer.from([0]), long.subarray(0, 183)]);
    const parts = [
      packet(0x100, start, { isStart: false, hasStartFlag: true }),
      packet(0x100, long.subarray(183), {}),
    ];
    const facts = await examine(
      Buffer.concat([packet(0, association, { isStart: true }), ...parts, ...payload(false)]),
    );
    expect(facts?.programs[0]?.streams).toHaveLength(60);
  });

  test('that are scrambled are told', async () => {
    expect((await examine(Buffer.concat([...tables, ...payload(true)])))?.isScrambled).toBe(true);
  });

  test('of an object that ends inside a packet are told', async () => {
    const whole = Buffer.concat([...tables, ...payload(false)]);
    expect((await examine(whole.subarray(0, whole.length - 7)))?.endsInsidePacket).toBe(true);
  });

  test('are not found in other bytes', async () => {
    expect(await examine(Buffer.alloc(4096))).toBeNull();
    expect(await examine(Buffer.from('G'))).toBeNull();
  });
});

describe('the names of services', () => {
  const television2 = [0x00, 0x02, 0xfc, 0x80, 0x08, 0x48, 6, 1, 1, 0x50, 2, 0x4e, 0x32];
  const names = section(0x42, 7, [0, 1, 0xff, ...television2]);
  names.writeUInt32BE(sectionChecksum(names.subarray(0, -4)), names.length - 4);
  const described = packet(0x11, names, { isStart: true });
  /** Packets of a stream of 3 Mbit/s, of which every fiftieth carries the clock: 25 ms each. */
  const running = (count: number) =>
    Buffer.concat(
      Array.from({ length: count }, (_, index) =>
        Buffer.concat([
          clock(0x201, index * 2250),
          ...Array.from({ length: 49 }, () => payload(false)[4] as Buffer),
        ]),
      ),
    );

  test('come with their programs, even when they come two seconds late', async () => {
    const facts = await examine(Buffer.concat([...tables, running(79), described, running(400)]));
    expect(facts?.programs.map(({ service }) => service)).toEqual([
      undefined,
      { providerName: 'P', serviceName: 'N2' },
    ]);
  });

  test('are not waited for any longer than that', async () => {
    const read = { bytes: 0 };
    const facts = await examine(Buffer.concat([...tables, running(400), described]), read);
    expect(facts?.programs.every(({ service }) => service === undefined)).toBe(true);
    // Two seconds are 750 kB, read in steps of 512 KiB.
    expect(read.bytes).toBe(1024 * 1024);
  });
});

/** A packet without payload that carries a clock reference in ticks of 90 kHz. */
function clock(pid: number, ticks: number): Buffer {
  const bytes = Buffer.alloc(188, 0xff);
  bytes.set([0x47, pid >> 8, pid & 0xff, 0x20, 183, 0x10]);
  bytes.writeUInt32BE(Math.floor(ticks / 2), 6);
  return bytes;
}

function examine(bytes: Buffer, read = { bytes: 0 }) {
  const source: ByteSource = {
    sizeBytes: bytes.length,
    isRemote: false,
    expect() {},
    read: async (offset, length) => {
      const part = bytes.subarray(offset, offset + length);
      read.bytes += part.length;
      return part;
    },
    close: async () => {},
  };
  return examineTransportStream(source);
}

/** A section with its header and four bytes where the checksum is. */
function section(tableId: number, extension: number, body: readonly number[]): Buffer {
  const length = 5 + body.length + 4;
  return Buffer.from([
    ...[tableId, 0xb0 | (length >> 8), length & 0xff, extension >> 8, extension & 0xff, 0xc1, 0, 0],
    ...body,
    ...[0, 0, 0, 0],
  ]);
}

/** An elementary stream in a program map. */
function stream(type: number, pid: number, descriptors: readonly number[]): number[] {
  return [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, descriptors.length, ...descriptors];
}

function packet(
  pid: number,
  content: Buffer,
  flags: { readonly isStart?: boolean; readonly hasStartFlag?: boolean; readonly isScrambled?: boolean },
): Buffer {
  const bytes = Buffer.alloc(188, 0xff);
  const startFlag = flags.isStart === true || flags.hasStartFlag === true ? 0x40 : 0;
  bytes.set([0x47, startFlag | (pid >> 8), pid & 0xff, (flags.isScrambled === true ? 0x80 : 0) | 0x10]);
  const body = flags.isStart === true ? Buffer.concat([Buffer.from([0]), content]) : content;
  body.copy(bytes, 4);
  return bytes;
}
