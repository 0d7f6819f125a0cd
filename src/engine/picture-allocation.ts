/**
 * How the bits of an average are spread over pictures that a look has found (MPEG-2, whose library hands no statistics from
 * one pass to another through the binding). Quantizers follow from what pictures around them take, and are coarser ahead of
 * where the decoder's buffer would run empty (leaky bucket, Rec. ITU-T H.262 annex C). Pictures are in coding order.
 */
import type { CodedKind, PictureAllocation } from '../plan/rate-plan.ts';

/** What a look found, in coding order. */
export interface LookedCoding {
  /** Bits of each at a quantizer of 1, as if they went by its inverse. */
  readonly complexities: number[];
  readonly kinds: CodedKind[];
  /** When each is shown, in frames. */
  readonly shownAt: number[];
}

/** The decoder's buffer: bits that come in by the picture, its size, and what is in it when the first is taken out. */
export interface PictureBucket {
  readonly inflowBits: number;
  readonly sizeBits: number;
  readonly initialBits: number;
}

/** The quantizers of one pass, picture by picture. */
export interface CodingQuantizers {
  /**
   * Of the next picture; asking again changes nothing. Where it might not be there in time at that, the encoder may go on
   * to coarser ones by what it makes of its buffer, as far as `coarsest`.
   */
  next(): { readonly quantizer: number; readonly coarsest: number };
  /** Counts what it became, at the quantizer that it has got. */
  add(bits: number, quantizer: number): void;
}

/** The codes of the syntax that tell a quantizer (H.262 7.4.2.2); a third of the finest is what lets decisions spend more. */
const quantizers = { least: 0.34, most: 31 } as const;
/** Where nothing is known yet. */
const firstQuantizer = 5;
/** Decisions that are made quickly take no more for less than the first code. */
const finestLook = 1;
/** Pictures over which a look evens its own rate out. */
const lookWindow = 12;
/** Pictures that are like one another: what they take is evened out by a bell of this width. */
const alikePictures = 2;
/** How much of the clip is remembered of what pictures took beside what the look told; at first that is worth as much. */
const memory = 0.15;
/** What is left or owed is made up for as if so much of the clip were still to come. */
const horizon = 0.03;
/** Quantizers stay within this factor of what the look lets expect. */
const mostCorrection = 10;
/** Where less of a buffer would be left, quantizers in front of it are coarser. */
const leastFill = 0.15;
/** Rounds of a search that ends by itself nearly always; a plan that still breaks its buffer is mended while it runs. */
const mostReliefs = 8;
const mostScalings = 12;
/** A picture is expected to take this share of what is there at most. */
const guardedShare = 0.7;
/** What a picture may take, times what is expected: those in noise hang on a hair (27,000 bits, and 164,000 with a sixth finer). */
const unsureFactor = 6;
/** How fast what pictures take beside what was expected is forgotten. */
const recentWeight = 0.25;

/** Nothing yet. */
export function createLookedCoding(): LookedCoding {
  return { complexities: [], kinds: [], shownAt: [] };
}

/** The quantizers of a look, which comes to the average by itself: what it finds is then near what is wanted. */
export function lookingQuantizer(targetBits: number): {
  quantizer(): number;
  /** Counts a picture. Returns its complexity. */
  add(bits: number, kind: CodedKind): number;
} {
  let quantizer = firstQuantizer;
  let [ofOthers, count, pictures] = [0, 0, 0];
  let hasOthers = false;
  return {
    quantizer: () => quantizer,
    add(bits, kind) {
      pictures += 1;
      const complexity = bits * quantizer;
      // Between others, pictures that renew everything tell nothing of what the rest takes.
      if (kind !== 'intra') hasOthers = true;
      if (kind !== 'intra' || (!hasOthers && pictures > 1)) {
        count += 1;
        ofOthers += (complexity - ofOthers) / Math.min(lookWindow, count);
        quantizer = Math.max(finestLook, within(ofOthers / targetBits));
      }
      return complexity;
    },
  };
}

/** The quantizers that spend `averageBits` a picture, by what a look found, corrected by what comes of them. */
export function spendingQuantizers(
  looked: LookedCoding,
  allocation: PictureAllocation,
  averageBits: number,
  bucket: PictureBucket | null,
): CodingQuantizers {
  const { complexities, kinds } = looked;
  const budget = averageBits * complexities.length;
  const planned = allocate(looked, allocation, budget, bucket);
  const expectedBits = (place: number): number => (complexities[place] ?? 0) / (planned[place] ?? 1);
  const all = planned.reduce((sum, _, place) => sum + expectedBits(place), 0);
  const recent: Record<CodedKind, number> = { intra: 1, predicted: 1, bidirectional: 1 };
  const forgetting = 1 - 1 / Math.max(1, memory * complexities.length);
  let [coded, madeBits, passed] = [0, 0, 0];
  let [told, taken] = [memory * all, memory * all];
  let fill = bucket?.initialBits ?? 0;
  let current: ReturnType<CodingQuantizers['next']> | null = null;

  const correction = (): number => {
    if (all === 0) return 1;
    const bitsLeft = Math.max((1 + horizon) * budget - madeBits, (horizon * budget) / mostCorrection);
    const wanted = ((taken / told) * (all - passed + horizon * all)) / bitsLeft;
    return Math.min(mostCorrection, Math.max(1 / mostCorrection, wanted));
  };
  const kindOf = (place: number): CodedKind => kinds[place] ?? 'predicted';
  const decide = (): ReturnType<CodingQuantizers['next']> => {
    const quantizer = within((planned[coded] ?? firstQuantizer) * correction());
    if (bucket === null) return { quantizer, coarsest: quantizer };
    const likely = Math.max(1, recent[kindOf(coded)]) * (complexities[coded] ?? 0);
    const there = Math.max(1, fill);
    const kept = within(Math.max(quantizer, likely / (guardedShare * there)));
    const isUnsure = (unsureFactor * likely) / kept > there;
    return { quantizer: kept, coarsest: isUnsure ? quantizers.most : kept };
  };
  return {
    next: () => (current ??= decide()),
    add(bits, quantizer) {
      current = null;
      const complexity = complexities[coded] ?? 0;
      const kind = kindOf(coded);
      if (complexity > 0) recent[kind] += recentWeight * ((bits * quantizer) / complexity - recent[kind]);
      const expected = expectedBits(coded);
      told = forgetting * told + expected;
      taken = forgetting * taken + (bits * quantizer) / (planned[coded] ?? quantizer);
      passed += expected;
      madeBits += bits;
      coded += 1;
      if (bucket !== null) fill = Math.min(bucket.sizeBits, fill - bits + bucket.inflowBits);
    },
  };
}

/** A quantizer for each picture: together they spend the budget, and none empties the buffer, as far as the look tells. */
export function allocate(
  looked: LookedCoding,
  { shares, evenness }: PictureAllocation,
  budgetBits: number,
  bucket: PictureBucket | null,
): number[] {
  const { complexities, kinds } = looked;
  const usual = likeAround(looked);
  const weights = kinds.map((kind, place) => shares[kind] * (usual[place] ?? 1) ** (1 - evenness));
  let planned = scaled(weights, complexities, budgetBits);
  if (bucket === null) return planned;
  for (let round = 1; round <= mostReliefs; round += 1) {
    const bits = complexities.map((complexity, place) => complexity / (planned[place] ?? 1));
    const relief = reliefs(bits, bucket);
    if (relief.length === 0) break;
    coarsen(weights, relief);
    // The last word is the buffer's: what it takes off is not given to others then.
    if (round < mostReliefs) planned = scaled(weights, complexities, budgetBits);
    else coarsen(planned, relief);
  }
  return planned.map(within);
}

function coarsen(values: number[], relief: readonly Relief[]): void {
  for (const { start, end, factor } of relief)
    for (let place = start; place <= end; place += 1) values[place] = (values[place] ?? 1) * factor;
}

/** Pictures that have to take less, and by what their quantizers are coarser. */
interface Relief {
  readonly start: number;
  readonly end: number;
  readonly factor: number;
}

/**
 * From where the buffer was full last to where it is emptiest: all of that has to take less. Where it begins with little, half
 * of that may be taken until there is more.
 */
function reliefs(bits: readonly number[], { inflowBits, sizeBits, initialBits }: PictureBucket): Relief[] {
  const found: Relief[] = [];
  let floor = Math.min(leastFill * sizeBits, initialBits / 2);
  let fill = initialBits;
  let [start, taken] = [0, 0];
  let lowest = { lacking: 0, place: 0, taken: 0 };
  const close = (): void => {
    const { lacking } = lowest;
    if (lacking <= 1) return;
    const factor = lowest.taken / Math.max(lowest.taken - lacking, lowest.taken / mostCorrection);
    found.push({ start, end: lowest.place, factor });
  };
  for (const [place, size] of bits.entries()) {
    fill -= size;
    taken += size;
    if (floor - fill > lowest.lacking) lowest = { lacking: floor - fill, place, taken };
    fill += inflowBits;
    if (fill >= 2 * leastFill * sizeBits) floor = leastFill * sizeBits;
    if (fill < sizeBits) continue;
    close();
    fill = sizeBits;
    [start, taken] = [place + 1, 0];
    lowest = { lacking: 0, place: start, taken: 0 };
  }
  close();
  return found;
}

/** Quantizers in the proportion of `weights` that spend the budget; those at an end of the scale stay there. */
function scaled(weights: readonly number[], complexities: readonly number[], budgetBits: number): number[] {
  let factor = 1;
  for (let round = 0; round < mostScalings; round += 1) {
    let [open, fixed] = [0, 0];
    for (const [place, weight] of weights.entries()) {
      const quantizer = factor * weight;
      const bits = (complexities[place] ?? 0) / within(quantizer);
      if (within(quantizer) === quantizer) open += bits;
      else fixed += bits;
    }
    // Pictures at an end may leave it when the others change: the factor creeps on while nothing else can.
    const wanted =
      open > 0 ? open / Math.max(budgetBits - fixed, open / mostCorrection) : fixed / Math.max(1, budgetBits);
    if (Math.abs(Math.log(wanted)) < 1e-4) break;
    factor *= wanted;
  }
  return weights.map((weight) => within(factor * weight));
}

/** What the pictures around each, as they are shown, take. */
function likeAround({ complexities, shownAt }: LookedCoding): number[] {
  const order = shownAt.map((_, place) => place).sort((a, b) => (shownAt[a] ?? 0) - (shownAt[b] ?? 0));
  const reach = 3 * alikePictures;
  const bell = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * alikePictures ** 2)),
  );
  const around = new Array<number>(order.length).fill(0);
  for (const [at, place] of order.entries()) {
    let [sum, weight] = [0, 0];
    for (const [step, share] of bell.entries()) {
      const other = order[at + step - reach];
      if (other === undefined) continue;
      sum += share * (complexities[other] ?? 0);
      weight += share;
    }
    around[place] = Math.max(1, sum / weight);
  }
  return around;
}

function within(quantizer: number): number {
  return Math.min(quantizers.most, Math.max(quantizers.least, quantizer));
}
