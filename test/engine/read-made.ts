/** Reads what a job made with the libraries' demuxers and decoders: tracks, pictures and samples, as any player finds them. */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_KEY,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_PICTURE_TYPE_B,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_DATA,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { avGetPixFmtName, Codec, CodecContext, FormatContext, Frame, Packet, type Stream } from 'node-av/lib';

/** A file, or all segments of an output. */
export interface MadeMedia {
  readonly video: MadePictures | null;
  readonly sounds: readonly MadeSound[];
  /** Tags of data tracks: `tmcd`, `rtmd`… */
  readonly dataTags: readonly string[];
  /** What is no media: it does not open, or does not decode. */
  readonly defects: readonly string[];
}

/** A video track, decoded. */
export interface MadePictures {
  readonly codec: string;
  readonly profile: number;
  readonly level: number;
  readonly tag: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelFormat: string;
  /** As the container or the stream tells it; 0 when neither does. */
  readonly frameRate: number;
  readonly sampleAspectRatio: readonly [number, number];
  readonly colorPrimaries: number;
  readonly colorTransfer: number;
  readonly frames: number;
  readonly interlacedFrames: number;
  readonly topFirstFrames: number;
  /** Places of key frames, in order of display. */
  readonly keyFrames: readonly number[];
  /** The longest run of B pictures. */
  readonly longestBRun: number;
  /** Pictures shown at or before the one ahead of them. */
  readonly backwardSteps: number;
  /** Start of the first and of the last picture. */
  readonly firstSeconds: number;
  readonly lastSeconds: number;
}

/** A sound track, decoded. */
export interface MadeSound {
  readonly codec: string;
  readonly profile: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  /** Of one channel. */
  readonly samples: number;
  readonly seconds: number;
}

/** Reads one file, or the parts of one stream put together in the order given. */
export function readMade(paths: readonly string[], scratchPath: string): MadeMedia {
  const [only, ...others] = paths;
  if (only === undefined) return nothing('no file was made');
  if (others.length === 0 && !isPacked(only)) return readFile(only);
  writeFileSync(scratchPath, Buffer.concat(paths.map((path) => withoutTag(readFileSync(path)))));
  return readFile(scratchPath);
}

/** Segments of sound alone begin with their time in a tag. */
function isPacked(path: string): boolean {
  return /\.(aac|ac3|ec3)$/.test(path);
}

/** ID3v2: ten bytes, and a length of four times seven bits. */
function withoutTag(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 0, 3) !== 'ID3') return bytes;
  const length = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (bytes[at] ?? 0), 0);
  return bytes.subarray(10 + length);
}

function nothing(defect: string): MadeMedia {
  return { video: null, sounds: [], dataTags: [], defects: [defect] };
}

interface OpenTrack {
  readonly stream: Stream;
  readonly decoder: CodecContext;
  readonly name: string;
  readonly seen: Seen;
}

interface Seen {
  frames: number;
  samples: number;
  interlaced: number;
  topFirst: number;
  keys: number[];
  run: number;
  longestRun: number;
  backward: number;
  firstSeconds: number;
  lastSeconds: number;
  size: readonly [number, number];
  pixelFormat: string;
  shape: readonly [number, number];
  color: readonly [number, number];
  rate: number;
  channels: number;
}

function readFile(path: string): MadeMedia {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0) return nothing(`${path} does not open`);
  if (context.findStreamInfoSync(null) < 0) {
    context.closeInputSync();
    return nothing(`${path} has no tracks`);
  }
  const defects: string[] = [];
  const tracks = context.streams.map((stream) => openTrack(stream, defects));
  decodeAll(context, tracks, defects);
  const kindOf = (kind: number): OpenTrack[] =>
    tracks.flatMap((track) => (track?.stream.codecpar.codecType === kind ? [track] : []));
  const [picture] = kindOf(AVMEDIA_TYPE_VIDEO);
  const made = {
    video: picture === undefined ? null : picturesOf(picture),
    sounds: kindOf(AVMEDIA_TYPE_AUDIO).map(soundOf),
    dataTags: context.streams.flatMap(({ codecpar }) =>
      codecpar.codecType === AVMEDIA_TYPE_DATA ? [codecpar.codecTagString ?? ''] : [],
    ),
    defects,
  };
  for (const track of tracks) track?.decoder.freeContext();
  context.closeInputSync();
  return made;
}

function openTrack(stream: Stream, defects: string[]): OpenTrack | null {
  const { codecType, codecId } = stream.codecpar;
  if (codecType !== AVMEDIA_TYPE_VIDEO && codecType !== AVMEDIA_TYPE_AUDIO) return null;
  const codec = Codec.findDecoder(codecId);
  if (codec === null) {
    defects.push(`track ${stream.index} has no decoder`);
    return null;
  }
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  decoder.threadCount = 1;
  if (decoder.open2Sync(codec, null) < 0) defects.push(`the decoder of ${codec.name} does not open`);
  const seen: Seen = {
    frames: 0,
    samples: 0,
    interlaced: 0,
    topFirst: 0,
    keys: [],
    run: 0,
    longestRun: 0,
    backward: 0,
    firstSeconds: Number.NaN,
    lastSeconds: Number.NaN,
    size: [0, 0],
    pixelFormat: '',
    shape: [0, 1],
    color: [2, 2],
    rate: 0,
    channels: 0,
  };
  return { stream, decoder, name: codec.name ?? '', seen };
}

function decodeAll(context: FormatContext, tracks: readonly (OpenTrack | null)[], defects: string[]): void {
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  const drain = (track: OpenTrack): void => {
    while (track.decoder.receiveFrameSync(frame) >= 0) {
      note(track, frame);
      frame.unref();
    }
  };
  const broken = new Set<OpenTrack>();
  while (context.readFrameSync(packet) >= 0) {
    const track = tracks[packet.streamIndex];
    if (track != null) {
      if (track.decoder.sendPacketSync(packet) < 0) broken.add(track);
      drain(track);
    }
    packet.unref();
  }
  for (const track of tracks) {
    if (track === null) continue;
    track.decoder.sendPacketSync(null);
    drain(track);
  }
  for (const { name } of broken) defects.push(`a packet of ${name} does not decode`);
  packet.free();
  frame.free();
}

function note({ stream, seen }: OpenTrack, frame: Frame): void {
  const seconds = (Number(frame.bestEffortTimestamp) * stream.timeBase.num) / stream.timeBase.den;
  if (seen.frames === 0) seen.firstSeconds = seconds;
  else if (seconds <= seen.lastSeconds) seen.backward += 1;
  seen.lastSeconds = seconds;
  if (stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO) {
    seen.samples += frame.nbSamples;
    seen.rate = frame.sampleRate;
    seen.channels = frame.channels;
  } else {
    if ((frame.flags & AV_FRAME_FLAG_INTERLACED) !== 0) seen.interlaced += 1;
    if ((frame.flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) !== 0) seen.topFirst += 1;
    if ((frame.flags & AV_FRAME_FLAG_KEY) !== 0) seen.keys.push(seen.frames);
    seen.run = frame.pictType === AV_PICTURE_TYPE_B ? seen.run + 1 : 0;
    seen.longestRun = Math.max(seen.longestRun, seen.run);
    seen.size = [frame.width, frame.height];
    seen.pixelFormat = avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '';
    seen.shape = [frame.sampleAspectRatio.num, frame.sampleAspectRatio.den];
    seen.color = [frame.colorPrimaries, frame.colorTrc];
  }
  seen.frames += 1;
}

function picturesOf({ stream, decoder, name, seen }: OpenTrack): MadePictures {
  const { avgFrameRate, codecpar } = stream;
  return {
    codec: name,
    profile: decoder.profile,
    level: decoder.level,
    tag: codecpar.codecTagString ?? '',
    widthPx: seen.size[0],
    heightPx: seen.size[1],
    pixelFormat: seen.pixelFormat,
    frameRate: avgFrameRate.den === 0 ? 0 : avgFrameRate.num / avgFrameRate.den,
    // What the container says stands where the stream says nothing.
    sampleAspectRatio: seen.shape[0] === 0 ? shapeOf(stream) : seen.shape,
    colorPrimaries: seen.color[0],
    colorTransfer: seen.color[1],
    frames: seen.frames,
    interlacedFrames: seen.interlaced,
    topFirstFrames: seen.topFirst,
    keyFrames: seen.keys,
    longestBRun: seen.longestRun,
    backwardSteps: seen.backward,
    firstSeconds: seen.firstSeconds,
    lastSeconds: seen.lastSeconds,
  };
}

function shapeOf({ sampleAspectRatio: { num, den } }: Stream): readonly [number, number] {
  return [num, den];
}

function soundOf({ stream, decoder, name, seen }: OpenTrack): MadeSound {
  return {
    codec: name,
    profile: decoder.profile,
    channels: seen.channels,
    sampleRateHz: seen.rate,
    bitsPerSample: stream.codecpar.bitsPerCodedSample,
    samples: seen.samples,
    seconds: seen.rate === 0 ? 0 : seen.samples / seen.rate,
  };
}
