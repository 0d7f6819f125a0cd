/** A transport stream with SCTE-35, ID3 and KLV in it, from one that has none. */
import { type Injected, injectData, pesPackets, sectionPackets } from './inject-data.ts';
import { remainder } from './read-splice.ts';

const pids = { splices: 0x500, id3: 0x502, klv: 0x503 };
/** An ID3 tag with one text. */
export const tag = Buffer.concat([
  Buffer.from('ID3\u0004\0\0\0\0\0\u0010TXXX\0\0\0\u0006\0\0\u0003hi\0ok', 'latin1'),
]);
/** A KLV packet: universal key, length, value. */
export const klv = Buffer.concat([
  Buffer.from('060e2b34020b01010e01030101000000', 'hex'),
  Buffer.of(3, 1, 2, 3),
]);

const id3Formats = Buffer.from('ffff49443320ff49443320', 'hex');
const programPointer = Buffer.concat([
  Buffer.from('250f', 'hex'),
  id3Formats,
  Buffer.from('001f0001', 'hex'),
]);
const id3Stream = {
  pid: pids.id3,
  streamType: 0x15,
  descriptors: Buffer.concat([Buffer.from('260d', 'hex'), id3Formats, Buffer.of(0, 0x0f)]),
};

/** A break from 3 to 7 s, told at 1 (twice) and 4.2; a splice_insert; a tag at 2; KLV each second. */
export function withSignals(stream: Buffer): Buffer {
  const message = (at: number, point: number, type: number): Injected => ({
    pid: pids.splices,
    at,
    packets: (pid, first) => sectionPackets(pid, timeSignal(first + point * 90_000, type)),
  });
  const items: Injected[] = [
    message(1, 3, 0x34),
    message(1.5, 3, 0x34),
    message(4.2, 7, 0x35),
    { pid: pids.splices, at: 4.5, packets: (pid) => sectionPackets(pid, spliceInsert) },
    {
      pid: pids.id3,
      at: 1.5,
      packets: (pid, first) => pesPackets(pid, 0xbd, first + 2 * 90_000, tag),
    },
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map(
      (second): Injected => ({
        pid: pids.klv,
        at: second - 0.5,
        packets: (pid, first) =>
          pesPackets(
            pid,
            0xfc,
            first + second * 90_000,
            Buffer.concat([Buffer.of(0, second, 0xdf, 0, klv.length), klv]),
          ),
      }),
    ),
  ];
  return injectData(
    stream,
    {
      program: Buffer.concat([Buffer.from('050443554549', 'hex'), programPointer]),
      streams: [
        { pid: pids.splices, streamType: 0x86, descriptors: Buffer.alloc(0) },
        id3Stream,
        {
          pid: pids.klv,
          streamType: 0x15,
          descriptors: Buffer.from('26090100ff4b4c5641000f', 'hex'),
        },
      ],
    },
    items,
  );
}

/** The tag alone, its time and where it stands in seconds from the first picture. */
export function withLateTag(
  stream: Buffer,
  { seconds, at }: { readonly seconds: number; readonly at: number },
): Buffer {
  return injectData(stream, { program: programPointer, streams: [id3Stream] }, [
    {
      pid: pids.id3,
      at,
      packets: (pid, first) => pesPackets(pid, 0xbd, first + seconds * 90_000, tag),
    },
  ]);
}

/** A break's beginning alone, its time and where its message stands in seconds from the first picture. */
export function withLateSplice(
  stream: Buffer,
  { seconds, at }: { readonly seconds: number; readonly at: number },
): Buffer {
  const streams = [{ pid: pids.splices, streamType: 0x86, descriptors: Buffer.alloc(0) }];
  return injectData(stream, { program: Buffer.from('050443554549', 'hex'), streams }, [
    {
      pid: pids.splices,
      at,
      packets: (pid, first) => sectionPackets(pid, timeSignal(first + seconds * 90_000, 0x34)),
    },
  ]);
}

/** A time signal with one segmentation of a placement opportunity, of no told length. */
function timeSignal(ticks: number, type: number): Buffer {
  const wrapped = BigInt.asUintN(33, BigInt(Math.round(ticks)));
  const time = `${(0xfen | (wrapped >> 32n)).toString(16)}${(wrapped & 0xffff_ffffn).toString(16).padStart(8, '0')}`;
  const segmentation = `020f43554549000000057fbf0000${type.toString(16)}0101`;
  const body = Buffer.from(`fc302700000000000000fff00506${time}0011${segmentation}`, 'hex');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(remainder(body));
  return Buffer.concat([body, sum]);
}

const spliceInsert = Buffer.from(
  '/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=',
  'base64',
);
