/** What every package must keep, whatever its form and rate: time adds up to the tick, and bandwidths are promises kept. */
import { afterAll, describe, expect, it } from 'vitest';
import { type Rational, rational } from '../../src/exact-time.ts';
import { readMpd } from '../../src/verify/mpd-reader.ts';
import {
  audioTrackFile,
  cmafGroup,
  dashGroup,
  smoothFile,
  smoothGroup,
  videoTrackFile,
} from './support/fragmented-plan.ts';
import { audioOutput, videoOutput } from './support/hls-plan.ts';
import { makeFragments } from './support/made-fragments.ts';
import { createTinyTracks, entriesOf, makeGroup, textOf } from './support/made-group.ts';
import type { MemoryObjects } from './support/memory-objects.ts';
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

/** Of the video's timeline: sum of all lengths, and its ticks a second. */
function timelineOf(mpd: string): { readonly sum: number; readonly timescale: number } {
  const set = /<AdaptationSet mimeType="video[\s\S]*?<\/AdaptationSet>/.exec(mpd)?.[0] ?? '';
  const entries = [...set.matchAll(/<S(?: t="\d+")? d="(\d+)"(?: r="(\d+)")?\/>/g)];
  const sum = entries.reduce((total, [, d, r = '0']) => total + Number(d) * (Number(r) + 1), 0);
  return { sum, timescale: Number(/timescale="(\d+)"/.exec(set)?.[1]) };
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
        const dash = await makeFragments(dashGroup(files, { segmentControl }), outputs(rate));
        const mpd = textOf(dash.objects, 's3://out/vod/clip.mpd');
        const length = readMpd(Buffer.from(mpd))?.durationSeconds ?? 0;
        expect(Math.abs(length - seconds)).toBeLessThan(0.05);
        if (segmentControl === 'SINGLE_FILE') return;
        const { sum, timescale } = timelineOf(mpd);
        expect(sum).toBe(lengthIn(rate, timescale));
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

/** BANDWIDTH is at least the highest rate over half to one and a half target durations, and less than a tenth above it. */
function keepsBandwidth(objects: MemoryObjects): void {
  const parent = textOf(objects, 's3://out/vod/clip.m3u8');
  const told = Number(/#EXT-X-STREAM-INF:BANDWIDTH=(\d+)/.exec(parent)?.[1]);
  const average = Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(parent)?.[1]);
  const hasSound = parent.includes('TYPE=AUDIO');
  const peak = peakOf(objects, 'clip_a.m3u8') + (hasSound ? peakOf(objects, 'clip_s.m3u8') : 0);
  expect(told).toBeGreaterThanOrEqual(Math.floor(peak));
  expect(told).toBeLessThan(peak * 1.1);
  expect(average).toBeLessThanOrEqual(told);
}

function peakOf(objects: MemoryObjects, playlist: string): number {
  const entries = entriesOf(objects, `s3://out/vod/${playlist}`);
  const target = Number(/TARGETDURATION:(\d+)/.exec(textOf(objects, `s3://out/vod/${playlist}`))?.[1]);
  let peak = 0;
  entries.forEach((_, first) => {
    let [bits, time] = [0, 0];
    for (const { bytes, duration } of entries.slice(first)) {
      bits += bytes.length * 8;
      time += duration;
      if (time > target * 1.5) break;
      if (time >= target * 0.5) peak = Math.max(peak, bits / time);
    }
  });
  return peak;
}
