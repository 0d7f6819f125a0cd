/**
 * Finds the signals of an input while it is read: splice messages, ID3 tags and KLV of its data tracks, put where they
 * belong on the output timeline. Packets come in the order of the file, so what is told here is known before any picture
 * that follows is decoded.
 */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import { type Rational, rescaleTicks, type Span } from '../exact-time.ts';
import type { DataKind } from '../plan/signal-plan.ts';
import { availEdgesOf } from '../signals/segmentation-descriptor.ts';
import { pictureHoldUs, signalRate } from '../signals/signal-timeline.ts';
import { atSpliceTime, parseSpliceSection } from '../signals/splice-section.ts';
import type { ClipWindow } from './clip-window.ts';
import type { SourceWatch } from './nodes/source-node.ts';
import type { OpenSource } from './open-source.ts';
import type { Pass } from './pass.ts';

/** Messages come up to this long before their point: a clip is read from so far in front of it. */
export const signalLeadUs = 10_000_000;

const clock: Rational = { num: 1, den: signalRate };
const clockTurn = 2 ** 33;

/** Looks at every packet that is read; undefined when the clip's input has nothing that is taken along. */
export function observeSignals(
  { plan, signals, counters }: Pick<Pass, 'plan' | 'signals' | 'counters'>,
  { window, start }: { readonly window: ClipWindow; readonly start: Span },
  source: OpenSource,
): SourceWatch | undefined {
  const tracks = new Map(
    (window.input.data ?? []).map(({ streamIndex, kind }) => [streamIndex, kind] as const),
  );
  if (plan.signals === undefined || tracks.size === 0) return undefined;
  const videoIndex = window.input.video?.streamIndex ?? -1;
  const startTicks = ticksIn(start);
  const origin = Math.round((window.originUs * 9) / 100);
  const length = window.length === null ? Number.POSITIVE_INFINITY : ticksIn(window.length);
  const offset = plan.signals.adAvailOffsetMs * (signalRate / 1000);
  /** Of those that went on: what comes later has its place yet. */
  let newestPicture = Number.NEGATIVE_INFINITY;
  let newestDecoding = origin;

  const ticksOf = (packet: Packet, time: bigint): number | null => {
    if (time === AV_NOPTS_VALUE) return null;
    const { timeBase } = source.stream(packet.streamIndex);
    return Number(rescaleTicks(time, { num: timeBase.num, den: timeBase.den }, clock));
  };
  const isInClip = (time: number): boolean => time - origin >= 0 && time - origin < length;

  const tellSplice = (bytes: Buffer, told: number): void => {
    const message = parseSpliceSection(bytes);
    if (message === null) return;
    const spliced =
      (message.ticks === null
        ? Math.max(newestPicture + 1, told)
        : told + distance(told - source.clockOffsetSeconds * signalRate, message.ticks)) + offset;
    // It says when in a way that is not read here: it is of the clip where it comes in it, or soon before.
    const isOfClip = told - origin >= -signalLeadUs * (signalRate / 1_000_000) && told - origin < length;
    if (message.command === 'splice_insert' && isOfClip) counters.splicesLeftOut.add(window.input.inputIndex);
    // The service handles time signals alone (spec packaging.md 9).
    if (message.command !== 'time_signal' || !isInClip(spliced)) return;
    const at = startTicks + spliced - origin;
    signals.addCue({
      at,
      messageAt: Math.max(startTicks, startTicks + told - origin),
      section: atSpliceTime(message, at),
      edges: availEdgesOf(message.segmentations),
      signalId: null,
      isLate: spliced <= newestPicture,
      isInSegments: true,
    });
  };
  const tellPayload = (kind: Exclude<DataKind, 'scte35'>, bytes: Buffer, time: number): void => {
    // What precedes the first picture belongs to a whole input, not to a clip of one.
    const isAhead = window.clip === null && startTicks === 0 && time < origin;
    if (isAhead || isInClip(time)) signals.addPayload({ kind, at: startTicks + time - origin, bytes });
  };

  const observe = (packet: Packet): void => {
    const kind = tracks.get(packet.streamIndex);
    const presented = ticksOf(packet, packet.pts);
    if (packet.streamIndex === videoIndex) newestDecoding = ticksOf(packet, packet.dts) ?? newestDecoding;
    if (kind === undefined || packet.data === null) return;
    const bytes = Buffer.from(packet.data);
    const time = presented ?? newestDecoding;
    if (kind === 'scte35') tellSplice(bytes, time);
    else tellPayload(kind, bytes, time);
  };
  const release = (packet: Packet): void => {
    if (packet.streamIndex !== videoIndex) return;
    newestPicture = Math.max(newestPicture, ticksOf(packet, packet.pts) ?? newestPicture);
  };
  return { observe, release, held: { streamIndex: videoIndex, us: pictureHoldUs } };
}

/** From one time on a clock of 33 bits to another, the shorter way round. */
function distance(from: number, to: number): number {
  const forward = (((to - Math.round(from)) % clockTurn) + clockTurn) % clockTurn;
  return forward > clockTurn / 2 ? forward - clockTurn : forward;
}

function ticksIn({ num, den }: Span): number {
  return Number((2n * num * BigInt(signalRate) + den) / (2n * den));
}
