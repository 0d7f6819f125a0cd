/**
 * Reads the names of system presets: they say what the preset makes. Three forms are known:
 *
 * - `System-{Generic_Sd|Generic_Hd|Generic_Uhd|Ott_Hls|Ott_Dash|Ott_Cmaf}_{Mp4|Ts|Cmfc|Mpd}_{codecs}_{aspect}[_Sdr]_{size}_{rate}Hz_{bit rate}[_Cbr|_Qvbr_Vq{level}]`,
 *   also with `-` between the first words, and for sound alone `…_Aac_{He|Lc}_{bit rate}`;
 * - `System-Avc_{aspect}_{height}p_{rate}fps_{bit rate}`, the older form for HLS;
 * - `System-Xdcam_HD_{height}{i|p}_{rate}fps_{bit rate}`.
 *
 * Any sizes, rates and bit rates are read, in the form they are written in.
 */
import {
  fitsAspect,
  frameRates,
  groupsOfNames,
  isPictureSize,
  type PresetGroup,
} from './system-preset-words.table.ts';

/** What a name says of the picture. */
export interface NamedVideo {
  readonly codec: 'Avc' | 'Hevc' | 'Hev1' | 'Av1' | 'Mpeg2';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isInterlaced: boolean;
  readonly frameRate: { readonly numerator: number; readonly denominator: number };
  readonly bitrateBps: number;
  /** Null: constant bit rate. */
  readonly qvbrLevel: number | null;
}

/** What a name says of the sound. */
export type NamedAudio =
  /** AAC as it goes with the picture. */
  | { readonly kind: 'with-picture' }
  /** AAC alone. */
  | { readonly kind: 'alone'; readonly profile: 'HEV1' | 'LC'; readonly bitrateBps: number }
  | { readonly kind: 'pcm' };

/** What a name says. */
export interface NamedPreset {
  readonly group: PresetGroup;
  readonly video: NamedVideo | null;
  readonly audio: NamedAudio | null;
}

/** The meaning of a name, or null for a name of no known form. */
export function parseSystemPresetName(name: string): NamedPreset | null {
  if (!name.startsWith('System-')) return null;
  const words = name.slice('System-'.length);
  return parseGrouped(words) ?? parseOlderHls(words) ?? parseXdcam(words);
}

const bitrateForm = '(?<bitrate>\\d+(?:\\.\\d+)?)(?<unit>[KkMm])(?:bps|pbs)';

function parseGrouped(words: string): NamedPreset | null {
  const found = [...groupsOfNames].find(([beginning]) =>
    words.replaceAll('-', '_').startsWith(`${beginning}_`),
  );
  if (found === undefined) return null;
  const [beginning, group] = found;
  const rest = words.slice(beginning.length + 1);
  return parseAloneSound(rest, group) ?? parsePicture(rest, group);
}

/** `Aac_He_96Kbps`; a group of single files has no sound alone. */
function parseAloneSound(rest: string, group: PresetGroup): NamedPreset | null {
  const match = new RegExp(`^Aac_(?<profile>He|Lc)_${bitrateForm}$`).exec(rest);
  if (match?.groups === undefined || !['OTT-DASH', 'OTT-CMAF'].includes(group)) return null;
  const bitrateBps = bitrateOf(match.groups);
  // The tables of AAC, for stereo at 48 kHz (spec audio.md 3.1).
  const profile = match.groups['profile'] === 'He' ? 'HEV1' : 'LC';
  const steps = profile === 'HEV1' ? heAacBitratesBps : lcAacBitratesBps;
  if (!steps.includes(bitrateBps)) return null;
  return { group, video: null, audio: { kind: 'alone', profile, bitrateBps } };
}

const heAacBitratesBps: readonly number[] = [
  20_000, 24_000, 28_000, 32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000,
];
const lcAacBitratesBps: readonly number[] = [
  64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 288_000, 320_000, 384_000,
];

function parsePicture(rest: string, group: PresetGroup): NamedPreset | null {
  const form = new RegExp(
    `^(?<codec>Avc|Hevc|Hev1|Av1)(?<sound>_Aac)?(?:_(?<aspect>\\d+x\\d+))?(?:_Sdr)?_(?<width>\\d+)x(?<height>\\d+)p_(?<rate>\\d+)Hz_${bitrateForm}(?:_Cbr|_Qvbr_Vq(?<level>\\d+))?$`,
  );
  const found = form.exec(rest)?.groups;
  if (found === undefined) return null;
  const { codec, sound, aspect, width, height, rate, level } = found;
  const video = namedVideo({
    codec: codec as NamedVideo['codec'],
    widthPx: Number(width),
    heightPx: Number(height),
    isInterlaced: false,
    rate: String(rate),
    bitrateBps: bitrateOf(found),
    qvbrLevel: level === undefined ? null : Number(level),
  });
  if (video === null || (aspect !== undefined && !fitsAspect(aspect, video.widthPx, video.heightPx)))
    return null;
  // Groups that keep sound in outputs of its own have none with the picture.
  const separate = group === 'OTT-DASH' || group === 'OTT-CMAF';
  if (separate && sound !== undefined) return null;
  return { group, video, audio: sound === undefined ? null : { kind: 'with-picture' } };
}

function parseOlderHls(words: string): NamedPreset | null {
  const form = new RegExp(
    `^Avc_(?<across>\\d{1,2})x(?<down>\\d{1,2})_(?<height>\\d+)p_(?<rate>\\d+(?:_\\d+)?)fps_${bitrateForm}$`,
  );
  const found = form.exec(words)?.groups;
  if (found === undefined) return null;
  const heightPx = Number(found['height']);
  const exactWidth = (heightPx * Number(found['across'])) / Number(found['down']);
  const video = namedVideo({
    codec: 'Avc',
    widthPx: 2 * Math.round(exactWidth / 2),
    heightPx,
    isInterlaced: false,
    rate: String(found['rate']),
    bitrateBps: bitrateOf(found),
    qvbrLevel: null,
  });
  return video === null ? null : { group: 'HLS', video, audio: { kind: 'with-picture' } };
}

function parseXdcam(words: string): NamedPreset | null {
  const form = new RegExp(
    `^Xdcam_HD_(?<height>1080|720)(?<scan>[ip])_(?<rate>\\d+(?:_\\d+)?)fps_${bitrateForm}$`,
  );
  const found = form.exec(words)?.groups;
  if (found === undefined) return null;
  const heightPx = Number(found['height']);
  const isInterlaced = found['scan'] === 'i';
  const video = namedVideo({
    codec: 'Mpeg2',
    widthPx: heightPx === 1080 ? 1920 : 1280,
    heightPx,
    isInterlaced,
    rate: String(found['rate']),
    bitrateBps: bitrateOf(found),
    qvbrLevel: null,
  });
  return video === null ? null : { group: 'MXF', video, audio: { kind: 'pcm' } };
}

function namedVideo({
  rate,
  ...video
}: Omit<NamedVideo, 'frameRate'> & { readonly rate: string }): NamedVideo | null {
  const frameRate = frameRates.get(rate);
  const { widthPx, heightPx, bitrateBps, qvbrLevel } = video;
  const isQuality = qvbrLevel === null || (qvbrLevel >= 1 && qvbrLevel <= 10);
  const isBitrate = bitrateBps >= 100_000 && bitrateBps <= 100_000_000;
  if (frameRate === undefined || !isPictureSize(widthPx, heightPx) || !isQuality || !isBitrate) return null;
  return { ...video, frameRate };
}

/** Bits per second of `3.5Mbps`, `400kbps`, and of the misspelt `35mpbs`. */
function bitrateOf(found: Readonly<Record<string, string | undefined>>): number {
  return Math.round(Number(found['bitrate']) * (found['unit']?.toLowerCase() === 'm' ? 1_000_000 : 1000));
}
