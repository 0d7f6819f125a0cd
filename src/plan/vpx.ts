/** VP8 and VP9 settings → libvpx (spec video.md 8). */
import type { Vp8Settings, Vp9Settings } from '../contract/types.generated.ts';
import { plainEncoder } from './encoder-plan.ts';
import { readWholeGop } from './gop.ts';
import type { AverageAim, BoundedEncode } from './plan.ts';
import { vpxEffort } from './quality.table.ts';
import { vpxAverageResponse, vpxBounds, vpxConstantRate } from './rate-pacing.table.ts';
import type { SettingsReader } from './settings-reader.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

/** Both blocks have the same members. */
type VpxSettings = Pick<Vp8Settings, keyof Vp8Settings & keyof Vp9Settings>;

/** Frames between key frames where the job leaves it open (inferred; libvpx's own is 128). */
const defaultGopSize = 90;

/** Plans a VP8 encode. */
export const planVp8: CodecPlanner<Vp8Settings> = (settings, ...rest) =>
  planVpx('VP8', settings as unknown as SettingsReader<VpxSettings>, ...rest);

/** Plans a VP9 encode. */
export const planVp9: CodecPlanner<Vp9Settings> = (settings, ...rest) =>
  planVpx('VP9', settings as unknown as SettingsReader<VpxSettings>, ...rest);

/** VP8 comes out as asked; the better level of VP9 answers too differently for one look. */
function vpxAverageAim(codec: 'VP8' | 'VP9', isHighQuality: boolean): AverageAim {
  return { response: vpxAverageResponse[codec], looks: codec === 'VP9' && isHighQuality ? 2 : 1 };
}

function planVpx(
  codec: 'VP8' | 'VP9',
  settings: SettingsReader<VpxSettings>,
  ...[frame, , segment, findings]: Parameters<CodecPlanner<VpxSettings>> extends [unknown, ...infer Rest]
    ? Rest
    : never
): ReturnType<CodecPlanner<VpxSettings>> {
  settings.withoutEffect('rateControlMode', 'VP8 and VP9 have VBR only', ['VBR']);
  const bitrate = settings.require('bitrate');
  const maxBitrate = settings.read('maxBitrate');
  const buffer = settings.read('hrdBufferSize') ?? 0;
  const gop = readWholeGop(settings, defaultGopSize, frame, segment, findings);
  const effort = readEffort(settings);
  for (const name of ['maxBitrate', 'hrdBufferSize'] as const) {
    if ((settings.read(name) ?? 0) === 0) continue;
    findings.notice(
      'substituted',
      settings.at(name),
      'the encoder has no buffer at a variable rate: where the first pass finds that the pictures would exceed this one, they are coded at a constant rate within it',
    );
  }
  if (bitrate === null) return null;
  const maxBitrateBps = maxBitrate ?? 2 * bitrate;
  const bufferSizeBits = buffer === 0 ? 2 * maxBitrateBps : buffer;
  return encodedVideo({
    pixelFormat: 'yuv420p',
    gop,
    codingFramesHeld: 30,
    encoder: plainEncoder(codec, codec === 'VP8' ? 'libvpx' : 'libvpx-vp9', {
      options: {
        deadline: 'good',
        'cpu-used': effort,
        'auto-alt-ref': '1',
        'lag-in-frames': '25',
        keyint_min: '0',
        ...(codec === 'VP9' ? { 'row-mt': '1' } : {}),
      },
      bitrateBps: bitrate,
      maxBitrateBps,
      bufferSizeBits,
      gopSizeFrames: gop.frames,
      passes: 2,
      averageAim: vpxAverageAim(codec, settings.read('qualityTuningLevel') === 'MULTI_PASS_HQ'),
      ...((maxBitrate ?? 0) === 0 && buffer === 0
        ? {}
        : { bounded: boundedVpx(codec, maxBitrateBps, bufferSizeBits) }),
    }),
  });
}

/** A peak or a buffer that the job asks for is kept, if need be at a constant rate. */
function boundedVpx(codec: 'VP8' | 'VP9', peakBps: number, bufferBits: number): BoundedEncode {
  const { rate, buffer } = vpxBounds[codec];
  return {
    pacing: { rateBps: Math.floor(peakBps * rate), bufferBits: Math.floor(bufferBits * buffer) },
    options: vpxConstantRate,
  };
}

/**
 * Two passes as the service has them. The library keeps its statistics to itself: the first pass measures what its rate
 * control makes of the pictures, and the second asks for what brings that to the target.
 */
function readEffort(settings: SettingsReader<VpxSettings>): string {
  return vpxEffort[settings.read('qualityTuningLevel') ?? 'MULTI_PASS'];
}
