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
