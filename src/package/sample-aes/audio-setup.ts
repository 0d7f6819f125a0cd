/** What decryptors must know of encrypted sound before its first frame (Apple, HLS stream encryption, section 2.3). */

/** Formats by MediaConvert codec: fourCCs of setup and of the descriptor, and the kind of stream they replace. */
export const protectedSounds: Readonly<
  Record<string, { readonly setup: string; readonly descriptor: string; readonly streamType: number }>
> = {
  AAC: { setup: 'zaac', descriptor: 'aacd', streamType: 0xcf },
  AC3: { setup: 'zac3', descriptor: 'ac3d', streamType: 0xc1 },
  EAC3: { setup: 'zec3', descriptor: 'ec3d', streamType: 0xc2 },
};

/** AC-3 tells itself in the first bytes of a frame. */
const dolbySetupBytes = 10;

/**
 * The setup information of a track: AudioSpecificConfig of AAC, the beginning of a frame of Dolby formats. Null while no
 * frame of those has been seen, and for other codecs.
 */
export function audioSetup(
  codec: string,
  extraData: Uint8Array | null,
  firstFrame: Uint8Array | null,
): Buffer | null {
  const known = protectedSounds[codec];
  const data = codec === 'AAC' ? extraData : (firstFrame?.subarray(0, dolbySetupBytes) ?? null);
  if (known === undefined || data === null) return null;
  // Type, no priming told, version 1, length.
  const header = Buffer.from([0, 0, 1, data.length]);
  return Buffer.concat([Buffer.from(known.setup, 'latin1'), header, data]);
}
