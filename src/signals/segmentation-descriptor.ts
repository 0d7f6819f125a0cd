/** Segmentation descriptors (ANSI/SCTE 35 10.3.3): which part of a program begins or ends at a time signal. */
import { availEnds, availStarts } from './segmentation-types.table.ts';

/** One segmentation. */
export interface Segmentation {
  readonly eventId: number;
  /** What was announced under the event id is taken back; nothing else is told. */
  readonly isCanceled: boolean;
  readonly typeId: number;
  /** Ticks of 90 kHz; null: not told. */
  readonly durationTicks: number | null;
  readonly upidType: number;
  readonly upid: Buffer;
  readonly segmentNumber: number;
  readonly segmentsExpected: number;
  /** Null: delivered without restriction. */
  readonly restrictions: DeliveryRestrictions | null;
}

/** Where the part may not be shown. */
export interface DeliveryRestrictions {
  readonly isWebAllowed: boolean;
  readonly hasNoBlackout: boolean;
  readonly isArchiveAllowed: boolean;
  /** 0–2 name groups of devices, 3 none. */
  readonly devices: number;
}

/** What a time signal means for ad breaks. */
export type AvailEdge =
  | { readonly kind: 'out'; readonly typeId: number; readonly durationTicks: number | null }
  | { readonly kind: 'in'; readonly typeId: number };

const tag = 0x02;
const identifier = Buffer.from('CUEI', 'latin1');
const durationBytes = 5;

/** The ad breaks that begin and end with the segmentations: one message may close a break and open the next. */
export function availEdgesOf(segmentations: readonly Segmentation[]): readonly AvailEdge[] {
  return segmentations.flatMap(({ isCanceled, typeId, durationTicks }): AvailEdge[] => {
    if (isCanceled) return [];
    if (availStarts.has(typeId)) return [{ kind: 'out', typeId, durationTicks }];
    return availEnds.has(typeId) ? [{ kind: 'in', typeId }] : [];
  });
}

/** All segmentation descriptors of a descriptor loop; damaged ones are left out. */
export function readSegmentationDescriptors(loop: Buffer): readonly Segmentation[] {
  const found: Segmentation[] = [];
  for (let at = 0; at + 2 <= loop.length; at += 2 + (loop[at + 1] ?? 0)) {
    const content = loop.subarray(at + 2, at + 2 + (loop[at + 1] ?? 0));
    const isOurs = loop[at] === tag && content.subarray(0, 4).equals(identifier);
    const segmentation = isOurs ? readContent(content.subarray(4)) : null;
    if (segmentation !== null) found.push(segmentation);
  }
  return found;
}

/** A descriptor with tag and length. */
export function formatSegmentationDescriptor(segmentation: Segmentation): Buffer {
  const { eventId, isCanceled } = segmentation;
  const id = Buffer.alloc(4);
  id.writeUInt32BE(eventId);
  const content = Buffer.concat([
    identifier,
    id,
    Buffer.of(isCanceled ? 0xff : 0x7f),
    ...(isCanceled ? [] : [formatPart(segmentation)]),
  ]);
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

function formatPart({
  typeId,
  durationTicks,
  upidType,
  upid,
  segmentNumber,
  segmentsExpected,
  restrictions,
}: Segmentation): Buffer {
  const duration = Buffer.alloc(durationTicks === null ? 0 : durationBytes);
  if (durationTicks !== null) duration.writeUIntBE(durationTicks, 0, durationBytes);
  const delivery =
    restrictions === null
      ? 0x3f
      : (restrictions.isWebAllowed ? 0x10 : 0) |
        (restrictions.hasNoBlackout ? 0x08 : 0) |
        (restrictions.isArchiveAllowed ? 0x04 : 0) |
        (restrictions.devices & 3);
  // The whole program, its duration where there is one, and whether delivery is restricted.
  const flags = 0x80 | (durationTicks === null ? 0 : 0x40) | delivery;
  return Buffer.concat([
    Buffer.of(flags),
    duration,
    Buffer.of(upidType, upid.length),
    upid,
    Buffer.of(typeId, segmentNumber, segmentsExpected),
  ]);
}

/** `content` begins with the event id. Null when it ends too early. */
function readContent(content: Buffer): Segmentation | null {
  if (content.length < 5) return null;
  const eventId = content.readUInt32BE(0);
  const isCanceled = ((content[4] ?? 0) & 0x80) !== 0;
  if (isCanceled) return { ...nothing, eventId, isCanceled };
  const flags = content[5] ?? 0;
  const hasComponents = (flags & 0x80) === 0;
  let at = 6;
  if (hasComponents) at += 1 + 6 * (content[at] ?? 0);
  const hasDuration = (flags & 0x40) !== 0;
  if (content.length < at + (hasDuration ? durationBytes : 0) + 5) return null;
  const durationTicks = hasDuration ? content.readUIntBE(at, durationBytes) : null;
  if (hasDuration) at += durationBytes;
  const upidType = content[at] ?? 0;
  const upidBytes = content[at + 1] ?? 0;
  at += 2;
  if (content.length < at + upidBytes + 3) return null;
  return {
    eventId,
    isCanceled,
    durationTicks,
    upidType,
    upid: Buffer.from(content.subarray(at, at + upidBytes)),
    typeId: content[at + upidBytes] ?? 0,
    segmentNumber: content[at + upidBytes + 1] ?? 0,
    segmentsExpected: content[at + upidBytes + 2] ?? 0,
    restrictions: (flags & 0x20) !== 0 ? null : readRestrictions(flags),
  };
}

function readRestrictions(flags: number): DeliveryRestrictions {
  return {
    isWebAllowed: (flags & 0x10) !== 0,
    hasNoBlackout: (flags & 0x08) !== 0,
    isArchiveAllowed: (flags & 0x04) !== 0,
    devices: flags & 3,
  };
}

const nothing: Segmentation = {
  eventId: 0,
  isCanceled: false,
  typeId: 0,
  durationTicks: null,
  upidType: 0,
  upid: Buffer.alloc(0),
  segmentNumber: 0,
  segmentsExpected: 0,
  restrictions: null,
};
