/** What every package must keep, whatever its form and rate: time adds up to the tick, and bandwidths are promises kept. */

import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { type Rational, rational } from '../../src/exact-time.ts';
import { createFragmentedGroupWriter } from '../../src/package/fragmented-group.ts';
import type { DashOutputGroup } from '../../src/plan/group-plan.ts';
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
import { createMemoryObjects, type MemoryObjects } from './support/memory-objects.ts';
import { entriesOf, textOf } from './support/read-playlists.ts';
import { readClientManifest } from './support/read-smooth.ts';

const tracks = createTinyTracks();
afterAll(tracks.free);

const rates = [rational(24_000, 1001), rational(25), rational(30_000, 1001), rational(60_000, 1001)];
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

/** Of a timeline, the video's by default: the length of each segment, and ticks a second. */
function timelineOf(
  mpd: string,
  kind = 'video',
): { readonly durations: readonly number[]; readonly timescale: number } {
  const set = new RegExp(`<AdaptationSet mimeType="${kind}[\\s\\S]*?</AdaptationSet>`).exec(mpd)?.[0] ?? '';
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

describe('groups of sound alone', () => {
  const toneMs = seconds * 1000;
  const driven = [{ outputIndex: 0, tracks: [sound] }];

  it('HLS and CMAF last as long as the sound, and keep what they promise', async () => {
    const variant = { audioTrackType: 'AUDIO_ONLY_VARIANT_STREAM' as const };
    const hls = await makeGroup([audioOutput(0, '_a', variant)], driven);
    const cmaf = await makeFragments(cmafGroup([audioTrackFile(0, '_a', variant)]), driven);
    for (const { objects } of [hls, cmaf]) {
      expect(extinfSum(objects, 'clip_a.m3u8')).toBe(toneMs);
      keepsBandwidth(objects);
    }
    keepsAverage(mpdBandwidth(cmaf.objects), listed(cmaf.objects, 'clip_a.m3u8'));
  });

  it('DASH lasts as long as the sound, to the sample', async () => {
    const { objects } = await makeFragments(dashGroup([audioTrackFile(0, '_a')]), driven);
    const mpd = textOf(objects, 's3://out/vod/clip.mpd');
    expect(mpd).toContain(`mediaPresentationDuration="PT${seconds}S"`);
    const { durations, timescale } = timelineOf(mpd, 'audio');
    expect(durations.reduce((sum, duration) => sum + duration, 0)).toBe(seconds * timescale);
    const sizes = namesOf(objects, 'clip_a_0').map((name, n) => ({
      bytes: joined(objects, name).length,
      seconds: (durations[n] ?? 0) / timescale,
    }));
    keepsAverage(mpdBandwidth(objects), sizes);
  });
});

describe('trick play', () => {
  const [, , rate = rational(25)] = rates;
  const playlist = 's3://out/vod/clip_a_I-Frame.m3u8';

  it.each(['HLS', 'HLS with key frames in files of their own', 'CMAF'])(
    'of %s keeps what it promises',
    async (kind) => {
      const files = { iFramePlaylistLocation: playlist };
      const own = kind.endsWith('own')
        ? { iFrameSegmentLocation: 's3://out/vod/clip_a_I-Frame_%05d.ts' }
        : {};
      const { objects } =
        kind === 'CMAF'
          ? await makeFragments(cmafGroup([videoTrackFile(0, '_a', files)]), outputs(rate).slice(0, 1))
          : await makeGroup([videoOutput(0, '_a', { ...files, ...own })], outputs(rate).slice(0, 1));
      const parent = textOf(objects, 's3://out/vod/clip.m3u8');
      const told = Number(/I-FRAME-STREAM-INF:BANDWIDTH=(\d+)/.exec(parent)?.[1]);
      const target = /TARGETDURATION:(\d+)/.exec(textOf(objects, playlist))?.[1];
      const peak = peakOf(listed(objects, 'clip_a_I-Frame.m3u8'), Number(target));
      expect(told).toBeGreaterThanOrEqual(Math.floor(peak));
      expect(told).toBeLessThan(peak * 1.1);
      expect(extinfSum(objects, 'clip_a_I-Frame.m3u8')).toBe(lengthIn(rate, 1000));
    },
  );

  it('of DASH keeps the average it names', async () => {
    const keys = videoTrackFile(0, '_t', {
      isKeyFramesOnly: true,
      playlistLocation: null,
      initLocation: 's3://out/vod/clip_tinit.mp4',
      segmentLocation: 's3://out/vod/clip_t_%09d.mp4',
    });
    const group = dashGroup([videoTrackFile(0, '_a', { playlistLocation: null })], { keyFrameTrack: keys });
    const { objects } = await makeTrickPlay(group);
    const mpd = textOf(objects, 's3://out/vod/clip.mpd');
    const told = Number(/trickmode[\s\S]*?<Representation[^>]* bandwidth="(\d+)"/.exec(mpd)?.[1]);
    const bytes = namesOf(objects, 'clip_t_0').reduce((sum, name) => sum + joined(objects, name).length, 0);
    expect(told / ((bytes * 8) / (lengthIn(rate, 1000) / 1000))).toBeCloseTo(1, 2);
  });

  /** The track of key frames is fed beside the output, as the engine does. */
  async function makeTrickPlay(group: DashOutputGroup) {
    const objects = createMemoryObjects();
    const writer = createFragmentedGroupWriter(group, objects, tmpdir());
    const film = pictures.get(rate);
    if (film === undefined) throw new Error('no pictures');
    const all = [writer.outputWriter(0), ...writer.extras.map(({ writer: extra }) => extra)];
    for (const one of all) await one.start([film.track]);
    for (const packet of film.packets) for (const one of all) await one.writePacket(0, packet);
    for (const one of all) await one.endTrack(0);
    await writer.outputWriter(0).finish();
    await writer.finish();
    return { objects };
  }
});

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
