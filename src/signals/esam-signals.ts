/**
 * Signal processing notifications (CableLabs OC-SP-ESAM-API-I03 8): where an output is spliced, and with which messages.
 * Points count from the first frame of the finished output, whatever the timecodes of the job say.
 */

import { type Rational, rationalToNumber } from '../exact-time.ts';
import { formatTimecode, frameNumberOf, parseTimecode } from '../timecode.ts';
import { descendants, durationTicks, type EsamElement, EsamError, parseEsam } from './esam-xml.ts';
import {
  type AvailEdge,
  availEdgesOf,
  type DeliveryRestrictions,
  type Segmentation,
} from './segmentation-descriptor.ts';
import { atSpliceTime, formatTimeSignal, parseSpliceSection } from './splice-section.ts';

/** One point of a document. */
export interface EsamSignal {
  readonly id: string;
  /** Output time in ticks of 90 kHz. */
  readonly at: number;
  /** The message, its time on the output timeline; null: the point is conditioned only. */
  readonly section: Buffer | null;
  readonly edges: readonly AvailEdge[];
}

const inserting = new Set(['create', 'replace']);

/** Reads a document; points in order of time. `frameRate` counts frames of points that are written as timecodes. Throws EsamError. */
export function readEsamSignals(text: string, frameRate: Rational): readonly EsamSignal[] {
  const root = parseEsam(text, 'SignalProcessingNotification');
  const durations = new Map(
    descendants(root, 'ConditioningInfo').flatMap(({ attributes }) =>
      attributes.duration === undefined
        ? []
        : [[attributes.acquisitionSignalIDRef ?? '', durationTicks(attributes.duration)] as const],
    ),
  );
  const signals = descendants(root, 'ResponseSignal')
    .filter(({ attributes }) => inserting.has(attributes.action ?? 'create'))
    .map((signal) => readSignal(signal, durations, frameRate));
  if (signals.length === 0) throw new EsamError('the document has no ResponseSignal that creates a signal');
  return signals.toSorted((a, b) => a.at - b.at);
}

function readSignal(
  signal: EsamElement,
  durations: ReadonlyMap<string, number>,
  frameRate: Rational,
): EsamSignal {
  const id = signal.attributes.acquisitionSignalID;
  if (id === undefined) throw new EsamError('a ResponseSignal has no acquisitionSignalID');
  const point = descendants(signal, 'NPTPoint')[0]?.attributes.nptPoint;
  if (point === undefined) throw new EsamError(`the ResponseSignal ${id} has no NPTPoint`);
  const at = pointTicks(point, id, frameRate);
  const binary = descendants(signal, 'BinaryData')[0];
  if (binary !== undefined) return { id, at, ...fromBinary(binary, at, id) };
  const descriptor = descendants(signal, 'SCTE35PointDescriptor')[0];
  if (descriptor === undefined) return { id, at, section: null, edges: [] };
  refuseOtherCommands(descriptor, id);
  const segmentations = descendants(descriptor, 'SegmentationDescriptorInfo').map((info) =>
    readSegmentation(info, id),
  );
  return {
    id,
    at,
    section: formatTimeSignal(at, segmentations),
    edges: withDuration(segmentations, durations.get(id)),
  };
}

/** Lengths that only the conditioning tells close breaks all the same. */
function withDuration(
  segmentations: readonly Segmentation[],
  ticks: number | undefined,
): readonly AvailEdge[] {
  return availEdgesOf(segmentations).map((edge) =>
    edge.kind === 'out' && edge.durationTicks === null ? { ...edge, durationTicks: ticks ?? null } : edge,
  );
}

/** Seconds, or hours to seconds, or a timecode. */
function pointTicks(text: string, id: string, frameRate: Rational): number {
  const point = text.trim();
  if (/^\d+(\.\d+)?$/.test(point)) return Math.round(Number(point) * 90_000);
  const clock = /^(\d\d):([0-5]\d):([0-5]\d(?:\.\d+)?)$/.exec(point);
  if (clock !== null) {
    const [hours = 0, minutes = 0, seconds = 0] = clock.slice(1).map(Number);
    return Math.round(((hours * 60 + minutes) * 60 + seconds) * 90_000);
  }
  const timecode = parseTimecode(point);
  const frames = timecode === null ? null : frameNumberOf(timecode, frameRate, timecode.isDropFrame);
  if (frames !== null) return Math.round((frames * 90_000) / rationalToNumber(frameRate));
  if (timecode !== null) throw missingTimecode(point, id, timecode.frames, frameRate);
  const example = formatTimecode(0, frameRate, false);
  throw new EsamError(
    `the point ${point} of ResponseSignal ${id} is neither seconds nor a timecode such as ${example}`,
  );
}

/** Frames beyond the rate, or a number that drop-frame counting skips. */
function missingTimecode(point: string, id: string, frames: number, frameRate: Rational): EsamError {
  const rate = rationalToNumber(frameRate);
  const last = Math.round(rate) - 1;
  const reason = frames > last ? `frames go from 0 to ${last}` : 'drop-frame counting skips it';
  return new EsamError(
    `the point ${point} of ResponseSignal ${id} does not exist at ${Number(rate.toFixed(3))} frames a second: ${reason}`,
  );
}

function fromBinary(binary: EsamElement, at: number, id: string): Pick<EsamSignal, 'section' | 'edges'> {
  const section = parseSpliceSection(Buffer.from(binary.text, 'base64'));
  if (section === null)
    throw new EsamError(`the BinaryData of ResponseSignal ${id} is no intact splice_info_section`);
  if (section.command !== 'time_signal') throw onlyTimeSignals(id);
  return { section: atSpliceTime(section, at), edges: availEdgesOf(section.segmentations) };
}

function refuseOtherCommands({ attributes }: EsamElement, id: string): void {
  if (Number.parseInt(attributes.spliceCommandType ?? '06', 10) !== 6) throw onlyTimeSignals(id);
}

function onlyTimeSignals(id: string): EsamError {
  return new EsamError(
    `the ResponseSignal ${id} is no time_signal (spliceCommandType 06), and no other command is inserted`,
  );
}

function readSegmentation(info: EsamElement, id: string): Segmentation {
  const { attributes } = info;
  const { duration, upid, upidType } = attributes;
  const number = (name: string, most: number): number => {
    const value = Number(attributes[name] ?? 0);
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw new EsamError(`${name} of ResponseSignal ${id} is no whole number from 0 to ${most}`);
  };
  const type = upid === undefined ? 0 : Number(upidType ?? 0);
  return {
    eventId: number('segmentEventId', 0xffff_ffff),
    isCanceled: ['1', 'true'].includes(attributes.segmentEventCancelIndicator ?? ''),
    typeId: number('segmentTypeId', 255),
    durationTicks: duration === undefined ? null : durationTicks(duration),
    upidType: type,
    upid: upid === undefined ? Buffer.alloc(0) : upidBytes(type, upid, id),
    segmentNumber: number('segmentNumber', 255),
    segmentsExpected: number('segmentsExpected', 255),
    restrictions: readRestrictions(descendants(info, 'DeliveryRestrictions')[0]),
  };
}

/** Kinds that are text, by ANSI/SCTE 35 table 22; the others are written as hexadecimal. */
const textUpids = new Set([2, 3, 7, 9, 14, 15, 16]);

function upidBytes(type: number, upid: string, id: string): Buffer {
  const isHex = !textUpids.has(type) && /^([0-9a-f]{2})+$/i.test(upid);
  const bytes = Buffer.from(upid, isHex ? 'hex' : 'utf8');
  if (bytes.length > 200) throw new EsamError(`the upid of ResponseSignal ${id} is longer than 200 bytes`);
  return bytes;
}

function readRestrictions(element: EsamElement | undefined): DeliveryRestrictions | null {
  if (element === undefined) return null;
  const { attributes } = element;
  const isSet = (name: string): boolean => ['1', 'true'].includes(attributes[name] ?? '');
  return {
    isWebAllowed: isSet('webDeliveryAllowedFlag'),
    hasNoBlackout: isSet('noRegionalBlackoutFlag'),
    isArchiveAllowed: isSet('archiveAllowedFlag'),
    devices: Number(attributes.deviceRestrictions ?? 3) & 3,
  };
}
