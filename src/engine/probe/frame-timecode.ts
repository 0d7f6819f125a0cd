/** Timecodes as decoders attach them to frames. */
import type { Rational } from '../../exact-time.ts';
import { rawBytes } from '../../package/annex-b.ts';

/**
 * SMPTE ST 12-1 timecode of a frame: a count, then up to three 32-bit words of BCD digits, little endian. Above
 * 30 fps frames are numbered in pairs and a field bit tells which of the two (ST 12-1 12).
 */
export function readSmpteTimecode(sideData: Buffer, frameRate: Rational): string | null {
  if (sideData.length < 8 || sideData.readUInt32LE(0) < 1) return null;
  const word = sideData.readUInt32LE(4);
  const isFast = frameRate.den > 0 && frameRate.num / frameRate.den > 30;
  const is50 = frameRate.num === 50 * frameRate.den;
  const secondOfPair = isFast && (word & (1 << (is50 ? 7 : 23))) !== 0 ? 1 : 0;
  const frames = fromBcd((word >>> 24) & 0x3f);
  return formatTimecode(
    fromBcd(word & 0x3f),
    fromBcd((word >>> 8) & 0x7f),
    fromBcd((word >>> 16) & 0x7f),
    isFast ? 2 * frames + secondOfPair : frames,
    (word & (1 << 30)) !== 0,
  );
}

/** The 25-bit time code of an MPEG-2 group of pictures header (ISO/IEC 13818-2 6.3.8), as a 64-bit integer. */
export function readGopTimecode(sideData: Buffer): string | null {
  if (sideData.length < 4) return null;
  const code = sideData.readUInt32LE(0);
  return formatTimecode(
    (code >>> 19) & 0x1f,
    (code >>> 13) & 0x3f,
    (code >>> 6) & 0x3f,
    code & 0x3f,
    (code & (1 << 24)) !== 0,
  );
}

/** Identifier of camera data in unregistered user data (Rec. ITU-T H.264 D.1.7), then what kind of data it is. */
const mdpmMark = Buffer.concat([
  Buffer.from('17ee8c60f84d11d98cd60800200c9a66', 'hex'),
  Buffer.from('MDPM', 'latin1'),
]);
/** A pack is a tag and four bytes, as on DV tape (IEC 61834-4); this one is the time code. */
const packBytes = 5;
const timecodePack = 0x13;
const mostPacks = 255;

/**
 * The timecode in an AVCHD access unit: modified digital video packs in an unregistered message. Bytes of the pack are
 * frames, seconds, minutes, hours in packed decimals; the second bit of the frames says drop frame.
 */
export function readMdpmTimecode(accessUnit: Buffer): string | null {
  const at = accessUnit.indexOf(mdpmMark);
  if (at < 0) return null;
  const bytes = rawBytes(accessUnit.subarray(at + mdpmMark.length), 1 + mostPacks * packBytes);
  for (let pack = 0, from = 1; pack < (bytes[0] ?? 0); pack += 1, from += packBytes) {
    const [tag, frames, seconds, minutes, hours] = bytes.subarray(from, from + packBytes);
    if (tag !== timecodePack || frames === undefined || hours === undefined) continue;
    return formatTimecode(
      fromBcd(hours & 0x3f),
      fromBcd((minutes ?? 0) & 0x7f),
      fromBcd((seconds ?? 0) & 0x7f),
      fromBcd(frames & 0x3f),
      (frames & 0x40) !== 0,
    );
  }
  return null;
}

function formatTimecode(
  hours: number,
  minutes: number,
  seconds: number,
  frames: number,
  isDropFrame: boolean,
): string | null {
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(hours)}:${pad(minutes)}:${pad(seconds)}${isDropFrame ? ';' : ':'}${pad(frames)}`;
}

function fromBcd(value: number): number {
  return (value >>> 4) * 10 + (value & 0x0f);
}
