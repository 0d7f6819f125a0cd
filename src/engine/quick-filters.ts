/** Which filters may be tried on the event loop: what their first call takes nobody can stop (`inline-call.ts`). */
import type { VideoRendition } from '../plan/plan.ts';

/** Pictures larger than this are not tried on the event loop. */
export const mostInlinePixels = 1920 * 1088;

/** One call of theirs makes several pictures, or each from many. */
const slowFilters: ReadonlySet<string> = new Set(['minterpolate', 'framerate', 'tonemap', 'lut3d', 'zscale']);

/** Whether all filters of a rendition are quick enough for it. */
export function hasQuickFilters({
  widthPx,
  heightPx,
  filters,
}: Pick<VideoRendition, 'widthPx' | 'heightPx' | 'filters'>): boolean {
  return widthPx * heightPx <= mostInlinePixels && filters.every(({ name }) => !slowFilters.has(name));
}
