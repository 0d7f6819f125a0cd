/** Apple ProRes settings → prores_ks (spec video.md 10). */
import type { ProresCodecProfile, ProresSettings } from '../contract/types.generated.ts';
import { plainEncoder } from './encoder-plan.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { fieldOptions } from './video-codec-settings.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

/** Encoder profile, and bits a second at 1920×1080 and 29.97 (Apple ProRes white paper, 2022, target data rates). */
const profiles: Readonly<Record<ProresCodecProfile, readonly [string, number]>> = {
  APPLE_PRORES_422_PROXY: ['proxy', 45_000_000],
  APPLE_PRORES_422_LT: ['lt', 102_000_000],
  APPLE_PRORES_422: ['standard', 147_000_000],
  APPLE_PRORES_422_HQ: ['hq', 220_000_000],
  APPLE_PRORES_4444: ['4444', 330_000_000],
  APPLE_PRORES_4444_XQ: ['4444xq', 500_000_000],
};

const referencePixelsPerSecond = 1920 * 1080 * (30000 / 1001);

/** Plans a ProRes encode. */
export const planProres: CodecPlanner<ProresSettings> = (settings, frame, place, _segment, findings) => {
  const profile = settings.read('codecProfile') ?? 'APPLE_PRORES_422';
  const keeps444 = settings.read('chromaSampling') === 'PRESERVE_444_SAMPLING';
  const is4444 = profile.includes('4444');
  if (keeps444 && !is4444) {
    findings.incompatible(settings.at('chromaSampling'), `${profile} codes 4:2:2 only`);
  }
  if (keeps444 && place.sourceChroma !== '4:4:4' && place.sourceChroma !== 'rgb') {
    findings.incompatible(
      settings.at('chromaSampling'),
      `4:4:4 can be preserved of 4:4:4 inputs only; this is ${place.sourceChroma}`,
    );
  }
  if (keeps444 && (settings.read('framerateConversionAlgorithm') ?? 'DUPLICATE_DROP') !== 'DUPLICATE_DROP') {
    findings.incompatible(
      settings.at('framerateConversionAlgorithm'),
      'PRESERVE_444_SAMPLING goes with DUPLICATE_DROP only',
    );
  }
  const [name, referenceBps] = profiles[profile];
  const pixelsPerSecond = frame.widthPx * frame.heightPx * (frame.frameRate.num / frame.frameRate.den);
  return encodedVideo({
    pixelFormat: is4444 && keeps444 ? 'yuv444p10le' : 'yuv422p10le',
    nominalBitrateBps: Math.round((referenceBps * pixelsPerSecond) / referencePixelsPerSecond),
    frameMetrics: readFrameMetrics(settings, false, findings),
    encoder: plainEncoder('PRORES', 'prores_ks', {
      options: { profile: name, vendor: 'apl0', ...fieldOptions(frame.scan) },
    }),
  });
};
