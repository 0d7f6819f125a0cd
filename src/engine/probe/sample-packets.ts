/**
 * Reads a bounded run of packets from the start of an input: timestamps for the frame rate, the first decoded
 * frames for scan type and timecode, captions in the bit stream.
 */
import {
  AV_CODEC_ID_H264,
  AV_FRAME_DATA_A53_CC,
  AV_FRAME_DATA_AFD,
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_GOP_TIMECODE,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_FRAME_DATA_S12M_TIMECODE,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_NOPTS_VALUE,
} from 'node-av/constants';
import { type CodecContext, Frame, Rational as LibraryRational, Packet, type Stream } from 'node-av/lib';
import type { Rational } from '../../exact-time.ts';
import type { VideoTrackFacts } from '../../plan/facts.ts';
import { isAgain } from '../library-error.ts';
import { openDecoder } from '../open-decoder.ts';
import type { ProbeDemuxer } from './demuxer.ts';
import { readGopTimecode, readMdpmTimecode, readSmpteTimecode } from './frame-timecode.ts';

/** What a run of packets of one video track shows. */
export interface TrackSample {
  /** Presentation times in ticks of the stream, sorted. */
  readonly presentationTicks: readonly number[];
  readonly framesDecoded: number;
  /** When the first picture that decodes is shown, in ticks of the stream; null: unknown. */
  readonly firstPictureTicks: number | null;
  readonly scan: VideoTrackFacts['scan'];
  readonly hasEmbeddedCaptions: boolean;
  /** From the first decoded frame that carries one. */
  readonly timecode: string | null;
  /** From a camera's user data, which is no timecode of the stream unless a job says so; null when there is none. */
  readonly mdpmTimecode: string | null;
  /** From the bit stream's own timing; null when it has none. */
  readonly codedFrameRate: Rational | null;
  /** Code points (ITU-T H.273) of the first decoded frame; null when none decodes. */
  readonly color: FrameColor | null;
  /** Active format description of the first decoded frame; null: none. */
  readonly activeFormat: number | null;
  /** High dynamic range as messages in the bit stream describe it. */
  readonly hdr: BitStreamHdr;
}

/** Structures of the library as the decoder attached them; null: none. */
export interface BitStreamHdr {
  readonly masteringDisplay: Buffer | null;
  readonly contentLight: Buffer | null;
}

/** Colour of a frame as the bit stream describes it; 2 is unspecified, for the range 0. */
export interface FrameColor {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly range: number;
}

/** Frames decoded per track: the first ones settle scan type, colour and timecode. */
const wantedFrames = 2;
/**
 * Packets per track. Captions appear at least every second. Only some containers hold pictures of varying durations
 * (spec inputs.md 20): 5 to 12 s tell whether they do; the rate of the others shows in less.
 */
const wantedPackets = { none: 60, constant: 100, variable: 300 } as const;
const captionPackets = wantedPackets.none;

/** What packets must tell of timing: nothing where sample tables do. */
export type TimingNeed = keyof typeof wantedPackets;
/** Beyond this, high bit rates let constant timing suffice. */
const wantedTimingBytes = 4 * 1024 * 1024;
const maxPackets = 6000;
const maxBytes = 24 * 1024 * 1024;
/** Read for the sake of sound alone. */
const maxBytesForSound = 4 * 1024 * 1024;
/** Bytes that may pass without one decodable frame before the video counts as unusable. */
const maxBytesWithoutFrame = 96 * 1024 * 1024;

/** Looks at the packets of a sound track for as long as it needs to. */
export interface SoundWatch {
  see(packet: Packet): void;
  readonly isSettled: boolean;
}

/** Samples video streams together; `sounds` see the packets of their streams, and a little more is read for them. */
export async function samplePackets(
  demuxer: ProbeDemuxer,
  streams: readonly Stream[],
  timing: TimingNeed,
  sounds: ReadonlyMap<number, SoundWatch> = new Map(),
): Promise<ReadonlyMap<number, TrackSample>> {
  const watches = new Map(streams.map((stream) => [stream.index, watchTrack(stream)]));
  const packet = new Packet();
  packet.alloc();
  try {
    let packets = 0;
    let bytes = 0;
    let bytesForSound = 0;
    const wanted = watches.size + sounds.size > 0;
    while (wanted && packets < maxPackets && (await demuxer.read(packet))) {
      packets += 1;
      bytes += packet.size;
      watches.get(packet.streamIndex)?.see(packet);
      sounds.get(packet.streamIndex)?.see(packet);
      bytesForSound += packet.size;
      packet.unref();
      const all = [...watches.values()];
      const need = bytes > wantedTimingBytes && timing === 'variable' ? 'constant' : timing;
      if (all.every((watch) => watch.isSettled(wantedPackets[need]))) {
        if (bytesForSound > maxBytesForSound || [...sounds.values()].every((sound) => sound.isSettled)) break;
      } else bytesForSound = 0;
      if (bytes > (all.every((watch) => watch.hasFrame()) ? maxBytes : maxBytesWithoutFrame)) break;
    }
    return new Map([...watches].map(([index, watch]) => [index, watch.finish()]));
  } finally {
    for (const watch of watches.values()) watch.free();
    packet.free();
  }
}

function watchTrack(stream: Stream) {
  const decoder = tryDecoder(stream);
  const isAvc = stream.codecpar.codecId === AV_CODEC_ID_H264;
  const frame = new Frame();
  frame.alloc();
  const ticks: number[] = [];
  let packets = 0;
  let frames = 0;
  let firstPictureTicks: number | null = null;
  let scan: TrackSample['scan'] = 'progressive';
  let hasCaptions = false;
  let timecode: string | null = null;
  let mdpmTimecode: string | null = null;
  let color: FrameColor | null = null;
  let activeFormat: number | null = null;
  let hdr: BitStreamHdr = { masteringDisplay: null, contentLight: null };

  const drain = (): void => {
    while (decoder !== null && frames < wantedFrames && decoder.receiveFrameSync(frame) >= 0) {
      frames += 1;
      const shownAt = frame.bestEffortTimestamp;
      if (frames === 1 && shownAt !== AV_NOPTS_VALUE) firstPictureTicks = Number(shownAt);
      if (scan === 'progressive') scan = scanOf(frame);
      hasCaptions ||= frame.getSideData(AV_FRAME_DATA_A53_CC) !== null;
      timecode ??= timecodeOf(frame, stream);
      color ??= colorOf(frame);
      activeFormat ??= activeFormatOf(frame);
      hdr = {
        masteringDisplay: hdr.masteringDisplay ?? copyOf(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
        contentLight: hdr.contentLight ?? copyOf(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL),
      };
      frame.unref();
    }
  };
  const feed = (packet: Packet | null): void => {
    if (decoder === null || frames >= wantedFrames) return;
    const sent = decoder.sendPacketSync(packet);
    drain();
    if (isAgain(sent)) {
      decoder.sendPacketSync(packet);
      drain();
    }
  };

  return {
    see(packet: Packet): void {
      packets += 1;
      const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
      if (time !== AV_NOPTS_VALUE) ticks.push(Number(time));
      if (!hasCaptions && packets <= captionPackets) hasCaptions = holdsCaptions(packet.data);
      if (isAvc && packets <= captionPackets) mdpmTimecode ??= mdpmOf(packet.data);
      feed(packet);
    },
    hasFrame: () => decoder === null || frames > 0,
    isSettled: (wanted: number) => packets >= wanted && (decoder === null || frames >= wantedFrames),
    finish(): TrackSample {
      feed(null);
      return {
        presentationTicks: ticks.sort((a, b) => a - b),
        framesDecoded: frames,
        firstPictureTicks,
        scan,
        hasEmbeddedCaptions: hasCaptions,
        timecode,
        mdpmTimecode,
        codedFrameRate: codedRate(decoder),
        color,
        activeFormat,
        hdr,
      };
    },
    free(): void {
      frame.free();
      decoder?.freeContext();
    },
  };
}

/** One thread: the first frames come at once. The rate is cleared, so that only the bit stream can set it. */
function tryDecoder(stream: Stream): CodecContext | null {
  try {
    const decoder = openDecoder(stream, 1);
    decoder.framerate = new LibraryRational(0, 1);
    return decoder;
  } catch {
    return null;
  }
}

function codedRate(decoder: CodecContext | null): Rational | null {
  const rate = decoder?.framerate;
  return rate !== undefined && rate.num > 0 && rate.den > 0 ? { num: rate.num, den: rate.den } : null;
}

function colorOf(frame: Frame): FrameColor {
  return {
    primaries: frame.colorPrimaries,
    transfer: frame.colorTrc,
    matrix: frame.colorSpace,
    range: frame.colorRange,
  };
}

function activeFormatOf(frame: Frame): number | null {
  const code = frame.getSideData(AV_FRAME_DATA_AFD)?.[0];
  return code === undefined ? null : code & 0x0f;
}

/** Side data ends with its frame. */
function copyOf(frame: Frame, type: Parameters<Frame['getSideData']>[0]): Buffer | null {
  const data = frame.getSideData(type);
  return data === null ? null : Buffer.from(data);
}

function scanOf(frame: Frame): TrackSample['scan'] {
  if (!frame.hasFlags(AV_FRAME_FLAG_INTERLACED)) return 'progressive';
  return frame.hasFlags(AV_FRAME_FLAG_TOP_FIELD_FIRST) ? 'top-field-first' : 'bottom-field-first';
}

function timecodeOf(frame: Frame, stream: Stream): string | null {
  const smpte = frame.getSideData(AV_FRAME_DATA_S12M_TIMECODE);
  if (smpte !== null) return readSmpteTimecode(smpte, stream.avgFrameRate);
  const gop = frame.getSideData(AV_FRAME_DATA_GOP_TIMECODE);
  return gop === null ? null : readGopTimecode(gop);
}

/** ATSC A/53 user data: in SEI (T.35 country and provider codes in front) and in MPEG-2 user data. */
const captionMarks = [Buffer.from('b5003147413934', 'hex'), Buffer.from('000001b247413934', 'hex')];

function mdpmOf(data: Buffer | null): string | null {
  return data === null ? null : readMdpmTimecode(data.subarray(0, 64 * 1024));
}

function holdsCaptions(data: Buffer | null): boolean {
  return data !== null && captionMarks.some((mark) => data.subarray(0, 64 * 1024).includes(mark));
}
