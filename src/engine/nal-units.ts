/** NAL units put together: start codes and escapes (Rec. ITU-T H.264 Annex B, 7.4.1; taken apart in `package/annex-b`). */
import { type NalCodec, nalType, nalUnits } from '../package/annex-b.ts';

const startCode = Buffer.from([0, 0, 0, 1]);

/** Bytes of units that are joined. */
export function joinedLength(units: readonly Uint8Array[]): number {
  return units.reduce((sum, unit) => sum + startCode.length + unit.length, 0);
}

/** Puts units behind start codes. */
export function joinUnits(units: readonly Uint8Array[]): Buffer {
  return Buffer.concat(units.flatMap((unit) => [startCode, unit]));
}

/** Escapes payload bytes, so that no start code can appear in them. */
export function escaped(bytes: Buffer): Buffer {
  const written: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      written.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    written.push(byte);
  }
  return Buffer.from(written);
}

const delimiters: Readonly<Record<NalCodec, number>> = { H_264: 9, H_265: 35 };
const sequences: Readonly<Record<NalCodec, number>> = { H_264: 7, H_265: 33 };

/** True of an access unit that begins with a delimiter. */
export function beginsWithDelimiter(accessUnit: Uint8Array, codec: NalCodec): boolean {
  const [first] = nalUnits(accessUnit.subarray(0, delimiterSearchBytes));
  return first !== undefined && nalType(first, codec) === delimiters[codec];
}

const delimiterSearchBytes = 16;

/**
 * The parts of an access unit with parameter sets where they belong: behind a delimiter, in front of all else (H.264 and
 * H.265 7.4). One that has sets of its own is left as it is.
 */
export function withSets(accessUnit: Uint8Array, sets: Uint8Array, codec: NalCodec): readonly Uint8Array[] {
  const rest = beginsWithDelimiter(accessUnit, codec) ? secondStartCode(accessUnit) : 0;
  for (const unit of nalUnits(accessUnit.subarray(rest))) {
    const type = nalType(unit, codec);
    if (type === sequences[codec]) return [accessUnit];
    if (isSlice(type, codec)) break;
  }
  return rest === 0 ? [sets, accessUnit] : [accessUnit.subarray(0, rest), sets, accessUnit.subarray(rest)];
}

function isSlice(type: number, codec: NalCodec): boolean {
  return codec === 'H_264' ? type >= 1 && type <= 5 : type < 32;
}

/** Where the second unit's start code begins. */
function secondStartCode(accessUnit: Uint8Array): number {
  const bytes = Buffer.from(accessUnit.buffer, accessUnit.byteOffset, accessUnit.length);
  const at = bytes.indexOf(startCode.subarray(1), startCode.length);
  return bytes[at - 1] === 0 ? at - 1 : at;
}

/**
 * An access unit of H.264 with its delimiter in front of all else (7.4.1.2.3): the library puts x264's text of its settings
 * before it. null: it is there already, or there is none.
 */
export function withDelimiterFirst(accessUnit: Uint8Array): Buffer | null {
  const units = [...nalUnits(accessUnit)];
  const at = units.findIndex((unit) => nalType(unit, 'H_264') === delimiters.H_264);
  const delimiter = units[at];
  if (delimiter === undefined || at === 0) return null;
  return joinUnits([delimiter, ...units.filter((_, index) => index !== at)]);
}
