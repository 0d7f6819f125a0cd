/**
 * CODECS strings (RFC 6381; spec packaging.md 4.4) from what the encoders really wrote. RFC_4281 and RFC_6381 give the
 * same text: the service's own RFC_4281 playlists show the newer hexadecimal form.
 */
import { type NalCodec, nalType, nalUnits, rawBytes } from './annex-b.ts';

/**
 * `avc1.PPCCLL` or `hvc1…` from the sequence parameter set in a byte stream: the encoder's extradata or its first
 * packet. Null when there is no parameter set in it.
 */
export function videoCodecString(stream: Uint8Array, codec: NalCodec): string | null {
  for (const unit of nalUnits(stream)) {
    const type = nalType(unit, codec);
    if (codec === 'H_264' && type === 7 && unit.length >= 4) return `avc1.${hex(unit.subarray(1, 4))}`;
    if (codec === 'H_265' && type === 33) return hevcString(rawBytes(unit, 15));
  }
  return null;
}

/** ISO/IEC 14496-15 Annex E.3: profile, compatibility flags in reverse order, tier and level, constraint bytes. */
function hevcString(sequenceParameterSet: Uint8Array): string | null {
  // Two bytes of NAL header and one of ids come before profile_tier_level (H.265 7.3.2.2.1, 7.3.3).
  const profile = sequenceParameterSet.subarray(3);
  if (profile.length < 12) return null;
  const first = profile[0] ?? 0;
  const space = ['', 'A', 'B', 'C'][first >> 6];
  const tier = first & 0x20 ? 'H' : 'L';
  const constraints = profile.subarray(5, 11);
  let used = constraints.length;
  while (used > 0 && constraints[used - 1] === 0) used -= 1;
  const parts = [
    `hvc1.${space}${first & 0x1f}`,
    reversedBits(profile.subarray(1, 5)).toString(16).toUpperCase(),
    `${tier}${profile[11]}`,
    ...Array.from(constraints.subarray(0, used), (byte) => byte.toString(16).toUpperCase()),
  ];
  return parts.join('.');
}

function reversedBits(bytes: Uint8Array): number {
  let value = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    const byte = bytes[bit >> 3] ?? 0;
    if (byte & (0x80 >> (bit & 7))) value += 2 ** bit;
  }
  return value;
}

/**
 * The string of a track from its sample entry: the entry's own name in front of what the parameter sets say (`known`), or
 * what the configuration record of AV1 and VP9 says. Null when that is not known.
 */
export function entryCodecString(entry: Buffer, known: string | null): string | null {
  const name = entry.toString('latin1', 4, 8);
  switch (name) {
    case 'av01':
      return av1String(entry);
    case 'vp08':
    case 'vp09':
      return vpxString(name, entry);
    default:
      return known === null ? null : `${name}${known.slice(name.length)}`;
  }
}

/** AV1 codec ISO media file format binding 5: profile, level and tier, depth; what comes behind only where it is not BT.709. */
function av1String(entry: Buffer): string | null {
  const record = boxIn(entry, 'av1C');
  if (record === null) return null;
  const [profileAndLevel = 0, flags = 0] = record.subarray(1, 3);
  const depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8;
  const level = `${twoDigits(profileAndLevel & 31)}${flags & 0x80 ? 'H' : 'M'}`;
  const short = `av01.${profileAndLevel >> 5}.${level}.${twoDigits(depth)}`;
  const color = colorOf(entry);
  if (color === null) return short;
  const { primaries, transfer, matrix, isFull } = color;
  const sampling = `${(flags >> 3) & 1}${(flags >> 2) & 1}${flags & 3}`;
  const codes = [primaries, transfer, matrix].map(twoDigits).join('.');
  return `${short}.${(flags >> 4) & 1}.${sampling}.${codes}.${isFull ? 1 : 0}`;
}

/** VP codec ISO media file format binding: profile, level, depth; what comes behind only where it is not BT.709. */
function vpxString(name: string, entry: Buffer): string | null {
  const record = boxIn(entry, 'vpcC')?.subarray(4);
  if (record === undefined) return null;
  const [profile = 0, level = 0, depth = 0, ...codes] = record;
  const short = `${name}.${[profile, level, depth >> 4].map(twoDigits).join('.')}`;
  if (colorOf(entry) === null) return short;
  return `${short}.${[(depth >> 1) & 7, ...codes.slice(0, 3), depth & 1].map(twoDigits).join('.')}`;
}

/** The entry's colours as code points of ITU-T H.273; null for BT.709 and where it names none. */
function colorOf(entry: Buffer) {
  const color = boxIn(entry, 'colr');
  if (color?.toString('latin1', 0, 4) !== 'nclx') return null;
  const [primaries, transfer, matrix] = [4, 6, 8].map((at) => color.readUInt16BE(at)) as [
    number,
    number,
    number,
  ];
  const isFull = ((color[10] ?? 0) & 0x80) !== 0;
  const isDefault = !isFull && [primaries, transfer, matrix].every((code) => code === 1 || code === 2);
  return isDefault ? null : { primaries, transfer, matrix, isFull };
}

/** What is inside a box of the entry; null when there is none. */
function boxIn(entry: Buffer, name: string): Buffer | null {
  // Size, name and the fields of a visual entry come before its boxes (ISO/IEC 14496-12 12.1.3).
  for (let at = 86; at + 8 <= entry.length; at += Math.max(8, entry.readUInt32BE(at)))
    if (entry.toString('latin1', at + 4, at + 8) === name)
      return entry.subarray(at + 8, at + entry.readUInt32BE(at));
  return null;
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** MPEG-4 audio with the object type of the configuration, or the registered names of Dolby formats. Null when unknown. */
export function audioCodecString(codec: string, audioObjectType: number | null): string | null {
  switch (codec) {
    case 'AAC':
      return `mp4a.40.${audioObjectType ?? 2}`;
    case 'AC3':
      return 'ac-3';
    case 'EAC3':
      return 'ec-3';
    case 'MP2':
      return 'mp4a.40.33';
    case 'MP3':
      return 'mp4a.40.34';
    default:
      return null;
  }
}
