/** Every video codec: its block, its largest frame, the step that plans it (spec video.md 1). */
import type { VideoCodecSettings } from '../contract/types.generated.ts';
import { planAv1 } from './av1.ts';
import { planAvcIntra } from './avc-intra.ts';
import { planGif } from './gif.ts';
import { planH264 } from './h264.ts';
import { planH265 } from './h265.ts';
import { planMpeg2 } from './mpeg2.ts';
import { planProres } from './prores.ts';
import type { SettingsReader } from './settings-reader.ts';
import { planUncompressed } from './uncompressed.ts';
import { planVc3 } from './vc3.ts';
import type { CodecPlanner } from './video-encode.ts';
import type { TimingSettings } from './video-timing.ts';
import { planVp8, planVp9 } from './vpx.ts';
import { planXavc } from './xavc.ts';

/** Codecs whose pictures are encoded one after another into a stream. */
export type StreamCodec =
  | 'AV1'
  | 'AVC_INTRA'
  | 'GIF'
  | 'H_264'
  | 'H_265'
  | 'MPEG2'
  | 'PRORES'
  | 'UNCOMPRESSED'
  | 'VC3'
  | 'VP8'
  | 'VP9'
  | 'XAVC';

/** What is known of a codec before its block is read. */
export interface VideoCodec {
  readonly block: keyof VideoCodecSettings & `${string}Settings`;
  /** Either way round; null: the sizes are those of its operating points. */
  readonly largest: { readonly longPx: number; readonly shortPx: number } | null;
  readonly plan: CodecPlanner<object>;
  /** Its stream cannot say that samples have full range. */
  readonly isLimited: boolean;
}

/** H.262 6.3.6, SMPTE RDD 36 5.1.1 and ST 2019-1 name primaries, transfer and matrix, and no range. */
const limitedBlocks: ReadonlySet<string> = new Set(['mpeg2Settings', 'proresSettings', 'vc3Settings']);

/** Largest frames: spec video.md 1, table. */
export const videoCodecs: Readonly<Record<StreamCodec, VideoCodec>> = {
  AV1: entry('av1Settings', [4096, 2160], planAv1),
  AVC_INTRA: entry('avcIntraSettings', null, planAvcIntra),
  GIF: entry('gifSettings', [3840, 3840], planGif),
  H_264: entry('h264Settings', [4096, 2160], planH264),
  H_265: entry('h265Settings', [8192, 4320], planH265),
  MPEG2: entry('mpeg2Settings', [1920, 1152], planMpeg2),
  PRORES: entry('proresSettings', [4096, 4096], planProres),
  UNCOMPRESSED: entry('uncompressedSettings', [8192, 8192], planUncompressed),
  VC3: entry('vc3Settings', null, planVc3),
  VP8: entry('vp8Settings', [4096, 2160], planVp8),
  VP9: entry('vp9Settings', [4096, 2160], planVp9),
  XAVC: entry('xavcSettings', [4096, 2160], planXavc),
};

/** The planner is called with the reader of its own block only: the table pairs them. */
function entry<Block extends object>(
  block: VideoCodec['block'],
  largest: readonly [number, number] | null,
  plan: CodecPlanner<Block>,
): VideoCodec {
  return {
    block,
    largest: largest === null ? null : { longPx: largest[0], shortPx: largest[1] },
    isLimited: limitedBlocks.has(block),
    plan: (settings, ...rest) => plan(settings as SettingsReader<Block>, ...rest),
  };
}

/** Where a block keeps the members that shape time and fields. XAVC keeps some in the block of its profile. */
export function timingReader(
  codec: StreamCodec,
  codecSettings: SettingsReader<VideoCodecSettings>,
): SettingsReader<TimingSettings> {
  if (codec !== 'XAVC')
    return codecSettings.child(videoCodecs[codec].block) as unknown as SettingsReader<TimingSettings>;
  const block = codecSettings.child('xavcSettings');
  const profile = block.child('xavcHdProfileSettings').isPresent
    ? block.child('xavcHdProfileSettings')
    : block.child('xavcHdIntraCbgProfileSettings');
  const own = block as unknown as SettingsReader<TimingSettings>;
  const inner = profile as unknown as SettingsReader<TimingSettings>;
  const innerKeys: ReadonlySet<string> = new Set(['interlaceMode', 'telecine']);
  const holder = (key: string): SettingsReader<TimingSettings> => (innerKeys.has(key) ? inner : own);
  return { ...own, at: (key) => holder(key).at(key), read: (key) => holder(key).read(key) };
}
