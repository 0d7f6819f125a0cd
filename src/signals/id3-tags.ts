/** ID3 tags (ID3v2.4): which bytes are one, and the tags that tell the time of a stream. */

const owner = 'com.apple.streaming.transportStreamTimestamp';
const headerBytes = 10;
const textUtf8 = 3;

/** One or more whole tags, one behind the other. */
export function isId3Tag(bytes: Buffer): boolean {
  let at = 0;
  do {
    const length = tagLength(bytes.subarray(at));
    if (length === null) return false;
    at += length;
  } while (at < bytes.length);
  return at === bytes.length;
}

/** A PRIV frame with a time in ticks of 90 kHz, cut to 33 bits as in transport streams (RFC 8216 3.4). */
export function timestampTag(timestamp90k: bigint): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt.asUintN(33, timestamp90k), 0);
  return privateTag(owner, time);
}

/** The tag that describes encrypted sound (Apple, HLS stream encryption, section 2.4). */
export function audioDescriptionTag(setup: Uint8Array): Buffer {
  return privateTag('com.apple.streaming.audioDescription', setup);
}

function privateTag(by: string, data: Uint8Array): Buffer {
  return tag(frame('PRIV', Buffer.concat([Buffer.from(`${by}\0`, 'latin1'), data])));
}

/** A TDRL frame with a wall clock to the second, as ID3v2.4 4.2.5 writes times: `2026-01-02T03:04:05`. */
export function releaseTimeTag(epochMs: number): Buffer {
  const text = new Date(epochMs).toISOString().slice(0, 19);
  return tag(frame('TDRL', Buffer.concat([Buffer.of(textUtf8), Buffer.from(text, 'latin1')])));
}

function frame(id: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(id, 'latin1'), synchsafe(content.length), Buffer.alloc(2), content]);
}

function tag(content: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('ID3', 'latin1'),
    Buffer.of(4, 0, 0),
    synchsafe(content.length),
    content,
  ]);
}

/** Four bytes of seven bits (ID3v2.4 section 6.2). */
function synchsafe(value: number): Buffer {
  return Buffer.of((value >> 21) & 0x7f, (value >> 14) & 0x7f, (value >> 7) & 0x7f, value & 0x7f);
}

/** Length of the tag at the beginning with header and footer; null when none stands there. */
function tagLength(bytes: Buffer): number | null {
  if (bytes.length < headerBytes || bytes.toString('latin1', 0, 3) !== 'ID3') return null;
  const version = bytes[3] ?? 0;
  const size = bytes.subarray(6, headerBytes);
  if (version < 2 || version > 4 || size.some((byte) => byte > 0x7f)) return null;
  const content = size.reduce((sum, byte) => sum * 128 + byte, 0);
  const hasFooter = version === 4 && ((bytes[5] ?? 0) & 0x10) !== 0;
  return headerBytes + content + (hasFooter ? headerBytes : 0);
}
