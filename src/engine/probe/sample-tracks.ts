/** Looks into the packets of an input's tracks: pictures for timing and form, sound for what is in it. */
import type { Stream } from 'node-av/lib';
import type { ContainerFormat, DolbyFacts } from '../../plan/facts.ts';
import type { ProbeDemuxer } from './demuxer.ts';
import { type DolbyWatch, watchDolby } from './dolby-watch.ts';
import type { ContainerFacts } from './examine-container.ts';
import { type SoundWatch, samplePackets, type TimingNeed, type TrackSample } from './sample-packets.ts';
import { variableContainers } from './track-timing.ts';
import { type WrappedSoundWatch, watchWrappedSound } from './wrapped-sound.ts';

/** What packets showed. */
export interface Samples {
  /** By index of the stream, as the others. */
  readonly samples: ReadonlyMap<number, TrackSample>;
  readonly wrapped: ReadonlyMap<number, string>;
  readonly dolby: ReadonlyMap<number, DolbyFacts>;
}

/** Outputs of ours hold what they hold: their sound is not looked into. */
export async function sampleTracks(
  demuxer: ProbeDemuxer,
  videoStreams: readonly Stream[],
  audioStreams: readonly Stream[],
  container: ContainerFacts,
): Promise<Samples> {
  const sounds = container.codecRow === 'output' ? [] : audioStreams;
  const dolby = watchesOf(sounds, watchDolby);
  const wrapped = watchesOf(sounds, watchWrappedSound);
  try {
    const watches = new Map<number, SoundWatch>([...dolby, ...wrapped]);
    const samples = await samplePackets(demuxer, videoStreams, timingNeed(container), watches);
    return { samples, wrapped: foundBy<string>(wrapped), dolby: foundBy<DolbyFacts>(dolby) };
  } finally {
    for (const watch of wrapped.values()) watch.free();
  }
}

function watchesOf<W extends DolbyWatch | WrappedSoundWatch>(
  streams: readonly Stream[],
  watch: (stream: Stream) => W | null,
): ReadonlyMap<number, W> {
  return new Map(
    streams.flatMap((stream) => {
      const own = watch(stream);
      return own === null ? [] : [[stream.index, own] as const];
    }),
  );
}

function foundBy<T>(watches: ReadonlyMap<number, { found(): T | null }>): ReadonlyMap<number, T> {
  return new Map(
    [...watches].flatMap(([index, watch]) => {
      const found = watch.found();
      return found === null ? [] : [[index, found] as const];
    }),
  );
}

/** Sample tables tell the timing of a whole file; where there are none, packets must. */
function timingNeed({ isoTracks, format }: ContainerFacts): TimingNeed {
  const hasTables = isoTracks.some((track) => track.handler === 'vide' && track.sampleCount > 1);
  if (hasTables || format === 'elementary') return 'none';
  return variableContainers.has(format) || estimatingContainers.has(format) ? 'variable' : 'constant';
}

/** Containers whose own frame rate is an estimate: only packets tell. */
const estimatingContainers: ReadonlySet<ContainerFormat> = new Set(['flv', 'asf', 'gif']);
