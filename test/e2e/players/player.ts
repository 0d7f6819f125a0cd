/** Drives one player on one page: every call is one thing that a viewer does, or looks at. */
import type { Browser } from 'playwright-core';
import { numberBits } from '../../engine/numbered-media.ts';
import { type Appended, keepAppended } from './appended.ts';
import { type DrivenPlayer, type StartOptions, startPlayer } from './start-player.ts';

/** Where the page looks for its player. */
type Scope = typeof globalThis & { driven: DrivenPlayer };

/** A player that plays. */
export interface Player {
  readonly durationSeconds: number;
  seek(seconds: number): Promise<void>;
  /** Goes there and waits until the picture of this number is on the screen; the number that is, when it does not come. */
  seekAndLook(seconds: number, awaited: number): Promise<number>;
  /** Number of the picture on the screen. */
  look(): Promise<number>;
  /** Width of the pictures. */
  width(): Promise<number>;
  /** Sound that the browser has decoded. */
  soundBytes(): Promise<number>;
  /** Asks for the widest or the narrowest pictures, and goes from place to place until they come. */
  switchTo(size: 'widest' | 'narrowest', places: readonly number[]): Promise<number>;
  /** Plays from there until a tone is heard; its frequency, or 0 after ten seconds of silence. */
  listen(fromSeconds: number): Promise<number>;
  /** Languages of its sound, in the player's order. */
  languages(): Promise<readonly string[]>;
  chooseLanguage(language: string): Promise<void>;
  /** Number of the picture in the thumbnail of an instant. */
  thumbnail(seconds: number): Promise<number>;
  /** What the player handed to the browser's decoders, by MIME type. */
  appended(): Promise<readonly Appended[]>;
  close(): Promise<void>;
}

/** Opens a page and starts the player; rejects with the player's own error. */
export async function openPlayer(
  browser: Browser,
  origin: string,
  options: Omit<StartOptions, 'numberBits'>,
): Promise<Player> {
  const page = await browser.newPage();
  await page.addInitScript(keepAppended);
  await page.goto(origin);
  const durationSeconds = await page.evaluate(startPlayer, { ...options, numberBits });
  // A canvas is given no picture of protected media, with clear keys neither: a photograph of the page shows it.
  const look = async (): Promise<number> => {
    if (!options.isProtected) return page.evaluate(() => (globalThis as Scope).driven.look(null));
    const photograph = await page.locator('#v').screenshot({ timeout: 10_000 });
    const url = `data:image/png;base64,${photograph.toString('base64')}`;
    return page.evaluate((picture) => (globalThis as Scope).driven.look(picture), url);
  };
  const seek = (seconds: number): Promise<void> =>
    page.evaluate((place) => (globalThis as Scope).driven.seek(place), seconds);
  const width = (): Promise<number> => page.evaluate(() => (globalThis as Scope).driven.video.videoWidth);
  return {
    durationSeconds,
    seek,
    look,
    width,
    soundBytes: () =>
      page.evaluate(() => (globalThis as Scope).driven.video.webkitAudioDecodedByteCount as number),
    async seekAndLook(seconds, awaited) {
      await seek(seconds);
      // The picture from before the seek may stay on the screen for a while; the last one seen is what is told.
      for (const nudge of [0, 0.002, 0.004]) {
        if (nudge > 0) await seek(seconds + nudge);
        const until = Date.now() + 3000;
        while (Date.now() < until) if ((await look()) === awaited) return awaited;
      }
      return look();
    },
    async switchTo(size, places) {
      const before = await width();
      await page.evaluate((wanted) => (globalThis as Scope).driven.switchTo(wanted), size);
      await page
        .waitForFunction((old) => (globalThis as Scope).driven.video.videoWidth !== old, before, {
          timeout: 2000,
        })
        .catch(() => {});
      // Players may keep what is buffered around the place: it is left and visited again until the other one shows.
      for (const place of [...places, ...places, ...places]) {
        if ((await width()) !== before) break;
        await seek(place);
      }
      return width();
    },
    listen: (from) => page.evaluate((place) => (globalThis as Scope).driven.listen(place), from),
    languages: () => page.evaluate(() => (globalThis as Scope).driven.languages()),
    chooseLanguage: (language) =>
      page.evaluate((wanted) => (globalThis as Scope).driven.chooseLanguage(wanted), language),
    thumbnail: (seconds) => page.evaluate((place) => (globalThis as Scope).driven.thumbnail(place), seconds),
    async appended() {
      const kept = await page.evaluate(() => (globalThis as never as { appended: Appended64[] }).appended);
      return kept.map(({ mime, base64, offset }) => ({
        mime,
        bytes: Buffer.from(base64, 'base64'),
        offsetSeconds: offset,
      }));
    },
    close: () => page.close(),
  };
}

interface Appended64 {
  readonly mime: string;
  readonly base64: string;
  readonly offset: number;
}
