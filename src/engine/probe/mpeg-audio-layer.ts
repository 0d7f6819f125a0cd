/**
 * MPEG audio in a stream without video: stream types 3 and 4 mean any layer, and the library, content with the first
 * frame that its decoder takes, then calls it layer III. The frame header tells (ISO/IEC 11172-3 2.4.2.3).
 */
import { AV_CODEC_ID_MP1, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3 } from 'node-av/constants';
import { Packet } from 'node-av/lib';
import type { ProbeDemuxer } from './demuxer.ts';
import { kindOf } from './track-facts.ts';

/** Packets looked at until each track has shown a header. */
const mostPackets = 200;
/** Layer bits of a header, behind eleven bits of sync word and two of version. */
const codecOfLayerBits = { 1: AV_CODEC_ID_MP3, 2: AV_CODEC_ID_MP2, 3: AV_CODEC_ID_MP1 } as const;

/** Names the layer of each track of MPEG audio. Reads packets, so nothing is done where video still needs them. */
export async function settleMpegAudio({ context, read }: ProbeDemuxer): Promise<void> {
  const { streams } = context;
  const name = context.iformat?.name;
  if (name !== 'mpegts' && name !== 'mpeg') return;
  if (streams.some((stream) => kindOf(stream) === 'video')) return;
  const unsettled = new Map(
    streams
      .filter(({ codecpar }) => codecpar.codecId === AV_CODEC_ID_MP3)
      .map((stream) => [stream.index, stream]),
  );
  if (unsettled.size === 0) return;
  const packet = new Packet();
  packet.alloc();
  try {
    for (let seen = 0; seen < mostPackets && unsettled.size > 0 && (await read(packet)); seen += 1) {
      const stream = unsettled.get(packet.streamIndex);
      const [sync = 0, version = 0] = packet.data ?? [];
      const layer = (version >> 1) & 3;
      packet.unref();
      if (stream === undefined || sync !== 0xff || (version & 0xe0) !== 0xe0 || layer === 0) continue;
      stream.codecpar.codecId = codecOfLayerBits[layer as 1 | 2 | 3];
      unsettled.delete(stream.index);
    }
  } finally {
    packet.free();
  }
}
