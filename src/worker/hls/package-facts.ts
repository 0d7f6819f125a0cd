/** Facts of an HLS package: those of its joined segments, and what only its playlists tell. */
import { rational, rescaleTicks } from '../../exact-time.ts';
import type { InputFacts } from '../../plan/facts.ts';
import type { HlsFacts } from './hls-store.ts';
import { refused } from './playlist.ts';

const microseconds = rational(1, 1_000_000);

/** Says that the segments are a package, and names its alternate audio. */
export function withPackageFacts(segments: InputFacts, told: HlsFacts): InputFacts {
  const facts: InputFacts = { ...segments, container: 'hls', hlsAudio: told.renditions };
  if (told.discontinuities.length === 0) return facts;
  // Of one recording with one set of PIDs there is one video track: others come from behind a discontinuity.
  if (facts.videoTracks.length > 1)
    throw refused(
      facts.location,
      'A part between #EXT-X-DISCONTINUITY tags does not have the tracks of the first part.',
    );
  return withToldDurations(facts, told);
}

/** First and last time on a clock that begins anew tell no duration: the playlist does. */
function withToldDurations(facts: InputFacts, { durationUs, discontinuities }: HlsFacts): InputFacts {
  const lasting = <Track extends InputFacts['videoTracks' | 'audioTracks'][number]>(track: Track): Track => ({
    ...track,
    durationTicks: Number(rescaleTicks(BigInt(durationUs), microseconds, track.timeBase)),
  });
  return {
    ...facts,
    durationUs,
    discontinuities,
    videoTracks: facts.videoTracks.map(lasting),
    audioTracks: facts.audioTracks.map(lasting),
  };
}
