/** Rules inside an input, an image inserter and a motion image inserter (spec inputs.md 1, timecode-and-clipping.md 3–4, overlays.md). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type {
  ImageInserter,
  Input,
  InputDecryptionSettings,
  InputTemplate,
  MotionImageInserter,
} from '../types.generated.ts';
import { refuse, refuseMissing, type StructureRules } from './rule.ts';

/** Input rules. */
export const inputRules: StructureRules = {
  Input: [oneSource, startTimecode, forcedFilter, clips],
  InputTemplate: [startTimecode, forcedFilter, clips],
  InputDecryptionSettings: [vectorOfMode],
  ImageInserter: [distinctLayers],
  MotionImageInserter: [motionImage],
};

function oneSource(input: Input, pointer: string): ErrorFinding[] {
  if (input.fileInput === undefined || input.videoGenerator === undefined) return [];
  return [
    refuse(pointer, 'Should not specify both fileInput and videoGenerator', 'Keep one of the two sources.'),
  ];
}

/** A block cipher in chain mode takes a vector of a whole block (spec inputs.md 15). */
function vectorOfMode(settings: InputDecryptionSettings, pointer: string): ErrorFinding[] {
  const { decryptionMode, initializationVector } = settings;
  if (decryptionMode !== 'AES_CBC' || initializationVector?.length !== 16) return [];
  return [
    refuse(
      `${pointer}/initializationVector`,
      'Should be 16 bytes long for AES_CBC',
      'Give the vector of 16 bytes that the file was encrypted with; 12 bytes are for AES_CTR and AES_GCM.',
    ),
  ];
}

function startTimecode(input: InputTemplate, pointer: string): ErrorFinding[] {
  if (input.timecodeSource !== 'SPECIFIEDSTART' || input.timecodeStart !== undefined) return [];
  return [refuseMissing(pointer, 'timecodeStart', 'SPECIFIEDSTART needs timecodeStart, e.g. 01:00:00:00.')];
}

function forcedFilter(input: InputTemplate, pointer: string): ErrorFinding[] {
  if (input.filterEnable !== 'FORCE' || input.filterStrength !== 0) return [];
  const message = 'Should be greater than or equal to 1';
  return [refuse(`${pointer}/filterStrength`, message, 'FORCE needs a filterStrength of 1 to 5.', '1–5')];
}

/** C-1 and C-4: each clip has an end or a start; clips follow one another. */
function clips(input: InputTemplate, pointer: string): ErrorFinding[] {
  const list = input.inputClippings ?? [];
  return list.flatMap((clip, index) => {
    const at = `${pointer}/inputClippings/${index}`;
    if (clip.startTimecode === undefined && clip.endTimecode === undefined) {
      return [
        refuse(at, 'Should match any schema defined in "anyOf"', 'Give startTimecode, endTimecode or both.'),
      ];
    }
    const previousEnd = list[index - 1]?.endTimecode;
    if (index === 0 || isLater(clip.startTimecode, previousEnd)) return [];
    const message = `Should be later than the end of the clip before it [${previousEnd ?? 'end of the input'}]`;
    return [refuse(`${at}/startTimecode`, message, 'List clips in order, without overlap.')];
  });
}

/** A clip without start begins with the input, one without end runs to its end: neither can follow or precede another. */
function isLater(start: string | undefined, previousEnd: string | undefined): boolean {
  if (start === undefined || previousEnd === undefined) return false;
  return timecodeOrder(start) > timecodeOrder(previousEnd);
}

/** Sortable form of `HH:MM:SS:FF`; a scale after `@` does not change the order inside one input. */
function timecodeOrder(timecode: string): number {
  const [hours = 0, minutes = 0, seconds = 0, frames = 0] =
    timecode.split('@', 1)[0]?.split(/[:;]/).map(Number) ?? [];
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + frames;
}

function distinctLayers({ insertableImages }: ImageInserter, pointer: string): ErrorFinding[] {
  const layers = (insertableImages ?? []).map((image) => image.layer);
  return layers.flatMap((layer, index) =>
    layer === undefined || layers.indexOf(layer) === index
      ? []
      : [
          refuse(
            `${pointer}/insertableImages/${index}/layer`,
            'Should be unique among the images',
            'Give each image its own layer.',
          ),
        ],
  );
}

function motionImage(
  { input, insertionMode, framerate }: MotionImageInserter,
  pointer: string,
): ErrorFinding[] {
  const extension = input?.split('?', 1)[0]?.split('.').at(-1)?.toUpperCase();
  const findings: ErrorFinding[] = [];
  if (
    insertionMode !== undefined &&
    (extension === 'MOV' || extension === 'PNG') &&
    extension !== insertionMode
  ) {
    findings.push(
      refuse(
        `${pointer}/insertionMode`,
        `Must be ${extension}`,
        'Match insertionMode to the file.',
        extension,
      ),
    );
  }
  if (insertionMode === 'PNG' && framerate === undefined) {
    findings.push(
      refuseMissing(
        pointer,
        'framerate',
        'A sequence of PNG files has no frame rate of its own: add framerate.',
      ),
    );
  }
  return findings;
}
