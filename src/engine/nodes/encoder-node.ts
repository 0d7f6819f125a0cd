/**
 * Node: encodes the pictures or the sound of one rendition and hands every packet to all outputs that carry it.
 * Encoding is one hop to the thread pool per frame (none when `inline`); packets are collected on the spot.
 */
import { AV_PICTURE_TYPE_I } from 'node-av/constants';
import type { CodecContext, Frame, Packet } from 'node-av/lib';
import { jobFault } from '../../catalogue/fault.ts';
import { type Rational, rescaleTicks } from '../../exact-time.ts';
import type { EncoderPlan, VideoRendition } from '../../plan/plan.ts';
import type { Edge } from '../edge.ts';
import type { Graph } from '../graph.ts';
import { isAgain, isEnd, LibraryError } from '../library-error.ts';
import { recentLibraryLog } from '../library-log.ts';
import { createLiveOptions } from '../live-options.ts';
import { withDelimiterFirst } from '../nal-units.ts';
import type { OutputWriter } from '../output-writer.ts';
import { copyWith, withEndOfStream } from '../packet-bytes.ts';
import { createPictureFinishing } from '../picture-finishing.ts';
import type { PictureQuantizer } from '../picture-quantizer.ts';
import { countPicture } from '../rate-bounds.ts';
import type { EncodeWatch } from '../run-analysis.ts';
import type { RunCounters } from '../run-counters.ts';
import type { SteeredRate } from '../steered-rate.ts';
import { createStreamEditor } from '../stream-editor.ts';

/** One output that carries the rendition. */
export interface PacketConsumer {
  readonly writer: OutputWriter;
  readonly trackIndex: number;
}

/** How the rate of an encode is changed while it runs. */
export interface Steering {
  readonly rate: SteeredRate;
  /** Frees the encoder that ran and opens that of the next stretch. */
  readonly open: (plan: EncoderPlan) => Promise<CodecContext>;
}

/** What the node needs to know of its place in the graph. */
export interface EncoderPlace {
  readonly id: string;
  readonly plan: EncoderPlan;
  /** The rendition when it is video: its pictures and packets may get more than encoding. */
  readonly video: VideoRendition | null;
  readonly watch: EncodeWatch | null;
  /** null: the encoder keeps its rate itself. */
  readonly steering: Steering | null;
  /** null: the encoder chooses its quantizers. */
  readonly quantizer: PictureQuantizer | null;
  readonly encoder: CodecContext;
  readonly timeBase: Rational;
  readonly frames: Edge<Frame>;
  readonly consumers: readonly PacketConsumer[];
  readonly counters: RunCounters;
  /** Encode on the event loop: for sound beside video, where a hop costs as much as the work. */
  readonly inline: boolean;
  /** Told the output time, in microseconds, at which the track ends. */
  readonly onEnd?: (endUs: number) => void;
}

const noBytes = new Uint8Array();
const microseconds: Rational = { num: 1, den: 1_000_000 };

/** Adds the node. Faults: what a writer throws, 1999 when an open encoder fails. */
export function addEncoderNode(graph: Graph, place: EncoderPlace): void {
  const { plan, counters, watch, steering } = place;
  let { encoder } = place;
  /** The newest packet waits here until it is known not to be the last. */
  let held: Packet | null = null;
  const finishing = place.video === null ? null : createPictureFinishing(place.video);
  const editor = place.video === null ? null : createStreamEditor(place.video, () => encoder.extraData);

  const liveOptions = createLiveOptions(plan, place.video?.frameRate ?? null);

  let latestUs = 0;
  let isFirst = true;

  const deliver = async (packet: Packet): Promise<void> => {
    const ordered = isFirst && plan.encoder === 'libx264' ? withDelimiterFirst(packet.data ?? noBytes) : null;
    isFirst = false;
    if (ordered === null) return deliverOrdered(packet);
    const copy = copyWith(packet, ordered);
    try {
      await deliverOrdered(copy);
    } finally {
      copy.free();
    }
  };
  const deliverOrdered = async (packet: Packet): Promise<void> => {
    counters.encodedBytes.set(place.id, (counters.encodedBytes.get(place.id) ?? 0) + packet.size);
    countPicture(counters.pictureBytes.get(place.id), packet);
    if (editor === null) return hand(packet);
    const edited = editor.edit(packet, finishing?.takeActiveFormat(packet.pts) ?? null);
    try {
      await hand(edited);
    } finally {
      edited.free();
    }
  };
  const hand = async (packet: Packet): Promise<void> => {
    const endUs = Number(rescaleTicks(packet.pts + packet.duration, place.timeBase, microseconds));
    counters.reachedUs.set(place.id, endUs);
    latestUs = Math.max(latestUs, endUs);
    for (const { writer, trackIndex } of place.consumers) await writer.writePacket(trackIndex, packet);
  };
  const accept = async (packet: Packet): Promise<void> => {
    if (!plan.endOfStreamMarkers) {
      await deliver(packet);
      return graph.packets.give(packet);
    }
    const previous = held;
    held = packet;
    if (previous === null) return;
    await deliver(previous);
    graph.packets.give(previous);
  };
  /** While an encoder gives its last frames, collecting is what encodes: that must not block the other encoders. */
  const collect = async (isDraining: boolean): Promise<void> => {
    for (;;) {
      const packet = graph.packets.take();
      place.quantizer?.prepare(encoder);
      const result =
        isDraining && !place.inline ? await encoder.receivePacket(packet) : encoder.receivePacketSync(packet);
      if (result < 0) {
        graph.packets.give(packet);
        if (isAgain(result) || isEnd(result)) return;
        throw encodingFault(result, plan);
      }
      // Without a duration containers would guess the last one.
      if (packet.duration <= 0n) packet.duration = 1n;
      steering?.rate.add(packet.size);
      liveOptions.add(packet.size);
      place.quantizer?.add(packet);
      watch?.quality?.look(packet);
      await watch?.comparison?.compare(packet);
      await accept(packet);
    }
  };

  const send = async (frame: Frame | null): Promise<void> => {
    place.quantizer?.prepare(encoder);
    const result = place.inline ? encoder.sendFrameSync(frame) : await encoder.sendFrame(frame);
    if (result < 0 && !isEnd(result)) throw encodingFault(result, plan);
  };
  /** Another encoder takes over: what is inside the one that runs comes out first. A stopped graph needs no other. */
  const steer = async (frame: Frame): Promise<void> => {
    if (steering === null) return;
    if (steering.rate.isDue(frame.pictType === AV_PICTURE_TYPE_I)) {
      await send(null);
      await collect(true);
      graph.signal.throwIfAborted();
      encoder = await steering.open(steering.rate.takeOver());
      graph.signal.throwIfAborted();
    }
    steering.rate.send();
  };

  graph.node(`encoder ${place.id}`, async () => {
    for (;;) {
      const frame = await place.frames.take();
      if (frame !== null) {
        await steer(frame);
        liveOptions.prepare(encoder);
        finishing?.finish(frame);
        watch?.comparison?.expect(frame);
        place.quantizer?.mark(frame);
      }
      await send(frame);
      if (frame !== null) graph.frames.give(frame);
      await collect(frame === null);
      if (frame === null) break;
    }
    await watch?.comparison?.finish();
    await deliverLast(held, plan, deliver);
    place.onEnd?.(latestUs);
    for (const { writer, trackIndex } of place.consumers) await writer.endTrack(trackIndex);
  });
}

async function deliverLast(
  held: Packet | null,
  plan: EncoderPlan,
  deliver: (packet: Packet) => Promise<void>,
): Promise<void> {
  if (held === null) return;
  const marked = withEndOfStream(held, plan.encoder);
  try {
    await deliver(marked);
  } finally {
    marked.free();
  }
}

function encodingFault(result: number, plan: EncoderPlan): Error {
  const cause = new LibraryError(`encoder ${plan.encoder}`, result);
  return jobFault(
    1999,
    'unknown',
    {},
    { component: 'encoder', mediaFact: cause.message, detail: recentLibraryLog(plan.encoder) },
    cause,
  );
}
