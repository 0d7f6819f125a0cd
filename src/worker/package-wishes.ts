/** What a job wants of inputs that are packages: known before anything is opened. */
import type { JobSettings } from '../contract/types.generated.ts';
import { sourceLocations } from '../plan/source-locations.ts';
import type { VariantChoice } from './hls/hls-store.ts';
import type { SupplementsOf } from './imf/imf-packages.ts';

/** Wishes by the location of the input. */
export interface PackageWishes {
  readonly choose: VariantChoice;
  /** True when a selector takes alternate audio of an HLS package. */
  wantsRenditions(location: string): boolean;
  /** Further packages in which an IMF composition may find its track files. */
  readonly supplementsOf: SupplementsOf;
}

/** Without a job nothing is wished: the best variant, no alternate audio, no further packages. */
export const noWishes: PackageWishes = {
  choose: () => undefined,
  wantsRenditions: () => false,
  supplementsOf: () => [],
};

/** Reads the wishes of a job. */
export function packageWishesOf({ inputs = [] }: JobSettings): PackageWishes {
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
    // A playlist that is input twice is one composition.
    supplementsOf: (location) => [
      ...new Set(inputsAt(location).flatMap(({ supplementalImps = [] }) => supplementalImps)),
    ],
  };
}
