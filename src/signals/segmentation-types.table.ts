/**
 * Segmentation types that open an ad break (ANSI/SCTE 35 table 23): provider and distributor advertisements, placement
 * opportunities, ad blocks, and breaks. Each one's end has the number that follows it.
 */
const starts = [0x22, 0x30, 0x32, 0x34, 0x36, 0x44, 0x46];

/** Types at which a break begins. */
export const availStarts: ReadonlySet<number> = new Set(starts);

/** Types at which a break ends. */
export const availEnds: ReadonlySet<number> = new Set(starts.map((type) => type + 1));
