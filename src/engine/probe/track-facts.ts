/** Turns one stream of an analysed demuxer into the facts of a track. */
import {
  AV_CHANNEL_ORDER_UNSPEC,
  AV_CODEC_ID_NONE,
  AV_DISPOSITION_ATTACHED_PIC,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  type AVSampleFormat,
} from 'node-av/constants';
import {
  avChannelLayoutDefault,
  avChannelLayoutDescribe,
  avGetBytesPerSample,
  avGetCodecName,
  avGetPixFmtName,
  Codec,
  type Stream,
} from 'node-av/lib';
import { type Rational, rational } from '../../exact-time.ts';
import { languageCodeOf } from '../../language-codes.ts';
import type {
  AudioTrackFacts,
  ContainerFormat,
  DataTrackFacts,
  HdrFacts,
  VideoTrackFacts,
} from '../../plan/facts.ts';
import { matrixNames, primariesNames, transferNames } from './color-names.table.ts';
import { readHdr } from './hdr-metadata.ts';
import { compareSampleTimes, type IsoTrack, sampleTimesFault } from './iso-tracks.ts';
import { describePixelFormat } from './pixel-format.ts';
import { readRotation } from './rotation.ts';
import type { TrackSample } from './sample-packets.ts';
import { countShownFrames } from './shown-frames.ts';
import { readFrameTiming } from './track-timing.ts';

/** A stream's kind as facts sort it. */
export function kindOf(stream: Stream): 'video' | 'audio' | 'data' {
  if (stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO) return 'video';
  return stream.codecpar.codecType === AVMEDIA_TYPE_AUDIO ? 'audio' : 'data';
}

/** Short codec name of the library; `unknown` when it does not know the codec. */
export function codecNameOf(stream: Stream): string {
  const { codecId } = stream.codecpar;
  return codecId === AV_CODEC_ID_NONE ? 'unknown' : (avGetCodecName(codecId) ?? 'unknown');
}

/** True for cover art: one picture that is not part of the program. */
export function isAttachedPicture(stream: Stream): boolean {
  return stream.hasDisposition(AV_DISPOSITION_ATTACHED_PIC);
}

/**
 * Facts of a video track. `sample` is null for tracks that were not sampled (refused ones, cover art). The index
 * of a fragmented file counts only the frames in front of the first fragment.
 */
export function readVideoTrack(
  stream: Stream,
  container: ContainerFormat,
  sample: TrackSample | null,
  isoTrack: IsoTrack | null,
  isFragmented: boolean,
): VideoTrackFacts {
  const { codecpar } = stream;
  const pixelFormat = avGetPixFmtName(codecpar.format as Parameters<typeof avGetPixFmtName>[0]) ?? 'none';
  const picture = describePixelFormat(pixelFormat);
  const timing = readFrameTiming(stream, container, sample, isoTrack);
  return {
    kind: 'video',
    ...readTrack(stream, container),
    ...(cutContainers.has(container) ? startWithPicture(stream, sample) : {}),
    widthPx: codecpar.width,
    heightPx: codecpar.height,
    frameRate: timing.frameRate,
    isVariableFrameRate: timing.isVariable,
    frameCount: isFragmented || stream.nbFrames <= 0n ? null : countFrames(stream, isoTrack),
    sampleAspectRatio: sampleAspectRatioOf(stream),
    ...picture,
    pixelFormat,
    scan: sample?.scan ?? 'progressive',
    ...readColor(stream, sample, pixelFormat, picture.chroma),
    rotationDegrees: readRotation(codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)),
    isAttachedPicture: isAttachedPicture(stream),
    level: codecpar.level > 0 ? codecpar.level : null,
    hasEmbeddedCaptions: sample?.hasEmbeddedCaptions ?? false,
    ...(sample === null || sample.activeFormat === null ? {} : { activeFormat: sample.activeFormat }),
    ...optionalHdr(readHdr(stream, sample?.hdr ?? null)),
    ...(sample?.mdpmTimecode == null ? {} : { mdpmTimecode: sample.mdpmTimecode }),
    ...(isoTrack?.hasEmptyEdit === true ? { hasEmptyEdit: true } : {}),
  };
}

/** Containers that may be cut anywhere: they can begin with pictures that refer to ones that are not there. */
const cutContainers: ReadonlySet<ContainerFormat> = new Set(['mpegts', 'mpegps', 'hls']);
/** Later than this nothing is missing: the clock has jumped. */
const longestMissingSeconds = 30;

/** The track begins with the first picture that can be shown, and so does everything that is counted from there. */
function startWithPicture(
  stream: Stream,
  sample: TrackSample | null,
): Partial<Pick<VideoTrackFacts, 'startTicks' | 'durationTicks'>> {
  const first = sample?.firstPictureTicks ?? null;
  if (first === null || stream.startTime === AV_NOPTS_VALUE) return {};
  const missing = first - Number(stream.startTime);
  const longest = (longestMissingSeconds * stream.timeBase.den) / stream.timeBase.num;
  if (missing <= 0 || missing > longest) return {};
  const shown = Number(stream.duration) - missing;
  return { startTicks: first, ...(shown > 0 ? { durationTicks: shown } : {}) };
}

function countFrames(stream: Stream, isoTrack: IsoTrack | null): number {
  const indexed = Number(stream.nbFrames);
  return isoTrack === null ? indexed : Math.min(indexed, countShownFrames(isoTrack));
}

function optionalHdr(hdr: HdrFacts | null): { readonly hdr?: HdrFacts } {
  return hdr === null ? {} : { hdr };
}

/** Facts of an audio track. */
export function readAudioTrack(
  stream: Stream,
  container: ContainerFormat,
  audioType: number | null,
  isoTrack: IsoTrack | null,
): AudioTrackFacts {
  const { codecpar } = stream;
  const timesFault = isoTrack === null ? null : sampleTimesFault(isoTrack);
  const times =
    isoTrack === null ? null : compareSampleTimes(isoTrack, codecpar.frameSize, codecpar.sampleRate);
  return {
    kind: 'audio',
    ...readTrack(stream, container),
    channels: codecpar.channels,
    channelLayout: layoutOf(stream),
    sampleRateHz: codecpar.sampleRate,
    bitDepth: audioBitDepth(stream),
    audioType,
    ...(timesFault === null ? {} : { sampleTimesFault: timesFault }),
    ...(times === null ? {} : { sampleTimes: times }),
  };
}

/** Facts of any other track: timecode, captions, metadata. `isTimed`: the program map binds it to timestamps. */
export function readDataTrack(stream: Stream, container: ContainerFormat, isTimed: boolean): DataTrackFacts {
  const isSynchronous = isTimed && codecNameOf(stream) === 'klv';
  return { kind: 'data', ...readTrack(stream, container), ...(isSynchronous ? { isSynchronous } : {}) };
}

function readTrack(stream: Stream, container: ContainerFormat) {
  const { codecpar } = stream;
  return {
    streamIndex: stream.index,
    trackId: numberedContainers.has(container) ? stream.id : stream.index + 1,
    codec: codecNameOf(stream),
    fourCc: fourCcOf(codecpar.codecTagString),
    profile: profileOf(stream),
    timeBase: rational(stream.timeBase.num, stream.timeBase.den),
    startTicks: stream.startTime === AV_NOPTS_VALUE ? null : Number(stream.startTime),
    durationTicks: stream.duration > 0n ? Number(stream.duration) : null,
    bitrateBps: codecpar.bitRate > 0n ? Number(codecpar.bitRate) : null,
    language: languageOf(stream),
  };
}

/** Containers whose streams have numbers of their own: track IDs, PIDs, stream ids. */
const numberedContainers: ReadonlySet<ContainerFormat> = new Set([
  'mp4',
  'quicktime',
  'three_gp',
  'three_g2',
  'mpegts',
  'mpegps',
  'mxf',
]);

/** Numeric tags (stream types of a transport stream) are shown as `[27][0][0][0]`: they are no four-character codes. */
function fourCcOf(tag: string | null): string {
  return tag !== null && tag.length === 4 ? tag : '';
}

function profileOf(stream: Stream): string | null {
  const { codecId, profile } = stream.codecpar;
  const profiles = Codec.findDecoder(codecId)?.profiles ?? [];
  return profiles.find((candidate) => candidate.profile === profile)?.name ?? null;
}

function languageOf(stream: Stream): string | null {
  return languageCodeOf(stream.metadata?.get('language') ?? '');
}

/** The bit stream's own ratio, then the container's (spec inputs.md 21). */
function sampleAspectRatioOf(stream: Stream): Rational {
  const ratio = [stream.codecpar.sampleAspectRatio, stream.sampleAspectRatio].find(
    ({ num, den }) => num > 0 && den > 0,
  );
  return ratio === undefined ? rational(1) : rational(ratio.num, ratio.den);
}

/** The bit stream's own description, then the container's (spec inputs.md 21). */
function readColor(
  stream: Stream,
  sample: TrackSample | null,
  pixelFormat: string,
  chroma: VideoTrackFacts['chroma'],
): Pick<VideoTrackFacts, 'colorPrimaries' | 'colorTransfer' | 'colorMatrix' | 'colorRange'> {
  const { codecpar } = stream;
  const coded = sample?.color ?? null;
  return {
    colorPrimaries: primariesNames[coded?.primaries ?? 2] ?? primariesNames[codecpar.colorPrimaries] ?? null,
    colorTransfer: transferNames[coded?.transfer ?? 2] ?? transferNames[codecpar.colorTrc] ?? null,
    colorMatrix: matrixOf(coded?.matrix ?? 2, chroma) ?? matrixOf(codecpar.colorSpace, chroma),
    colorRange: rangeOf(coded?.range ?? 0, pixelFormat) ?? rangeOf(codecpar.colorRange, pixelFormat),
  };
}

/** 0 is `gbr` for RGB pictures, and what decoders leave when nothing was said for others. */
function matrixOf(matrix: number, chroma: VideoTrackFacts['chroma']): string | null {
  if (matrix === 0 && chroma !== 'rgb' && chroma !== '4:4:4') return null;
  return matrixNames[matrix] ?? null;
}

function rangeOf(range: number, pixelFormat: string): VideoTrackFacts['colorRange'] {
  if (pixelFormat.startsWith('yuvj')) return 'full';
  if (range === 1) return 'limited';
  return range === 2 ? 'full' : null;
}

function layoutOf(stream: Stream): string {
  const layout = stream.codecpar.channelLayout;
  const named = layout.order === AV_CHANNEL_ORDER_UNSPEC ? avChannelLayoutDefault(layout.nbChannels) : layout;
  return avChannelLayoutDescribe(named) ?? `${layout.nbChannels} channels`;
}

/** Lossy codecs have no depth of their own; 16 is what they are decoded to. */
function audioBitDepth(stream: Stream): number {
  const { codecpar } = stream;
  if (codecpar.bitsPerRawSample > 0) return codecpar.bitsPerRawSample;
  const isLinear = /^(pcm_|flac|s302m|alac)/.test(codecNameOf(stream));
  if (!isLinear) return 16;
  if (codecpar.bitsPerCodedSample > 0) return codecpar.bitsPerCodedSample;
  return Math.max(8, 8 * avGetBytesPerSample(codecpar.format as AVSampleFormat));
}
