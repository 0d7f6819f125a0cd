/** Apple ProRes settings → prores_ks (spec video.md 10). */
import type { ProresCodecProfile, ProresSettings } from '../contract/types.generated.ts';
import { rationalToNumber } from '../exact-time.ts';
import { plainEncoder } from './encoder-plan.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { type ProresProfile, proresBlockBits, proresBlockLimits, proresReached } from './prores.table.ts';
import { type EncodedFrame, fieldOptions } from './video-codec-settings.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

/** Encoder profiles. */
const profiles: Readonly<Record<ProresCodecProfile, ProresProfile>> = {
  APPLE_PRORES_422_PROXY: 'proxy',
  APPLE_PRORES_422_LT: 'lt',
  APPLE_PRORES_422: 'standard',
  APPLE_PRORES_422_HQ: 'hq',
  APPLE_PRORES_4444: '4444',
  APPLE_PRORES_4444_XQ: '4444xq',
};

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
  const name = profiles[profile];
  return encodedVideo({
    pixelFormat: is4444 && keeps444 ? 'yuv444p10le' : 'yuv422p10le',
    nominalBitrateBps: proresBitrate(name, frame),
    frameMetrics: readFrameMetrics(settings, false, findings),
    encoder: plainEncoder('PRORES', 'prores_ks', {
      options: { profile: name, vendor: 'apl0', ...fieldOptions(frame.scan) },
    }),
  });
};

/** What the encoder aims at, by macroblocks: pictures of the smaller sizes have more of them (as Apple's target rates do). */
function proresBitrate(profile: ProresProfile, { widthPx, heightPx, frameRate }: EncodedFrame): number {
  const blocks = Math.ceil(widthPx / 16) * Math.ceil(heightPx / 16);
  const known = proresBlockLimits.findIndex((limit) => blocks <= limit);
  const bits = proresBlockBits[profile].at(known) ?? 0;
  return Math.round(blocks * bits * rationalToNumber(frameRate) * proresReached[profile]);
}
