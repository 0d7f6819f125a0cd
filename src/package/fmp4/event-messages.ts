/**
 * Event messages in front of the fragments of a segment: SCTE-35, ID3, KLV (ISO/IEC 23009-1 5.10.3.3; ANSI/SCTE 214-3;
 * AOM, Carriage of ID3 Timed Metadata in CMAF; MISB ST 1910.1).
 */
import type { EventsPlan } from '../../plan/signal-plan.ts';
import { type Signal, type SignalTimeline, signalRate } from '../../signals/signal-timeline.ts';
import { atSpliceTime, parseSpliceSection } from '../../signals/splice-section.ts';
import { fullBox, latin, u32, u64 } from './boxes.ts';

/** The events of one output. */
export interface EventMessages {
  /** `emsg` boxes of the segment that ends at `endUs`. */
  boxesOf(segment: EventSegment): readonly Buffer[];
}

/** What times of messages count from. */
export interface EventSegment {
  readonly endUs: number;
  /** Presentation time of its first sample, in ticks of `timescale`. */
  readonly startTicks: bigint;
  readonly timescale: number;
  /** Ticks by which presentation times of the media are later than the output's. */
  readonly presentationOffset: bigint;
}

/** Schemes of messages, by kind; that of ID3 is the plan's. */
export const eventSchemes = { splice: 'urn:scte:scte35:2013:bin', klv: 'urn:misb:KLV:bin:1910.1' } as const;

const unknownDuration = 0xffff_ffff;

interface Event {
  readonly version: 0 | 1;
  readonly scheme: string;
  readonly value: string;
  /** Output time in ticks of 90 kHz. */
  readonly at: number;
  /** Ticks of 90 kHz; null: unknown. */
  readonly durationTicks: number | null;
  readonly bytes: Buffer;
}

/** Makes it; the plan decides which signals are told. */
export function createEventMessages(plan: EventsPlan, signals: SignalTimeline): EventMessages {
  // What precedes the first picture has no segment.
  const reader = signals.reader(
    ({ kind, at }) =>
      at >= 0 && (kind === 'splice' ? plan.hasSplices : (kind === 'id3' ? plan.id3 : plan.klv) !== null),
  );
  /** A message that is repeated keeps its number: it is one event. */
  const numbers = new Map<string, number>();
  const numberOf = ({ scheme, at, bytes }: Event): number => {
    const key = `${scheme} ${at} ${bytes.toString('base64')}`;
    const number = numbers.get(key) ?? numbers.size + 1;
    numbers.set(key, number);
    return number;
  };
  return {
    boxesOf(segment) {
      const end = (segment.endUs * signalRate) / 1_000_000 - 0.05;
      return reader.takeBefore(end).map((signal) => {
        const event = eventOf(signal, plan, segment);
        return eventBox(event, segment, numberOf(event));
      });
    },
  };
}

function eventOf(signal: Signal, { id3, klv }: EventsPlan, segment: EventSegment): Event {
  if (signal.kind === 'splice') {
    const { cue } = signal;
    const opening = cue.edges.find((edge) => edge.kind === 'out');
    return {
      version: 0,
      scheme: eventSchemes.splice,
      value: '',
      at: cue.at,
      durationTicks: opening?.kind === 'out' ? opening.durationTicks : null,
      bytes: moved(signal.section, segment),
    };
  }
  const common = { at: signal.at, bytes: signal.bytes };
  if (signal.kind === 'id3')
    return {
      ...common,
      version: id3?.version ?? 0,
      scheme: id3?.schemeIdUri ?? '',
      value: id3?.value ?? '',
      durationTicks: null,
    };
  return { ...common, version: 1, scheme: eventSchemes.klv, value: klv?.value ?? '', durationTicks: 0 };
}

/** The message on the clock of the media. */
function moved(section: Buffer, { presentationOffset, timescale }: EventSegment): Buffer {
  const message = parseSpliceSection(section);
  if (message?.ticks == null || presentationOffset === 0n) return section;
  return atSpliceTime(
    message,
    message.ticks + Math.round((Number(presentationOffset) * signalRate) / timescale),
  );
}

function eventBox(event: Event, segment: EventSegment, number: number): Buffer {
  const { timescale, presentationOffset, startTicks } = segment;
  const inMedia = (ticks: number): number => Math.round((ticks * timescale) / signalRate);
  const time = BigInt(inMedia(event.at)) + presentationOffset;
  const duration = event.durationTicks === null ? unknownDuration : inMedia(event.durationTicks);
  const scheme = latin(`${event.scheme}\0`);
  const value = Buffer.from(`${event.value}\0`, 'utf8');
  if (event.version === 1)
    return fullBox(
      'emsg',
      1,
      0,
      u32(timescale),
      u64(time < 0n ? 0n : time),
      u32(duration, number),
      scheme,
      value,
      event.bytes,
    );
  // What is told late begins with its segment.
  const delta = time > startTicks ? Number(time - startTicks) : 0;
  return fullBox('emsg', 0, 0, scheme, value, u32(timescale, delta, duration, number), event.bytes);
}
