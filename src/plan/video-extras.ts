/** Members of a video description that are refused by name, and the active format description (spec video.md 1, 16). */
import type { VideoDescription, VideoPreprocessor } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { StreamData } from './picture-plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Settles what has no effect and refuses what is not part of this product. */
export function declareVideoExtras(settings: SettingsReader<VideoDescription>, findings: FindingLog): void {
  settings.withoutEffect('antiAlias', 'scaling always filters against aliasing', ['ENABLED']);
  const preprocessors = settings.child('videoPreprocessors');
  refuseWatermark(preprocessors, findings);
  preprocessors.refuse('dolbyVision', 'Dolby Vision encoding is licensed and not part of this product');
  preprocessors.refuse('hdr10Plus', 'HDR10+ metadata is not generated');
  preprocessors.refuse('imageInserter', 'images are not inserted yet');
  preprocessors.refuse('durationControl', 'durations are not trimmed to whole seconds');
}

/** The watermark engine is licensed and not part of this product: it has its own error code. */
function refuseWatermark(preprocessors: SettingsReader<VideoPreprocessor>, findings: FindingLog): void {
  if (!preprocessors.has('partnerWatermarking')) return;
  preprocessors.read('partnerWatermarking');
  findings.jobError(
    1602,
    'not-available',
    { reason: 'no watermark engine is installed.' },
    preprocessors.at('partnerWatermarking'),
  );
}

/** Codecs whose streams carry an active format description (rule V-27). */
const formatCodecs: ReadonlySet<string> = new Set(['H_264', 'H_265', 'MPEG2']);

/** Reads what becomes of active format descriptions: none, a fixed code, or the source's own. */
export function readActiveFormat(
  settings: SettingsReader<VideoDescription>,
  codec: string,
  findings: FindingLog,
): StreamData['activeFormat'] {
  const signaling = settings.read('afdSignaling') ?? 'NONE';
  // PASSTHROUGH writes what came in: that is what AUTO does with pictures whose shape stays.
  settings.accept(
    'respondToAfd',
    ['NONE', 'PASSTHROUGH'],
    'pictures are not cropped by what the input says of them',
  );
  if (signaling !== 'FIXED') settings.withoutEffect('fixedAfd', 'it acts with afdSignaling FIXED only');
  if (signaling === 'NONE') return null;
  if (!formatCodecs.has(codec)) {
    findings.incompatible(
      settings.at('afdSignaling'),
      `${codec} streams carry no active format description: H_264, H_265 and MPEG2 do`,
    );
    return null;
  }
  if (codec === 'MPEG2') {
    settings.accept(
      'afdSignaling',
      ['NONE'],
      'active format descriptions are written into H_264 and H_265 only',
    );
    return null;
  }
  return signaling === 'AUTO' ? 'source' : settings.require('fixedAfd');
}
