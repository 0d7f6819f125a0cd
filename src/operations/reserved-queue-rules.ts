/**
 * What jobs in reserved queues may not ask for (spec queues-and-lifecycle.md 5), as far as the settings show it: 400.
 * Accelerated transcoding is another matter: it is error 1041 when the job runs.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import type { JobSettings, VideoDescription } from '../contract/types.generated.ts';

/** More pixels than the largest 4K picture: 8K. */
const most4kPixels = 4096 * 2160;
/** A width or height alone that no 4K picture has. */
const most4kSide = 4096;

/** Findings of settings whose types are right, presets merged. */
export function checkReservedQueueJob(settings: JobSettings): readonly ErrorFinding[] {
  return (settings.outputGroups ?? []).flatMap((group, groupIndex) => {
    const pointer = `/outputGroups/${groupIndex}`;
    return [
      ...(group.automatedEncodingSettings?.abrSettings === undefined
        ? []
        : [refusal(`${pointer}/automatedEncodingSettings/abrSettings`, 'Automated ABR')]),
      ...(group.outputs ?? []).flatMap(({ videoDescription: video }, index) =>
        video === undefined ? [] : checkVideo(video, `${pointer}/outputs/${index}/videoDescription`),
      ),
    ];
  });
}

function checkVideo(video: VideoDescription, pointer: string): readonly ErrorFinding[] {
  const { width, height, codecSettings: codec, videoPreprocessors: preprocessors } = video;
  const findings: ErrorFinding[] = [];
  const is8k =
    width !== undefined && height !== undefined
      ? width * height > most4kPixels
      : Math.max(width ?? 0, height ?? 0) > most4kSide;
  if (is8k) findings.push(refusal(`${pointer}/${width === undefined ? 'height' : 'width'}`, '8K output'));
  if (codec?.codec === 'AV1') findings.push(refusal(`${pointer}/codecSettings/codec`, 'AV1'));
  if (preprocessors?.dolbyVision !== undefined)
    findings.push(refusal(`${pointer}/videoPreprocessors/dolbyVision`, 'Dolby Vision'));
  for (const [block, settings] of Object.entries(codec ?? {})) {
    if (typeof settings !== 'object' || settings === null) continue;
    if (Reflect.get(settings, 'framerateConversionAlgorithm') === 'FRAMEFORMER')
      findings.push(
        refusal(`${pointer}/codecSettings/${block}/framerateConversionAlgorithm`, 'FrameFormer conversion'),
      );
  }
  return findings;
}

function refusal(pointer: string, feature: string): ErrorFinding {
  return {
    severity: 'error',
    code: 400,
    pointer,
    message: `${feature} is not available in reserved queues`,
    remedy: 'submit the job to an on-demand queue',
  };
}
