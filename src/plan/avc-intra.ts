/** AVC-Intra settings → x264's AVC-Intra classes (spec video.md 12): fixed operating points. */
import type { AvcIntraClass, AvcIntraSettings } from '../contract/types.generated.ts';
import { equalRational, formatRational, rational, rationalToNumber } from '../exact-time.ts';
import { type AvcIntraPoint, avcIntraPoints, intraPictureBytes } from './avc-intra.table.ts';
import { plainEncoder } from './encoder-plan.ts';
import type { FindingLog } from './finding-log.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { joinParameters } from './parameters.ts';
import type { EncoderPlan } from './plan.ts';
import { type EncodedFrame, fieldOptions, fieldOrderParameters } from './video-codec-settings.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

/** Class 4K/2K is coded as x264's class 300, of the two large ones the one with the lower rate. */
const classNumbers: Readonly<Record<AvcIntraClass, string>> = {
  CLASS_50: '50',
  CLASS_100: '100',
  CLASS_200: '200',
  CLASS_4K_2K: '300',
};

/** Plans an AVC-Intra encode; 1040 where the class has no operating point. */
export const planAvcIntra: CodecPlanner<AvcIntraSettings> = (settings, frame, _place, _segment, findings) => {
  const avcIntraClass = settings.require('avcIntraClass');
  const frameMetrics = readFrameMetrics(settings, false, findings);
  const uhd = settings.child('avcIntraUhdSettings');
  const isThorough = uhd.read('qualityTuningLevel') === 'MULTI_PASS';
  if (isThorough) {
    findings.notice(
      'substituted',
      uhd.at('qualityTuningLevel'),
      'pictures of a class all have one size, so a second pass finds nothing to share out: one more thorough pass takes its place',
    );
  }
  if (avcIntraClass === null) return null;
  const number = classNumbers[avcIntraClass];
  refuseLowerField(frame, settings.at('interlaceMode'), findings);
  const point = findIntraPoint(number, frame, settings.at('avcIntraClass'), findings);
  const flavor = avcIntraClass === 'CLASS_4K_2K' ? 'sony' : 'panasonic';
  return encodedVideo({
    pixelFormat: point.pixelFormat,
    nominalBitrateBps: intraBitrate(number, frame),
    frameMetrics,
    encoder: intraEncoder('AVC_INTRA', number, flavor, frame, isThorough ? 'slower' : 'medium'),
  });
};

/** The operating point of a frame; where there is none, the service's own message, and one of the class. */
export function findIntraPoint(
  number: string,
  frame: EncodedFrame,
  pointer: string,
  findings: FindingLog,
): Pick<AvcIntraPoint, 'pixelFormat'> {
  const scan = frame.scan === 'progressive' ? 'PROGRESSIVE' : 'INTERLACED';
  const rate = rational(frame.frameRate.num, frame.frameRate.den);
  const sized = avcIntraPoints.filter(
    (point) =>
      point.number === number && point.widthPx === frame.widthPx && point.heightPx === frame.heightPx,
  );
  const point = sized.find((one) => one.scan === scan);
  if (point?.rates.some((known) => equalRational(known, rate))) return point;
  const supported = point?.rates.map(formatRational).join(', ') ?? '';
  findings.jobError(
    1040,
    'avc-intra-point',
    {
      video: frame.ordinal,
      framerate: formatRational(rate),
      class: number,
      width: frame.widthPx,
      height: frame.heightPx,
      scan,
      supported,
    },
    pointer,
  );
  const ofClass = avcIntraPoints.find((one) => one.number === number);
  return { pixelFormat: ofClass?.pixelFormat ?? 'yuv422p10le' };
}

/**
 * What the pictures of a class come to. Those for HD are smaller at 29.97 and its relatives, so that the rate is that of
 * 25 a second, and half as large with 720 lines.
 */
export function intraBitrate(number: string, { heightPx, frameRate }: EncodedFrame): number {
  const bits = (intraPictureBytes[number] ?? 0) * 8;
  const rate = rationalToNumber(frameRate);
  if (heightPx > 1080) return Math.round(bits * rate);
  const times = rate / (rate % 25 === 0 ? 25 : 30_000 / 1001);
  return Math.round((bits * 25 * times) / (heightPx === 720 ? 2 : 1));
}

/** Intra classes have the upper field first (SMPTE RP 2027; spec video.md 13), and no way to say otherwise. */
export function refuseLowerField({ scan }: EncodedFrame, pointer: string, findings: FindingLog): void {
  if (scan === 'bottom-field-first')
    findings.incompatible(pointer, 'pictures of an intra class have their upper field first');
}

/** x264 in one of its AVC-Intra classes: it sets rate, matrices and slices by itself. */
export function intraEncoder(
  codec: string,
  number: string,
  flavor: 'panasonic' | 'sony',
  frame: EncodedFrame,
  preset: 'medium' | 'slower' = 'medium',
): EncoderPlan {
  return plainEncoder(codec, 'libx264', {
    options: {
      preset,
      'avcintra-class': number,
      'x264-params': joinParameters({
        'avcintra-flavor': flavor,
        ...(isLargeFields(number, frame) ? { level: fieldLevel } : {}),
        ...fieldOrderParameters(frame.scan),
      }),
      a53cc: '0',
      ...fieldOptions(frame.scan),
    },
    gopSizeFrames: 1,
    maxBFrames: 0,
  });
}

/**
 * The highest level that allows fields (H.264 table A-4), and the one of class 200 (SMPTE RP 2027): its 229 Mbit/s are within
 * the 240 of an intra profile of 4:2:2 (table A-2). Left alone the encoder counts by another profile, and says 6.2.
 */
const fieldLevel = '4.1';

function isLargeFields(number: string, { scan }: EncodedFrame): boolean {
  return number === '200' && scan !== 'progressive';
}
