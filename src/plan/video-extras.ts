/** Members of a video description that are refused by name (spec video.md 1, 16). */
import type { VideoDescription, VideoPreprocessor } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Settles what has no effect and refuses what is not part of this product. */
export function declareVideoExtras(settings: SettingsReader<VideoDescription>, findings: FindingLog): void {
  settings.withoutEffect('antiAlias', 'scaling always filters against aliasing', ['ENABLED']);
  const preprocessors = settings.child('videoPreprocessors');
  refuseWatermark(preprocessors, findings);
  preprocessors.refuse('dolbyVision', 'Dolby Vision encoding is licensed and not part of this product');
  preprocessors.refuse('hdr10Plus', 'HDR10+ metadata is not generated');
  preprocessors.refuse('imageInserter', 'images are not inserted yet');
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
