/**
 * The most channels that frames of a track have. Broadcasts change them on the way, and the library tells those of the last
 * frame that it looked at.
 */
import { AV_CODEC_ID_AAC, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3 } from 'node-av/constants';
import type { Packet, Stream } from 'node-av/lib';
import type { AudioTrackFacts, ContainerFormat } from '../../plan/facts.ts';

type Channels = Pick<AudioTrackFacts, 'channels' | 'channelLayout'>;

/** Watches one track. */
export interface ChannelWatch {
  see(packet: Packet): void;
  /** Some seconds were seen. */
  readonly isSettled: boolean;
  /** Null: not enough frames told their channels. */
  found(): Channels | null;
}

/** Four seconds of Dolby Digital, and nearly three of AAC: about as much as the library looks at. */
const wantedPackets = 128;

/** Fewer frames in a row are damaged, or the tail of what was before a cut. */
const wantedInRow = 4;

/** Null for codecs whose frames do not tell their channels, and containers that tell them once for all. */
export function watchChannels({ codecpar }: Stream, container: ContainerFormat): ChannelWatch | null {
  const read = readers.get(codecpar.codecId);
  if (read === undefined || !streamContainers.has(container)) return null;
  let widest: Channels | null = null;
  let newest: Channels | null = null;
  let inRow = 0;
  let packets = 0;
  return {
    see({ data }) {
      packets += 1;
      const channels = data === null || data.length < 8 ? null : read(data);
      if (channels === null) return;
      inRow = channels.channelLayout === newest?.channelLayout ? inRow + 1 : 1;
      newest = channels;
      if (inRow >= wantedInRow && channels.channels > (widest?.channels ?? 0)) widest = channels;
    },
    get isSettled() {
      return packets >= wantedPackets;
    },
    found: () => widest,
  };
}

/** The facts of a track, with the channels of its widest frames. */
export function withWidest(track: AudioTrackFacts, widest: Channels | undefined): AudioTrackFacts {
  return widest === undefined || widest.channels <= track.channels ? track : { ...track, ...widest };
}

/** Containers that may be cut and joined anywhere. */
const streamContainers: ReadonlySet<ContainerFormat> = new Set([
  'mpegts',
  'mpegps',
  'hls',
  'aac',
  'ac3',
  'eac3',
]);

const readers = new Map<number, (bytes: Uint8Array) => Channels | null>([
  [AV_CODEC_ID_AC3, readDolby],
  [AV_CODEC_ID_EAC3, readDolby],
  [AV_CODEC_ID_AAC, readAdts],
]);

/** Layouts of `acmod` without and with low frequencies (ATSC A/52 table 5.8), as the library names them. */
const dolbyLayouts: readonly (readonly [number, string, string])[] = [
  [2, 'stereo', '2.1'],
  [1, 'mono', ''],
  [2, 'stereo', '2.1'],
  [3, '3.0', '3.1'],
  [3, '3.0(back)', ''],
  [4, '4.0', '4.1'],
  [4, 'quad(side)', ''],
  [5, '5.0(side)', '5.1(side)'],
];

/** Bit stream identification of Dolby Digital Plus begins here (A/52 E.2.3.1.6). */
const plusBsid = 11;

function readDolby(bytes: Uint8Array): Channels | null {
  const at = (index: number): number => bytes[index] ?? 0;
  if (at(0) !== 0x0b || at(1) !== 0x77) return null;
  const isPlus = at(5) >> 3 >= plusBsid;
  // A dependent stream adds to the channels of another one; a second independent one is another programme (E.2.3.1.2).
  if (isPlus && (at(2) >> 6 === 1 || ((at(2) >> 3) & 7) > 0)) return null;
  const mode = isPlus ? (at(4) >> 1) & 7 : at(6) >> 5;
  const hasLow = isPlus ? (at(4) & 1) === 1 : hasLowFrequencies(mode, (at(6) << 8) | at(7));
  const [channels, plain, withLow] = dolbyLayouts[mode] ?? [0, '', ''];
  const channelLayout = hasLow ? withLow : plain;
  return channelLayout === '' ? null : { channels: channels + (hasLow ? 1 : 0), channelLayout };
}

/** `lfeon` comes behind the mode's three bits and those of the mix levels that the mode has (A/52 5.3.2). */
function hasLowFrequencies(mode: number, bits: number): boolean {
  const hasCenter = (mode & 1) === 1 && mode !== 1;
  const skipped = 3 + 2 * [hasCenter, (mode & 4) === 4, mode === 2].filter(Boolean).length;
  return ((bits >> (15 - skipped)) & 1) === 1;
}

/** By `channel_configuration` (ISO/IEC 14496-3 table 1.19). */
const adtsLayouts = ['', 'mono', 'stereo', '3.0', '4.0', '5.0', '5.1'];

function readAdts(bytes: Uint8Array): Channels | null {
  const at = (index: number): number => bytes[index] ?? 0;
  if (at(0) !== 0xff || (at(1) & 0xf6) !== 0xf0) return null;
  const channels = ((at(2) & 1) << 2) | (at(3) >> 6);
  const channelLayout = adtsLayouts[channels] ?? '';
  return channelLayout === '' ? null : { channels, channelLayout };
}
