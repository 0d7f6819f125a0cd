/** What frame headers of AV1 depend on: the sequence header (AV1 bitstream specification 5.5). */
import type { HeaderBits } from './header-bits.ts';

/** Of a sequence header. */
export interface Av1Sequence {
  readonly isReduced: boolean;
  /** Bits of the time at which a frame is shown; 0: frames say none. */
  readonly presentationTimeBits: number;
  /** Bits of the time at which a buffer is emptied; null: there is no decoder model. */
  readonly removalTimeBits: number | null;
  readonly operatingPoints: readonly { readonly layers: number; readonly hasModel: boolean }[];
  readonly widthBits: number;
  readonly heightBits: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** Bits of frame ids and of their differences; null: frames have none. */
  readonly frameIds: { readonly idBits: number; readonly deltaBits: number } | null;
  readonly isLargeBlocks: boolean;
  /** 0 and 1 hold for every frame; 2: each frame chooses. */
  readonly screenContent: number;
  readonly integerVectors: number;
  readonly orderBits: number;
  readonly hasWarpedMotion: boolean;
  readonly hasReferenceVectors: boolean;
  readonly hasSuperResolution: boolean;
  readonly hasDirectionalFilter: boolean;
  readonly hasRestoration: boolean;
  readonly hasFilmGrain: boolean;
  readonly isMonochrome: boolean;
  /** Chroma has half the columns and rows of luma. */
  readonly isHalved: boolean;
  readonly hasSeparateDeltas: boolean;
}

/** Left to each frame (`SELECT_SCREEN_CONTENT_TOOLS`, `SELECT_INTEGER_MV`). */
const chosenByFrame = 2;

/** Reads the payload of a sequence header unit. */
export function readAv1Sequence(read: HeaderBits): Av1Sequence {
  const profile = read(3);
  read(1);
  const isReduced = read(1) === 1;
  const timing = isReduced
    ? { presentationTimeBits: 0, removalTimeBits: null, operatingPoints: [] }
    : readTiming(read);
  if (isReduced) read(5);
  const [widthBits, heightBits] = [read(4) + 1, read(4) + 1];
  const [maxWidth, maxHeight] = [read(widthBits) + 1, read(heightBits) + 1];
  const frameIds = !isReduced && read(1) === 1 ? readFrameIds(read) : null;
  const isLargeBlocks = read(1) === 1;
  read(2);
  const tools = isReduced
    ? {
        hasWarpedMotion: false,
        hasReferenceVectors: false,
        screenContent: chosenByFrame,
        integerVectors: chosenByFrame,
        orderBits: 0,
      }
    : readTools(read);
  return {
    isReduced,
    ...timing,
    widthBits,
    heightBits,
    maxWidth,
    maxHeight,
    frameIds,
    isLargeBlocks,
    ...tools,
    hasSuperResolution: read(1) === 1,
    hasDirectionalFilter: read(1) === 1,
    hasRestoration: read(1) === 1,
    ...readColor(read, profile),
    hasFilmGrain: read(1) === 1,
  };
}

type Timing = Pick<Av1Sequence, 'presentationTimeBits' | 'removalTimeBits' | 'operatingPoints'>;

function readTiming(read: HeaderBits): Timing {
  let isEqual = false;
  let model: { readonly delayBits: number; readonly removalBits: number; readonly shownBits: number } | null =
    null;
  if (read(1) === 1) {
    read.skip(64);
    isEqual = read(1) === 1;
    // `uvlc` (4.10.3) is an Exp-Golomb code.
    if (isEqual) read.unsigned();
    if (read(1) === 1) {
      const delayBits = read(5) + 1;
      read.skip(32);
      model = { delayBits, removalBits: read(5) + 1, shownBits: read(5) + 1 };
    }
  }
  const hasDisplayDelays = read(1) === 1;
  const operatingPoints = Array.from({ length: read(5) + 1 }, () => {
    const layers = read(12);
    if (read(5) > 7) read(1);
    const hasModel = model !== null && read(1) === 1;
    if (hasModel) read.skip(2 * (model?.delayBits ?? 0) + 1);
    if (hasDisplayDelays && read(1) === 1) read(4);
    return { layers, hasModel };
  });
  return {
    presentationTimeBits: model === null || isEqual ? 0 : model.shownBits,
    removalTimeBits: model?.removalBits ?? null,
    operatingPoints,
  };
}

function readFrameIds(read: HeaderBits): NonNullable<Av1Sequence['frameIds']> {
  const deltaBits = read(4) + 2;
  return { deltaBits, idBits: read(3) + deltaBits + 1 };
}

type Tools = Pick<
  Av1Sequence,
  'hasWarpedMotion' | 'hasReferenceVectors' | 'screenContent' | 'integerVectors' | 'orderBits'
>;

function readTools(read: HeaderBits): Tools {
  read(2);
  const hasWarpedMotion = read(1) === 1;
  read(1);
  const hasOrder = read(1) === 1;
  if (hasOrder) read(1);
  const hasReferenceVectors = hasOrder && read(1) === 1;
  const screenContent = read(1) === 1 ? chosenByFrame : read(1);
  const integerVectors = screenContent === 0 || read(1) === 1 ? chosenByFrame : read(1);
  const orderBits = hasOrder ? read(3) + 1 : 0;
  return { hasWarpedMotion, hasReferenceVectors, screenContent, integerVectors, orderBits };
}

type Color = Pick<Av1Sequence, 'isMonochrome' | 'isHalved' | 'hasSeparateDeltas'>;

/** sRGB as `color_config` (5.5.2) names it: primaries, transfer, matrix. */
const rgb = '1 13 0';

function readColor(read: HeaderBits, profile: number): Color {
  const isDeep = read(1) === 1;
  const isDeepest = profile === 2 && isDeep && read(1) === 1;
  const isMonochrome = profile !== 1 && read(1) === 1;
  const description = read(1) === 1 ? `${read(8)} ${read(8)} ${read(8)}` : '';
  if (isMonochrome) {
    read(1);
    return { isMonochrome, isHalved: true, hasSeparateDeltas: false };
  }
  if (description === rgb) return { isMonochrome, isHalved: false, hasSeparateDeltas: read(1) === 1 };
  read(1);
  const isHalved = profile === 0 || (profile === 2 && isDeepest && read(1) === 1 && read(1) === 1);
  if (isHalved) read(2);
  return { isMonochrome, isHalved, hasSeparateDeltas: read(1) === 1 };
}
