/** Ad avails: the breaks between splice points, from the points in order of time. Times in ticks of 90 kHz. */
import type { AvailEdge } from './segmentation-descriptor.ts';

/** A splice point of the output. */
export interface SpliceCue {
  /** Output time of the splice. */
  readonly at: number;
  /** Output time at which the message is told; never negative. */
  readonly messageAt: number;
  /** The message, its time on the output timeline; null: the point is conditioned, and nothing is told of it. */
  readonly section: Buffer | null;
  readonly edges: readonly AvailEdge[];
  /** `acquisitionSignalID` of an ESAM document; null for messages of an input. */
  readonly signalId: string | null;
  /** Told when its time was over: nothing is cut there any more. */
  readonly isLate: boolean;
  /** HLS segments carry the message as well: a manifest document decides it signal by signal (`dataPassThrough`). */
  readonly isInSegments: boolean;
}

/** A break. */
export interface Avail {
  readonly start: number;
  /** Null: not known yet, or it lasts to the end. */
  readonly end: number | null;
  /** As announced, or as the end tells; null: unknown. */
  readonly durationTicks: number | null;
  readonly out: SpliceCue;
  /** The message of its end; null without one. */
  readonly in: SpliceCue | null;
}

/** The breaks among `cues`, which are in order of time. What begins inside a break belongs to it. */
export function availsOf(cues: readonly SpliceCue[]): readonly Avail[] {
  const avails: Avail[] = [];
  for (const [index, cue] of cues.entries()) {
    const edge = cue.edges.find((one) => one.kind === 'out');
    if (edge === undefined) continue;
    const last = avails.at(-1);
    if (last !== undefined && (last.end === null || cue.at < last.end)) continue;
    const announced = edge.durationTicks === null ? null : cue.at + edge.durationTicks;
    const closing = cues.slice(index + 1).find((later) => endsBreak(edge.typeId, later));
    const isEarlier =
      closing !== undefined && (announced === null || closing.at <= announced + toleranceTicks);
    const end = isEarlier ? closing.at : announced;
    avails.push({
      start: cue.at,
      end,
      durationTicks: edge.durationTicks ?? (end === null ? null : end - cue.at),
      out: cue,
      in: isEarlier ? closing : null,
    });
  }
  return avails;
}

/** Announced lengths and end messages differ by rounding. */
const toleranceTicks = 9000;

function endsBreak(startType: number, { edges }: SpliceCue): boolean {
  return edges.some(({ kind, typeId }) => kind === 'in' && typeId === startType + 1);
}
