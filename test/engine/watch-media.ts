/** Watches a finished media file as a player would: every packet read, every frame decoded, errors counted. */
import { AV_SAMPLE_FMT_FLTP, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FormatContext, Frame, Packet, type Stream } from 'node-av/lib';

export interface WatchedTrack {
  readonly kind: 'video' | 'audio' | 'data';
  readonly codecTag: string | null;
  readonly codecId: number;
  readonly language: string | null;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Seconds of each decoded frame, in order. */
  readonly times: number[];
  /** Seconds at which a packet is a key frame, in decoding order. */
  readonly keyTimes: number[];
  samples: number;
  decodeErrors: number;
  /** Average luma of the four quarters of the first frame: top left, top right, bottom left, bottom right. */
  quarters: readonly number[] | null;
  /** Mean luma difference between neighbours of the first frame. */
  roughness: number | null;
  /** Mean of both chroma planes of each frame. */
  readonly chroma: (readonly [number, number])[];
  /** Mean square of each decoded audio frame's first channel, with its time. */
  readonly loudness: { readonly time: number; readonly power: number }[];
}

export interface WatchedMedia {
  readonly tracks: readonly WatchedTrack[];
  readonly video: WatchedTrack;
  readonly audio: WatchedTrack;
}

/** Reads and decodes the whole file. */
export async function watchMedia(path: string): Promise<WatchedMedia> {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const streams = context.streams;
  const tracks = streams.map(newTrack);
  const decoders = streams.map((stream) => openStrictDecoder(stream));
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  const drain = (index: number): void => {
    const [decoder, track, stream] = [decoders[index], tracks[index], streams[index]];
    if (decoder === undefined || decoder === null || track === undefined || stream === undefined) return;
    while (decoder.receiveFrameSync(frame) >= 0) {
      watchFrame(track, frame, stream);
      frame.unref();
    }
  };
  while (context.readFrameSync(packet) >= 0) {
    const index = packet.streamIndex;
    const [decoder, track, stream] = [decoders[index], tracks[index], streams[index]];
    if (track !== undefined && stream !== undefined && packet.isKeyframe)
      track.keyTimes.push(seconds(packet.pts, stream));
    if (decoder !== undefined && decoder !== null && track !== undefined) {
      if (decoder.sendPacketSync(packet) < 0) track.decodeErrors += 1;
      drain(index);
    }
    packet.unref();
  }
  for (const [index, decoder] of decoders.entries()) {
    decoder?.sendPacketSync(null);
    drain(index);
    decoder?.freeContext();
  }
  packet.free();
  frame.free();
  context.closeInputSync();
  const find = (kind: WatchedTrack['kind']): WatchedTrack => {
    const found = tracks.find((track) => track.kind === kind);
    return found ?? newTrack(undefined);
  };
  return { tracks, video: find('video'), audio: find('audio') };
}

function newTrack(stream: Stream | undefined): WatchedTrack {
  const parameters = stream?.codecpar;
  const kind =
    parameters?.codecType === AVMEDIA_TYPE_VIDEO
      ? 'video'
      : parameters?.codecType === AVMEDIA_TYPE_AUDIO
        ? 'audio'
        : 'data';
  return {
    kind,
    codecTag: parameters?.codecTagString ?? null,
    codecId: parameters?.codecId ?? 0,
    language: stream?.metadata?.get('language') ?? null,
    widthPx: parameters?.width ?? 0,
    heightPx: parameters?.height ?? 0,
    times: [],
    keyTimes: [],
    samples: 0,
    decodeErrors: 0,
    quarters: null,
    roughness: null,
    chroma: [],
    loudness: [],
  };
}

function openStrictDecoder(stream: Stream): CodecContext | null {
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (codec === null) return null;
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  decoder.setOption('err_detect', 'explode');
  decoder.threadCount = 1;
  if (decoder.open2Sync(codec, null) < 0) throw new Error('decoder does not open');
  return decoder;
}

function watchFrame(track: WatchedTrack, frame: Frame, stream: Stream): void {
  const time = seconds(frame.bestEffortTimestamp, stream);
  track.times.push(time);
  if (frame.decodeErrorFlags !== 0) track.decodeErrors += 1;
  if (track.kind === 'video') {
    track.quarters ??= lumaQuarters(frame);
    track.roughness ??= roughnessOf(frame);
    track.chroma.push([meanOf(frame.data?.[1]), meanOf(frame.data?.[2])]);
  } else {
    track.samples += frame.nbSamples;
    track.loudness.push({ time, power: powerOf(frame) });
  }
}

function roughnessOf(frame: Frame): number {
  const luma = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  let sum = 0;
  for (let y = 0; y < frame.height; y += 1) {
    for (let x = 1; x < frame.width; x += 1) {
      sum += Math.abs((luma?.[y * stride + x] ?? 0) - (luma?.[y * stride + x - 1] ?? 0));
    }
  }
  return sum / (frame.height * (frame.width - 1));
}

function meanOf(plane: Buffer | undefined): number {
  if (plane === undefined || plane.length === 0) return 0;
  let sum = 0;
  for (const value of plane) sum += value;
  return sum / plane.length;
}

function lumaQuarters(frame: Frame): readonly number[] {
  const luma = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  if (luma === undefined) return [];
  const sums = [0, 0, 0, 0];
  const [halfWidth, halfHeight] = [frame.width >> 1, frame.height >> 1];
  for (let y = 0; y < halfHeight * 2; y += 1) {
    for (let x = 0; x < halfWidth * 2; x += 1) {
      const quarter = (y < halfHeight ? 0 : 2) + (x < halfWidth ? 0 : 1);
      sums[quarter] = (sums[quarter] ?? 0) + (luma[y * stride + x] ?? 0);
    }
  }
  return sums.map((sum) => Math.round(sum / (halfWidth * halfHeight)));
}

/** Planar float, as AAC decodes. */
function powerOf(frame: Frame): number {
  const plane = frame.extendedData?.[0] ?? frame.data?.[0];
  if (plane === undefined || frame.format !== AV_SAMPLE_FMT_FLTP) return 0;
  const samples = new Float32Array(plane.buffer, plane.byteOffset, frame.nbSamples);
  return samples.reduce((sum, value) => sum + value * value, 0) / frame.nbSamples;
}

function seconds(ticks: bigint, stream: Stream): number {
  return (Number(ticks) * stream.timeBase.num) / stream.timeBase.den;
}
