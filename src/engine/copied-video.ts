/** Video that is copied instead of encoded: its parameters, and the form its packets need (spec video.md 15). */
import {
  BitStreamFilter,
  BitStreamFilterContext,
  CodecContext,
  Rational as LibraryRational,
  type Packet,
  type Stream,
} from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import type { VideoRendition } from '../plan/plan.ts';
import type { ClipPlace } from './clip-place.ts';
import type { Edge } from './edge.ts';
import type { Graph } from './graph.ts';
import { assertDone } from './library-error.ts';
import type { PacketConsumer } from './nodes/encoder-node.ts';
import { addVideoCopyNode } from './nodes/video-copy-node.ts';
import { openInput } from './open-input.ts';
import type { OpenSource } from './open-source.ts';
import type { EncodedTrack } from './output-writer.ts';
import type { Pass } from './pass.ts';

/** A rendition whose packets are the source's own. */
export interface VideoCopyLane {
  readonly rendition: VideoRendition;
  readonly consumers: readonly PacketConsumer[];
  readonly onEnd: (endUs: number) => void;
}

/** True when the rendition is not encoded. */
export function isCopiedVideo({ encoder }: VideoRendition): boolean {
  return encoder.encoder === 'copy';
}

/** The track as outputs see it: parameters of the source in the shape of an encoder that never opens. */
export async function openCopiedVideo(
  { plan, objects }: Pass,
  rendition: VideoRendition,
): Promise<EncodedTrack> {
  const input = plan.inputs.find(({ inputIndex }) => inputIndex === rendition.inputIndex);
  if (input?.video == null) throw new RangeError(`rendition ${rendition.id} has no source to copy`);
  const source = await openInput(input, objects);
  const encoder = new CodecContext();
  let form: BitStreamFilterContext | null = null;
  try {
    const stream = source.stream(input.video.streamIndex);
    form = openForm(rendition, stream);
    encoder.allocContext3(null);
    const parameters = form?.outputCodecParameters ?? stream.codecpar;
    assertDone(encoder.parametersToContext(parameters), 'copied track');
    return { kind: 'video', rendition, encoder, timeBase: baseOf(stream) };
  } catch (error) {
    encoder.freeContext();
    throw error;
  } finally {
    form?.free();
    await source.close();
  }
}

/** Connects the renditions that are copied to the video track of the clip's input. */
export function connectVideoCopies(
  graph: Graph,
  pass: Pass,
  copies: readonly VideoCopyLane[],
  { window, start, isLast }: ClipPlace,
  source: OpenSource | null,
  edgeFor: (source: OpenSource, streamIndexes: readonly number[]) => Edge<Packet>,
): void {
  const streamIndex = window.input.video?.streamIndex;
  if (source === null || streamIndex === undefined) return;
  for (const { rendition, consumers, onEnd } of copies) {
    const stream = source.stream(streamIndex);
    const form = openForm(rendition, stream);
    addVideoCopyNode(graph, {
      id: rendition.id,
      timeBase: baseOf(stream),
      frameRate: rendition.frameRate,
      originUs: window.originUs,
      cut: window.cut ?? null,
      start,
      isLast,
      form: form === null ? null : graph.own(form, (open) => open.free()),
      packets: edgeFor(source, [streamIndex]),
      consumers,
      counters: pass.counters,
      onEnd,
    });
  }
}

/** Streams with start codes are made of those with lengths; one that has start codes passes through the filter. */
const startCodeFilters = { H_264: 'h264_mp4toannexb', H_265: 'hevc_mp4toannexb' } as const;

function openForm({ encoder }: VideoRendition, stream: Stream): BitStreamFilterContext | null {
  const name = startCodeFilters[encoder.codec as keyof typeof startCodeFilters];
  if (encoder.options['form'] !== 'start-codes' || name === undefined) return null;
  const filter = BitStreamFilter.getByName(name);
  if (filter === null) throw new TypeError(`the library has no ${name}`);
  const form = new BitStreamFilterContext();
  try {
    assertDone(form.alloc(filter), name);
    const input = form.inputCodecParameters;
    if (input === null) throw new TypeError(`${name} takes no parameters`);
    assertDone(stream.codecpar.copy(input), name);
    const { num, den } = stream.timeBase;
    form.inputTimeBase = new LibraryRational(num, den);
    assertDone(form.init(), name);
    return form;
  } catch (error) {
    form.free();
    throw error;
  }
}

function baseOf({ timeBase }: Stream): Rational {
  return { num: timeBase.num, den: timeBase.den };
}
