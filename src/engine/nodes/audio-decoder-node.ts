/**
 * Node: decodes the tracks of one audio source, lays them on the output timeline and hands the sound to every
 * rendition made of it. Sound is light: everything here runs on the event loop, without hops.
 */
import {
  AV_CODEC_ID_AC3,
  AV_CODEC_ID_EAC3,
  AV_NOPTS_VALUE,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_NONE,
} from 'node-av/constants';
import type { CodecContext, Frame, Packet, Stream } from 'node-av/lib';
import { type JobFault, jobFault } from '../../catalogue/fault.ts';
import { type Rational, rescaleTicks } from '../../exact-time.ts';
import type { PlannedAudioSource } from '../../plan/plan.ts';
import { createAudioTimeline } from '../audio-timeline.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { isAgain, isEnd, isExit, LibraryError } from '../library-error.ts';
import { recentLibraryLog } from '../library-log.ts';
import { openDecoder } from '../open-decoder.ts';
import type { RunCounters } from '../run-counters.ts';
import type { SoundForm } from '../silent-frame.ts';
import { shareFrame } from './share-frame.ts';

/** What the node needs to know of its place in the graph. */
export interface AudioDecoderPlace {
  readonly source: PlannedAudioSource;
  /** The sound is part of an input: what lies before it was cut on purpose. */
  readonly isClip: boolean;
  /** No rendition has room for more sound of this clip. */
  readonly isFull: () => boolean;
  /** In the order of the source's tracks. */
  readonly streams: readonly Stream[];
  readonly originUs: number;
  /** Packets of all tracks, in file order. */
  readonly packets: Edge<Packet>;
  /** Flow out: contiguous sound, timestamps in samples from the origin. */
  readonly branches: readonly Edge<Frame>[];
  readonly counters: RunCounters;
}

interface Track {
  readonly streamIndex: number;
  readonly decoder: CodecContext;
  readonly isDolby: boolean;
  readonly timeBase: Rational;
  /** Subtracted from timestamps, in ticks of `timeBase`. */
  readonly origin: bigint;
  framesDecoded: number;
  packetsRefused: number;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };

/** Adds the node. Faults: 1092 when a decoder cannot start or find a frame, 1021 when a track yields no sound. */
export function addAudioDecoderNode(graph: Graph, place: AudioDecoderPlace): void {
  const tracks = place.streams.map((stream, index) => openTrack(graph, place, stream, index));
  const timeline = graph.own(
    createAudioTimeline(
      tracks.map(({ decoder }) => declaredForm(decoder)),
      graph.frames,
      place.counters,
      {
        isClip: place.isClip,
        isFull: place.isFull,
        correction: place.source.correction,
        forms: place.source.forms,
      },
    ),
    (open) => open.close(),
  );

  const emit = (frame: Frame): Promise<void> => shareFrame(graph, frame, place.branches);
  const receiveAll = async (track: Track, position: number): Promise<void> => {
    for (;;) {
      const frame = graph.frames.take();
      const result = track.decoder.receiveFrameSync(frame);
      if (result < 0) {
        graph.frames.give(frame);
        if (!isAgain(result) && !isEnd(result)) noteRefusal(track, place.counters, result);
        return;
      }
      track.framesDecoded += 1;
      const timestamp = frame.bestEffortTimestamp;
      frame.pts = timestamp === AV_NOPTS_VALUE ? timestamp : timestamp - track.origin;
      await timeline.accept(position, frame, track.timeBase, emit);
    }
  };

  graph.node(`audio decoder ${place.source.id}`, async () => {
    for (;;) {
      const packet = await place.packets.take();
      if (packet === null) break;
      // A track may stand twice in a source.
      for (const [position, track] of tracks.entries()) {
        if (track.streamIndex !== packet.streamIndex) continue;
        const result = track.decoder.sendPacketSync(packet);
        if (result < 0) noteRefusal(track, place.counters, result);
        await receiveAll(track, position);
      }
      graph.packets.give(packet);
      if (place.isFull()) {
        place.packets.leave();
        break;
      }
    }
    for (const [position, track] of tracks.entries()) {
      track.decoder.sendPacketSync(null);
      await receiveAll(track, position);
      // Sound may well be over where a clip begins; sound that is there and does not decode is a fault.
      const isMissing = !place.isClip || track.packetsRefused > 0;
      if (track.framesDecoded === 0 && isMissing) throw silentTrackFault(place.source, position, track);
    }
    await timeline.finish(emit);
    for (const branch of place.branches) branch.end();
  });
}

function openTrack(graph: Graph, place: AudioDecoderPlace, stream: Stream, index: number): Track {
  const timeBase: Rational = { num: stream.timeBase.num, den: stream.timeBase.den };
  const originUs = BigInt(Math.round(place.originUs)) - BigInt(place.source.offsetMs) * 1000n;
  try {
    const decoder = graph.own(openDecoder(stream, 1), (context) => context.freeContext());
    return {
      streamIndex: place.source.streamIndexes[index] ?? stream.index,
      decoder,
      isDolby: decoder.codecId === AV_CODEC_ID_AC3 || decoder.codecId === AV_CODEC_ID_EAC3,
      timeBase,
      origin: rescaleTicks(originUs, microseconds, timeBase),
      framesDecoded: 0,
      packetsRefused: 0,
    };
  } catch (error) {
    throw decoderFault(place.source, index, (error as Error).message);
  }
}

const usualRateHz = 48_000;

/** What a decoder knows before its first frame; sample formats that it does not tell yet are floats. */
function declaredForm({ sampleRate, sampleFormat, channelLayout }: CodecContext): SoundForm {
  const format = sampleFormat === AV_SAMPLE_FMT_NONE ? AV_SAMPLE_FMT_FLTP : sampleFormat;
  return { sampleRateHz: sampleRate || usualRateHz, format, channelLayout };
}

function noteRefusal(track: Track, counters: RunCounters, result: number): void {
  if (isExit(result)) throw new LibraryError('audio decoder', result);
  track.packetsRefused += 1;
  counters.audioPacketsDamaged += 1;
}

/** Dolby names the frame header it did not find (1092); any other track without sound is 1021 (spec errors.md). */
function silentTrackFault(source: PlannedAudioSource, position: number, track: Track): JobFault {
  const facts = {
    component: 'decoder',
    mediaFact: `${track.packetsRefused} packets were refused, none decoded`,
    detail: recentLibraryLog(),
  };
  if (track.isDolby && track.packetsRefused > 0) return jobFault(1092, 'dolby-header', {}, facts);
  const number = source.trackNumbers[position] ?? position + 1;
  return jobFault(1021, 'no-frames-drc', { selector: source.selectorName, track: number }, facts);
}

function decoderFault(source: PlannedAudioSource, position: number, cause: string): JobFault {
  const number = source.trackNumbers[position] ?? position + 1;
  return jobFault(
    1092,
    'decoder-failed',
    { cause: `The decoder of track ${number} of ${source.selectorName} cannot start: ${cause}.` },
    { component: 'decoder', detail: recentLibraryLog() },
  );
}
