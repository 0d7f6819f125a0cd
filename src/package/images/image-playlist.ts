/** HLS playlists of still pictures (spec packaging.md 8.4; observed text). */
import type { ImageTrackPlan } from '../../plan/streaming-plan.ts';
import type { WrittenSheet } from './image-track.ts';

/** The text of an image playlist; `uriOf` gives the address of an object as the playlist writes it. */
export function imagePlaylist(
  { widthPx, heightPx, columns, rows, intervalSeconds }: ImageTrackPlan,
  sheets: readonly WrittenSheet[],
  uriOf: (location: string) => string,
): string {
  const interval = intervalSeconds.num / intervalSeconds.den;
  const longest = sheets.reduce((most, sheet) => Math.max(most, secondsOf(sheet)), 0);
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.ceil(Number(longest.toFixed(3))))}`,
    '#EXT-X-MEDIA-SEQUENCE:1',
    '#EXT-X-IMAGES-ONLY',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...sheets.flatMap((sheet) => {
      const seconds = secondsOf(sheet);
      const tiles = [
        `RESOLUTION=${widthPx}x${heightPx}`,
        `LAYOUT=${columns}x${rows}`,
        // A lone last picture lasts only to the end.
        `DURATION=${decimals(Math.min(interval, seconds))}`,
      ];
      return [`#EXTINF:${decimals(seconds)},`, `#EXT-X-TILES:${tiles.join(',')}`, uriOf(sheet.location)];
    }),
    '#EXT-X-ENDLIST',
  ];
  return `${lines.join('\n')}\n`;
}

/** The highest bit rate of a sheet over the time it is for. */
export function imageBandwidthBps(sheets: readonly WrittenSheet[]): number {
  return sheets.reduce(
    (most, sheet) => Math.max(most, Math.ceil((sheet.sizeBytes * 8) / secondsOf(sheet))),
    1,
  );
}

function secondsOf({ startUs, endUs }: WrittenSheet): number {
  return Math.max(1, endUs - startUs) / 1e6;
}

/** At most three, and none where the number is whole (observed). */
function decimals(seconds: number): string {
  return String(Number(seconds.toFixed(3)));
}
