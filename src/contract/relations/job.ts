/** Rules about a job as a whole that the request alone decides (spec packaging.md 1, inputs.md 1, overlays.md 4, api.md 6.5). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { JobTemplateSettings } from '../types.generated.ts';
import { type GroupPlace, hasAudio, hasVideo } from './place.ts';
import { refuse } from './rule.ts';

/** Findings about the job. */
export function jobFindings(
  settings: JobTemplateSettings,
  groups: readonly GroupPlace[],
): readonly ErrorFinding[] {
  return [
    ...frameCaptureAlone(groups),
    ...followedInput(settings),
    ...motionInserters(settings),
    ...repeatedLuts(settings),
    ...adMarkerSources(settings, groups),
  ];
}

/** A job of pictures only is refused: some output must be regular video or audio. */
function frameCaptureAlone(groups: readonly GroupPlace[]): ErrorFinding[] {
  const outputs = groups.flatMap((group) => group.outputs);
  const captures = outputs.filter(
    ({ output }) => output.videoDescription?.codecSettings?.codec === 'FRAME_CAPTURE',
  );
  const others = outputs.filter((place) => !captures.includes(place));
  if (captures.length === 0 || others.some((place) => place.hasPreset || hasVideo(place) || hasAudio(place)))
    return [];
  const message = 'Should have at least 1 output that is not FRAME_CAPTURE';
  return [refuse('/outputGroups', message, 'Add an output of video or audio beside the frame captures.')];
}

function followedInput({ followSource, inputs }: JobTemplateSettings): ErrorFinding[] {
  const count = inputs?.length ?? 0;
  if (followSource === undefined || inputs === undefined || followSource <= count) return [];
  return [
    refuse(
      '/followSource',
      `Should be less than or equal to ${count}`,
      'Name an input of the job, counted from 1.',
      `1–${count}`,
    ),
  ];
}

function motionInserters({ motionImageInserter, motionImageInserters }: JobTemplateSettings): ErrorFinding[] {
  if (motionImageInserter === undefined || (motionImageInserters ?? []).length === 0) return [];
  return [
    refuse(
      '',
      'Should not specify both motionImageInserter and motionImageInserters',
      'Keep motionImageInserters.',
    ),
  ];
}

/** One table for each pair of colours (spec overlays.md 7.1). */
function repeatedLuts({ colorConversion3DLUTSettings: luts = [] }: JobTemplateSettings): ErrorFinding[] {
  const pairs = luts.map((lut) =>
    [
      lut.inputColorSpace,
      lut.inputMasteringLuminance ?? 0,
      lut.outputColorSpace,
      lut.outputMasteringLuminance ?? 0,
    ].join(' '),
  );
  return pairs.flatMap((pair, index) => {
    if (pairs.indexOf(pair) === index) return [];
    const message = 'Should not have the same colour spaces and luminances as another 3D LUT';
    return [refuse(`/colorConversion3DLUTSettings/${index}`, message, 'Keep one table for each pair.')];
  });
}

/**
 * Cues come from ESAM or from the source, not from both (spec packaging.md 9). HLS outputs say PASSTHROUGH in either
 * case: with ESAM it stands for conditioned manifests (model documentation of `M3u8Settings.scte35Source`).
 */
function adMarkerSources({ esam }: JobTemplateSettings, groups: readonly GroupPlace[]): ErrorFinding[] {
  if (esam?.signalProcessingNotification?.sccXml === undefined) return [];
  return groups
    .flatMap((group) => group.outputs)
    .flatMap(({ output, pointer }) =>
      (['m2tsSettings', 'cmfcSettings', 'mpdSettings'] as const)
        .filter((block) => output.containerSettings?.[block]?.scte35Source === 'PASSTHROUGH')
        .map((block) =>
          refuse(
            `${pointer}/containerSettings/${block}/scte35Source`,
            'Must be NONE',
            'Keep the ESAM document or the passthrough.',
            'NONE',
          ),
        ),
    );
}
