/** How many segments players ask for by an MPD: as many as there are, also of a track that ends before its period. */
import { expect, test } from 'vitest';
import type { AdaptationSet } from '../../src/package/dash/adaptation-sets.ts';
import { imageSets } from '../../src/package/dash/image-sets.ts';
import type { MpdGroup } from '../../src/package/dash/representation.ts';
import { segmentInformation } from '../../src/package/dash/segment-information.ts';
import type { ImageTrack } from '../../src/package/images/image-track.ts';
import { formatXml, type XmlElement } from '../../src/package/xml.ts';
import { readMpd } from '../../src/verify/mpd-reader.ts';

const timescale = 90_000;
const uriOf = (location: string): string => location;
const group = {
  mpd: { hasTimelines: false, style: 'BASIC' },
  segmentSeconds: { num: 4, den: 1 },
  outputs: [],
} as unknown as MpdGroup;

/** Pictures in segments of those seconds, in a period that lasts so long. */
function templateOf(seconds: readonly number[], periodMs: number, beginsAt = 0): string {
  let end = beginsAt;
  const segments = seconds.map((length) => {
    const startTicks = BigInt(Math.round(end * timescale));
    end += length;
    return { startTicks, endTicks: BigInt(Math.round(end * timescale)) };
  });
  const member = {
    segments,
    header: null,
    track: { timescale, presentationOffset: 0n },
    output: { segmentLocation: 'v_%d.cmfv', initLocation: 'v_init.cmfv', hasNameModifier: true },
  };
  const set = { kind: 'video', members: [member] } as unknown as AdaptationSet;
  const [own] = segmentInformation(group, set, { uriOf, periodMs }).own(
    member as unknown as AdaptationSet['members'][number],
  );
  if (own === undefined) throw new TypeError('no template');
  return formatXml(own);
}

/** As the verifier reads it, whose way of counting is its own. */
function countedBy(template: string, periodMs: number): number {
  const body = `<MPD type="static" mediaPresentationDuration="PT${periodMs / 1000}S">
<AdaptationSet id="1"><Representation id="1">${template}</Representation></AdaptationSet>
</MPD>`;
  const read = readMpd(Buffer.from(body));
  return read === null ? Number.NaN : read.uris.filter((uri) => !uri.includes('init')).length;
}

test.each([
  ['as long as its pictures', [4, 4, 4], 12_000, '360000'],
  ['with sound that ends 2 ms later', [4, 4, 4], 12_002, '360060'],
  ['with sound that ends 2 ms later, and a short segment at the end', [4, 4, 2], 10_002, '360000'],
  ['with a second of sound at the end', [4, 4, 4], 13_000, '390000'],
  ['of one segment, and sound at the end', [3], 9000, '810000'],
  // By one duration the last of these would be told half a segment late: their times stand in a timeline.
  ['with a minute of sound at the end', [4, 4, 4], 72_000, null],
])('a period %s has its segments counted', (_name, seconds, periodMs, duration) => {
  const template = templateOf(seconds, periodMs);
  expect(/ duration="(\d+)"/.exec(template)?.[1] ?? null).toBe(duration);
  expect(template.includes('<SegmentTimeline>')).toBe(duration === null);
  expect(countedBy(template, periodMs)).toBe(seconds.length);
});

test.each([
  // The first segment is asked for by its number, whatever of its time it has.
  ['within the first segment', [1, 4, 4], 3, 12_000, '360000'],
  ['far into the first segment, and goes on from there', [4, 4, 4], 3, 15_000, null],
])('a track that begins %s has its segments counted', (_name, seconds, beginsAt, periodMs, duration) => {
  const template = templateOf(seconds, periodMs, beginsAt);
  expect(/ duration="(\d+)"/.exec(template)?.[1] ?? null).toBe(duration);
  expect(countedBy(template, periodMs)).toBe(seconds.length);
});

test.each([
  [12_000, false],
  [12_002, true],
])('sheets of thumbnails in a period of %d ms are counted', (periodMs, isTimeline) => {
  const plan = {
    ...{ widthPx: 160, heightPx: 90, columns: 1, rows: 2 },
    ...{ intervalSeconds: { num: 2, den: 1 }, location: 't_%d.jpg' },
  };
  const sheet = { startUs: 0, endUs: 4_000_000, bytes: 1000 };
  const tracks = [{ plan, sheets: [sheet, sheet, sheet] }] as unknown as readonly ImageTrack[];
  const [set] = imageSets(tracks, { uriOf, periodMs });
  const text = formatXml(set as XmlElement);
  expect([text.includes('<SegmentTimeline>'), / duration=/.test(text)]).toEqual([isTimeline, !isTimeline]);
  const template =
    /<SegmentTemplate[^>]*\/>|<SegmentTemplate[\s\S]*?<\/SegmentTemplate>/.exec(text)?.[0] ?? '';
  expect(countedBy(template, periodMs)).toBe(3);
});
