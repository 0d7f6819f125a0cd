/** A plan for people: what is read, made and written, and what it will cost. */
import { formatRational } from '../exact-time.ts';
import type { PlannedOutputGroup } from '../plan/group-plan.ts';
import type { AudioRendition, Estimate, JobPlan, VideoRendition } from '../plan/plan.ts';
import { formatDuration } from './progress-display.ts';

/** The plan as text, in the order of the work. */
export function formatPlan(plan: JobPlan): string {
  return [
    'Reads',
    ...plan.inputs.map(
      ({ location, demuxer, durationUs }) =>
        `  ${location}  (${demuxer}${durationUs === null ? '' : `, ${formatDuration(durationUs / 1000)}`})`,
    ),
    'Encodes',
    ...plan.videoRenditions.map(formatVideo),
    ...plan.audioRenditions.map(formatAudio),
    'Writes',
    ...plan.outputGroups.flatMap(formatGroup),
    formatEstimate(plan.estimate),
  ].join('\n');
}

function formatVideo({ id, encoder, widthPx, heightPx, frameRate, filters }: VideoRendition): string {
  const rate =
    encoder.bitrateBps > 0
      ? `${Math.round(encoder.bitrateBps / 1000)} kb/s`
      : `≤ ${Math.round(encoder.maxBitrateBps / 1000)} kb/s`;
  const chain = filters.length === 0 ? '' : `  [${filters.map(({ name }) => name).join(' → ')}]`;
  return `  ${id}  ${encoder.codec} ${widthPx}×${heightPx} ${formatRational(frameRate)} fps, ${rate}, ${encoder.encoder} × ${encoder.threads} threads${chain}`;
}

function formatAudio({ id, encoder, channelLayout, sampleRateHz, language }: AudioRendition): string {
  return `  ${id}  ${encoder.codec} ${channelLayout} ${sampleRateHz} Hz, ${Math.round(encoder.bitrateBps / 1000)} kb/s${language === null ? '' : `, ${language}`}`;
}

function formatGroup(group: PlannedOutputGroup): string[] {
  if (group.type === 'FILE_GROUP') {
    return group.outputs.map((output) => `  ${output.location}  (${tracks(output)})`);
  }
  const manifests = [
    ...('mpd' in group ? [group.mpd.location] : []),
    ...('multivariant' in group ? [group.multivariant.location] : []),
  ];
  return [
    ...manifests.flatMap((location) => (location === null ? [] : [`  ${location}`])),
    ...group.outputs.map(
      (output) => `    ${output.playlistLocation ?? output.segmentLocation}  (${tracks(output)})`,
    ),
  ];
}

function tracks(output: {
  readonly videoRenditionId: string | null;
  readonly audioRenditionIds: readonly string[];
}): string {
  return [output.videoRenditionId, ...output.audioRenditionIds].filter((id) => id !== null).join(' + ');
}

function formatEstimate({ memoryBytes, scratchBytes, wallMs, outputBytes }: Estimate): string {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const parts = [`memory ${megabytes(memoryBytes)}`, `scratch ${megabytes(scratchBytes)}`];
  if (outputBytes !== null) parts.push(`output about ${megabytes(outputBytes)}`);
  if (wallMs !== null) parts.push(`time about ${formatDuration(wallMs)}`);
  return `Estimate: ${parts.join(', ')}`;
}
