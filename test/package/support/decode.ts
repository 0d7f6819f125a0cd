/** Opens bytes as a file of their own and decodes everything: what a player would see of one segment. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AV_CODEC_ID_MJPEG, AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FormatContext, Frame, Packet } from 'node-av/lib';

export interface DecodedTrack {
  readonly kind: 'video' | 'audio';
  readonly id: number;
  readonly language: string | null;
  /** Presentation times in 1/90,000 s, in the order decoded. */
  readonly pts: readonly number[];
  readonly frames: number;
  readonly samples: number;
  readonly packets: number;
  readonly errors: number;
}

export function decodeBytes(bytes: Uint8Array, extension: string): readonly DecodedTrack[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-decode-'));
  const file = path.join(folder, `bytes.${extension}`);
  writeFileSync(file, bytes);
  const format = new FormatContext();
  try {
    if (format.openInputSync(file) < 0) throw new Error(`${bytes.length} bytes of ${extension} do not open`);
    format.findStreamInfoSync();
    const tracks = format.streams.map((stream) => {
      const { codecpar } = stream;
      const codec = Codec.findDecoder(codecpar.codecId);
      const decoder = new CodecContext();
      decoder.allocContext3(codec);
      codecpar.toContext(decoder);
      decoder.pktTimebase = stream.timeBase;
      decoder.open2Sync(codec);
      const kind: DecodedTrack['kind'] = codecpar.codecType === AVMEDIA_TYPE_VIDEO ? 'video' : 'audio';
      const language = stream.metadata?.get('language') ?? null;
      return {
        decoder,
        stream,
        result: {
          kind,
          id: stream.id,
          language,
          pts: [] as number[],
          frames: 0,
          samples: 0,
          packets: 0,
          errors: 0,
        },
      };
    });
    const packet = new Packet();
    packet.alloc();
    const frame = new Frame();
    frame.alloc();
    const receive = ({ decoder, stream, result }: (typeof tracks)[number]): void => {
      while (decoder.receiveFrameSync(frame) >= 0) {
        result.frames += 1;
        result.samples += frame.nbSamples;
        result.pts.push((Number(frame.pts) * stream.timeBase.num * 90_000) / stream.timeBase.den);
        frame.unref();
      }
    };
    while (format.readFrameSync(packet) !== AVERROR_EOF) {
      const track = tracks[packet.streamIndex];
      if (track === undefined) throw new Error('packet of an unknown stream');
      track.result.packets += 1;
      if (track.decoder.sendPacketSync(packet) < 0) track.result.errors += 1;
      receive(track);
      packet.unref();
    }
    for (const track of tracks) {
      track.decoder.sendPacketSync(null);
      receive(track);
      track.decoder.freeContext();
    }
    packet.free();
    frame.free();
    return tracks.map(({ result }) => result);
  } finally {
    format.closeInputSync();
    rmSync(folder, { recursive: true });
  }
}

/** The first picture of a still, with the level of brightness at each place. */
export function decodePicture(bytes: Uint8Array): {
  readonly widthPx: number;
  readonly heightPx: number;
  luma(x: number, y: number): number;
} {
  const codec = Codec.findDecoder(AV_CODEC_ID_MJPEG);
  const decoder = new CodecContext();
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  try {
    decoder.allocContext3(codec);
    decoder.open2Sync(codec);
    packet.data = Buffer.from(bytes);
    decoder.sendPacketSync(packet);
    decoder.sendPacketSync(null);
    if (decoder.receiveFrameSync(frame) < 0) throw new Error('no picture');
    const plane = Buffer.from(frame.data?.[0] ?? []);
    const stride = frame.linesize[0] ?? 0;
    return {
      widthPx: frame.width,
      heightPx: frame.height,
      luma: (x, y) => plane[Math.floor(y) * stride + Math.floor(x)] ?? -1,
    };
  } finally {
    frame.free();
    packet.free();
    decoder.freeContext();
  }
}
