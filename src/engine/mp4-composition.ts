/** The composition-to-decode box of a track (ISO/IEC 14496-12 8.6.1.4), computed from its time tables. */
import type { Box } from './mp4-boxes.ts';

/** The box for a sample table; null when composition and decoding times are the same (no `ctts`). */
export function compositionShiftBox(sampleTable: readonly Box[]): Box | null {
  const durations = sampleTable.find(({ type }) => type === 'stts');
  const offsets = sampleTable.find(({ type }) => type === 'ctts');
  if (durations === undefined || offsets === undefined) return null;
  const span = composeTimes(readRuns(durations.payload, false), readRuns(offsets.payload, true));
  const fields = [
    Math.max(0, -span.leastOffset),
    span.leastOffset,
    span.greatestOffset,
    span.start,
    span.end,
  ];
  return { type: 'cslg', payload: composed(fields), children: null };
}

/** Version 0 has fields of 32 bits; times beyond them need version 1 (ISO/IEC 14496-12 8.6.1.4.2). */
function composed(fields: readonly number[]): Buffer {
  const isLong = fields.some((field) => field > 0x7fff_ffff || field < -0x8000_0000);
  const size = isLong ? 8 : 4;
  const payload = Buffer.alloc(4 + fields.length * size);
  payload.writeUInt8(isLong ? 1 : 0, 0);
  for (const [index, field] of fields.entries()) {
    const at = 4 + index * size;
    if (isLong) payload.writeBigInt64BE(BigInt(field), at);
    else payload.writeInt32BE(field, at);
  }
  return payload;
}

interface Run {
  readonly count: number;
  readonly value: number;
}

/** Entries of `stts` and `ctts`: sample count and value; `ctts` values are signed in version 1, small enough in 0. */
function readRuns(payload: Buffer, signed: boolean): Run[] {
  return Array.from({ length: payload.readUInt32BE(4) }, (_, entry) => {
    const at = 8 + entry * 8;
    return {
      count: payload.readUInt32BE(at),
      value: signed ? payload.readInt32BE(at + 4) : payload.readUInt32BE(at + 4),
    };
  });
}

function composeTimes(durations: readonly Run[], offsets: readonly Run[]) {
  let leastOffset = Number.POSITIVE_INFINITY;
  let greatestOffset = Number.NEGATIVE_INFINITY;
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  let decodeTime = 0;
  let run = 0;
  let leftInRun = offsets[0]?.count ?? 0;
  for (const { count, value: duration } of durations) {
    for (let sample = 0; sample < count; sample += 1) {
      while (leftInRun === 0 && run < offsets.length - 1) {
        run += 1;
        leftInRun = offsets[run]?.count ?? 0;
      }
      const offset = offsets[run]?.value ?? 0;
      leftInRun -= 1;
      leastOffset = Math.min(leastOffset, offset);
      greatestOffset = Math.max(greatestOffset, offset);
      start = Math.min(start, decodeTime + offset);
      end = Math.max(end, decodeTime + offset + duration);
      decodeTime += duration;
    }
  }
  return { leastOffset, greatestOffset, start, end };
}
