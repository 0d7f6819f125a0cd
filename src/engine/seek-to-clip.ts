/**
 * Moves a demuxer in front of a clip: to the last key frame before it, so that a clip from the middle reads little.
 * Containers without an index find a time by trial, not a key frame; the first key frame read then tells whether the
 * place is early enough, and if not a place further back is tried. What was read while looking is given out first.
 *
 * Such containers may be joined recordings whose clock starts again: the same time is then in them twice, and the search
 * finds either. So the clock is looked at on the way to the place, and where it does not rise the input is read from its
 * start, which is slow and always right.
 */
import { AV_NOPTS_VALUE, AVSEEK_FLAG_BACKWARD, AVSEEK_FLAG_BYTE } from 'node-av/constants';
import { type FormatContext, Packet } from 'node-av/lib';
import { type Rational, rescaleTicks } from '../exact-time.ts';
import type { PlannedInput } from '../plan/plan.ts';
import { elementaryDemuxers } from './probe/demuxers.table.ts';

/** Where reading begins. */
export interface SeekResult {
  readonly hasSought: boolean;
  /** Moves the next packet that was read while looking into `packet`; false when none is left. */
  takeInto(packet: Packet): boolean;
  free(): void;
}

/** How to look. */
export interface SeekRequest {
  /** Distance of the clip from the input's first picture or sound. */
  readonly skippedUs: number;
  /** The object is read by asynchronous calls (design D3). */
  readonly isAsync: boolean;
  readonly wanted: ReadonlySet<number>;
}

const microseconds: Rational = { num: 1, den: 1_000_000 };
/** Below this, reading from the start is as quick. */
const shortestSkipUs = 500_000;
/** Sound decoders need what comes before the first sample they give exactly. */
const leadInUs = 300_000;
/** Tries further back: 2, 8, 32 seconds, then from the start. */
const stepsBackUs = [0, 2_000_000, 8_000_000, 32_000_000] as const;
/** Packets without a key frame after which a place is taken as it is. */
const mostPacketsAhead = 3000;
/** Demuxers that find times by trial. */
const unindexedDemuxers: ReadonlySet<string> = new Set(['mpegts', 'mpeg']);
/** Places on the way, in shares of the way, at which the clock is looked at. */
const placesOnTheWay = [0.25, 0.5, 0.75] as const;

/** Seeks. Demuxers that cannot, and elementary streams, are left at their start: the clip is found by reading. */
export async function seekToClip(
  context: FormatContext,
  input: PlannedInput,
  request: SeekRequest,
): Promise<SeekResult> {
  const packets: Packet[] = [];
  const free = (): void => {
    for (const packet of packets.splice(0)) packet.free();
  };
  const found: SeekResult = {
    hasSought: true,
    takeInto(packet) {
      const next = packets.shift();
      if (next === undefined) return false;
      packet.ref(next);
      next.free();
      return true;
    },
    free,
  };
  const leadIndex = input.video?.streamIndex ?? input.audio[0]?.streamIndexes[0];
  const stream = leadIndex === undefined ? undefined : context.streams[leadIndex];
  const isFar = request.skippedUs >= shortestSkipUs && !elementaryDemuxers.has(input.demuxer);
  if (stream === undefined || !isFar) return { ...found, hasSought: false };
  const timeBase: Rational = { num: stream.timeBase.num, den: stream.timeBase.den };
  const ticksAt = (us: number): bigint => rescaleTicks(BigInt(Math.round(us)), microseconds, timeBase);
  const target = ticksAt(input.originUs + request.skippedUs);

  const seek = (
    streamIndex: number,
    place: bigint,
    flags: typeof AVSEEK_FLAG_BYTE,
  ): Promise<number> | number =>
    request.isAsync
      ? context.seekFrame(streamIndex, place, flags)
      : context.seekFrameSync(streamIndex, place, flags);
  const isUnindexed = unindexedDemuxers.has(input.demuxer);

  for (const back of stepsBackUs) {
    const distanceUs = request.skippedUs - leadInUs - back;
    if (distanceUs <= 0) break;
    const ticks = ticksAt(input.originUs + distanceUs);
    const look = async (): Promise<boolean> => {
      free();
      if ((await seek(stream.index, ticks, AVSEEK_FLAG_BACKWARD)) < 0) return false;
      return readAhead(context, stream.index, target, request, packets);
    };
    if (!(await look())) continue;
    if (!isUnindexed) return found;
    const place = packets.at(-1);
    const way = { position: Number(place?.pos ?? -1n), time: timeOf(place), start: ticksAt(input.originUs) };
    const rises = await clockRises(way, async (position) => {
      free();
      if ((await seek(-1, BigInt(position), AVSEEK_FLAG_BYTE)) < 0) return null;
      await readAhead(context, stream.index, target, request, packets);
      return timeOf(packets.at(-1));
    });
    if (rises && (await look())) return found;
    break;
  }
  free();
  const rewound = isUnindexed
    ? await seek(-1, 0n, AVSEEK_FLAG_BYTE)
    : await seek(stream.index, ticksAt(input.originUs - leadInUs), AVSEEK_FLAG_BACKWARD);
  return { ...found, hasSought: rewound >= 0 };
}

function timeOf(packet: Packet | undefined): bigint | null {
  if (packet === undefined) return null;
  const time = packet.dts === AV_NOPTS_VALUE ? packet.pts : packet.dts;
  return time === AV_NOPTS_VALUE ? null : time;
}

/** True when the clock of the lead track rises from the start of the input to the place that was found. */
async function clockRises(
  way: { readonly position: number; readonly time: bigint | null; readonly start: bigint },
  timeAt: (position: number) => Promise<bigint | null>,
): Promise<boolean> {
  if (way.time === null || way.position <= 0) return false;
  let before = way.start;
  for (const share of placesOnTheWay) {
    const time = await timeAt(Math.floor(way.position * share));
    // A key frame may be far: the first one behind a place can be that of the next.
    if (time === null || time > way.time) return false;
    if (time < before) return false;
    before = time;
  }
  return true;
}

/** Reads up to the first key frame of the lead track; true when the clip can be decoded from there. */
async function readAhead(
  context: FormatContext,
  leadIndex: number,
  target: bigint,
  { isAsync, wanted }: SeekRequest,
  packets: Packet[],
): Promise<boolean> {
  for (let read = 0; read < mostPacketsAhead; read += 1) {
    const packet = new Packet();
    packet.alloc();
    const result = isAsync ? await context.readFrame(packet) : context.readFrameSync(packet);
    if (result < 0) {
      packet.free();
      return false;
    }
    const isLead = packet.streamIndex === leadIndex;
    // Pictures before the first key frame cannot be decoded.
    if (!wanted.has(packet.streamIndex) || (isLead && !packet.isKeyframe)) {
      packet.free();
      continue;
    }
    packets.push(packet);
    if (!isLead) continue;
    const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
    return time !== AV_NOPTS_VALUE && time <= target;
  }
  return true;
}
