/** Looks into the packets of an input's tracks: pictures for timing and form, sound for what is in it. */
import type { Packet, Stream } from 'node-av/lib';
import type { AudioTrackFacts, ContainerFormat, DolbyFacts } from '../../plan/facts.ts';
import { type ChannelWatch, watchChannels } from './channel-watch.ts';
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
  /** The most channels that were seen. */
  readonly channels: ReadonlyMap<number, Pick<AudioTrackFacts, 'channels' | 'channelLayout'>>;
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
  const channels = watchesOf(sounds, (stream) => watchChannels(stream, container.format));
  try {
    const watches = joined([dolby, wrapped, channels]);
    const samples = await samplePackets(demuxer, videoStreams, timingNeed(container), watches);
    return {
      samples,
      wrapped: foundBy<string>(wrapped),
      dolby: foundBy<DolbyFacts>(dolby),
      channels: foundBy(channels),
    };
  } finally {
    for (const watch of wrapped.values()) watch.free();
  }
}

/** Every packet is seen by all watches of its stream. */
function joined(kinds: readonly ReadonlyMap<number, SoundWatch>[]): ReadonlyMap<number, SoundWatch> {
  const byStream = new Map<number, SoundWatch[]>();
  for (const [index, watch] of kinds.flatMap((kind) => [...kind]))
    byStream.set(index, [...(byStream.get(index) ?? []), watch]);
  return new Map(
    [...byStream].map(([index, watches]) => [
      index,
      {
        see(packet: Packet) {
          for (const watch of watches) watch.see(packet);
        },
        get isSettled() {
          return watches.every((watch) => watch.isSettled);
        },
      },
    ]),
  );
}

function watchesOf<W extends DolbyWatch | WrappedSoundWatch | ChannelWatch>(
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
