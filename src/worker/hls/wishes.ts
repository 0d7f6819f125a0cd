/** What a job wants of its HLS inputs: known before anything is opened. */
import type { JobSettings } from '../../contract/types.generated.ts';
import { sourceLocations } from '../../plan/source-locations.ts';
import type { VariantChoice } from './hls-store.ts';

/** Wishes by the location of the input. */
export interface HlsWishes {
  readonly choose: VariantChoice;
  /** True when a selector takes alternate audio of the package. */
  wantsRenditions(location: string): boolean;
}

/** Without a job nothing is wished: the best variant, and no alternate audio. */
export const noWishes: HlsWishes = { choose: () => undefined, wantsRenditions: () => false };

/** Reads the wishes of a job. */
export function hlsWishesOf({ inputs = [] }: JobSettings): HlsWishes {
  const locations = sourceLocations(inputs);
  const inputsAt = (location: string) => inputs.filter((_, index) => locations[index] === location);
  return {
    choose: (location) => inputsAt(location)[0]?.videoSelector,
    wantsRenditions: (location) =>
      inputsAt(location)
        .flatMap(({ audioSelectors = {} }) => Object.values(audioSelectors))
        .some(
          ({ selectorType, hlsRenditionGroupSettings }) =>
            selectorType === 'HLS_RENDITION_GROUP' || hlsRenditionGroupSettings !== undefined,
        ),
  };
}
