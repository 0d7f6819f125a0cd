/** Where the sound of a selector lies: tracks of the input, or a file beside it (spec inputs.md 18). */
import type { AudioSelector } from '../contract/types.generated.ts';
import { rational, rescaleTicks } from '../exact-time.ts';
import type { AudioTrackFacts, InputFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { PlannedAudioSource } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Facts of a file that a selector names beside the input. */
export type FactsOf = (location: string) => InputFacts | undefined;

type ExternalAudio = Pick<AudioSelector, 'externalAudioFileInput'>;

/** Facts of the file that a selector names; null: it names none, or nobody looked at it, which is told. */
export function externalFacts<T extends ExternalAudio>(
  selector: SettingsReader<T>,
  factsOf: FactsOf,
  findings: FindingLog,
): InputFacts | null {
  const own = selector as unknown as SettingsReader<ExternalAudio>;
  const location = own.read('externalAudioFileInput');
  if (location === undefined) return null;
  const facts = factsOf(location) ?? null;
  if (facts === null) findings.incompatible(own.at('externalAudioFileInput'), 'the file was not examined');
  return facts;
}

/** Sound of another file starts with the first picture of the input, whatever its timecodes are (spec inputs.md 18). */
export function sourceOf(
  id: string,
  selectorName: string,
  tracks: readonly AudioTrackFacts[],
  offsetMs: number,
  facts: InputFacts,
  external: InputFacts | null,
  main: InputFacts,
): PlannedAudioSource {
  // A track that no stream holds is the silence of a video generator.
  const held = tracks.filter(({ streamIndex }) => streamIndex >= 0);
  return {
    id,
    streamIndexes: held.map(({ streamIndex }) => streamIndex),
    forms: held.map(({ channels, channelLayout }) => ({ channels, layout: channelLayout })),
    offsetMs,
    selectorName,
    trackNumbers: tracks.map((track) => facts.audioTracks.indexOf(track) + 1),
    ...(external === null ? {} : { file: fileOf(external, tracks, main) }),
  };
}

function fileOf(
  facts: InputFacts,
  tracks: readonly AudioTrackFacts[],
  main: InputFacts,
): NonNullable<PlannedAudioSource['file']> {
  // Renditions of a package in transport streams share the clock of its video (RFC 8216 3).
  const isOnOneClock = main.container === 'hls' && facts.demuxer === 'mpegts';
  const video = main.videoTracks.find((track) => !track.isAttachedPicture);
  const anchors = isOnOneClock && video !== undefined ? [video] : tracks;
  const starts = anchors.flatMap(({ startTicks, timeBase }) =>
    startTicks === null ? [] : [Number(rescaleTicks(BigInt(startTicks), timeBase, microseconds))],
  );
  return {
    location: facts.location,
    demuxer: facts.demuxer,
    originUs: starts.length === 0 ? facts.startUs : Math.min(...starts),
  };
}

const microseconds = rational(1, 1_000_000);
