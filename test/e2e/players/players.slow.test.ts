/** Packages in real players in a real browser: five seeks and a switch, the pictures' own numbers tell what was shown. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rational } from '../../../src/exact-time.ts';
import type { GroupKeys } from '../../../src/package/encryption/content-keys.ts';
import { element } from '../../../src/package/xml.ts';
import type { EncryptionPlan } from '../../../src/plan/encryption-plan.ts';
import {
  audioTrackFile,
  cmafGroup,
  dashGroup,
  mpdRules,
  smoothFile,
  smoothGroup,
  videoTrackFile,
} from '../../package/support/fragmented-plan.ts';
import { hlsGroup, videoOutput } from '../../package/support/hls-plan.ts';
import { makeFragments } from '../../package/support/made-fragments.ts';
import { createTinyTracks, makeGroup } from '../../package/support/made-group.ts';
import { drawNumber } from './numbered-picture.ts';
import { type PlayerName, play } from './play.ts';
import { type ServedObjects, serveObjects } from './served-objects.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
if (executablePath === undefined)
  console.log('players.slow.test.ts: skipped, there is no Chromium (apt-get install chromium)');

const tracks = createTinyTracks();
const frames = 250;
const keyId = '00112233445566778899aabbccddeeff';
const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';

function keysOf(scheme: 'cenc' | 'cbcs'): GroupKeys {
  const attributes = {
    schemeIdUri: 'urn:mpeg:dash:mp4protection:2011',
    value: scheme,
    'cenc:default_KID': '00112233-4455-6677-8899-aabbccddeeff',
  };
  const clearKey = { schemeIdUri: 'urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e', value: 'ClearKey1.0' };
  return {
    groupIndex: 0,
    scheme,
    clearSegments: 0,
    keys: [
      {
        keyId,
        key,
        iv: '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
        tracks: null,
        keyLines: [],
        sessionLines: [],
        mpdElements: [element('ContentProtection', attributes), element('ContentProtection', clearKey)],
        headerBoxes: [],
        protectionHeaders: [],
      },
    ],
  };
}

/** In the middle of pictures 7, 61, 100, 149 and 233. */
const wanted = [7, 61, 100, 149, 233];
const secondsOf = (number: number): number => (number + 0.5) / 25;

describe.skipIf(executablePath === undefined)('players', { timeout: 240_000 }, () => {
  let browser: Browser;
  let served: ServedObjects;

  beforeAll(async () => {
    const numbered = (widthPx: number, heightPx: number, codec: 'H_264' | 'AV1' = 'H_264') =>
      tracks.video({
        frames,
        codec,
        widthPx,
        heightPx,
        draw: drawNumber(widthPx, heightPx),
        forcedKeyFrameSeconds: rational(1),
        globalHeader: true,
      });
    const [large, little] = [numbered(384, 216), numbered(192, 108)];
    const sound = tracks.audio({ seconds: 10 });
    const driven = [
      { outputIndex: 0, tracks: [large] },
      { outputIndex: 1, tracks: [little] },
      { outputIndex: 2, tracks: [sound] },
    ];
    const files = [videoTrackFile(0, '_a'), videoTrackFile(1, '_b'), audioTrackFile(2, '_s')];
    const single = files.map((output) => ({
      ...output,
      initLocation: null,
      segmentLocation: output.segmentLocation.replace('_%09d', ''),
    }));
    const folders = new Map<string, ReadonlyMap<string, Uint8Array>>();
    const add = async (name: string, made: ReturnType<typeof makeFragments>): Promise<void> => {
      folders.set(name, (await made).objects.visible);
    };
    await add('cmaf', makeFragments(cmafGroup(files), driven));
    await add('signed', makeFragments(cmafGroup(files, { compositionOffsets: 'signed' }), driven));
    await add('single', makeFragments(cmafGroup(single, { segmentControl: 'SINGLE_FILE' }), driven));
    const numbers = { ...mpdRules, hasTimelines: false };
    await add('dash', makeFragments(dashGroup(files, { mpd: numbers }), driven));
    await add(
      'shifted',
      makeFragments(
        dashGroup(files, { mpd: { ...mpdRules, style: 'COMPACT' }, compositionOffsets: 'shift' }),
        driven,
      ),
    );
    const smooth = [
      smoothFile(0, '_a'),
      smoothFile(1, '_b'),
      smoothFile(2, '_s', { videoRenditionId: null, audioRenditionIds: ['s'] }),
    ];
    await add('smooth', makeFragments(smoothGroup(smooth), driven));
    const av1 = [
      { outputIndex: 0, tracks: [numbered(384, 216, 'AV1')] },
      { outputIndex: 1, tracks: [numbered(192, 108, 'AV1')] },
      { outputIndex: 2, tracks: [sound] },
    ];
    const av1Files = files.map((file) => ({ ...file, sampleEntry: null }));
    await add('av1', makeFragments(cmafGroup(av1Files), av1));
    for (const scheme of ['cenc', 'cbcs'] as const) {
      const protectedGroup = { encryption: { scheme } as EncryptionPlan };
      await add(scheme, makeFragments(cmafGroup(files, protectedGroup), driven, keysOf(scheme)));
      await add(`av1-${scheme}`, makeFragments(dashGroup(av1Files, protectedGroup), av1, keysOf(scheme)));
    }
    const hls = [
      videoOutput(0, '_a', { audioRenditionIds: ['s'] }),
      videoOutput(1, '_b', { audioRenditionIds: ['s'] }),
    ];
    const made = makeGroup(
      hls,
      [
        { outputIndex: 0, tracks: [large, sound] },
        { outputIndex: 1, tracks: [little, sound] },
      ],
      hlsGroup(hls),
    );
    folders.set('hls', (await made).objects.visible);
    served = await serveObjects(folders);
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu'],
    });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    tracks.free();
  });

  const packages: readonly (readonly [string, string, readonly PlayerName[]])[] = [
    ['HLS, transport streams', 'hls/clip.m3u8', ['hls.js', 'shaka']],
    ['CMAF, HLS playlists', 'cmaf/clip.m3u8', ['hls.js', 'shaka']],
    ['CMAF, MPD with timelines', 'cmaf/clip.mpd', ['dash.js', 'shaka']],
    ['CMAF, signed offsets', 'signed/clip.mpd', ['dash.js', 'shaka']],
    ['CMAF, signed offsets, HLS', 'signed/clip.m3u8', ['hls.js']],
    ['CMAF, single files, MPD', 'single/clip.mpd', ['dash.js', 'shaka']],
    ['CMAF, single files, HLS', 'single/clip.m3u8', ['hls.js', 'shaka']],
    ['cenc', 'cenc/clip.mpd', ['dash.js', 'shaka']],
    ['cbcs', 'cbcs/clip.mpd', ['dash.js', 'shaka']],
    ['AV1', 'av1/clip.m3u8', ['hls.js']],
    ['AV1, cenc', 'av1-cenc/clip.mpd', ['dash.js', 'shaka']],
    ['AV1, cbcs', 'av1-cbcs/clip.mpd', ['dash.js', 'shaka']],
    ['Smooth Streaming', 'smooth/clip.ismc', ['dash.js']],
    ['DASH, durations', 'dash/clip.mpd', ['dash.js', 'shaka']],
    ['DASH, first presentation time', 'shifted/clip.mpd', ['dash.js', 'shaka']],
  ];

  for (const [name, path, players] of packages) {
    for (const player of players) {
      it(`${player} shows ${name} at the right places`, async () => {
        // Players of transport streams and of Smooth count from the first decoding time, two pictures before the first is shown.
        const delay = /^(hls|smooth)\//.test(path) ? 2 : 0;
        const url = `${served.origin}/${path}`;
        const page = await browser.newPage();
        const played = await play(page, served.origin, {
          player,
          url,
          places: wanted.map((n) => ({ seconds: secondsOf(n), number: n - delay })),
          clearKeys: /^(av1-)?c(enc|bcs)\//.test(path) ? { [keyId]: key } : null,
        });
        await page.close();
        expect(played.numbers).toEqual([...wanted, wanted[1] ?? 0].map((n) => n - delay));
        expect([...played.widths].sort()).toEqual([192, 384]);
        expect(played.durationSeconds).toBeCloseTo(10, 0);
        expect(served.missing).toEqual([]);
      });
    }
  }
});
