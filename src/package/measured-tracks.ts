/** What is measured of an output's tracks while they are written, and what playlists say of them. */
import type { Packet } from 'node-av/lib';
import type { EncodedTrack } from '../engine/output-writer.ts';
import type { OutputResult } from '../engine/protocol.ts';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import { parseAacConfiguration } from './adts.ts';
import { audioCodecString, entryCodecString, videoCodecString } from './codec-string.ts';
import { compareInstants, type Instant, toMicroseconds } from './instant.ts';

/** What a multivariant playlist tells of an output. */
export interface MeasuredTracks {
  readonly video: {
    /** Null when the stream showed no parameter sets. */
    readonly codec: string | null;
    readonly widthPx: number;
    readonly heightPx: number;
    readonly frameRate: Rational;
    readonly range: 'SDR' | 'PQ' | 'HLG';
    readonly sampleAspectRatio: Rational;
    /** As configured: the peak, or the average of encodes without one; 0 when the job names neither. */
    readonly maxBitrateBps: number;
  } | null;
  readonly audio: readonly {
    readonly codec: string | null;
    readonly channels: number;
    readonly sampleRateHz: number;
    readonly maxBitrateBps: number;
    /** MediaConvert codec name. */
    readonly codecName: string;
    /** As written into LANGUAGE. */
    readonly language: string | null;
    readonly streamName: string | null;
  }[];
}

/** Counters of one output. */
export interface TrackMeter {
  /** Notes a packet's times, and parameter sets in the first one. */
  see(trackIndex: number, packet: Packet): void;
  /** The video's sample entry, of which fragmented files take the codec's name. */
  seeSampleEntry(entry: Buffer): void;
  countVideo(bytes: number): void;
  countAudio(trackIndex: number, bytes: number): void;
  /** End of the last picture in presentation order; null before the first. */
  readonly videoEnd: Instant | null;
  /** What playlists say of the tracks, as far as it is known. */
  readonly description: MeasuredTracks;
  /** Where the output ends: the video's end, or the audio's when it goes on for more than a second. */
  outputEnd(): Instant;
  videoResult(durationUs: number): OutputResult['video'];
  audioResults(): OutputResult['audio'];
}

interface Span {
  readonly track: EncodedTrack;
  readonly defaultTicks: bigint;
  packets: number;
  bytes: number;
  firstTicks: bigint | null;
  endTicks: bigint;
}

/** Longer audio tails than this end the output later than its video, in microseconds (see `gridCuts`). */
const longTailUs = 1_000_000;

/** Starts counting. */
export function measureTracks(tracks: readonly EncodedTrack[]): TrackMeter {
  const spans = tracks.map(
    (track): Span => ({
      track,
      defaultTicks: frameTicks(track),
      packets: 0,
      bytes: 0,
      firstTicks: null,
      endTicks: 0n,
    }),
  );
  const video = spans.find(({ track }) => track.kind === 'video') ?? null;
  const audio = spans.filter(({ track }) => track.kind === 'audio');
  let videoCodec = extradataCodec(tracks[0]);
  // Read now: encoders are gone when the last playlist is written.
  const audioDescriptions = tracks.flatMap((track) => (track.kind === 'audio' ? [describeAudio(track)] : []));

  return {
    see(trackIndex, packet) {
      const span = spanOf(trackIndex);
      const end = packet.pts + (packet.duration > 0n ? packet.duration : span.defaultTicks);
      if (span.firstTicks === null || packet.pts < span.firstTicks) span.firstTicks = packet.pts;
      if (end > span.endTicks) span.endTicks = end;
      if (span === video && videoCodec === null && packet.isKeyframe)
        videoCodec = streamCodec(span.track, packet.data);
    },
    seeSampleEntry(entry) {
      videoCodec = entryCodecString(entry, videoCodec);
    },
    countVideo(bytes) {
      if (video !== null) count(video, bytes);
    },
    countAudio(trackIndex, bytes) {
      count(spanOf(trackIndex), bytes);
    },
    get videoEnd() {
      return video === null || video.firstTicks === null ? null : endOf(video);
    },
    get description() {
      return {
        video: video === null ? null : describeVideo(video.track, videoCodec),
        audio: audioDescriptions,
      };
    },
    outputEnd() {
      const audioEnd = latest(audio.map(endOf));
      if (video === null) return audioEnd;
      const videoEnd = endOf(video);
      return toMicroseconds(audioEnd) - toMicroseconds(videoEnd) > longTailUs ? audioEnd : videoEnd;
    },
    videoResult(durationUs) {
      if (video === null || video.track.kind !== 'video') return null;
      const { widthPx, heightPx } = video.track.rendition;
      const averageBitrateBps = durationUs === 0 ? 0 : Math.round((video.bytes * 8e6) / durationUs);
      return { widthPx, heightPx, frames: video.packets, bytes: video.bytes, averageBitrateBps };
    },
    audioResults() {
      return audio.map((span) => ({
        samples: playedSamples(span),
        sampleRateHz: sampleRateOf(span),
        bytes: span.bytes,
      }));
    },
  };

  function spanOf(trackIndex: number): Span {
    const span = spans[trackIndex];
    if (span === undefined) throw new RangeError(`no track ${trackIndex}`);
    return span;
  }
}

function describeVideo({ rendition }: EncodedTrack, codec: string | null): MeasuredTracks['video'] {
  if (!('frameRate' in rendition)) return null;
  const { widthPx, heightPx, frameRate, sampleAspectRatio, encoder } = rendition;
  const range = videoRanges[encoder.color?.transfer ?? ''] ?? 'SDR';
  const maxBitrateBps = encoder.maxBitrateBps || encoder.bitrateBps;
  return { codec, widthPx, heightPx, frameRate, range, sampleAspectRatio, maxBitrateBps };
}

/** Transfer characteristics of HDR, by FFmpeg name. */
const videoRanges: Readonly<Record<string, 'PQ' | 'HLG'>> = { smpte2084: 'PQ', 'arib-std-b67': 'HLG' };

function describeAudio({
  rendition,
  encoder,
}: Extract<EncodedTrack, { kind: 'audio' }>): MeasuredTracks['audio'][number] {
  const { codec } = rendition.encoder;
  const objectType =
    codec === 'AAC' ? parseAacConfiguration(encoder.extraData ?? new Uint8Array()).objectType : null;
  return {
    codec: audioCodecString(codec, objectType),
    channels: encoder.channelLayout.nbChannels,
    sampleRateHz: rendition.sampleRateHz,
    maxBitrateBps: rendition.encoder.maxBitrateBps || rendition.encoder.bitrateBps,
    codecName: codec,
    language: rendition.manifestLanguage ?? rendition.language,
    streamName: rendition.streamName,
  };
}

/** Ticks of one frame, for packets whose duration the encoder left open. */
function frameTicks(track: EncodedTrack): bigint {
  if (track.kind === 'audio') {
    const samples = BigInt(track.encoder.frameSize || 1024);
    return rescaleTicks(samples, { num: 1, den: track.rendition.sampleRateHz }, track.timeBase);
  }
  const { num, den } = track.rendition.frameRate;
  return rescaleTicks(1n, { num: den, den: num }, track.timeBase);
}

function extradataCodec(track: EncodedTrack | undefined): string | null {
  return track?.kind === 'video' ? streamCodec(track, track.encoder.extraData) : null;
}

function streamCodec(track: EncodedTrack, bytes: Uint8Array | null): string | null {
  const { codec } = track.rendition.encoder;
  return bytes !== null && (codec === 'H_264' || codec === 'H_265') ? videoCodecString(bytes, codec) : null;
}

function count(span: Span, bytes: number): void {
  span.packets += 1;
  span.bytes += bytes;
}

function endOf(span: Span): Instant {
  return { ticks: span.endTicks, base: span.track.timeBase };
}

function latest(instants: readonly Instant[]): Instant {
  return instants.reduce((a, b) => (compareInstants(a, b) < 0 ? b : a), {
    ticks: 0n,
    base: { num: 1, den: 1 },
  });
}

/** Samples that play: the encoder's priming in front of time 0 does not count. */
function playedSamples(span: Span): number {
  const first = span.firstTicks === null || span.firstTicks < 0n ? 0n : span.firstTicks;
  const ticks = span.endTicks > first ? span.endTicks - first : 0n;
  return Number(rescaleTicks(ticks, span.track.timeBase, { num: 1, den: sampleRateOf(span) }));
}

function sampleRateOf({ track }: Span): number {
  return track.kind === 'audio' ? track.rendition.sampleRateHz : 0;
}
