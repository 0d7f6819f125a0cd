/** Members of a video description that this release honours at their usual value only (spec video.md 1, 16). */
import type { VideoDescription, VideoPreprocessor } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoPlace } from './video-encode.ts';
import type { VideoSource } from './video-source.ts';

/** Containers with a timecode track. */
const timecodeContainers: readonly VideoPlace['container'][] = ['MP4', 'MOV', 'MXF'];

/** Settles AFD, timecode and preprocessor settings: what asks for more than is built is refused by name. */
export function declareVideoExtras(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  container: VideoPlace['container'],
  findings: FindingLog,
): void {
  settings.withoutEffect('antiAlias', 'scaling always filters against aliasing', ['ENABLED']);
  settings.accept('afdSignaling', ['NONE'], 'active format descriptions are not written');
  settings.postponed('fixedAfd', 'it acts with afdSignaling FIXED only');
  settings.accept('respondToAfd', ['NONE'], 'active format descriptions are not read');
  settings.accept('timecodeInsertion', ['DISABLED'], 'timecodes are not written into the video stream yet');
  if (settings.read('timecodeTrack') !== 'ENABLED') {
    settings.withoutEffect('dropFrameTimecode', 'no timecode is written', ['ENABLED', 'DISABLED']);
  } else if (!timecodeContainers.includes(container)) {
    settings.accept('timecodeTrack', ['DISABLED'], 'only MP4, MOV and MXF files have timecode tracks');
  }
  refuseWatermark(settings.child('videoPreprocessors'), findings);
  declareDeinterlacer(settings.child('videoPreprocessors'), source);
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

/** A deinterlacer that looks for interlaced frames finds none in a progressive input (spec video.md 3, table). */
function declareDeinterlacer(preprocessors: SettingsReader<VideoPreprocessor>, source: VideoSource): void {
  const deinterlacer = preprocessors.child('deinterlacer');
  if (!deinterlacer.isPresent) return;
  const mode = deinterlacer.read('mode') ?? 'DEINTERLACE';
  const control = deinterlacer.read('control') ?? 'NORMAL';
  const looksForFields = control === 'NORMAL' && mode !== 'INVERSE_TELECINE';
  if (source.track.scan === 'progressive' && looksForFields) {
    preprocessors.withoutEffect(
      'deinterlacer',
      'the input is progressive and control is NORMAL: no frame is deinterlaced',
    );
  } else {
    preprocessors.refuse('deinterlacer', 'deinterlacing is not built yet');
  }
}
