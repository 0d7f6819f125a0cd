/** AAC frames as a self-describing stream: AudioSpecificConfig in, ADTS headers out (ISO/IEC 14496-3 1.6.2.1, 1.A.2.2). */

/** What a decoder must know of AAC frames. */
export interface AacConfiguration {
  /** Object type as named in CODECS: 2 LC, 5 HE-AAC, 29 HE-AAC v2. */
  readonly objectType: number;
  /** Object type, frequency index and channel configuration of the core stream: what ADTS can say. */
  readonly coreObjectType: number;
  readonly frequencyIndex: number;
  readonly channelConfiguration: number;
}

/** Bytes of an ADTS header without checksum. */
const adtsHeaderBytes = 7;

/**
 * Reads an encoder's AudioSpecificConfig. Throws TypeError for a configuration that ADTS cannot carry: an explicit
 * frequency, a program config element, an object type above 4.
 */
export function parseAacConfiguration(bytes: Uint8Array): AacConfiguration {
  const read = bitReader(bytes);
  const objectType = readObjectType(read);
  const frequencyIndex = read(4);
  if (frequencyIndex === 15) throw new TypeError('AAC with an explicit sampling frequency has no ADTS form');
  const channelConfiguration = read(4);
  if (channelConfiguration === 0)
    throw new TypeError('AAC with a program config element has no ADTS form here');
  let coreObjectType = objectType;
  if (objectType === 5 || objectType === 29) {
    if (read(4) === 15) read(24);
    coreObjectType = readObjectType(read);
  }
  if (coreObjectType < 1 || coreObjectType > 4)
    throw new TypeError(`AAC object type ${coreObjectType} has no ADTS form`);
  return { objectType, coreObjectType, frequencyIndex, channelConfiguration };
}

/** The header in front of one frame of `frameBytes` bytes. Throws RangeError when the frame is too long for it. */
export function adtsHeader(configuration: AacConfiguration, frameBytes: number): Uint8Array {
  const length = frameBytes + adtsHeaderBytes;
  if (length > 0x1fff) throw new RangeError(`an AAC frame of ${frameBytes} bytes has no ADTS form`);
  const { coreObjectType, frequencyIndex, channelConfiguration } = configuration;
  return Uint8Array.of(
    0xff,
    // MPEG-4, layer 0, no checksum.
    0xf1,
    ((coreObjectType - 1) << 6) | (frequencyIndex << 2) | (channelConfiguration >> 2),
    ((channelConfiguration & 3) << 6) | (length >> 11),
    (length >> 3) & 0xff,
    // Buffer fullness 0x7ff: variable rate.
    ((length & 7) << 5) | 0x1f,
    0xfc,
  );
}

function readObjectType(read: (bits: number) => number): number {
  const type = read(5);
  return type === 31 ? 32 + read(6) : type;
}

function bitReader(bytes: Uint8Array): (bits: number) => number {
  let position = 0;
  return (bits) => {
    let value = 0;
    for (let n = 0; n < bits; n += 1, position += 1) {
      const byte = bytes[position >> 3];
      if (byte === undefined) throw new TypeError('AudioSpecificConfig is too short');
      value = value * 2 + ((byte >> (7 - (position & 7))) & 1);
    }
    return value;
  };
}
