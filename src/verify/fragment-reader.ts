/**
 * Reads fragmented MP4 for verification: only what a verdict needs, and nothing shared with the writer, so that a mistake
 * there is not repeated here (ISO/IEC 14496-12 8.8, 8.16).
 */

/** What an initialization declares. */
export interface ReadInitialization {
  readonly tracks: readonly { readonly id: number; readonly timescale: number; readonly entry: string }[];
}

/** One run of samples of a track. */
export interface ReadRun {
  readonly trackId: number;
  readonly decodeTicks: number;
  readonly durationTicks: number;
  readonly samples: number;
  readonly bytes: number;
}

/** What a segment holds. */
export interface ReadSegment {
  readonly runs: readonly ReadRun[];
  readonly mediaBytes: number;
}

interface ReadBox {
  readonly type: string;
  readonly body: Buffer;
}

/** Tracks of an initialization; null when there is no movie in it. */
export function readInitialization(bytes: Uint8Array): ReadInitialization | null {
  const movie = boxesOf(Buffer.from(bytes)).find(({ type }) => type === 'moov');
  if (movie === undefined) return null;
  const tracks = boxesOf(movie.body)
    .filter(({ type }) => type === 'trak')
    .flatMap(({ body }) => {
      const header = within(body, ['tkhd']);
      const media = within(body, ['mdia', 'mdhd']);
      const description = within(body, ['mdia', 'minf', 'stbl', 'stsd']);
      if (header === null || media === null || description === null || description.length < 16) return [];
      return [
        {
          id: header.readUInt32BE(12),
          timescale: media.readUInt32BE(12),
          entry: description.toString('latin1', 12, 16),
        },
      ];
    });
  return { tracks };
}

/** Runs of a whole segment, in order; null for bytes that are no boxes. */
export function readSegment(bytes: Uint8Array): ReadSegment | null {
  const runs: ReadRun[] = [];
  let mediaBytes = 0;
  try {
    for (const { type, body } of boxesOf(Buffer.from(bytes))) {
      if (type === 'mdat') mediaBytes += body.length;
      if (type !== 'moof') continue;
      for (const part of boxesOf(body)) if (part.type === 'traf') runs.push(readRun(part.body));
    }
  } catch {
    return null;
  }
  return { runs, mediaBytes };
}

function readRun(body: Buffer): ReadRun {
  const header = within(body, ['tfhd']);
  const time = within(body, ['tfdt']);
  const run = within(body, ['trun']);
  if (header === null || time === null || run === null)
    throw new RangeError('a track fragment without its boxes');
  const flags = header.readUIntBE(1, 3);
  const trackId = header.readUInt32BE(4);
  let at = 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0);
  const commonDuration = flags & 0x8 ? header.readUInt32BE(at) : 0;
  at += flags & 0x8 ? 4 : 0;
  const commonSize = flags & 0x10 ? header.readUInt32BE(at) : 0;
  const decodeTicks = time[0] === 1 ? Number(time.readBigUInt64BE(4)) : time.readUInt32BE(4);
  return { trackId, decodeTicks, ...sumOfRun(run, commonDuration, commonSize) };
}

function sumOfRun(
  run: Buffer,
  commonDuration: number,
  commonSize: number,
): Pick<ReadRun, 'durationTicks' | 'samples' | 'bytes'> {
  const flags = run.readUIntBE(1, 3);
  const samples = run.readUInt32BE(4);
  let at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  let durationTicks = 0;
  let bytes = 0;
  for (let n = 0; n < samples; n += 1) {
    durationTicks += flags & 0x100 ? run.readUInt32BE(at) : commonDuration;
    at += flags & 0x100 ? 4 : 0;
    bytes += flags & 0x200 ? run.readUInt32BE(at) : commonSize;
    at += (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
  }
  return { durationTicks, samples, bytes };
}

/** Boxes that follow each other; one that reaches outside is cut. */
function boxesOf(bytes: Buffer): ReadBox[] {
  const boxes: ReadBox[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) throw new RangeError(`a box of ${size} bytes`);
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

function within(bytes: Buffer, path: readonly string[]): Buffer | null {
  const [type, ...rest] = path;
  const found = boxesOf(bytes).find((box) => box.type === type);
  if (found === undefined) return null;
  return rest.length === 0 ? found.body : within(found.body, rest);
}
