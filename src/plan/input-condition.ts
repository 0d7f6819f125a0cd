/** What the probe found wrong with an input: tracks that cannot be used, and warnings about the rest. */
import type { AudioTrackFacts, VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { JobScope } from './job-scope.ts';
import { isRefusedForData } from './passed-data.ts';
import type { ReadInput } from './read-input.ts';
import { escapePointerToken } from './settings-reader.ts';

/**
 * Raises the refusal of every track that some output uses (1030: the service does not take it, although the library
 * might), and the input's own warnings. Tracks nobody uses may be what they like.
 */
export function reportInputCondition(input: ReadInput, scope: JobScope): void {
  const pointer = `${input.pointer}/fileInput`;
  for (const track of usedTracks(input, scope)) refuse(track, scope.findings, pointer);
  refuseSilentTracks(input, scope);
  for (const { code, detail } of input.facts.warnings ?? []) {
    scope.findings.warning(code, pointer, { mediaFact: detail });
  }
}

function usedTracks(
  { index, video, audio }: ReadInput,
  { renditions }: JobScope,
): ReadonlySet<VideoTrackFacts | AudioTrackFacts> {
  const sources = new Set(renditions.audioSourcesOf(index).map(({ id }) => id));
  const selected = [...audio.byName.values()].flat();
  return new Set([
    ...(video === null || renditions.videos.length === 0 ? [] : [video.track]),
    ...selected
      .filter(({ source }) => sources.has(source.id))
      .flatMap(({ tracks, passesData }) =>
        tracks.filter((track) => !(passesData && isRefusedForData(track))),
      ),
  ]);
}

function refuse({ refusal }: VideoTrackFacts | AudioTrackFacts, findings: FindingLog, pointer: string): void {
  // What concerns a selector is told with its name.
  if (refusal === undefined || refusal.code === 1021) return;
  const { code, template, parameters, mediaFact } = refusal;
  findings.jobError(code, template, parameters, pointer, mediaFact === undefined ? {} : { mediaFact });
}

/** 1021 for each selector that some output uses and that selects a track nothing can be decoded of. */
function refuseSilentTracks(input: ReadInput, { renditions, findings }: JobScope): void {
  const used = new Set(renditions.audioSourcesOf(input.index).map(({ id }) => id));
  for (const { source, tracks } of [...input.audio.byName.values()].flat()) {
    if (!used.has(source.id)) continue;
    for (const [place, { refusal }] of tracks.entries()) {
      if (refusal?.code !== 1021) continue;
      const { selectorName: selector, trackNumbers } = source;
      const parameters = { selector, track: trackNumbers[place] ?? 1 };
      const pointer = `${input.pointer}/audioSelectors/${escapePointerToken(selector)}`;
      const details = refusal.mediaFact === undefined ? {} : { mediaFact: refusal.mediaFact };
      findings.jobError(1021, 'no-frames-drc', parameters, pointer, details);
    }
  }
}
