/** What an output should be, as its job says it. */
import type { Output } from '../../src/contract/types.generated.ts';
import type { AudioRendition, VideoRendition } from '../../src/plan/plan.ts';
import type { SourceName } from './setting-sources.ts';

/** What an output should be. */
export interface AskedOutput {
  readonly output: Output;
  /** Inputs of the job, in order. */
  readonly sources: readonly SourceName[];
  readonly clippings: readonly (readonly object[] | undefined)[];
  readonly video: VideoRendition | null;
  readonly audios: readonly AudioRendition[];
  /** Something in the inputs decides size and shape too. */
  readonly hasInputGeometry: boolean;
}

/** Settings of any codec, as far as they are compared. */
export interface AnyBlock {
  readonly codecProfile?: string;
  readonly codecLevel?: string;
  readonly framerateControl?: string;
  readonly framerateNumerator?: number;
  readonly framerateDenominator?: number;
  readonly framerateConversionAlgorithm?: string;
  readonly parControl?: string;
  readonly parNumerator?: number;
  readonly parDenominator?: number;
  readonly interlaceMode?: string;
  readonly slowPal?: string;
  readonly telecine?: string;
  readonly gopSize?: number;
  readonly gopSizeUnits?: string;
  readonly numberBFramesBetweenReferenceFrames?: number;
  readonly bitDepth?: string;
  readonly fourcc?: string;
  readonly vc3Class?: string;
  readonly avcIntraClass?: string;
  readonly xavcHdProfileSettings?: AnyBlock;
  readonly xavcHdIntraCbgProfileSettings?: AnyBlock;
}

/** The block of a codec, with the members of the profile it has. */
export function blockOf(settings: object | undefined): AnyBlock {
  const block = Object.entries(settings ?? {}).find(([name]) => name.endsWith('Settings'))?.[1] as AnyBlock;
  return { ...block, ...block?.xavcHdProfileSettings, ...block?.xavcHdIntraCbgProfileSettings };
}

/** A sentence when two values differ. */
export function differs(what: string, wanted: string | number, found: string | number): string[] {
  return wanted === found ? [] : [`${what} ${found} instead of ${wanted}`];
}
