/** Active format descriptions (spec video.md 1, 2; SMPTE ST 2016-1): written into streams, and answered by cropping. */
import type { VideoDescription } from '../contract/types.generated.ts';
import { type Rational, rational, rationalToNumber } from '../exact-time.ts';
import { activeFormats } from './active-format.table.ts';
import type { FindingLog } from './finding-log.ts';
import type { Rectangle } from './geometry.ts';
import type { StreamData } from './picture-plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoSource } from './video-source.ts';

/** Codecs whose streams carry an active format description (rule V-27). */
const formatCodecs: ReadonlySet<string> = new Set(['H_264', 'H_265', 'MPEG2']);

/** Reads what becomes of active format descriptions: none, a fixed code, or the source's own. */
export function readActiveFormat(
  settings: SettingsReader<VideoDescription>,
  codec: string,
  findings: FindingLog,
): StreamData['activeFormat'] {
  const signaling = settings.read('afdSignaling') ?? 'NONE';
  if (signaling !== 'FIXED') settings.withoutEffect('fixedAfd', 'it acts with afdSignaling FIXED only');
  if (signaling === 'NONE') return null;
  if (!formatCodecs.has(codec)) {
    findings.incompatible(
      settings.at('afdSignaling'),
      `${codec} streams carry no active format description: H_264, H_265 and MPEG2 do`,
    );
    return null;
  }
  if (signaling === 'FIXED') return settings.require('fixedAfd');
  // A picture that was cut to its active part fills the frame.
  return settings.read('respondToAfd') === 'RESPOND' ? fullFrame : 'source';
}

const fullFrame = 8;

/**
 * The part of the source that an output shows with `respondToAfd` RESPOND: of the shapes between the active part and
 * its protected centre, the one nearest to the output's own. A crop that the job gives goes first. Null: all of it.
 * The code of the first picture counts.
 */
export function respondToFormat(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  outputAspect: Rational,
  given: Rectangle | null,
  findings: FindingLog,
): Rectangle | null {
  // PASSTHROUGH hands the description on, which is what afdSignaling AUTO does.
  if (settings.read('respondToAfd') !== 'RESPOND') return given;
  const pointer = settings.at('respondToAfd');
  if (source.isCropped || given !== null) {
    const owner = source.isCropped ? 'input' : 'output';
    findings.notice('no-effect', pointer, `the crop of the ${owner} takes its place`);
    return given;
  }
  const code = source.track.activeFormat;
  const format = code === undefined ? undefined : activeFormats[code];
  if (format === undefined) {
    const reason =
      code === undefined ? 'the input has no active format description' : `code ${code} is full frame`;
    findings.notice('no-effect', pointer, reason);
    return null;
  }
  const width = settings.read('width') ?? source.widthPx;
  const height = settings.read('height') ?? source.heightPx;
  const wanted = rationalToNumber(rational(width * outputAspect.num, height * outputAspect.den));
  const [narrow, wide] = [format.active, format.protected].sort((a, b) => a - b) as [number, number];
  const shape = Math.min(wide, Math.max(narrow, wanted));
  return cutTo(source, shape, format.isAtTop ?? false);
}

/** The largest part of that shape, in pairs of pixels and of lines (of each field); null: the whole picture has it. */
function cutTo(source: VideoSource, shape: number, isAtTop: boolean): Rectangle | null {
  const pixel = rationalToNumber(source.sampleAspectRatio);
  const lines = source.track.scan === 'progressive' ? 2 : 4;
  const whole = (value: number, unit: number): number => Math.round(value / unit) * unit;
  const widthPx = Math.min(source.widthPx, whole((source.heightPx * shape) / pixel, 2));
  const heightPx = Math.min(source.heightPx, whole((source.widthPx * pixel) / shape, lines));
  if (widthPx === source.widthPx && heightPx === source.heightPx) return null;
  const half = (rest: number, unit: number): number => Math.floor(rest / 2 / unit) * unit;
  const y = isAtTop ? 0 : half(source.heightPx - heightPx, lines);
  return { widthPx, heightPx, x: half(source.widthPx - widthPx, 2), y };
}
