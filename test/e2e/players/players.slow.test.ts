/** Packages of one job in real players in a real browser: the pictures' own numbers tell what is shown, tones what is heard. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstPresentation } from './appended.ts';
import { film, tones } from './film.ts';
import type { PlayedPackage } from './package-parts.ts';
import { heardPackages, playedPackages, trickPackages } from './packages.table.ts';
import { openPlayer, type Player } from './player.ts';
import { type PlayersJob, runPlayersJob } from './players-job.ts';
import type { PlayerName } from './start-player.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => existsSync(file));
if (executablePath === undefined)
  console.log('players.slow.test.ts: skipped, there is no Chromium (apt-get install chromium)');

const wanted = [7, 61, 100, 149, 233];
const middleOf = (number: number): number => (number + 0.5) / film.rate;
const places = wanted.map(middleOf);
/** Of AAC. */
const soundFrameSeconds = 1024 / 48_000;

// Players and browsers have races of their own, when pictures or sound are chosen while others load: one may be played again.
const options = { concurrent: true, timeout: 120_000, retry: 1 };
describe.skipIf(executablePath === undefined)('players', options, () => {
  let browser: Browser;
  let job: PlayersJob;

  beforeAll(async () => {
    job = await runPlayersJob([...playedPackages, ...heardPackages, ...trickPackages]);
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu'],
    });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await job?.close();
  });

  const open = (from: PlayedPackage, player: PlayerName, manifest: string): Promise<Player> =>
    openPlayer(browser, job.origin, {
      player,
      url: `${job.origin}/${from.name}/film.${manifest}`,
      clearKeys: job.clearKeys(from, manifest),
      // Players of transport streams decrypt them before the browser sees them.
      isProtected: from.keys !== 'none' && from.group !== 'HLS',
    });

  /**
   * Numbers by which the pictures are late on the player's clock. hls.js and Shaka Player take the lowest decoding time of a
   * transport stream for their zero, dash.js that of a Smooth fragment: pictures that are decoded two before they are shown
   * come two late, and the sound with them, but for what Shaka Player sets each to a zero of its own. In the streams both begin together, to the tick: `test/package/hls-group.test.ts`.
   */
  const latenessOf = async (shown: Player, { group }: PlayedPackage): Promise<number> => {
    if (group !== 'HLS' && group !== 'MS_SMOOTH') return 0;
    const appended = await shown.appended();
    const first = (kind: string): number => {
      const found = appended.find(({ mime }) => mime.startsWith(kind));
      if (found === undefined) throw new Error(`no ${kind} was appended`);
      return firstPresentation(found);
    };
    const [pictures, sounds] = [first('video'), first('audio')];
    // Players round, and fill up to their zero with silence.
    expect(pictures - sounds).toBeGreaterThan(-soundFrameSeconds);
    expect(pictures - sounds).toBeLessThan(4 * soundFrameSeconds);
    return Math.round(pictures * film.rate);
  };

  describe('show the picture of each instant, in both sizes', () => {
    for (const each of playedPackages) {
      for (const [player, manifest] of each.players) {
        it(`${each.name}.${manifest} in ${player}`, async () => {
          const shown = await open(each, player, manifest);
          await shown.seek(middleOf(wanted[0] ?? 0));
          const late = await latenessOf(shown, each);
          const numbers: number[] = [];
          for (const number of wanted)
            numbers.push((await shown.seekAndLook(middleOf(number), number - late)) + late);
          const wide = await shown.switchTo('widest', places);
          numbers.push((await shown.seekAndLook(middleOf(61), 61 - late)) + late);
          const narrow = await shown.switchTo('narrowest', places);
          numbers.push((await shown.seekAndLook(middleOf(100), 100 - late)) + late);
          const soundBytes = await shown.soundBytes();
          await shown.close();
          expect(numbers).toEqual([...wanted, 61, 100]);
          expect(soundBytes).toBeGreaterThan(0);
          expect([wide, narrow]).toEqual([film.widthPx, 192]);
          expect(shown.durationSeconds).toBeCloseTo(film.seconds, 0);
        });
      }
    }
  });

  describe('let every language be heard', () => {
    for (const each of heardPackages) {
      for (const [player, manifest] of each.players) {
        it(`${each.name}.${manifest} in ${player}`, async () => {
          const heard = await open(each, player, manifest);
          const both = each.name.endsWith('languages');
          if (both) {
            expect((await heard.languages()).map((language) => language.slice(0, 2)).sort()).toEqual([
              'en',
              'fr',
            ]);
            expect(await heard.listen(1)).toBeCloseTo(tones.eng, -1);
            await heard.chooseLanguage('fr');
          }
          expect(await heard.listen(4)).toBeCloseTo(tones.fra, -1);
          await heard.close();
        });
      }
    }
  });

  describe('show thumbnails of the right pictures', () => {
    for (const each of trickPackages) {
      for (const [player, manifest] of each.players) {
        it(`${each.name}.${manifest} in ${player}`, async () => {
          const shown = await open(each, player, manifest);
          for (const second of [0, 4, 8])
            expect(await shown.thumbnail(second + 0.5)).toBe(second * film.rate);
          await shown.close();
        });
      }
    }
  });

  it('ask for nothing that is not there', () => {
    expect(job.missing).toEqual([]);
  });
});
