/**
 * Pictures that hold two fields, one in every other line, on their way through filters that take them for one picture
 * (spec video.md 3). Chroma of 4:2:0 has a line for two of a field, so its lines of one field are four picture lines
 * apart (ISO/IEC 13818-2 6.1.1.8): it is converted field by field, and moved by fours.
 */
import type { VideoTrackFacts } from './facts.ts';
import { fieldFilters } from './field-steps.table.ts';
import type { PictureScan } from './picture-plan.ts';
import type { FilterStep } from './plan.ts';

/** The pictures that steps begin with. */
interface FieldSource {
  /** They hold two fields; steps may make some of them later. */
  readonly hasFields: boolean;
  readonly track: Pick<VideoTrackFacts, 'chroma' | 'bitDepth'>;
}

/**
 * How much of the chroma's lines there is: half of them (or nobody knows), all of them, all of its samples; RGB is what
 * conversions of colour go through.
 */
type ChromaLines = 'halved' | 'whole' | 'full' | 'rgb';

/** What is known of pictures between two steps. */
interface Passage {
  readonly hasFields: boolean;
  readonly chroma: ChromaLines;
  /** Scaled field by field, into a format that the steps behind may still choose; `chroma` was that in front of it. */
  readonly isOpen: boolean;
}

/**
 * The same steps with fields kept apart wherever a step scales, converts chroma, or moves lines. Steps in front of those
 * that make fields stay as they are, and so does everything of progressive pictures.
 */
export function keepFields(
  steps: readonly FilterStep[],
  { hasFields, track }: FieldSource,
): readonly FilterStep[] {
  const kept: FilterStep[] = [];
  let passage: Passage = { hasFields, chroma: chromaOf(track.chroma), isOpen: false };
  steps.forEach((step, index) => {
    const isZscaled = kept.at(-1)?.name === 'zscale';
    const [added, next] = passage.hasFields
      ? keepIn(step, passage, isZscaled, steps[index + 1]?.name === 'format', track.bitDepth)
      : [[step], follow(step, passage)];
    kept.push(...added);
    passage = next;
  });
  return kept;
}

function keepIn(
  step: FilterStep,
  passage: Passage,
  isZscaled: boolean,
  isFormatNext: boolean,
  bitDepth: number,
): readonly [readonly FilterStep[], Passage] {
  const { chroma, isOpen } = passage;
  const whole = isFull(chroma) ? fullChroma(bitDepth) : wholeLines(bitDepth);
  const convert = (format: string): readonly FilterStep[] => [...(isOpen ? [] : [byField]), toFormat(format)];
  switch (step.name) {
    case 'scale': {
      const scaled = { ...step, options: { ...step.options, ...byField.options } };
      // Fields of unequal numbers of chroma lines do not fit into a picture.
      return inFours(step.options.h)
        ? [[scaled], { ...passage, isOpen: true }]
        : [[scaled, toFormat(whole)], { ...passage, chroma: chromaOfFormat(whole), isOpen: false }];
    }
    case 'format': {
      const next = chromaOfFormat(step.options.pix_fmts ?? '');
      // The conversion of colour in front of it writes this format, from and to all samples of chroma.
      const isDone = isOpen || isZscaled || (isFull(chroma) && isFull(next));
      return [isDone ? [step] : [byField, step], { ...passage, chroma: next, isOpen: false }];
    }
    case 'zscale': {
      // It knows no fields: what it is given, and what it gives, has chroma for every sample.
      const full = fullChroma(bitDepth);
      const isReady = isFull(chroma) && !isOpen;
      const isClosed = isFormatNext || chroma === 'rgb';
      const added = [...(isReady ? [] : convert(full)), step, ...(isClosed ? [] : [toFormat(full)])];
      return [added, { ...passage, chroma: chroma === 'rgb' ? 'rgb' : 'full', isOpen: false }];
    }
    default:
      if (!movesLines(step) || (chroma !== 'halved' && !isOpen)) return [[step], follow(step, passage)];
      return [[...convert(whole), step], { ...passage, chroma: chromaOfFormat(whole), isOpen: false }];
  }
}

/** What a step makes of pictures that need no care. */
function follow({ name, options }: FilterStep, passage: Passage): Passage {
  switch (name) {
    case 'format':
      return { ...passage, chroma: chromaOfFormat(options.pix_fmts ?? '') };
    case 'scale':
    case 'zscale':
      return { ...passage, chroma: 'halved' };
    case 'interlace':
    case 'telecine':
      return { ...passage, hasFields: true };
    case 'setfield':
      return { ...passage, hasFields: options.mode !== 'prog' };
    default:
      return passage;
  }
}

/** Cuts and places picture lines so that chroma lines would change fields, or moves all of them by one. */
function movesLines({ name, options }: FilterStep): boolean {
  switch (name) {
    case 'crop':
      return !(inFours(options.y) && inFours(options.h));
    case 'pad':
      return !inFours(options.y);
    case 'fieldorder':
      return true;
    default:
      return false;
  }
}

function inFours(lines: string | undefined): boolean {
  return Number(lines ?? 0) % 4 === 0;
}

/**
 * Filters that look at neighbours, each inside of one field; filters of time alone stay. `scan` tells which field comes
 * first; progressive pictures are filtered as they are.
 */
export function filterWithinFields(steps: readonly FilterStep[], scan: PictureScan): readonly FilterStep[] {
  if (scan === 'progressive') return steps;
  const isBottomFirst = scan === 'bottom-field-first';
  const apart: readonly FilterStep[] = [
    { name: 'setfield', options: { mode: isBottomFirst ? 'bff' : 'tff' } },
    { name: 'separatefields', options: {} },
  ];
  const woven: FilterStep = { name: 'weave', options: { first_field: isBottomFirst ? 'bottom' : 'top' } };
  const kept: FilterStep[] = [];
  steps.forEach((step, index) => {
    const way = fieldFilters[step.name];
    const isFirst = way !== fieldFilters[steps[index - 1]?.name ?? ''];
    const isLast = way !== fieldFilters[steps[index + 1]?.name ?? ''];
    if (way === undefined) kept.push(step);
    else if (way === 'pictures') kept.push(...(isFirst ? apart : []), step, ...(isLast ? [woven] : []));
    else
      kept.push(...(isFirst ? [lines('deinterleave')] : []), step, ...(isLast ? [lines('interleave')] : []));
  });
  return kept;
}

/** The top field into the upper half of the picture, the other one below; and back. */
function lines(mode: 'deinterleave' | 'interleave'): FilterStep {
  return { name: 'il', options: { luma_mode: mode, chroma_mode: mode, alpha_mode: mode } };
}

const byField: FilterStep = { name: 'scale', options: { interl: '1' } };

function toFormat(pixelFormat: string): FilterStep {
  return { name: 'format', options: { pix_fmts: pixelFormat } };
}

function wholeLines(bitDepth: number): string {
  const depth = bitDepth <= 8 ? '' : bitDepth <= 10 ? '10le' : bitDepth <= 12 ? '12le' : '16le';
  return `yuv422p${depth}`;
}

/** With room for what is rounded twice. */
function fullChroma(bitDepth: number): string {
  return bitDepth <= 10 ? 'yuv444p10le' : 'yuv444p16le';
}

function isFull(chroma: ChromaLines): boolean {
  return chroma === 'full' || chroma === 'rgb';
}

/** RGB tracks become 4:4:4 before anything else is done with them. */
function chromaOf(chroma: string): ChromaLines {
  if (chroma === '4:4:4' || chroma === 'rgb') return 'full';
  return chroma === '4:2:2' ? 'whole' : 'halved';
}

function chromaOfFormat(pixelFormat: string): ChromaLines {
  if (pixelFormat.startsWith('gbr')) return 'rgb';
  if (pixelFormat.includes('444')) return 'full';
  return pixelFormat.includes('422') ? 'whole' : 'halved';
}
