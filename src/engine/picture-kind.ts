/** What a coded picture needs of those before it (Rec. ITU-T H.264 7.3.3, 7.4.1.2.4; H.265 7.4.2.2). */
import { type NalCodec, nalType, nalUnits, rawBytes } from '../package/annex-b.ts';
import { readBits } from './bit-string.ts';

/** `refresh`: nothing behind it looks back beyond it. `intra`: it needs no other picture, though some behind it may. */
export type PictureKind = 'refresh' | 'intra' | 'other';

/** Tells the kind of each packet of a track. `codec` is the job's name; `extraData` the track's parameters. */
export function pictureKinds(codec: string, extraData: Buffer | null): (data: Buffer) => PictureKind {
  // All other codecs that pass through have intra pictures alone.
  if (codec !== 'H_264' && codec !== 'H_265') return () => 'refresh';
  const lengthBytes = unitLengthBytes(codec, extraData);
  const kindOf = codec === 'H_264' ? kindInH264 : kindInH265;
  return (data) => kindOf(lengthBytes === null ? nalUnits(data) : countedUnits(data, lengthBytes));
}

/** Bytes of the length in front of each unit (ISO/IEC 14496-15 5.3.3.1, 8.3.3.1); null: units stand behind start codes. */
function unitLengthBytes(codec: NalCodec, extraData: Buffer | null): number | null {
  if (extraData === null || extraData[0] !== 1) return null;
  const at = codec === 'H_264' ? 4 : 21;
  return ((extraData[at] ?? 3) & 3) + 1;
}

function* countedUnits(data: Buffer, lengthBytes: number): Generator<Uint8Array> {
  for (let at = 0; at + lengthBytes < data.length; ) {
    const start = at + lengthBytes;
    at = start + data.readUIntBE(at, lengthBytes);
    yield data.subarray(start, at);
  }
}

const idrSlice = 5;
/** Slice types of I slices, of some and of all in the picture (H.264 table 7-6). */
const intraSlices: ReadonlySet<number> = new Set([2, 7]);
/** First macroblock and type of a slice need no more. */
const sliceHeadBytes = 12;

function kindInH264(units: Iterable<Uint8Array>): PictureKind {
  let kind: PictureKind = 'other';
  for (const unit of units) {
    const type = nalType(unit, 'H_264');
    if (type === idrSlice) return 'refresh';
    if (type !== 1 && type !== 2) continue;
    const bits = readBits(rawBytes(unit.subarray(1), sliceHeadBytes));
    bits.ue();
    if (!intraSlices.has(bits.ue())) return 'other';
    kind = 'intra';
  }
  return kind;
}

/** Pictures of random access are 16 to 23, and two of them refresh (table 7-1); all slices are below 32. */
function kindInH265(units: Iterable<Uint8Array>): PictureKind {
  for (const unit of units) {
    const type = nalType(unit, 'H_265');
    if (type >= 32) continue;
    if (type === 19 || type === 20) return 'refresh';
    return type >= 16 && type <= 23 ? 'intra' : 'other';
  }
  return 'other';
}
