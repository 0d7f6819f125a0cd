/**
 * Headers of a coded stream, field by field, as the library's tracer prints them: a parser that shares nothing with
 * ours. Names are those of the standards (H.264, H.265, H.262, AV1, VP9).
 */
import { setImmediate } from 'node:timers/promises';
import { AV_LOG_INFO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { BitStreamFilter, BitStreamFilterContext, FormatContext, Log, Packet } from 'node-av/lib';
import { captureLibraryLog } from '../../src/engine/library-log.ts';

/** One header: a parameter set, a message, a slice. */
export interface CodedHeader {
  /** As the tracer calls it: `Slice Header`. */
  readonly name: string;
  /** Place of its picture in coding order; −1: beside the stream, in the container. */
  readonly picture: number;
  /** The first value of each field; indexes stand in the name: `offset_for_ref_frame[0]`. */
  readonly fields: Readonly<Record<string, number>>;
}

const field = /^\d+ +(\S+) +[01.]* *= *(-?\d+)$/;
const lastLine = 'all headers are read';

/** Reads all headers of the video of a file. */
export async function readHeaders(path: string): Promise<readonly CodedHeader[]> {
  const lines: string[] = [];
  Log.setLevel(AV_LOG_INFO);
  Log.setCallback((_level, message) => lines.push(message.replace(/^\[[^\]]*\] /, '').trim()), {
    maxLevel: AV_LOG_INFO,
  });
  try {
    traceVideo(path);
    Log.log(AV_LOG_INFO, lastLine);
    // Lines come by the event loop, and do not keep it alive.
    while (lines.at(-1) !== lastLine) await setImmediate();
  } finally {
    captureLibraryLog();
  }
  return parseLines(lines);
}

/** All headers with a name. */
export function headersNamed(
  headers: readonly CodedHeader[],
  name: string,
): readonly CodedHeader['fields'][] {
  return headers.filter((header) => header.name === name).map(({ fields }) => fields);
}

function traceVideo(path: string): void {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const stream = context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  const filter = BitStreamFilter.getByName('trace_headers');
  if (stream === undefined || filter === null) throw new Error(`${path} has no video to trace`);
  const tracer = new BitStreamFilterContext();
  tracer.alloc(filter);
  stream.codecpar.copy(tracer.inputCodecParameters ?? stream.codecpar);
  tracer.inputTimeBase = stream.timeBase;
  if (tracer.init() < 0) throw new Error(`${path}: its codec is not traced`);
  const packet = new Packet();
  packet.alloc();
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      if (tracer.sendPacketSync(packet) < 0) throw new Error(`${path}: a packet is not traced`);
      while (tracer.receivePacketSync(packet) >= 0) packet.unref();
    }
    packet.unref();
  }
  packet.free();
  tracer.free();
  context.closeInputSync();
}

function parseLines(lines: readonly string[]): readonly CodedHeader[] {
  const headers: {
    readonly name: string;
    readonly picture: number;
    readonly fields: Record<string, number>;
  }[] = [];
  let picture = -1;
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    const last = headers.at(-1);
    if (name !== undefined) {
      if (last !== undefined) last.fields[name] ??= Number(value);
    } else if (line.startsWith('Packet:')) picture += 1;
    else if (/^[A-Z][\w /-]+$/.test(line)) headers.push({ name: line, picture, fields: {} });
  }
  return headers;
}
