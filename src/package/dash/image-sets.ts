/** Sheets of thumbnails in an MPD (DASH-IF IOP 4.3 section 6.2.6; observed form: spec packaging.md 8.4). */
import { rescaleTicks } from '../../exact-time.ts';
import { imageBandwidthBps } from '../images/image-playlist.ts';
import type { ImageTrack } from '../images/image-track.ts';
import { element, type XmlElement } from '../xml.ts';
import { type PeriodPlace, templateAddress } from './segment-information.ts';

const timescale = 90_000;

/**
 * One set a track, in order; tracks without sheets have none. Players count sheets by their duration up to the end of the
 * period: where sound goes on behind the last one, a timeline says that it is.
 */
export function imageSets(
  tracks: readonly ImageTrack[],
  { uriOf, periodMs }: PeriodPlace,
): readonly XmlElement[] {
  return tracks
    .filter(({ sheets }) => sheets.length > 0)
    .map(({ plan, sheets }) => {
      const { widthPx, heightPx, columns, rows, intervalSeconds, location } = plan;
      const interval = { num: intervalSeconds.num, den: intervalSeconds.den };
      const duration = rescaleTicks(BigInt(columns * rows), interval, { num: 1, den: timescale });
      const isCovered = BigInt(sheets.length) * duration * 1000n >= BigInt(periodMs) * BigInt(timescale);
      const timeline = element('SegmentTimeline', {}, [
        element('S', { t: '0', d: String(duration), r: sheets.length === 1 ? null : sheets.length - 1 }),
      ]);
      return element('AdaptationSet', { mimeType: 'image/jpeg', contentType: 'image' }, [
        element(
          'SegmentTemplate',
          {
            media: templateAddress(location, uriOf),
            duration: isCovered ? String(duration) : null,
            timescale,
            startNumber: 1,
          },
          isCovered ? [] : [timeline],
        ),
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
