/** Sheets of thumbnails in an MPD (DASH-IF IOP 4.3 section 6.2.6; observed form: spec packaging.md 8.4). */
import { rescaleTicks } from '../../exact-time.ts';
import { imageBandwidthBps } from '../images/image-playlist.ts';
import type { ImageTrack } from '../images/image-track.ts';
import { element, type XmlElement } from '../xml.ts';
import { templateAddress } from './segment-information.ts';

const timescale = 90_000;

/** One set a track, in order; tracks without sheets have none. */
export function imageSets(
  tracks: readonly ImageTrack[],
  uriOf: (location: string) => string,
): readonly XmlElement[] {
  return tracks
    .filter(({ sheets }) => sheets.length > 0)
    .map(({ plan, sheets }) => {
      const { widthPx, heightPx, columns, rows, intervalSeconds, location } = plan;
      const interval = { num: intervalSeconds.num, den: intervalSeconds.den };
      const duration = rescaleTicks(BigInt(columns * rows), interval, { num: 1, den: timescale });
      return element('AdaptationSet', { mimeType: 'image/jpeg', contentType: 'image' }, [
        element('SegmentTemplate', {
          media: templateAddress(location, uriOf),
          duration: String(duration),
          timescale,
          startNumber: 1,
        }),
        element(
          'Representation',
          {
            bandwidth: imageBandwidthBps(sheets),
            id: `thumbnails${widthPx}x${heightPx}`,
            width: widthPx * columns,
            height: heightPx * rows,
          },
          [
            element('EssentialProperty', {
              schemeIdUri: 'http://dashif.org/guidelines/thumbnail_tile',
              value: `${columns}x${rows}`,
            }),
          ],
        ),
      ]);
    });
}
