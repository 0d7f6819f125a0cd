/** Where captions may stand: rules between a captions description, its output and the job (spec captions.md 4, 8). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { DvbSubDestinationSettings } from '../types.generated.ts';
import {
  containerCaptions,
  defaultDestination,
  pictureDestinations,
  sidecarDestinations,
} from './captions.table.ts';
import { type GroupPlace, hasAudio, hasVideo, type OutputPlace } from './place.ts';
import { refuse, refuseValue } from './rule.ts';

/** Findings of one group. */
export function captionsFindings(group: GroupPlace): readonly ErrorFinding[] {
  return group.outputs
    .filter(({ hasPreset }) => !hasPreset)
    .flatMap((place) => [...destinations(place), ...counts(place)]);
}

/** Findings about the whole job: captions need a video somewhere, DVB subtitles agree with each other. */
export function captionsJobFindings(groups: readonly GroupPlace[]): readonly ErrorFinding[] {
  return [...captionsWithoutVideo(groups), ...differentDvbSubtitles(groups)];
}

interface Destination {
  readonly type: string;
  readonly pointer: string;
}

function destinationsOf({ output, pointer }: OutputPlace): readonly Destination[] {
  return (output.captionDescriptions ?? []).map((description, index) => ({
    type: description.destinationSettings?.destinationType ?? defaultDestination,
    pointer: `${pointer}/captionDescriptions/${index}`,
  }));
}

function destinations(place: OutputPlace): ErrorFinding[] {
  return destinationsOf(place).flatMap((destination) => [
    ...destinationInContainer(destination, place),
    ...neighbours(destination, place),
  ]);
}

function destinationInContainer({ type, pointer }: Destination, { container }: OutputPlace): ErrorFinding[] {
  const allowed = containerCaptions.get(container ?? '');
  if (allowed === undefined || allowed.includes(type)) return [];
  const remedy =
    allowed.length === 0
      ? `${container} takes no captions: remove them.`
      : `${container} takes ${allowed.join(', ')}.`;
  return [refuseValue(`${pointer}/destinationSettings/destinationType`, allowed, remedy)];
}

/** Items 2 and 5: sidecars stand alone, the others need a video that is encoded here. */
function neighbours({ type, pointer }: Destination, place: OutputPlace): ErrorFinding[] {
  const at = `${pointer}/destinationSettings/destinationType`;
  if (sidecarDestinations.includes(type)) {
    if (!hasVideo(place) && !hasAudio(place)) return [];
    const message = `Should be in an output without video and audio: ${type} is written as an object of its own`;
    return [refuse(at, message, 'Move these captions to an output of their own in the same group.')];
  }
  if (!hasVideo(place)) {
    return [
      refuse(
        at,
        `Should be in an output with video: ${type} is carried in it`,
        'Move these captions to the output of the video.',
      ),
    ];
  }
  const codec = place.output.videoDescription?.codecSettings?.codec;
  if (
    pictureDestinations.includes(type) &&
    (codec === 'PASSTHROUGH' || codec === 'FRAME_CAPTURE' || codec === 'GIF')
  ) {
    return [
      refuse(
        at,
        `Should not be ${type} beside video codec ${codec}`,
        'Remove the captions, or encode the video.',
      ),
    ];
  }
  return [];
}

/** Item 3: one burn-in; one embedded description, two for SCC sources (the source is known with the input). */
function counts(place: OutputPlace): ErrorFinding[] {
  const all = destinationsOf(place);
  const findings: ErrorFinding[] = [];
  for (const { pointer } of all.filter(({ type }) => type === 'BURN_IN').slice(1)) {
    findings.push(
      refuse(
        pointer,
        'Should be the only BURN_IN captions of the output',
        'Keep one BURN_IN description per output.',
      ),
    );
  }
  for (const { pointer } of all.filter(({ type }) => type.includes('EMBEDDED')).slice(2)) {
    findings.push(
      refuse(
        pointer,
        'Should be one of at most 2 embedded captions of the output',
        'Keep at most two embedded descriptions.',
      ),
    );
  }
  return findings;
}

/** Item 10. */
function captionsWithoutVideo(groups: readonly GroupPlace[]): ErrorFinding[] {
  const places = groups.flatMap((group) => group.outputs);
  const hasCaptions = places.some((place) => destinationsOf(place).length > 0);
  if (!hasCaptions || places.some((place) => place.hasPreset || hasVideo(place))) return [];
  const message = 'Should have at least 1 output with video when there are captions outputs';
  return [refuse('/outputGroups', message, 'Add an output with video to the job.')];
}

/** Item 6: one setting for all DVB subtitles of a job. */
function differentDvbSubtitles(groups: readonly GroupPlace[]): ErrorFinding[] {
  const all = groups.flatMap((group) => group.outputs).flatMap(dvbSubtitlesOf);
  const first = all[0];
  if (first === undefined) return [];
  return all
    .filter(({ settings }) => sortedText(settings) !== sortedText(first.settings))
    .map(({ pointer }) =>
      refuse(
        pointer,
        'Should be equal to the other dvbSubDestinationSettings of the job',
        `Repeat the values of ${first.pointer}.`,
      ),
    );
}

function dvbSubtitlesOf({
  output,
  pointer,
}: OutputPlace): { readonly settings: DvbSubDestinationSettings; readonly pointer: string }[] {
  return (output.captionDescriptions ?? []).flatMap((description, index) => {
    const settings = description.destinationSettings?.dvbSubDestinationSettings;
    const at = `${pointer}/captionDescriptions/${index}/destinationSettings/dvbSubDestinationSettings`;
    return settings === undefined ? [] : [{ settings, pointer: at }];
  });
}

function sortedText(settings: object): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}
