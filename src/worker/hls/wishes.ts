/** What a job wants of its HLS inputs: known before anything is opened. */
import type { JobSettings } from '../../contract/types.generated.ts';
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
export function hlsWishesOf(settings: JobSettings): HlsWishes {
  const inputAt = (location: string) => settings.inputs?.find(({ fileInput }) => fileInput === location);
  return {
    choose: (location) => inputAt(location)?.videoSelector,
    wantsRenditions: (location) =>
      Object.values(inputAt(location)?.audioSelectors ?? {}).some(
        ({ selectorType, hlsRenditionGroupSettings }) =>
          selectorType === 'HLS_RENDITION_GROUP' || hlsRenditionGroupSettings !== undefined,
      ),
  };
}
