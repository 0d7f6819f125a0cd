/**
 * Clips of video that passes through begin and end where its coding allows (spec timecode-and-clipping.md C-10): at the
 * frame that was asked for, or at the next picture from which a decoder can start. Ends are found in coding order, so that
 * a clip holds whole groups and every picture in it decodes.
 */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { Packet } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import type { PlannedInput, VideoRendition } from '../plan/plan.ts';
import type { ClipWindow } from './clip-window.ts';
import type { EngineObjects } from './objects.ts';
import { openInput } from './open-input.ts';
import type { OpenSource } from './open-source.ts';
import { type PictureKind, pictureKinds } from './picture-kind.ts';

/** The coded pictures of a clip, by the times of two of them; ticks of the track. */
export interface CodedCut {
  /** The first picture. Those behind it that show before it need what is not there. */
  readonly firstPts: bigint;
  /** The picture that is no longer part; null: up to the end of the input. */
  readonly stopPts: bigint | null;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };

/** The window at the places where `rendition` can be cut; a whole input stays as it is. Faults: 1060 without such a place. */
export async function cutAtKeyFrames(
  window: ClipWindow,
  rendition: VideoRendition,
  objects: EngineObjects,
  watch: (source: OpenSource) => void,
): Promise<ClipWindow> {
  const { clip, input, originUs, skippedUs, length } = window;
  if (clip === null || input.video === null) return window;
  const search = { input, streamIndex: input.video.streamIndex, rendition, objects, watch };
  const first = await findCut(search, originUs, skippedUs, null);
  if (first.cutPts === null) {
    const mediaFact = `no picture from which decoding can begin was found at or after ${clip.startTimecode}`;
    throw jobFault(1060, 'no-pictures', {}, { component: 'demuxer', mediaFact });
  }
  const { cutPts: firstPts, timeBase } = first;
  const lengthUs =
    clip.lastFrame === null || length === null ? null : (Number(length.num) * 1e6) / Number(length.den);
  const last =
    lengthUs === null ? null : await findCut(search, originUs + lengthUs, skippedUs + lengthUs, firstPts);
  const stopPts = last?.cutPts ?? null;
  if (stopPts === firstPts) {
    const mediaFact = `no picture from which decoding can begin was found from ${clip.startTimecode} to ${clip.endTimecode}`;
    throw jobFault(1060, 'no-pictures', {}, { component: 'demuxer', mediaFact });
  }
  const beginsUs = Number(rescaleTicks(firstPts, timeBase, microseconds));
  return {
    ...window,
    originUs: beginsUs,
    skippedUs: skippedUs + beginsUs - originUs,
    length:
      last === null
        ? null
        : { num: (last.shownUntil - firstPts) * BigInt(timeBase.num), den: BigInt(timeBase.den) },
    cut: { firstPts, stopPts },
  };
}

interface Search {
  readonly input: PlannedInput;
  readonly streamIndex: number;
  readonly rendition: VideoRendition;
  readonly objects: EngineObjects;
  /** Told what is opened: its bytes count as read. */
  readonly watch: (source: OpenSource) => void;
}

interface FoundCut {
  readonly timeBase: Rational;
  /** Null: there is none up to the end. */
  readonly cutPts: bigint | null;
  /** End of the pictures that are coded before it. */
  readonly shownUntil: bigint;
}

/** Finds the first picture at or after an instant that can be cut at, not before `notBefore`. */
async function findCut(
  { input, streamIndex, rendition, objects, watch }: Search,
  wantedUs: number,
  skippedUs: number,
  notBefore: bigint | null,
): Promise<FoundCut> {
  const source = await openInput({ ...input, audio: [], data: [] }, objects, skippedUs);
  watch(source);
  const packet = new Packet();
  packet.alloc();
  try {
    const stream = source.stream(streamIndex);
    const timeBase = { num: stream.timeBase.num, den: stream.timeBase.den };
    const kindOf = pictureKinds(rendition.encoder.codec, stream.codecpar.extradata ?? null);
    const isCut = cutsAt(rendition);
    const { num, den } = rendition.frameRate;
    const frame = rescaleTicks(1n, { num: den, den: num }, timeBase);
    // Clocks are rounded: a picture is meant by an instant that is nearer to it than to its neighbours.
    const earliest = rescaleTicks(BigInt(Math.round(wantedUs)), microseconds, timeBase) - frame / 2n;
    let shownUntil = notBefore ?? 0n;
    while (await source.read(packet)) {
      const pts = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
      const isLate = pts >= earliest && (notBefore === null || pts >= notBefore);
      if (isLate && isCut(kindOf(packet.data ?? Buffer.alloc(0))))
        return { timeBase, cutPts: pts, shownUntil };
      const end = pts + (packet.duration > 0n ? packet.duration : frame);
      if (end > shownUntil) shownUntil = end;
      packet.unref();
    }
    return { timeBase, cutPts: null, shownUntil };
  } finally {
    packet.free();
    await source.close();
  }
}

/** NEAREST_IFRAME takes pictures behind which others may look further back. */
function cutsAt({ encoder }: VideoRendition): (kind: PictureKind) => boolean {
  return encoder.options['cut'] === 'intra' ? (kind) => kind !== 'other' : (kind) => kind === 'refresh';
}
