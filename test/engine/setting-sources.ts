/** Clips that combinations of settings are tried on: tiny, each of another kind. */
import type { AudioRecipe, ClipRecipe } from '../probe/tiny-media.ts';

/** Length of the sound of all sources that sound codecs are tried on. */
export const soundSeconds = 0.6;

/** A clip. */
export type SourceName = keyof typeof recipes;

const recipes = {
  small: clip(320, 180, [25, 1], 10),
  'small-ntsc': clip(320, 240, [30000, 1001], 10),
  film: clip(320, 180, [24000, 1001], 10),
  double: clip(320, 180, [60000, 1001], 12),
  fields: interlaced(clip(720, 576, [25, 1], 6)),
  'fields-ntsc': interlaced(clip(720, 480, [30000, 1001], 6)),
  deep: clip(320, 180, [25, 1], 8, { encoder: 'prores_ks', options: {} }),
  hdr: clip(320, 180, [25, 1], 8, {
    encoder: 'prores_ks',
    options: {},
    color: { primaries: 9, transfer: 16, matrix: 9 },
  }),
  'full-chroma': {
    ...clip(320, 180, [25, 1], 8, {
      encoder: 'libvpx-vp9',
      chroma: '4:4:4',
      options: { deadline: 'realtime', 'cpu-used': '8' },
    }),
    muxer: 'webm',
  },
  odd: clip(333, 187, [25, 1], 8, { encoder: 'mjpeg', options: {} }),
  upright: clip(180, 320, [30, 1], 10),
  still: clip(320, 180, [25, 1], 1),
  large: clip(1920, 1080, [25, 1], 3),
  'large-ntsc': clip(1920, 1080, [30000, 1001], 3),
  'large-fields': interlaced(clip(1920, 1080, [25, 1], 3)),
  hd: clip(1280, 720, [50, 1], 4),
  'hd-ntsc': clip(1280, 720, [60000, 1001], 4),
  mono: sound(1),
  stereo: sound(2),
  'stereo-44': sound(2, 44_100),
  surround: sound(6),
  'two-tracks': { ...sound(1), moreAudio: [tone(1)] },
  eight: sound(8),
  'small-stereo': { ...clip(320, 180, [25, 1], 15), audio: tone(2) },
  'ntsc-surround': { ...clip(320, 240, [30000, 1001], 18), audio: tone(6) },
  'film-mono': { ...clip(320, 180, [24000, 1001], 14), audio: tone(1, 44_100) },
  'short-sound': { ...clip(320, 180, [25, 1], 15), audio: { ...tone(2), seconds: 0.3 } },
  'long-sound': { ...clip(320, 180, [25, 1], 6), audio: tone(2) },
  'large-stereo': { ...clip(1920, 1080, [25, 1], 3), audio: { ...tone(2), seconds: 0.12 } },
  'large-fields-stereo': {
    ...interlaced(clip(1920, 1080, [25, 1], 3)),
    audio: { ...tone(2), seconds: 0.12 },
  },
  'large-ntsc-stereo': { ...clip(1920, 1080, [30000, 1001], 3), audio: { ...tone(2), seconds: 0.1 } },
  'hd-stereo': { ...clip(1280, 720, [50, 1], 4), audio: { ...tone(2), seconds: 0.08 } },
} satisfies Readonly<Record<string, ClipRecipe>>;

/** How each clip is made. */
export const sources: Readonly<Record<SourceName, ClipRecipe>> = recipes;

function clip(
  widthPx: number,
  heightPx: number,
  frameRate: readonly [number, number],
  frames: number,
  changes: Partial<NonNullable<ClipRecipe['video']>> = {},
): ClipRecipe & { readonly video: NonNullable<ClipRecipe['video']> } {
  const options = { preset: 'ultrafast', qp: '24' };
  const size = { widthPx, heightPx };
  return { muxer: 'mov', video: { encoder: 'libx264', frames, frameRate, size, options, ...changes } };
}

/** Pictures of two fields, the upper one first. */
function interlaced({ video, ...recipe }: ReturnType<typeof clip>): ClipRecipe {
  const options = { ...video.options, 'x264-params': 'tff=1' };
  return { ...recipe, video: { ...video, isInterlaced: true, options } };
}

function tone(channels: number, sampleRateHz = 48_000): AudioRecipe {
  const sampleAt = (n: number, channel: number): number => Math.sin(n / (9 + channel)) * 9000;
  return { encoder: 'pcm_s16le', seconds: soundSeconds, channels, sampleRateHz, sampleAt };
}

function sound(channels: number, sampleRateHz?: number): ClipRecipe {
  return { muxer: 'mov', audio: tone(channels, sampleRateHz) };
}
