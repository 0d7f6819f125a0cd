/** Node: hands the coded pictures of a track on as they are (passthrough), on the output timeline. */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { type BitStreamFilterContext, Packet } from 'node-av/lib';
import { countIn, type Rational, rescaleTicks, type Span } from '../../exact-time.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import type { CodedCut } from '../key-frame-cut.ts';
import { assertDone } from '../library-error.ts';
import type { RunCounters } from '../run-counters.ts';
import type { PacketConsumer } from './encoder-node.ts';

/** What the node needs to know of its place in the graph. */
export interface VideoCopyPlace {
  readonly id: string;
  /** Of the packets that come and go. */
  readonly timeBase: Rational;
  readonly frameRate: Rational;
  /** Input time that becomes output time 0, microseconds. */
  readonly originUs: number;
  /** The pictures of a clip; null: all that can be decoded. */
  readonly cut: CodedCut | null;
  /** Output time of the clip. */
  readonly start: Span;
  /** Nothing follows the clip. */
  readonly isLast: boolean;
  /** Brings packets into the form of the outputs; null: they have it. The node's owner frees it. */
  readonly form: BitStreamFilterContext | null;
  readonly packets: Edge<Packet>;
  readonly consumers: readonly PacketConsumer[];
  readonly counters: RunCounters;
  /** Told the output time, in microseconds, at which the track ends. */
  readonly onEnd: (endUs: number) => void;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };

/** Adds the node. What comes before the first picture, or shows before it, cannot be decoded and is left out. */
export function addVideoCopyNode(graph: Graph, place: VideoCopyPlace): void {
  const { timeBase, frameRate, form, counters, cut } = place;
  const begin = cut?.firstPts ?? rescaleTicks(BigInt(Math.round(place.originUs)), microseconds, timeBase);
  const origin = begin - countIn(place.start, { num: timeBase.den, den: timeBase.num });
  const frameTicks = rescaleTicks(1n, { num: frameRate.den, den: frameRate.num }, timeBase);
  let firstShown: bigint | null = null;
  let latestUs = 0;

  const hand = async (packet: Packet): Promise<void> => {
    const endUs = Number(rescaleTicks(packet.pts + packet.duration, timeBase, microseconds));
    latestUs = Math.max(latestUs, endUs);
    counters.reachedUs.set(place.id, latestUs);
    counters.encodedBytes.set(place.id, (counters.encodedBytes.get(place.id) ?? 0) + packet.size);
    for (const { writer, trackIndex } of place.consumers) await writer.writePacket(trackIndex, packet);
  };
  const reformed = async (packet: Packet | null): Promise<void> => {
    if (form === null) {
      if (packet !== null) await hand(packet);
      return;
    }
    assertDone(form.sendPacketSync(packet), 'bit stream filter');
    const result = new Packet();
    result.alloc();
    try {
      while (form.receivePacketSync(result) >= 0) {
        await hand(result);
        result.unref();
      }
    } finally {
      result.free();
    }
  };

  graph.node(`copy ${place.id}`, async () => {
    for (;;) {
      const packet = await place.packets.take();
      if (packet === null) break;
      if (packet.pts === AV_NOPTS_VALUE) packet.pts = packet.dts;
      if (packet.dts === AV_NOPTS_VALUE) packet.dts = packet.pts;
      if (firstShown !== null && packet.pts === cut?.stopPts) {
        graph.packets.give(packet);
        place.packets.leave();
        break;
      }
      if (firstShown === null && (cut === null ? packet.isKeyframe : packet.pts === cut.firstPts))
        firstShown = packet.pts;
      if (firstShown !== null && packet.pts >= firstShown) {
        packet.pts -= origin;
        packet.dts -= origin;
        if (packet.duration <= 0n) packet.duration = frameTicks;
        await reformed(packet);
      }
      graph.packets.give(packet);
    }
    await reformed(null);
    place.onEnd(latestUs);
    if (!place.isLast) return;
    for (const { writer, trackIndex } of place.consumers) await writer.endTrack(trackIndex);
  });
}
