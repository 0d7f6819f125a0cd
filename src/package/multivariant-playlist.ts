/** The text of HLS multivariant playlists (spec packaging.md 4.2; RFC 8216 section 4.3.4). */
import { type Rational, rationalToNumber } from '../exact-time.ts';

/** A multivariant playlist as data, in the order it is written. */
export interface MultivariantPlaylist {
  readonly version: number;
  /** EXT-X-SESSION-KEY. */
  readonly sessionLines: readonly string[];
  readonly variants: readonly Variant[];
  readonly audio: readonly AudioMedia[];
  readonly images: readonly ImageVariant[];
}

/** Measured bit rates of what a line stands for, in bits per second. */
export interface Bandwidth {
  readonly peakBps: number;
  readonly averageBps: number;
}

/** One EXT-X-STREAM-INF with its URI. */
export interface Variant {
  readonly uri: string;
  readonly bandwidth: Bandwidth;
  /** VIDEO-RANGE; null writes none. */
  readonly videoRange: 'SDR' | 'PQ' | 'HLG' | null;
  /** RFC 6381 strings, video first; empty writes no CODECS. */
  readonly codecs: readonly string[];
  readonly resolution: { readonly widthPx: number; readonly heightPx: number } | null;
  readonly frameRate: Rational | null;
  readonly closedCaptionsNone: boolean;
  readonly audioGroupId: string | null;
  readonly iFrames: IFrameVariant | null;
}

/** One EXT-X-I-FRAME-STREAM-INF. */
export interface IFrameVariant {
  readonly uri: string;
  readonly bandwidth: Bandwidth;
  readonly videoRange: Variant['videoRange'];
  readonly codecs: readonly string[];
  readonly resolution: { readonly widthPx: number; readonly heightPx: number } | null;
}

/** One EXT-X-IMAGE-STREAM-INF (observed). */
export interface ImageVariant {
  readonly uri: string;
  readonly bandwidthBps: number;
  /** Of one picture. */
  readonly resolution: { readonly widthPx: number; readonly heightPx: number };
}

/** One EXT-X-MEDIA of type AUDIO. */
export interface AudioMedia {
  readonly groupId: string;
  readonly language: string | null;
  readonly name: string;
  readonly isAutoSelected: boolean;
  readonly isDefault: boolean;
  readonly describesVideo: boolean;
  readonly channels: number;
  readonly uri: string;
}

/** The playlist's text: variants first, audio renditions at the end (observed order). */
export function formatMultivariantPlaylist(playlist: MultivariantPlaylist): string {
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${playlist.version}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...playlist.sessionLines,
    ...playlist.variants.flatMap(variantLines),
    ...playlist.images.map(imageLine),
    ...playlist.audio.map(audioLine),
  ];
  return `${lines.join('\n')}\n`;
}

function variantLines(variant: Variant): string[] {
  const attributes = [
    ...bandwidthAttributes(variant.bandwidth),
    ...(variant.videoRange === null ? [] : [`VIDEO-RANGE=${variant.videoRange}`]),
    ...codecAttributes(variant.codecs),
    ...resolutionAttributes(variant.resolution),
    ...(variant.frameRate === null ? [] : [`FRAME-RATE=${rationalToNumber(variant.frameRate).toFixed(3)}`]),
    ...(variant.closedCaptionsNone ? ['CLOSED-CAPTIONS=NONE'] : []),
    ...(variant.audioGroupId === null ? [] : [`AUDIO=${quoted(variant.audioGroupId)}`]),
  ];
  const lines = [`#EXT-X-STREAM-INF:${attributes.join(',')}`, variant.uri];
  return variant.iFrames === null ? lines : [...lines, iFrameLine(variant.iFrames)];
}

function iFrameLine(variant: IFrameVariant): string {
  const attributes = [
    ...bandwidthAttributes(variant.bandwidth),
    ...(variant.videoRange === null ? [] : [`VIDEO-RANGE=${variant.videoRange}`]),
    ...codecAttributes(variant.codecs),
    ...resolutionAttributes(variant.resolution),
    `URI=${quoted(variant.uri)}`,
  ];
  return `#EXT-X-I-FRAME-STREAM-INF:${attributes.join(',')}`;
}

function imageLine({ uri, bandwidthBps, resolution }: ImageVariant): string {
  const attributes = [
    `BANDWIDTH=${bandwidthBps}`,
    'CODECS="jpeg"',
    ...resolutionAttributes(resolution),
    `URI=${quoted(uri)}`,
  ];
  return `#EXT-X-IMAGE-STREAM-INF:${attributes.join(',')}`;
}

function audioLine(audio: AudioMedia): string {
  const attributes = [
    'TYPE=AUDIO',
    `GROUP-ID=${quoted(audio.groupId)}`,
    ...(audio.language === null ? [] : [`LANGUAGE=${quoted(audio.language)}`]),
    `NAME=${quoted(audio.name)}`,
    `AUTOSELECT=${audio.isAutoSelected ? 'YES' : 'NO'}`,
    `DEFAULT=${audio.isDefault ? 'YES' : 'NO'}`,
    ...(audio.describesVideo ? ['CHARACTERISTICS="public.accessibility.describes-video"'] : []),
    `CHANNELS="${audio.channels}"`,
    `URI=${quoted(audio.uri)}`,
  ];
  return `#EXT-X-MEDIA:${attributes.join(',')}`;
}

function bandwidthAttributes({ peakBps, averageBps }: Bandwidth): string[] {
  return [`BANDWIDTH=${peakBps}`, `AVERAGE-BANDWIDTH=${averageBps}`];
}

function codecAttributes(codecs: readonly string[]): string[] {
  return codecs.length === 0 ? [] : [`CODECS=${quoted(codecs.join(','))}`];
}

function resolutionAttributes(resolution: Variant['resolution']): string[] {
  return resolution === null ? [] : [`RESOLUTION=${resolution.widthPx}x${resolution.heightPx}`];
}

/** A quoted-string cannot hold quotes or line breaks (RFC 8216 4.2). */
function quoted(text: string): string {
  return `"${text.replaceAll('"', "'").replace(/[\r\n]+/g, ' ')}"`;
}
