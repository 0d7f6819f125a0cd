/** Reads signals out of finished outputs: program maps, messages, metadata, event messages. */
import { readFileSync } from 'node:fs';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { expect } from 'vitest';
import { type ReadPacket, readPes, readSections } from '../../engine/read-transport.ts';
import { readSplice, remainder } from './read-splice.ts';

/** Descriptors of the program, and type and descriptors of each stream, as hexadecimal. */
export function readMap(packets: readonly ReadPacket[]): {
  readonly program: string;
  readonly streams: ReadonlyMap<number, string>;
} {
  const section = readSections(packets, 480)[0]?.section ?? Buffer.alloc(0);
  expect(remainder(section)).toBe(0);
  const own = section.readUInt16BE(10) & 0xfff;
  const streams = new Map<number, string>();
  for (let at = 12 + own; at < section.length - 4; ) {
    const length = section.readUInt16BE(at + 3) & 0xfff;
    const descriptors = section.subarray(at + 5, at + 5 + length).toString('hex');
    streams.set(section.readUInt16BE(at + 1) & 0x1fff, `${section[at]?.toString(16)} ${descriptors}`);
    at += 5 + length;
  }
  return { program: section.subarray(12, 12 + own).toString('hex'), streams };
}

/** Messages of a PID: where their splice lies behind the first picture, in seconds, and the clock at which they come. */
export function readMessages(packets: readonly ReadPacket[], pid: number) {
  const offset = readPes(packets, 481)[0]?.pts ?? 0;
  return readSections(packets, pid).map(({ index, section }) => {
    const splice = readSplice(section);
    const clock = packets.slice(0, index).findLast(({ clock: value }) => value !== null)?.clock ?? 0;
    return {
      seconds: (Number(splice.pts) - offset) / 90_000,
      clock: (clock / 300 - offset) / 90_000,
      type: splice.segmentations[0]?.typeId,
      command: splice.command,
    };
  });
}

/** Bytes of the PES packets of a PID, behind their headers, with the times behind the first picture. */
export function readMetadata(packets: readonly ReadPacket[], pid: number) {
  const offset = readPes(packets, 481)[0]?.pts ?? 0;
  return readPes(packets, pid).map(({ pts, first }) => ({
    seconds: (pts - offset) / 90_000,
    streamId: first.payload[3],
    bytes: first.payload.subarray(9 + (first.payload[8] ?? 0)),
  }));
}

/** Event messages of a segment, by an independent parser. */
export function readEvents(path: string) {
  const file = createFile();
  const bytes = readFileSync(path);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0));
  file.flush();
  return (file.boxes as unknown as EventBox[])
    .filter(({ type }) => type === 'emsg')
    .map((box) => ({
      version: box.version,
      scheme: box.scheme_id_uri,
      value: box.value,
      seconds: (box.version === 1 ? box.presentation_time : box.presentation_time_delta) / box.timescale,
      id: box.id,
      data: Buffer.from(box.message_data),
    }));
}

interface EventBox {
  readonly type: string;
  readonly version: number;
  readonly scheme_id_uri: string;
  readonly value: string;
  readonly timescale: number;
  readonly presentation_time: number;
  readonly presentation_time_delta: number;
  readonly id: number;
  readonly message_data: Uint8Array;
}
