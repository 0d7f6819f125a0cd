/** Programs of a multiplex: an input is one of them (spec inputs.md 1). */
import type { AudioTrackFacts, InputFacts, ProgramFacts, VideoTrackFacts } from './facts.ts';

/**
 * The program that the chosen picture belongs to; `wanted` decides where several share it, and where there is no
 * picture. Null for everything but transport streams.
 */
export function programOf(
  { programs, videoTracks }: InputFacts,
  video: VideoTrackFacts | null,
  wanted?: number,
): ProgramFacts | null {
  // A picture that was not found is told elsewhere.
  if (video === null && videoTracks.length > 0) return null;
  const holding = programs.filter(
    ({ streamIndexes }) => video === null || streamIndexes.includes(video.streamIndex),
  );
  return holding.find(({ programNumber }) => programNumber === wanted) ?? holding[0] ?? null;
}

/** The sound of one program of several, in the order of the file; of anything else all sound. */
export function soundOfProgram(
  { audioTracks, programs }: InputFacts,
  program: ProgramFacts | null,
): readonly AudioTrackFacts[] {
  if (program === null || programs.length < 2) return audioTracks;
  return audioTracks.filter(({ streamIndex }) => program.streamIndexes.includes(streamIndex));
}
