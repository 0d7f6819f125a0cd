/**
 * Sample descriptions (`stsd`) of encoded tracks. The library writes them, because it knows the configuration record of
 * every codec: a muxer is opened for one track, its index is read, and nothing else of it is used.
 */
import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING, AV_PKT_FLAG_KEY } from 'node-av/constants';
import { FormatContext, IOContext, Rational as LibraryRational, Packet, stringToFourCC } from 'node-av/lib';
import type { EncodedTrack } from '../../engine/output-writer.ts';
import { describeHdr } from '../mastering-display.ts';
import { assertMuxed } from '../muxer-fault.ts';
import { vp8SampleEntry } from './vp8-entry.ts';

const bufferBytes = 64 * 1024;

/**
 * The one entry of the track's sample description. `firstFrame` is looked at by codecs whose configuration stands in
 * the stream alone (AC-3, E-AC-3). Throws fault 1999 when the library refuses the track; the plan has checked the codec.
 */
export function sampleEntryOf(
  track: EncodedTrack,
  entryType: string | null,
  firstFrame: Uint8Array | null,
): Buffer {
  if (track.kind === 'video' && track.rendition.encoder.codec === 'VP8') return vp8SampleEntry(track);
  const format = new FormatContext();
  const io = new IOContext();
  const packet = new Packet();
  packet.alloc();
  const written: Buffer[] = [];
  try {
    io.allocContextWithCallbacks(bufferBytes, 1, null, (bytes) => {
      written.push(Buffer.from(bytes));
      return bytes.length;
    });
    assertMuxed(format.allocOutputContext2(null, 'mp4', null), 'open mp4 muxer');
    format.pb = io;
    addStream(format, track, entryType);
    const needsFrame = firstFrame !== null && describesItself(track);
    const flags = `+frag_custom+empty_moov+default_base_moof${needsFrame ? '+delay_moov' : ''}`;
    for (const [name, value] of [
      ['movflags', flags],
      ['use_editlist', '0'],
    ] as const) {
      assertMuxed(
        format.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN),
        `mp4 option ${name}=${value}`,
      );
    }
    assertMuxed(format.writeHeaderSync(null), 'write mp4 header');
    if (needsFrame) {
      packet.data = Buffer.from(firstFrame);
      packet.streamIndex = 0;
      packet.pts = 0n;
      packet.dts = 0n;
      packet.duration = 1n;
      packet.flags = AV_PKT_FLAG_KEY;
      assertMuxed(format.writeFrameSync(packet), 'write mp4 frame');
      assertMuxed(format.writeFrameSync(null), 'flush mp4');
    }
    io.flushSync();
    return onlyEntry(Buffer.concat(written));
  } finally {
    format.pb = null;
    format.freeContext();
    io.freeContext();
    packet.free();
  }
}

/** Dolby codecs describe themselves in every frame and nowhere else. */
export function describesItself({ rendition }: EncodedTrack): boolean {
  return ['AC3', 'EAC3', 'EAC3_ATMOS'].includes(rendition.encoder.codec);
}

function addStream(format: FormatContext, track: EncodedTrack, entryType: string | null): void {
  const stream = format.newStream();
  assertMuxed(stream.codecpar.fromContext(track.encoder), 'copy codec parameters');
  stream.codecpar.codecTag = entryType === null ? 0 : stringToFourCC(entryType);
  stream.timeBase = new LibraryRational(track.timeBase.num, track.timeBase.den);
  if (track.kind === 'audio') return;
  const { frameRate, hdr, sampleAspectRatio } = track.rendition;
  if (hdr !== null) describeHdr(stream, hdr);
  stream.avgFrameRate = new LibraryRational(frameRate.num, frameRate.den);
  stream.sampleAspectRatio = new LibraryRational(sampleAspectRatio.num, sampleAspectRatio.den);
}

/** The library's index has one track, so one description; version, flags and the number of entries come before its entry. */
function onlyEntry(file: Buffer): Buffer {
  const at = file.indexOf('stsd', 0, 'latin1');
  if (at < 4) throw new TypeError('the mp4 muxer wrote no sample description');
  return file.subarray(at + 12, at - 4 + file.readUInt32BE(at - 4));
}
