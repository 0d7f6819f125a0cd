/** Gives the frames of libvpx's encoders their quantizer steps: VP8 by regions of interest, VP9 by the coarsest one allowed. */
import { AV_FRAME_DATA_REGIONS_OF_INTEREST } from 'node-av/constants';
import type { CodecContext, Frame, Packet } from 'node-av/lib';
import type { EncoderPlan } from '../plan/plan.ts';
import { setLibraryOptions } from './library-options.ts';
import { vp9QuantizerIndex } from './vp9-header.ts';
import { type QuantizerScale, scaleOf } from './vpx-quantizer.table.ts';

/** How the frames of one encode get their steps. */
export interface FrameSteps {
  /** Of the frame that is sent next. */
  give(frame: Frame, step: number): void;
  /** In front of each call in which the encoder may code it. Throws LibraryError. */
  prepare(encoder: CodecContext): void;
  /** The step that a frame was coded with; null: the one it was given. */
  codedStep(packet: Packet): number | null;
}

/** What an encoder whose frames get their steps is opened with. */
export type StepOptions = Pick<EncoderPlan, 'bitrateBps' | 'maxBitrateBps' | 'bufferSizeBits'> & {
  readonly options: Readonly<Record<string, string>>;
};

/** Far above any average: the rate control of VP8 has nothing to decide. */
const openRateBps = 50_000_000;
/** Of the interface of both. */
const coarsestQuantizer = 63;

/**
 * `ownStep`: what the encoder is to decide by in VP8, the step of AC coefficients. VP9 has constant quality, the worst there is:
 * it then takes the coarsest quantizer allowed (libvpx `vp9_ratectrl.c`, VPX_Q), for key frames up to a fourth of the
 * coarsest step of all, for others to half of it. Its rate control would not: behind black pictures it is stuck (`FRAME_OVERHEAD_BITS`).
 */
export function stepOptions(encoder: EncoderPlan, ownStep: number): StepOptions {
  const scale = scaleOf(encoder.codec);
  const free = { maxBitrateBps: 0, bufferSizeBits: 0 };
  if (encoder.codec === 'VP8') {
    const own = `${ownQuantizer(scale, ownStep)}`;
    return { ...free, bitrateBps: openRateBps, options: { qmin: own, qmax: own } };
  }
  const coarsest = `${coarsestQuantizer}`;
  return {
    ...free,
    bitrateBps: 0,
    options: { qmin: `${scale.finestQuantizer}`, qmax: coarsest, crf: coarsest },
  };
}

/** `ownStep`: what the encoder was opened with. */
export function createFrameSteps(encoder: EncoderPlan, ownStep: number): FrameSteps {
  return encoder.codec === 'VP8' ? byRegions(ownStep) : byCoarsest();
}

/** `AVRegionOfInterest` in bytes. */
const regionBytes = 28;
/** What an offset of 1 means to the encoder. */
const mostOffset = 63;

/** A region over the whole picture: its offset is in the interface's quantizers, -63 to 63. */
function byRegions(ownStep: number): FrameSteps {
  const scale = scaleOf('VP8');
  const ownIndex = scale.quantizerIndexes[ownQuantizer(scale, ownStep)] ?? 0;
  return {
    give(frame, step) {
      const distance = nearest(scale.acSteps, step) - ownIndex;
      const offset = Math.sign(distance) * nearest(scale.quantizerIndexes, Math.abs(distance));
      frame.removeSideData(AV_FRAME_DATA_REGIONS_OF_INTEREST);
      const region = frame.newSideData(AV_FRAME_DATA_REGIONS_OF_INTEREST, regionBytes);
      // The encoder cuts fractions off: a tenth more stays the same whole number.
      const tenths = 10 * offset + Math.sign(offset);
      // Its size, top, bottom, left, right, and a rational number of -1 to 1.
      const members = [regionBytes, 0, frame.height, 0, frame.width, tenths, 10 * mostOffset];
      for (const [place, value] of members.entries()) region.writeInt32LE(value, 4 * place);
    },
    prepare: () => {},
    codedStep: () => null,
  };
}

/** The encoder reads the coarsest quantizer again for every frame, and takes it where it holds none back. */
function byCoarsest(): FrameSteps {
  const scale = scaleOf('VP9');
  let [wanted, told] = [scale.firstStep, ''];
  return {
    give(_frame, step) {
      wanted = step;
    },
    prepare(encoder) {
      const qmax = `${ownQuantizer(scale, wanted)}`;
      if (qmax === told) return;
      setLibraryOptions(encoder, { qmax });
      told = qmax;
    },
    codedStep({ data }) {
      const index = data === null ? null : vp9QuantizerIndex(data);
      return index === null ? null : (scale.acSteps[index] ?? null);
    },
  };
}

/** The interface's quantizer that comes nearest to a step, of those that are given. */
function ownQuantizer({ acSteps, quantizerIndexes, finestQuantizer }: QuantizerScale, step: number): number {
  const steps = quantizerIndexes.map((index) => acSteps[index] ?? 0);
  return Math.max(finestQuantizer, nearest(steps, step));
}

function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  for (const [place, value] of values.entries())
    if (Math.abs(value - wanted) < Math.abs((values[best] ?? 0) - wanted)) best = place;
  return best;
}
