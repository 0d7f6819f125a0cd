/** What every package must keep, whatever its form and rate: time adds up to the tick, and bandwidths are promises kept. */

import { afterAll, describe, expect, it } from 'vitest';
import { type Rational, rational } from '../../src/exact-time.ts';
import { readMpd } from '../../src/verify/mpd-reader.ts';
import {
  audioTrackFile,
  cmafGroup,
  dashGroup,
  mpdRules,
  smoothFile,
  smoothGroup,
  videoTrackFile,
} from './support/fragmented-plan.ts';
import { audioOutput, videoOutput } from './support/hls-plan.ts';
import { joined, makeFragments, namesOf } from './support/made-fragments.ts';
import { createTinyTracks, makeGroup } from './support/made-group.ts';
import type { MemoryObjects } from './support/memory-objects.ts';
import { entriesOf, textOf } from './support/read-playlists.ts';
import { readClientManifest } from './support/read-smooth.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);

const rates = [rational(24_000, 1001), rational(25), rational(30_000, 1001), rational(60)];
const seconds = 9;
const sound = tracks.audio({ seconds });
const pictures = new Map(
  rates.map((frameRate) => {
    const frames = Math.floor((seconds * frameRate.num) / frameRate.den);
    const video = tracks.video({
      frames,
      frameRate,
      widthPx: 96,
      heightPx: 54,
      forcedKeyFrameSeconds: rational(2),
      globalHeader: true,
    });
    return [frameRate, video] as const;
  }),
);

/** Length of the pictures in ticks of a time base. */
function lengthIn(frameRate: Rational, ticksPerSecond: number): number {
  const frames = pictures.get(frameRate)?.frames ?? 0;
  return Math.round((frames * frameRate.den * ticksPerSecond) / frameRate.num);
}

const outputs = (frameRate: Rational) => [
  { outputIndex: 0, tracks: pictures.has(frameRate) ? [pictures.get(frameRate) ?? sound] : [] },
  { outputIndex: 1, tracks: [sound] },
];

function extinfSum(objects: MemoryObjects, playlist: string): number {
  const durations = entriesOf(objects, `s3://out/vod/${playlist}`).map(({ duration }) => duration);
  return Math.round(durations.reduce((sum, duration) => sum + duration, 0) * 1000);
}

/** Of the video's timeline: the length of each segment, and ticks a second. */
function timelineOf(mpd: string): { readonly durations: readonly number[]; readonly timescale: number } {
  const set = /<AdaptationSet mimeType="video[\s\S]*?<\/AdaptationSet>/.exec(mpd)?.[0] ?? '';
  const entries = [...set.matchAll(/<S(?: t="\d+")? d="(\d+)"(?: r="(\d+)")?\/>/g)];
  const durations = entries.flatMap(([, d, r = '0']) =>
    Array.from({ length: Number(r) + 1 }, () => Number(d)),
  );
  return { durations, timescale: Number(/timescale="(\d+)"/.exec(set)?.[1]) };
}

describe.each(rates.map((rate) => [`${rate.num}/${rate.den}`, rate] as const))(
  'at %s pictures a second',
  (_, rate) => {
    it.each(['SEGMENTED_FILES', 'SINGLE_FILE'] as const)(
      'HLS in %s lasts exactly as long as its pictures',
      async (segmentControl) => {
        const single = segmentControl === 'SINGLE_FILE';
        const video = videoOutput(0, '_a', single ? { segmentLocation: 's3://out/vod/clip_a.ts' } : {});
        const audio = audioOutput(1, '_s', single ? { segmentLocation: 's3://out/vod/clip_s.aac' } : {});
        const { objects } = await makeGroup([video, audio], outputs(rate), { segmentControl });
        expect(extinfSum(objects, 'clip_a.m3u8')).toBe(lengthIn(rate, 1000));
        keepsBandwidth(objects);
      },
    );

    it.each(['SEGMENTED_FILES', 'SINGLE_FILE'] as const)(
      'CMAF and DASH in %s last exactly as long as their pictures',
      async (segmentControl) => {
        const files = [videoTrackFile(0, '_a'), audioTrackFile(1, '_s')].map((file) =>
          segmentControl === 'SINGLE_FILE'
            ? { ...file, initLocation: null, segmentLocation: file.segmentLocation.replace('_%09d', '') }
            : file,
        );
        const cmaf = await makeFragments(cmafGroup(files, { segmentControl }), outputs(rate));
        expect(extinfSum(cmaf.objects, 'clip_a.m3u8')).toBe(lengthIn(rate, 1000));
        keepsBandwidth(cmaf.objects);
        keepsAverage(mpdBandwidth(cmaf.objects), listed(cmaf.objects, 'clip_a.m3u8'));
        const most = { mpd: { ...mpdRules, bandwidthType: 'MAX' as const } };
        const peaks = await makeFragments(cmafGroup(files, { segmentControl, ...most }), outputs(rate));
        keepsPeak(mpdBandwidth(peaks.objects), listed(peaks.objects, 'clip_a.m3u8'));
        const dash = await makeFragments(dashGroup(files, { segmentControl, ...most }), outputs(rate));
        const mpd = textOf(dash.objects, 's3://out/vod/clip.mpd');
        const length = readMpd(Buffer.from(mpd))?.durationSeconds ?? 0;
        expect(Math.abs(length - seconds)).toBeLessThan(0.05);
        if (segmentControl === 'SINGLE_FILE') return;
        const { durations, timescale } = timelineOf(mpd);
        expect(durations.reduce((sum, duration) => sum + duration, 0)).toBe(lengthIn(rate, timescale));
        const sizes = namesOf(dash.objects, 'clip_a_0').map((name) => joined(dash.objects, name).length);
        expect(sizes).toHaveLength(durations.length);
        keepsPeak(
          mpdBandwidth(dash.objects),
          sizes.map((bytes, n) => ({ bytes, seconds: (durations[n] ?? 0) / timescale })),
        );
      },
    );

    it('Smooth lasts exactly as long as its pictures', async () => {
      const { objects } = await makeFragments(smoothGroup([smoothFile(0, '_a')]), outputs(rate).slice(0, 1));
      const { streams } = readClientManifest(textOf(objects, 's3://out/vod/clip.ismc'));
      const sum = streams[0]?.chunks.reduce((total, { duration }) => total + duration, 0);
      expect(sum).toBe(lengthIn(rate, 10_000_000));
    });
  },
);

interface Sized {
  readonly bytes: number;
  readonly seconds: number;
}

function listed(objects: MemoryObjects, playlist: string): readonly Sized[] {
  return entriesOf(objects, `s3://out/vod/${playlist}`).map(({ bytes, duration }) => ({
    bytes: bytes.length,
    seconds: duration,
  }));
}

/** `bandwidth` of the video. */
function mpdBandwidth(objects: MemoryObjects): number {
  const mpd = textOf(objects, 's3://out/vod/clip.mpd');
  return Number(/<Representation id="1"[^>]* bandwidth="(\d+)"/.exec(mpd)?.[1]);
}

/** BANDWIDTH is at least the highest rate over half to one and a half target durations, and less than a tenth above it. */
function keepsBandwidth(objects: MemoryObjects): void {
  const parent = textOf(objects, 's3://out/vod/clip.m3u8');
  const told = Number(/#EXT-X-STREAM-INF:BANDWIDTH=(\d+)/.exec(parent)?.[1]);
  const average = Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(parent)?.[1]);
  const members = parent.includes('TYPE=AUDIO') ? ['clip_a.m3u8', 'clip_s.m3u8'] : ['clip_a.m3u8'];
  const peak = members.reduce((sum, playlist) => {
    const target = /TARGETDURATION:(\d+)/.exec(textOf(objects, `s3://out/vod/${playlist}`))?.[1];
    return sum + peakOf(listed(objects, playlist), Number(target));
  }, 0);
  expect(told).toBeGreaterThanOrEqual(Math.floor(peak));
  expect(told).toBeLessThan(peak * 1.1);
  expect(average).toBeLessThanOrEqual(told);
}

/** The same for an MPD that names peaks: its target is its longest segment. */
function keepsPeak(told: number, segments: readonly Sized[]): void {
  const peak = peakOf(segments, Math.max(...segments.map(({ seconds }) => seconds)));
  expect(told).toBeGreaterThanOrEqual(Math.floor(peak * 0.999));
  expect(told).toBeLessThan(peak * 1.1);
}

/** An MPD that names averages: all bits over all time. */
function keepsAverage(told: number, segments: readonly Sized[]): void {
  const [bytes, seconds] = segments.reduce(
    ([size, time], each) => [size + each.bytes, time + each.seconds],
    [0, 0],
  );
  expect(told / ((bytes * 8) / seconds)).toBeCloseTo(1, 3);
}

function peakOf(segments: readonly Sized[], target: number): number {
  let peak = 0;
  segments.forEach((_, first) => {
    let [bits, time] = [0, 0];
    for (const { bytes, seconds: length } of segments.slice(first)) {
      bits += bytes * 8;
      time += length;
      if (time > target * 1.5) break;
      if (time >= target * 0.5) peak = Math.max(peak, bits / time);
    }
  });
  return peak;
}
