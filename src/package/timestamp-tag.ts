/** ID3 tags in front of packed audio segments (RFC 8216 section 3.4). */

/** An ID3v2.4 tag with one PRIV frame. `timestamp90k` counts 1/90,000 s and is cut to 33 bits, as in transport streams. */
export function timestampTag(timestamp90k: bigint): Uint8Array {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt.asUintN(33, timestamp90k), 0);
  return privateTag('com.apple.streaming.transportStreamTimestamp', time);
}

/** The tag that describes encrypted sound (Apple, HLS stream encryption, section 2.4). */
export function audioDescriptionTag(setup: Uint8Array): Uint8Array {
  return privateTag('com.apple.streaming.audioDescription', setup);
}

function privateTag(owner: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(`${owner}\0`, 'latin1'), data]);
  const frame = Buffer.concat([
    Buffer.from('PRIV', 'latin1'),
    synchsafe(content.length),
    Buffer.alloc(2),
    content,
  ]);
  return Buffer.concat([Buffer.from('ID3', 'latin1'), Buffer.of(4, 0, 0), synchsafe(frame.length), frame]);
}

/** Four bytes of seven bits (ID3v2.4 section 6.2). */
function synchsafe(value: number): Buffer {
  return Buffer.of((value >> 21) & 0x7f, (value >> 14) & 0x7f, (value >> 7) & 0x7f, value & 0x7f);
}
