/** Drives one player on one page: loads, seeks, reads the number of the picture shown, switches renditions. */
import type { Page } from 'playwright-core';
import { bits } from './numbered-picture.ts';

export type PlayerName = 'hls.js' | 'dash.js' | 'shaka';

export interface PlayOptions {
  readonly player: PlayerName;
  readonly url: string;
  readonly places: readonly PlaceToSee[];
  /** Key by key id, both hexadecimal; null for clear media. */
  readonly clearKeys: Readonly<Record<string, string>> | null;
}

export interface PlaceToSee {
  readonly seconds: number;
  /** Of the picture that must be on the screen there; waited for, as players show the old one for a while. */
  readonly number: number;
}

export interface Played {
  /**
   * Number of the picture shown at each instant: read from the picture, or from its time where it is protected: Chromium
   * gives a canvas no such picture, with clear keys neither (seen in Debian's Chromium, 2026-11).
   */
  readonly numbers: readonly number[];
  /** Widths that were shown before and after the switch. */
  readonly widths: readonly number[];
  readonly durationSeconds: number;
}

/** Rejects with the player's own error. */
export async function play(page: Page, origin: string, options: PlayOptions): Promise<Played> {
  await page.goto(origin);
  return page.evaluate(playInPage, { ...options, bits });
}

/** Runs in the browser: everything it uses is inside it. */
async function playInPage(options: PlayOptions & { readonly bits: number }): Promise<Played> {
  // biome-ignore lint/suspicious/noExplicitAny: the players' globals have no types here
  const scope = globalThis as any;
  const video = scope.document.getElementById('v');
  const canvas = scope.document.getElementById('c');
  const { player: name, url, places, clearKeys } = options;
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  const within = <Value>(work: Promise<Value>, what: string): Promise<Value> =>
    Promise.race([
      work,
      failed,
      new Promise<never>((_, reject) =>
        scope.setTimeout(
          () => reject(new Error(`${name}: no ${what} (${video.readyState}, ${video.error?.message})`)),
          30_000,
        ),
      ),
    ]);
  const event = (type: string): Promise<void> =>
    new Promise((resolve) => video.addEventListener(type, () => resolve(), { once: true }));
  const base64url = (hex: string): string =>
    scope
      .btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .replace(/=+$/, '');

  const start = async (): Promise<() => void> => {
    if (name === 'hls.js') {
      const hls = new scope.Hls({ enableWorker: false, startLevel: 0 });
      hls.on(
        scope.Hls.Events.ERROR,
        (_: unknown, data: { fatal: boolean; details: string; reason?: string }) => {
          if (data.fatal) fail(new Error(`hls.js ${data.details} ${data.reason ?? ''}`));
        },
      );
      hls.loadSource(url);
      hls.attachMedia(video);
      return () => {
        hls.currentLevel = hls.levels.findIndex(
          (level: { width: number }) => level.width !== video.videoWidth,
        );
      };
    }
    if (name === 'dash.js') {
      const dash = scope.dashjs.MediaPlayer().create();
      dash.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
      dash.on('error', (error: { error: { message: string } }) =>
        fail(new Error(`dash.js ${error.error.message}`)),
      );
      dash.initialize(video, null, false);
      if (clearKeys !== null) {
        const keys = Object.entries(clearKeys).map(([id, key]) => [base64url(id), base64url(key)]);
        dash.setProtectionData({ 'org.w3.clearkey': { clearkeys: Object.fromEntries(keys) } });
      }
      dash.attachSource(url);
      return () => {
        const found = dash.getRepresentationsByType('video');
        const current = dash.getCurrentRepresentationForType('video');
        const other = found.find((each: { id: string }) => each.id !== current.id);
        if (other !== undefined) dash.setRepresentationForTypeById('video', other.id, true);
      };
    }
    scope.shaka.polyfill.installAll();
    const shaka = new scope.shaka.Player();
    shaka.addEventListener('error', (error: { detail: { code: number; data: unknown } }) =>
      fail(new Error(`shaka ${error.detail.code} ${JSON.stringify(error.detail.data)?.slice(0, 300)}`)),
    );
    await shaka.attach(video);
    shaka.configure({ abr: { enabled: false }, ...(clearKeys === null ? {} : { drm: { clearKeys } }) });
    await shaka.load(url).catch((error: { code: number; data: unknown }) => {
      throw new Error(`shaka ${error.code} ${JSON.stringify(error.data)?.slice(0, 300)}`);
    });
    return () => {
      const found = shaka.getVariantTracks();
      const other = found.find(
        (track: { active: boolean; width: number }) => track.width !== video.videoWidth,
      );
      if (other !== undefined) shaka.selectVariantTrack(other, true);
    };
  };

  let lastShown = 0;
  const numberShown = (): number => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    let number = 0;
    for (let bit = 0; bit < options.bits; bit += 1) {
      const x = Math.floor(((bit + 0.5) * canvas.width) / options.bits);
      const [red] = context.getImageData(x, Math.floor(canvas.height / 4), 1, 1).data;
      if (red > 128) number |= 1 << bit;
    }
    return number;
  };
  const watch = (_: number, { mediaTime }: { mediaTime: number }): void => {
    lastShown = mediaTime;
    video.requestVideoFrameCallback(watch);
  };
  video.requestVideoFrameCallback(watch);
  const pictureShown = (): number => (clearKeys === null ? numberShown() : Math.floor(lastShown * 25 + 0.01));
  const seek = async (seconds: number): Promise<void> => {
    const seeked = event('seeked');
    video.currentTime = seconds;
    // A player that loses the first request while it loads gets a second one.
    const again = scope.setTimeout(() => {
      if (video.seeking) video.currentTime = seconds + 0.001;
    }, 8000);
    await within(seeked, `picture at ${seconds}`);
    scope.clearTimeout(again);
  };
  const seekAndLook = async ({ seconds, number }: PlaceToSee): Promise<number> => {
    await seek(seconds);
    // The picture from before the seek may stay on the screen for a while; the last one seen is what is told.
    const seen = new Promise<number>((resolve) => {
      const until = scope.performance.now() + 20_000;
      const look = (): void => {
        const found = pictureShown();
        if (found === number || scope.performance.now() > until) resolve(found);
        else scope.requestAnimationFrame(look);
      };
      look();
    });
    return within(seen, `screen at ${seconds}`);
  };

  const ready = event('loadeddata');
  const switchRendition = await within(start(), 'start');
  await within(ready, 'picture');
  const numbers: number[] = [];
  for (const place of places) numbers.push(await seekAndLook(place));
  const widths = [video.videoWidth];
  switchRendition();
  // Players may keep what is buffered around the place: it is left and visited again until the other one shows.
  for (const place of [...places, ...places]) {
    if (video.videoWidth !== widths[0]) break;
    await seek(place.seconds);
  }
  for (const place of places.slice(1, 2)) numbers.push(await seekAndLook(place));
  widths.push(video.videoWidth);
  return { numbers, widths, durationSeconds: video.duration };
}
