/** VC-3 settings → dnxhd (spec video.md 11): every class has one bit rate per size and rate. */
import type { Vc3Class, Vc3Settings } from '../contract/types.generated.ts';
import { equalRational, formatRational, rational } from '../exact-time.ts';
import { plainEncoder } from './encoder-plan.ts';
import { vc3Points } from './vc3.table.ts';
import { fieldOptions } from './video-codec-settings.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

const columns: Readonly<Record<Vc3Class, 0 | 1 | 2>> = {
  CLASS_145_8BIT: 0,
  CLASS_220_8BIT: 1,
  CLASS_220_10BIT: 2,
};

/** Plans a VC-3 encode; 1040 where the class has no operating point. */
export const planVc3: CodecPlanner<Vc3Settings> = (settings, frame, _place, _segment, findings) => {
  const vc3Class = settings.require('vc3Class');
  if (vc3Class === null) return null;
  const isInterlaced = frame.scan !== 'progressive';
  const rate = rational(frame.frameRate.num, frame.frameRate.den);
  const sized = vc3Points.filter(
    (point) =>
      point.widthPx === frame.widthPx &&
      point.heightPx === frame.heightPx &&
      point.isInterlaced === isInterlaced &&
      point.megabits[columns[vc3Class]] !== null,
  );
  const megabits =
    sized.find((point) => equalRational(point.rate, rate))?.megabits[columns[vc3Class]] ?? null;
  if (megabits === null) {
    const known = sized.map((point) => formatRational(point.rate)).join(', ');
    findings.incompatible(
      settings.at('vc3Class'),
      `${vc3Class} has no operating point for ${frame.widthPx}x${frame.heightPx} ${isInterlaced ? 'INTERLACED' : 'PROGRESSIVE'} at ${formatRational(rate)}; ${known === '' ? 'it has none of this size' : `it has ${known}`}`,
    );
  }
  const { flags, ...fields } = fieldOptions(frame.scan);
  return encodedVideo({
    pixelFormat: vc3Class === 'CLASS_220_10BIT' ? 'yuv422p10le' : 'yuv422p',
    encoder: plainEncoder('VC3', 'dnxhd', {
      options: { profile: 'dnxhd', ...fields, ...(flags === undefined ? {} : { flags: '+ildct' }) },
      bitrateBps: (megabits ?? 0) * 1_000_000,
    }),
  });
};
