/** Opus and Vorbis settings → encoder (spec audio.md 3.6). */
import type { OpusSettings, VorbisSettings } from '../contract/types.generated.ts';
import {
  type AudioCodecPlace,
  type AudioEncode,
  audioEncoder,
  followedChannels,
  layoutOf,
} from './audio-encode.ts';
import { qualityUnit } from './mpeg-audio.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Bit/s of two channels by Vorbis quality −1…10 (spec audio.md 3.6 gives −1, 4, 5, 6, 10; the rest between). */
const vorbisBitrates: readonly number[] = [
  45_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 320_000, 500_000,
];

/** Plans Opus. */
export function planOpus(settings: SettingsReader<OpusSettings>, place: AudioCodecPlace): AudioEncode {
  const channels = followedChannels(settings.read('channels') ?? 2, place.sourceChannels, 2);
  const bitrateBps = settings.read('bitrate') ?? 96_000;
  return {
    ...openEncode(channels, settings.read('sampleRate') ?? 48_000),
    encoder: audioEncoder('OPUS', 'libopus', bitrateBps, { vbr: 'on' }),
    sampleFormat: 's16',
    nominalBitrateBps: bitrateBps,
  };
}

/** Plans Vorbis. */
export function planVorbis(settings: SettingsReader<VorbisSettings>, place: AudioCodecPlace): AudioEncode {
  const channels = followedChannels(settings.read('channels') ?? 2, place.sourceChannels, 2);
  const quality = settings.read('vbrQuality') ?? 4;
  const options = { flags: '+qscale', global_quality: `${quality * qualityUnit}` };
  return {
    ...openEncode(channels, settings.read('sampleRate') ?? 48_000),
    encoder: audioEncoder('VORBIS', 'libvorbis', 0, options),
    sampleFormat: 'fltp',
    nominalBitrateBps: Math.round(((vorbisBitrates[quality + 1] ?? 128_000) * channels) / 2),
  };
}

function openEncode(
  channels: number,
  sampleRateHz: number,
): Omit<AudioEncode, 'encoder' | 'sampleFormat' | 'nominalBitrateBps'> {
  return {
    channels,
    layout: layoutOf(channels),
    sampleRateHz,
    filters: [],
    raw: null,
    audioType: null,
    isMpeg2: false,
  };
}
