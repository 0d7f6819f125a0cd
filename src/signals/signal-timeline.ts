/**
 * The signals of a job on its output timeline: splice points, and metadata that travels at a time of its own. Who reads
 * the inputs adds what it finds, in the order of the file, so always before the pictures of that time; who encodes and
 * packages asks. ESAM documents and inserted tags are there from the beginning. Times in ticks of 90 kHz.
 */
import { type Avail, availsOf, type SpliceCue } from './avails.ts';

/** Ticks in a second. */
export const signalRate = 90_000;

/**
 * Transport streams bring pictures ahead of data of the same time, by as much as decoders may store of them: coded pictures
 * wait so long for it, in microseconds, and a segment is not finished before its signals are known.
 */
export const pictureHoldUs = 3_000_000;

/** Metadata for one instant. */
export interface TimedPayload {
  readonly kind: 'id3' | 'klv';
  readonly at: number;
  readonly bytes: Buffer;
}

/** What an output takes along. */
export type Signal =
  | { readonly kind: 'splice'; readonly at: number; readonly section: Buffer; readonly cue: SpliceCue }
  | TimedPayload;

/** Gives one output its signals, in order of time, each once. */
export interface SignalReader {
  /** Signals told before `end`. */
  takeBefore(end: number): readonly Signal[];
}

/** Which signals a reader wants. */
export type SignalWish = (signal: Signal) => boolean;

/** The signals of a run. */
export interface SignalTimeline {
  readonly cues: readonly SpliceCue[];
  readonly avails: readonly Avail[];
  addCue(cue: SpliceCue): void;
  addPayload(payload: TimedPayload): void;
  /** A splice point lies behind `after` and not behind `until`: pictures begin a hair before or behind their time. */
  hasPointIn(after: number, until: number): boolean;
  /** A splice point lies closer than `within`, on either side, but not at `at` itself. */
  isNearPoint(at: number, within: number): boolean;
  /** The break that `at` lies in. */
  availAt(at: number): Avail | null;
  /** Readers are made before the first signal of an input is told. */
  reader(wish: SignalWish): SignalReader;
  /** Another pass meets the same signals again: back to what was there from the beginning. */
  restart(): void;
}

/** Rounding of clocks: one millisecond. */
const toleranceTicks = signalRate / 1000;

/** Makes a timeline that begins with these. */
export function createSignalTimeline(
  cues: readonly SpliceCue[] = [],
  payloads: readonly TimedPayload[] = [],
): SignalTimeline {
  const readers: { readonly wish: SignalWish; waiting: Signal[] }[] = [];
  let known: SpliceCue[] = [];
  let avails: readonly Avail[] = [];
  let points: readonly number[] = [];

  const tell = (signal: Signal): void => {
    for (const reader of readers) if (reader.wish(signal)) insert(reader.waiting, signal);
  };
  const addCue = (cue: SpliceCue): void => {
    if (cue.section !== null) tell({ kind: 'splice', at: cue.messageAt, section: cue.section, cue });
    // Messages are repeated so that none is missed: one point is one point.
    if (known.some((one) => isSame(one, cue))) return;
    known.push(cue);
    known = known.toSorted((a, b) => a.at - b.at);
    avails = availsOf(known);
    const ends = avails.flatMap(({ end, out }) => (end === null || out.isLate ? [] : [end]));
    points = [...new Set([...known.filter(({ isLate }) => !isLate).map(({ at }) => at), ...ends])];
  };
  const restart = (): void => {
    known = [];
    avails = [];
    points = [];
    for (const reader of readers) reader.waiting = [];
    for (const cue of cues) addCue(cue);
    for (const payload of payloads) tell(payload);
  };
  restart();

  return {
    get cues() {
      return known;
    },
    get avails() {
      return avails;
    },
    addCue,
    addPayload: tell,
    hasPointIn(after, until) {
      return points.some((at) => at > after + toleranceTicks && at <= until + toleranceTicks);
    },
    isNearPoint(at, within) {
      return points.some((point) => {
        const distance = Math.abs(point - at);
        return distance > toleranceTicks && distance < within;
      });
    },
    availAt(at) {
      const instant = at + toleranceTicks;
      return (
        avails.find(
          ({ start, end, out }) => !out.isLate && start <= instant && (end === null || instant < end),
        ) ?? null
      );
    },
    reader(wish) {
      const reader: (typeof readers)[number] = { wish, waiting: [] };
      readers.push(reader);
      restart();
      return {
        takeBefore(end) {
          const count = reader.waiting.findIndex(({ at }) => at >= end);
          return reader.waiting.splice(0, count < 0 ? reader.waiting.length : count);
        },
      };
    },
    restart,
  };
}

/** Behind everything of the same time: what comes together keeps its order. */
function insert(waiting: Signal[], signal: Signal): void {
  let place = waiting.length;
  while (place > 0 && (waiting[place - 1]?.at ?? 0) > signal.at) place -= 1;
  waiting.splice(place, 0, signal);
}

function isSame(a: SpliceCue, b: SpliceCue): boolean {
  if (a.at !== b.at) return false;
  return a.section === null || b.section === null ? a.section === b.section : a.section.equals(b.section);
}
