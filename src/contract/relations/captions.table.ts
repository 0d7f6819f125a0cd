/**
 * Captions destinations by container, whatever the source: the union of the rows of spec captions.md 1 and 2. Which
 * of them a given source can become is known when the input is.
 */

const embedded = ['EMBEDDED', 'EMBEDDED_PLUS_SCTE20', 'SCTE20_PLUS_EMBEDDED'];

/** Container → destination types. */
export const containerCaptions: ReadonlyMap<string, readonly string[]> = new Map([
  ['CMFC', ['IMSC', 'WEBVTT']],
  ['MPD', ['BURN_IN', 'IMSC', 'TTML', 'WEBVTT']],
  ['M3U8', ['BURN_IN', ...embedded, 'WEBVTT']],
  ['ISMV', ['BURN_IN', 'TTML']],
  ['MP4', ['BURN_IN', ...embedded, 'TTML']],
  ['M2TS', ['BURN_IN', 'DVB_SUB', ...embedded, 'TELETEXT']],
  ['MXF', ['BURN_IN', ...embedded, 'TELETEXT']],
  ['MOV', ['BURN_IN', ...embedded]],
  ['RAW', ['IMSC', 'SCC', 'SMI', 'SRT', 'TTML', 'WEBVTT']],
  ['GIF', []],
  ['Y4M', []],
  ['OGG', []],
]);

/** Destinations that are objects of their own (captions.md 4). */
export const sidecarDestinations: readonly string[] = ['IMSC', 'SCC', 'SMI', 'SRT', 'TTML', 'WEBVTT'];

/** Destinations inside the picture or its stream: a video beside them must be encoded. */
export const pictureDestinations: readonly string[] = ['BURN_IN', ...embedded];

/** What an absent `destinationType` means (captions.md 4). */
export const defaultDestination = 'EMBEDDED';
