/**
 * Data beside picture and sound in a transport stream: how the program map describes it and how it is framed (ANSI/SCTE
 * 35 8; Apple, Timed Metadata for HTTP Live Streaming 2; MISB ST 1402).
 */
import type { DataStreamsPlan } from '../../plan/signal-plan.ts';
import type { Signal, SignalWish } from '../../signals/signal-timeline.ts';
import { atSpliceTime, parseSpliceSection } from '../../signals/splice-section.ts';
import { pesPacket, sectionPayload } from './packetizer.ts';

/** One elementary stream in the map. */
export interface DataStream {
  readonly pid: number;
  readonly streamType: number;
  readonly descriptors: Buffer;
}

/** The data of a program. */
export interface DataStreams {
  /** Of the program as a whole. */
  readonly programDescriptors: Buffer;
  readonly streams: readonly DataStream[];
  /** Signals that the streams take. */
  readonly wish: SignalWish;
  /** What packets of the stream's PID carry; `offsetTicks` is the time of output time 0 in the stream. */
  payloadOf(signal: Signal, offsetTicks: number): { readonly pid: number; readonly payload: Buffer };
}

/** Nothing to carry. */
export const noDataStreams: DataStreams = {
  programDescriptors: Buffer.alloc(0),
  streams: [],
  wish: () => false,
  payloadOf() {
    throw new TypeError('the stream carries no data');
  },
};

/** Stream types (ISO/IEC 13818-1 table 2-34): sections of SCTE-35, metadata in PES packets, private PES packets. */
const streamTypes = { splices: 0x86, metadata: 0x15, privateData: 0x06 };
const streamIds = { privateData: 0xbd, metadata: 0xfc };

/** Describes the data. `isInSegments`: HLS segments leave out what an ESAM manifest document keeps from them. */
export function describeDataStreams(
  { scte35Pid, id3Pid, klv, startsWithVideo }: DataStreamsPlan,
  programNumber: number,
  isInSegments = false,
): DataStreams {
  let sequence = 0;
  const synchronousKlv = (bytes: Buffer): Buffer => {
    const header = accessUnitHeader(sequence, bytes.length);
    sequence = (sequence + 1) & 0xff;
    return header;
  };
  return {
    programDescriptors: Buffer.concat([
      ...(scte35Pid === null ? [] : [registration('CUEI')]),
      ...(id3Pid === null ? [] : [id3Pointer(programNumber)]),
    ]),
    streams: [
      ...(scte35Pid === null ? [] : [spliceStream(scte35Pid)]),
      ...(id3Pid === null ? [] : [id3Stream(id3Pid)]),
      ...(klv === null ? [] : [klvStream(klv)]),
    ],
    wish(signal) {
      if (signal.kind === 'splice') return scte35Pid !== null && (!isInSegments || signal.cue.isInSegments);
      const isEarly = startsWithVideo && signal.at < 0;
      return !isEarly && (signal.kind === 'id3' ? id3Pid : klv) !== null;
    },
    payloadOf(signal, offsetTicks) {
      const at = signal.at + offsetTicks;
      if (signal.kind === 'splice')
        return { pid: scte35Pid ?? 0, payload: sectionPayload(moved(signal.section, offsetTicks)) };
      if (signal.kind === 'id3')
        return { pid: id3Pid ?? 0, payload: pesPacket(streamIds.privateData, at, at, null, [signal.bytes]) };
      const isBound = klv?.isSynchronous === true;
      const parts = isBound ? [synchronousKlv(signal.bytes), signal.bytes] : [signal.bytes];
      const id = isBound ? streamIds.metadata : streamIds.privateData;
      return { pid: klv?.pid ?? 0, payload: pesPacket(id, at, at, null, parts) };
    },
  };
}

/** The message on the clock of the stream. */
function moved(section: Buffer, offsetTicks: number): Buffer {
  const message = parseSpliceSection(section);
  return message?.ticks == null ? section : atSpliceTime(message, message.ticks + offsetTicks);
}

function spliceStream(pid: number): DataStream {
  // Cue identifier: all commands may come.
  return { pid, streamType: streamTypes.splices, descriptors: descriptor(0x8a, Buffer.of(1)) };
}

/** Application and metadata format are ID3; service 0, no decoder configuration. */
function id3Stream(pid: number): DataStream {
  const content = Buffer.concat([id3Formats, Buffer.of(0, 0x0f)]);
  return { pid, streamType: streamTypes.metadata, descriptors: descriptor(0x26, content) };
}

/** Where the metadata of the program is: in the program itself. */
function id3Pointer(programNumber: number): Buffer {
  const place = Buffer.of(0, 0x1f, programNumber >> 8, programNumber & 0xff);
  return descriptor(0x25, Buffer.concat([id3Formats, place]));
}

const id3Formats = Buffer.concat([
  Buffer.of(0xff, 0xff),
  Buffer.from('ID3 ', 'latin1'),
  Buffer.of(0xff),
  Buffer.from('ID3 ', 'latin1'),
]);

function klvStream({ pid, isSynchronous }: NonNullable<DataStreamsPlan['klv']>): DataStream {
  if (!isSynchronous) return { pid, streamType: streamTypes.privateData, descriptors: registration('KLVA') };
  const format = Buffer.concat([
    Buffer.of(0x01, 0x00, 0xff),
    Buffer.from('KLVA', 'latin1'),
    Buffer.of(0, 0x0f),
  ]);
  // Rates and buffer of the metadata's decoder model are not told.
  const model = Buffer.of(0xc0, 0, 0, 0xc0, 0, 0, 0xc0, 0, 0);
  return {
    pid,
    streamType: streamTypes.metadata,
    descriptors: Buffer.concat([descriptor(0x26, format), descriptor(0x27, model)]),
  };
}

/** Metadata access unit cell (ISO/IEC 13818-1 2.12.4): whole, and readable by itself. */
function accessUnitHeader(sequence: number, bytes: number): Buffer {
  return Buffer.of(0, sequence, 0xdf, (bytes >> 8) & 0xff, bytes & 0xff);
}

function registration(identifier: string): Buffer {
  return descriptor(0x05, Buffer.from(identifier, 'latin1'));
}

function descriptor(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}
