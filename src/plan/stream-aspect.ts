/** Pixel shapes against what coded streams and containers can say of them (spec video.md 3). */
import type { VideoCodecSettings } from '../contract/types.generated.ts';
import { type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { SharedVideoSettings } from './video-codec-settings.ts';
import type { StreamCodec } from './video-codecs.ts';

/** Terms of `sar_width` and `sar_height` have 16 bits (H.264 E.1.1, H.265 E.2.1); the library's filters carry a million elsewhere. */
const mostTerm = { coded: 65_535, elsewhere: 1_000_000 };
/** H.262 table 6-3: square pixels, or one of these shapes of the whole picture. */
const mpeg2Shapes: readonly (readonly [string, number])[] = [
  ['4:3', 4 / 3],
  ['16:9', 16 / 9],
  ['2.21:1', 2.21],
];
/** Pixels of 625 and 525 lines are told for 720 samples of the line or for 702 to 711 of them (ITU-R BT.601): 2.4 % apart. */
const usualDeviation = 0.03;
/** Rounded to whole samples a shape may be off by this much. */
const roundingDeviation = 0.005;

/** Of 16:9 pictures with three quarters of their samples in a line: 1440 of 1920, 960 of 1280. */
const anamorphicPixels = rational(4, 3);

/**
 * The pixel shape that a format has whatever the source is; null: it has none. Pictures of class 50 are thin rasters for 16:9
 * (SMPTE RP 2027), and so are XAVC HD pictures of 1440 samples (Sony XAVC overview). `widthPx`: asked for, if at all.
 */
export function formatAspect(
  codecSettings: SettingsReader<VideoCodecSettings>,
  widthPx: number | undefined,
): Rational | null {
  const codec = codecSettings.read('codec');
  if (codec === 'AVC_INTRA') {
    const isThin = codecSettings.child('avcIntraSettings').read('avcIntraClass') === 'CLASS_50';
    return isThin ? anamorphicPixels : null;
  }
  if (codec !== 'XAVC') return null;
  const xavc = codecSettings.child('xavcSettings');
  switch (xavc.read('profile')) {
    case 'XAVC_HD_INTRA_CBG': {
      const isThin = xavc.child('xavcHdIntraCbgProfileSettings').read('xavcClass') === 'CLASS_50';
      return isThin ? anamorphicPixels : null;
    }
    case 'XAVC_HD':
      return widthPx === 1440 ? anamorphicPixels : null;
    default:
      return null;
  }
}

/**
 * Refuses a shape that the job names and the output cannot say, and tells of one that it says nearly, or of the source's
 * that it cannot say.
 */
export function checkStreamAspect(
  codec: StreamCodec,
  block: SettingsReader<SharedVideoSettings>,
  aspect: Rational,
  frame: { readonly widthPx: number; readonly heightPx: number },
  findings: FindingLog,
): void {
  const isNamed = block.read('parControl') === 'SPECIFIED';
  const most = codec === 'H_264' || codec === 'H_265' ? mostTerm.coded : mostTerm.elsewhere;
  if (codec === 'MPEG2') return checkMpeg2(block, isNamed, aspect, frame, findings);
  if (!isNamed) return;
  const text = `${aspect.num}:${aspect.den}`;
  if (Math.max(aspect.num, aspect.den) > most) {
    findings.incompatible(
      block.at('parNumerator'),
      `the stream tells pixel shapes in whole numbers up to ${most}, and ${text} has no lower terms`,
    );
  } else if ((codec === 'VP8' || codec === 'VP9') && !hasDisplayWidth(aspect, frame.widthPx)) {
    findings.incompatible(
      block.at('parNumerator'),
      `the container tells the width on display in whole pixels, and ${frame.widthPx} pixels of ${text} come to none that is near`,
    );
  }
}

/** WebM has no pixel shape but a width that the picture is shown at. */
function hasDisplayWidth(aspect: Rational, widthPx: number): boolean {
  const exact = widthPx * rationalToNumber(aspect);
  return exact < 2 ** 31 && Math.abs(Math.round(exact) / exact - 1) <= roundingDeviation;
}

function checkMpeg2(
  block: SettingsReader<SharedVideoSettings>,
  isNamed: boolean,
  aspect: Rational,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  findings: FindingLog,
): void {
  const asked = rationalToNumber(aspect);
  const known = [
    { name: 'square pixels', pixel: 1 },
    ...mpeg2Shapes.map(([name, shape]) => ({
      name: `a picture of ${name}`,
      pixel: (shape * heightPx) / widthPx,
    })),
  ];
  // As the encoder chooses it.
  const nearest = known.reduce((best, next) =>
    Math.abs(next.pixel - asked) < Math.abs(best.pixel - asked) ? next : best,
  );
  const deviation = Math.abs(nearest.pixel / asked - 1);
  if (deviation <= roundingDeviation) return;
  const pointer = isNamed ? block.at('parNumerator') : block.at('parControl');
  const text = `MPEG-2 tells square pixels or a picture of 4:3, 16:9 or 2.21:1, and ${widthPx} x ${heightPx} with pixels of ${aspect.num}:${aspect.den} is none of them`;
  if (isNamed && deviation > usualDeviation) findings.incompatible(pointer, text);
  else findings.notice('substituted', pointer, `${text}: the stream says ${nearest.name}`);
}
