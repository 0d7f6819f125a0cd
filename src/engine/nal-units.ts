/** NAL units put together: start codes and escapes (Rec. ITU-T H.264 Annex B, 7.4.1; taken apart in `package/annex-b`). */
const startCode = Buffer.from([0, 0, 0, 1]);

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
