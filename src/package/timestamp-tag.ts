/** The ID3 tag that tells a packed audio segment's place in time (RFC 8216 section 3.4). */

const owner = 'com.apple.streaming.transportStreamTimestamp';

/** An ID3v2.4 tag with one PRIV frame. `timestamp90k` counts 1/90,000 s and is cut to 33 bits, as in transport streams. */
export function timestampTag(timestamp90k: bigint): Uint8Array {
  const content = Buffer.alloc(owner.length + 1 + 8);
  content.write(owner, 'latin1');
  content.writeBigUInt64BE(BigInt.asUintN(33, timestamp90k), owner.length + 1);
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
