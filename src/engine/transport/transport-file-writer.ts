/**
 * OutputWriter for M2TS files. Frames of sound are grouped into PES packets, all tracks are put into the order in
 * which they leave, and the multiplexer gives them their place in time.
 */
import type { Packet } from 'node-av/lib';
import { createInterleaver, type Ordered } from '../../package/interleaver.ts';
import type { TransportPlan } from '../../plan/file-plan.ts';
import type { FileOutput } from '../../plan/group-plan.ts';
import { createSignalTimeline, type SignalTimeline } from '../../signals/signal-timeline.ts';
import type { FileWriterPlace } from '../media-file-writer.ts';
import type { OutputObject } from '../objects.ts';
import type { EncodedTrack, OutputWriter } from '../output-writer.ts';
import type { OutputResult } from '../protocol.ts';
import { createTrackTally, resultOfTracks, type TrackTally } from '../track-tally.ts';
import { type BoundaryMarker, createBoundaryMarker } from './boundary-points.ts';
import { describeDataStreams, noDataStreams } from './data-streams.ts';
import { type AccessUnit, createMultiplexer, type Multiplexer, sendTime } from './multiplexer.ts';
import { describeTracks, type TransportTrack } from './transport-track.ts';

const timestampRate = 90_000;

/** How early metadata leaves. */
const metadataLeadTicks = 18_000;

/** A PES packet can name 65,535 bytes; groups of frames stay below. */
const pesPayloadLimit = 60_000;

/** A unit in its place. */
interface OrderedUnit extends Ordered {
  readonly unit: AccessUnit;
}

/** One track on its way into the stream. */
interface Feed {
  readonly encoded: EncodedTrack;
  readonly track: TransportTrack;
  readonly tally: TrackTally;
  readonly marker: BoundaryMarker | null;
  group: { readonly first: AccessUnit; parts: Uint8Array[]; bytes: number; frames: number } | null;
}

/** Makes the writer. Tracks that need more than the rate the job gave are written all the same, and counted (warning 260000). */
export function createTransportFileWriter(
  output: FileOutput,
  plan: TransportPlan,
  place: FileWriterPlace,
  signals: SignalTimeline = createSignalTimeline(),
): OutputWriter {
  let target: OutputObject | null = null;
  /** Output time of the last picture or sound. */
  let endTicks = 0;
  let multiplexer: Multiplexer | null = null;
  let feeds: readonly Feed[] = [];
  let queue = createInterleaver<OrderedUnit>(0);
  const data = plan.data === undefined ? noDataStreams : describeDataStreams(plan.data, plan.programNumber);
  const offsetTicks = plan.timestampOffsetMs * 90;
  // Messages leave at their time, metadata a little before the picture it belongs to.
  const messages = signals.reader((signal) => signal.kind === 'splice' && data.wish(signal));
  const metadata = signals.reader((signal) => signal.kind !== 'splice' && data.wish(signal));

  const started = (): { readonly target: OutputObject; readonly multiplexer: Multiplexer } => {
    if (target === null || multiplexer === null) throw new TypeError('the writer is not started');
    return { target, multiplexer };
  };
  const writeOrdered = (): void => {
    const open = started();
    for (let next = queue.take(); next !== null; next = queue.take()) {
      const { unit } = next;
      writeDataBefore(sendTime(plan, unit.track, unit.dts) / 300 - offsetTicks);
      open.multiplexer.write(unit);
      endTicks = Math.max(endTicks, unit.pts - offsetTicks);
    }
  };
  /** `time` is output time in ticks of 90 kHz; in the order of their times, whatever they are. */
  const writeDataBefore = (time: number): void => {
    const due = [
      ...messages.takeBefore(time).map((signal) => ({ signal, time: signal.at })),
      ...metadata
        .takeBefore(time + metadataLeadTicks)
        .map((signal) => ({ signal, time: signal.at - metadataLeadTicks })),
    ].toSorted((a, b) => a.time - b.time);
    for (const { signal, time: at } of due) {
      const { pid, payload } = data.payloadOf(signal, offsetTicks);
      started().multiplexer.writeData((at + offsetTicks) * 300, pid, payload);
    }
  };
  const enqueue = (trackIndex: number, unit: AccessUnit): void => {
    const ticks = BigInt(Math.round(sendTime(plan, unit.track, unit.dts)));
    queue.push(trackIndex, { order: { ticks, base: { num: 1, den: 27_000_000 } }, unit });
  };
  const closeGroup = (trackIndex: number): void => {
    const feed = feeds[trackIndex];
    if (feed === undefined || feed.group === null) return;
    enqueue(trackIndex, { ...feed.group.first, parts: feed.group.parts });
    feed.group = null;
  };

  return {
    async start(tracks) {
      const described = describeTracks(plan, tracks);
      const hasVideo = tracks.some(({ kind }) => kind === 'video');
      feeds = tracks.flatMap((encoded, index) => {
        const track = described[index];
        if (track === undefined) return [];
        const marker = createBoundaryMarker(plan.segmentation, encoded.kind, hasVideo, (after, until) =>
          signals.hasPointIn(after * timestampRate, until * timestampRate),
        );
        return [{ encoded, track, tally: createTrackTally(encoded), marker, group: null }];
      });
      queue = createInterleaver<OrderedUnit>(tracks.length);
      const object = place.objects.create(output.location, place.writeOptions);
      target = object;
      multiplexer = createMultiplexer(plan, described, (bytes) => object.write(bytes), data);
    },
    writePacket(trackIndex, packet) {
      const open = started();
      const feed = feeds[trackIndex];
      if (feed === undefined) throw new RangeError(`packet of track ${trackIndex}`);
      feed.tally.count(packet);
      const unit = unitOf(plan, feed, packet);
      if (feed.encoded.kind === 'video') enqueue(trackIndex, unit);
      else addToGroup(plan, feed, unit, () => closeGroup(trackIndex));
      writeOrdered();
      return open.target.drained();
    },
    endTrack(trackIndex) {
      closeGroup(trackIndex);
      queue.end(trackIndex);
      writeOrdered();
    },
    async finish() {
      const open = started();
      writeOrdered();
      writeDataBefore(endTicks);
      open.multiplexer.flush();
      if (plan.isRateGiven) place.counters.transportRateExceeded += open.multiplexer.hurries;
      const { sizeBytes } = await open.target.publish();
      target = null;
      const { outputIndex, location } = output;
      return {
        outputIndex,
        locations: [location],
        objects: [{ location, sizeBytes }],
        ...resultOfTracks(feeds.map(({ tally }) => tally)),
      } satisfies OutputResult;
    },
    async abort() {
      queue.clear();
      const object = target;
      target = null;
      await object?.abort();
    },
  };
}

function unitOf(plan: TransportPlan, { encoded, track, marker }: Feed, packet: Packet): AccessUnit {
  const { timeBase } = encoded;
  const ticks = (time: bigint): number => (Number(time) * timeBase.num * timestampRate) / timeBase.den;
  const offset = (plan.timestampOffsetMs + (encoded.kind === 'audio' ? plan.audioOffsetMs : 0)) * 90;
  const isKey = encoded.kind === 'audio' || packet.isKeyframe;
  const seconds = ticks(packet.pts) / timestampRate;
  // The packet's memory is the encoder's: what waits in the queue is a copy.
  const bytes = Buffer.from(packet.data ?? Buffer.alloc(0));
  return {
    track,
    pts: Math.round(ticks(packet.pts)) + offset,
    dts: Math.round(ticks(encoded.kind === 'audio' ? packet.pts : packet.dts)) + offset,
    parts: track.frame(bytes, isKey),
    isKey,
    mark: marker?.mark(seconds, isKey) ?? null,
  };
}

/** A packet of PCM tells the length of all that follows it in its PES packet (SMPTE ST 302 5.3): it has that to itself. */
function mostFrames({ audioFramesPerPes }: TransportPlan, { encoded }: Feed): number {
  return encoded.rendition.encoder.encoder === 's302m' ? 1 : audioFramesPerPes;
}

/** A marked frame begins a PES packet, so that the stream can be cut there. */
function addToGroup(plan: TransportPlan, feed: Feed, unit: AccessUnit, close: () => void): void {
  const bytes = unit.parts.reduce((sum, part) => sum + part.length, 0);
  if (unit.mark !== null || (feed.group !== null && feed.group.bytes + bytes > pesPayloadLimit)) close();
  feed.group ??= { first: unit, parts: [], bytes: 0, frames: 0 };
  feed.group.parts.push(...unit.parts);
  feed.group.bytes += bytes;
  feed.group.frames += 1;
  if (feed.group.frames >= mostFrames(plan, feed)) close();
}
