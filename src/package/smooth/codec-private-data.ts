/** How Smooth manifests describe tracks, from their sample entries ([MS-SSTR] 2.2.2.5; spec packaging.md 11). */
import type { MeasuredTracks } from '../measured-tracks.ts';

/** Bytes of a sample entry in front of its boxes (ISO/IEC 14496-12 8.5.2). */
const entryHeaderBytes = { video: 8 + 78, audio: 8 + 28 } as const;

/** Parameter sets behind start codes, in hexadecimal. Throws TypeError for an entry without `avcC`. */
export function videoPrivateData(sampleEntry: Buffer): string {
  const record = boxIn(sampleEntry, 'avcC', entryHeaderBytes.video);
  const sets: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[at] ?? 0) & mask;
    at += 1;
    for (let n = 0; n < count; n += 1) {
      const length = record.readUInt16BE(at);
      sets.push(Buffer.of(0, 0, 0, 1), record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return hexadecimal(Buffer.concat(sets));
}

/** What a quality level says of sound beside its rate and channels. */
export interface AudioFormat {
  readonly fourCc: 'AACL' | 'AACH' | 'EC-3' | 'AC-3';
  readonly audioTag: number;
  /** Bytes that a decoder takes at once. */
  readonly packetSize: number;
  readonly privateData: string;
}

/** `wFormatTag` of AAC and of formats that a GUID names. */
const [aacTag, extensibleTag] = [255, 65_534];
const dolbyFrameSamples = 1536;

/** GUIDs of Dolby formats in the byte order of memory: MEDIASUBTYPE_DOLBY_AC3, MEDIASUBTYPE_DOLBY_DDPLUS. */
const dolbyFormats = {
  'ac-3': { fourCc: 'AC-3', box: 'dac3', guid: '2c806de046dbcf11b4d100805f6cbbea' },
  'ec-3': { fourCc: 'EC-3', box: 'dec3', guid: 'af87fba7022dfb42a4d405cd93843bdd' },
} as const;

/** Speaker positions of `WAVEFORMATEXTENSIBLE` by channels. */
const speakerMasks: Readonly<Record<number, number>> = { 1: 0x4, 2: 0x3, 6: 0x3f, 8: 0x63f };

/** Throws TypeError for codecs that Smooth does not carry. */
export function audioFormat(
  { codec, channels, sampleRateHz }: MeasuredTracks['audio'][number],
  bitrateBps: number,
  sampleEntry: Buffer,
): AudioFormat {
  if (codec === 'ac-3' || codec === 'ec-3') {
    const { fourCc, box, guid } = dolbyFormats[codec];
    const extension = Buffer.alloc(6);
    extension.writeUInt16LE(dolbyFrameSamples, 0);
    extension.writeUInt32LE(speakerMasks[channels] ?? 0, 2);
    const specific = boxIn(sampleEntry, box, entryHeaderBytes.audio);
    const packetSize = Math.round((bitrateBps * dolbyFrameSamples) / sampleRateHz / 8);
    const privateData = hexadecimal(Buffer.concat([extension, Buffer.from(guid, 'hex'), specific]));
    return { fourCc, audioTag: extensibleTag, packetSize, privateData };
  }
  if (codec === null || !codec.startsWith('mp4a.40.')) throw new TypeError(`${codec} is no codec of Smooth`);
  return {
    fourCc: codec === 'mp4a.40.2' ? 'AACL' : 'AACH',
    audioTag: aacTag,
    packetSize: 4,
    privateData: hexadecimal(decoderConfiguration(boxIn(sampleEntry, 'esds', entryHeaderBytes.audio))),
  };
}

/** AudioSpecificConfig: the descriptor 5 inside of 4 inside of 3 (ISO/IEC 14496-1 7.2.6). */
function decoderConfiguration(elementaryStream: Buffer): Buffer {
  // Version and flags; then the id of the stream with its flags, and 13 bytes about the decoder.
  const stream = descriptor(elementaryStream.subarray(4), 3).subarray(3);
  return descriptor(descriptor(stream, 4).subarray(13), 5);
}

function descriptor(bytes: Buffer, tag: number): Buffer {
  if (bytes[0] !== tag) throw new TypeError(`descriptor ${bytes[0]} in place of ${tag}`);
  let length = 0;
  let at = 1;
  for (let more = true; more; at += 1) {
    const byte = bytes[at] ?? 0;
    length = (length << 7) | (byte & 0x7f);
    more = (byte & 0x80) !== 0;
  }
  return bytes.subarray(at, at + length);
}

/** Content of a box of the entry. */
function boxIn(entry: Buffer, type: string, from: number): Buffer {
  for (let at = from; at + 8 <= entry.length; ) {
    const size = entry.readUInt32BE(at);
    if (entry.toString('latin1', at + 4, at + 8) === type) return entry.subarray(at + 8, at + size);
    at += Math.max(8, size);
  }
  throw new TypeError(`the sample entry has no ${type}`);
}

function hexadecimal(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}
