/** What an output may hold: container by group, video and audio codecs by container (spec containers.md 1–3). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { AudioDescription } from '../types.generated.ts';
import {
  containerAudioCodecs,
  containerAudioOnlyCodecs,
  containerVideoCodecs,
  groupContainers,
  labelledAudioCodecs,
  proresAudioCodecs,
} from './containers.table.ts';
import { type GroupPlace, hasAudio, hasVideo, isCaptionsOnly, type OutputPlace } from './place.ts';
import { refuse, refuseValue } from './rule.ts';

/** Findings of one group and its outputs. */
export function containerFindings(group: GroupPlace): readonly ErrorFinding[] {
  return group.outputs.flatMap((place) => [
    ...presetOrContainer(place),
    ...containerOfGroup(place, group),
    ...videoInContainer(place),
    ...audioInContainer(place),
    ...audioDetails(place),
    ...somethingToWrite(place),
    ...demuxed(place),
  ]);
}

/** An output takes its settings from a preset or has its own container, not both (spec api.md 6.4). */
export function presetOrContainer({ output, pointer, hasPreset }: OutputPlace): ErrorFinding[] {
  if (!hasPreset || output.containerSettings === undefined) return [];
  return [
    refuse(
      pointer,
      'Should not specify both preset and containerSettings',
      'Keep the preset or the containerSettings.',
    ),
  ];
}

function containerOfGroup({ container, pointer }: OutputPlace, { type }: GroupPlace): ErrorFinding[] {
  const allowed = groupContainers.get(type ?? '');
  if (container === undefined || allowed === undefined || allowed.includes(container)) return [];
  const remedy = `A group of type ${type} takes ${allowed.join(', ')}.`;
  return [refuseValue(`${pointer}/containerSettings/container`, allowed, remedy)];
}

function videoInContainer({ output, container, pointer }: OutputPlace): ErrorFinding[] {
  const codec = output.videoDescription?.codecSettings?.codec;
  const allowed = containerVideoCodecs.get(container ?? '');
  if (codec === undefined || allowed === undefined || allowed.includes(codec)) return [];
  const at = `${pointer}/videoDescription/codecSettings/codec`;
  const remedy =
    allowed.length === 0 ? `${container} takes no video.` : `${container} takes ${allowed.join(', ')}.`;
  return [refuseValue(at, allowed, remedy)];
}

function audioInContainer(place: OutputPlace): ErrorFinding[] {
  const { output, container, pointer } = place;
  const allowed = allowedAudioCodecs(place);
  const descriptions = output.audioDescriptions ?? [];
  if (allowed === undefined || descriptions.length === 0) return [];
  if (allowed.length === 0) {
    const beside = hasVideo(place) ? ' beside this video' : ' without video';
    return [
      refuse(
        `${pointer}/audioDescriptions`,
        'Should have at most 0 items',
        `${container} takes no audio${beside}: remove it.`,
      ),
    ];
  }
  return descriptions.flatMap((description, index) => {
    const codec = description.codecSettings?.codec;
    if (codec === undefined || allowed.includes(codec)) return [];
    const at = `${pointer}/audioDescriptions/${index}/codecSettings/codec`;
    return [refuseValue(at, allowed, `${container} takes ${allowed.join(', ')} here.`)];
  });
}

function allowedAudioCodecs(place: OutputPlace): readonly string[] | undefined {
  const { output, container } = place;
  if (!hasVideo(place)) return containerAudioOnlyCodecs.get(container ?? '');
  const isProres = container === 'MOV' && output.videoDescription?.codecSettings?.codec === 'PRORES';
  return isProres ? proresAudioCodecs : containerAudioCodecs.get(container ?? '');
}

/** */
function audioDetails(place: OutputPlace): ErrorFinding[] {
  const { output, pointer, container, hasPreset } = place;
  const descriptions = output.audioDescriptions ?? [];
  const findings = descriptions.flatMap((description, index) =>
    audioDetail(description, `${pointer}/audioDescriptions/${index}`, container),
  );
  const isAudioOnly = hasAudio(place) && !hasVideo(place) && !hasPreset;
  if (isAudioOnly && descriptions.length > 1) {
    findings.push(
      refuse(
        `${pointer}/audioDescriptions`,
        'Should have at most 1 items',
        'An output of audio only has one track: use one output per track.',
      ),
    );
  }
  return findings;
}

function audioDetail(
  description: AudioDescription,
  pointer: string,
  container: string | undefined,
): ErrorFinding[] {
  const { codec, aacSettings } = description.codecSettings ?? {};
  if (container === undefined) return [];
  const findings: ErrorFinding[] = [];
  if (aacSettings?.rawFormat === 'LATM_LOAS' && container !== 'RAW') {
    findings.push(
      refuseValue(
        `${pointer}/codecSettings/aacSettings/rawFormat`,
        ['NONE'],
        'LATM_LOAS needs the container RAW.',
      ),
    );
  }
  if (aacSettings?.specification === 'MPEG2' && container !== 'RAW' && container !== 'M2TS') {
    findings.push(
      refuseValue(
        `${pointer}/codecSettings/aacSettings/specification`,
        ['MPEG4'],
        'MPEG2 needs the container RAW or M2TS.',
      ),
    );
  }
  const isLabelled = description.audioChannelTaggingSettings !== undefined;
  if (isLabelled && (container !== 'MOV' || (codec !== undefined && !labelledAudioCodecs.includes(codec)))) {
    const message = 'Should only be specified for AAC, AIFF or WAV in MOV';
    findings.push(
      refuse(`${pointer}/audioChannelTaggingSettings`, message, 'Remove the channel tags, or write MOV.'),
    );
  }
  return findings;
}

/** An output that names no preset must say what it carries. */
function somethingToWrite(place: OutputPlace): ErrorFinding[] {
  if (place.hasPreset || hasVideo(place) || hasAudio(place) || isCaptionsOnly(place)) return [];
  const message =
    'Should match any schema defined in ["videoDescription","audioDescriptions","captionDescriptions"]';
  return [
    refuse(
      place.pointer,
      message,
      'Add a videoDescription, an audioDescriptions entry or a captionDescriptions entry.',
    ),
  ];
}

/** CMAF tracks are always separate objects (spec packaging.md 1). */
function demuxed(place: OutputPlace): ErrorFinding[] {
  if (place.container !== 'CMFC' || !hasVideo(place) || !hasAudio(place)) return [];
  const remedy = 'CMAF tracks are separate: put the audio into an output of its own.';
  return [refuse(`${place.pointer}/audioDescriptions`, 'Should have at most 0 items', remedy)];
}
