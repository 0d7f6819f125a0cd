/** Runs in the browser: starts one of the players and leaves what can be done with it in `driven`. */

export type PlayerName = 'hls.js' | 'dash.js' | 'shaka';

/** What the page is told. */
export interface StartOptions {
  readonly player: PlayerName;
  readonly url: string;
  /** Key by key id, both hexadecimal, for players that are told keys; null where there are none, or playlists name them. */
  readonly clearKeys: Readonly<Record<string, string>> | null;
  readonly isProtected: boolean;
  readonly numberBits: number;
}

/** The page's side of `Player`; the same words. */
export interface DrivenPlayer {
  // biome-ignore lint/suspicious/noExplicitAny: the element has no type here
  readonly video: any;
  seek(seconds: number): Promise<void>;
  /** Reads a photograph, as a data URL, or the element itself. */
  look(photograph: string | null): Promise<number>;
  switchTo(size: 'widest' | 'narrowest'): void;
  listen(fromSeconds: number): Promise<number>;
  languages(): readonly string[];
  chooseLanguage(language: string): void | Promise<void>;
  thumbnail(seconds: number): Promise<number>;
}

/** One player's own way of doing things. */
interface Ways {
  switchTo(size: 'widest' | 'narrowest'): void;
  languages(): readonly string[];
  chooseLanguage(language: string): void | Promise<void>;
  thumbnail(seconds: number): Promise<{ url: string; x: number; y: number; width: number; height: number }>;
}

// biome-ignore lint/suspicious/noExplicitAny: the players' globals and the browser's have no types here
type Untyped = any;

/** Resolves with the duration when the first picture, or sound, is there. Everything it uses is inside it. */
export async function startPlayer(options: StartOptions): Promise<number> {
  const scope = globalThis as Untyped;
  const video = scope.document.getElementById('v');
  const canvas = scope.document.getElementById('c');
  const { player: name, url, clearKeys } = options;
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
          20_000,
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
  /** The widest or the narrowest of what has a width. */
  const extreme = <One extends { width: number }>(all: readonly One[], size: string): One | undefined =>
    [...all].sort((a, b) => (size === 'widest' ? b.width - a.width : a.width - b.width))[0];

  const startHls = async (): Promise<Ways> => {
    const hls = new scope.Hls({ enableWorker: false, startLevel: 0 });
    hls.on(scope.Hls.Events.ERROR, (_: unknown, data: Untyped) => {
      if (data.fatal) fail(new Error(`hls.js ${data.details} ${data.reason ?? data.error?.message ?? ''}`));
    });
    hls.loadSource(url);
    hls.attachMedia(video);
    return {
      switchTo(size) {
        const wanted = extreme(hls.levels as Untyped[], size);
        hls.currentLevel = hls.levels.indexOf(wanted);
      },
      languages: () => hls.audioTracks.map((track: Untyped) => track.lang),
      chooseLanguage(language) {
        hls.audioTrack = hls.audioTracks.findIndex((track: Untyped) => track.lang.startsWith(language));
      },
      thumbnail: () => Promise.reject(new Error('hls.js cuts no thumbnails out of sheets')),
    };
  };

  const startDash = async (): Promise<Ways> => {
    const dash = scope.dashjs.MediaPlayer().create();
    dash.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
    dash.on('error', (error: Untyped) => fail(new Error(`dash.js ${error.error.message}`)));
    dash.initialize(video, null, false);
    if (clearKeys !== null) {
      const keys = Object.entries(clearKeys).map(([id, key]) => [base64url(id), base64url(key)]);
      dash.setProtectionData({ 'org.w3.clearkey': { clearkeys: Object.fromEntries(keys) } });
    }
    dash.attachSource(url);
    const sounds = (): Untyped[] => dash.getTracksFor('audio');
    return {
      switchTo(size) {
        const wanted = extreme(dash.getRepresentationsByType('video') as Untyped[], size);
        if (wanted !== undefined) dash.setRepresentationForTypeById('video', wanted.id, true);
      },
      languages: () => sounds().map((track) => track.lang),
      chooseLanguage(language) {
        dash.setCurrentTrack(sounds().find((track) => track.lang.startsWith(language)));
      },
      thumbnail: (seconds) =>
        new Promise((resolve, reject) =>
          dash.provideThumbnail(seconds, (found: Untyped) =>
            found === null ? reject(new Error('dash.js has no thumbnail')) : resolve(found),
          ),
        ),
    };
  };

  const startShaka = async (): Promise<Ways> => {
    scope.shaka.polyfill.installAll();
    const shaka = new scope.shaka.Player();
    const words = (error: Untyped): string =>
      `shaka ${error.code} ${JSON.stringify(error.data)?.slice(0, 300)}`;
    shaka.addEventListener('error', (error: Untyped) => fail(new Error(words(error.detail))));
    await shaka.attach(video);
    shaka.configure({ abr: { enabled: false }, ...(clearKeys === null ? {} : { drm: { clearKeys } }) });
    await shaka.load(url).catch((error: Untyped) => {
      throw new Error(words(error));
    });
    const language = (track: Untyped): string => track.language;
    return {
      switchTo(size) {
        const active = shaka.getVariantTracks().find((track: Untyped) => track.active);
        const same = shaka.getVariantTracks().filter((track: Untyped) => track.language === active?.language);
        const wanted = extreme(same as Untyped[], size);
        if (wanted !== undefined) shaka.selectVariantTrack(wanted, true);
      },
      languages: () => shaka.getAudioTracks().map(language),
      async chooseLanguage(wanted) {
        shaka.selectAudioTrack(
          shaka.getAudioTracks().find((track: Untyped) => language(track).startsWith(wanted)),
        );
        // A seek into the exchange of one track for the other leaves the player waiting: it gets its buffer first.
        const until = scope.performance.now() + 5000;
        for (let frames = 0; scope.performance.now() < until; frames += 1) {
          await new Promise((resolve) => scope.requestAnimationFrame(resolve));
          const isWhole = shaka
            .getBufferedInfo()
            .total.some(({ end }: Untyped) => end > video.duration - 0.5);
          if (frames > 20 && isWhole) return;
        }
      },
      async thumbnail(seconds) {
        const [track] = shaka.getImageTracks();
        const found = await shaka.getThumbnails(track.id, seconds);
        return {
          url: found.uris[0],
          x: found.positionX,
          y: found.positionY,
          width: found.width,
          height: found.height,
        };
      },
    };
  };

  /** The number in a part of a picture: its upper half is black and white blocks, lowest bit first. */
  const readNumber = (picture: Untyped, x: number, y: number, width: number, height: number): number => {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(picture, x, y, width, height, 0, 0, width, height);
    let number = 0;
    for (let bit = 0; bit < options.numberBits; bit += 1) {
      const at = Math.floor(((bit + 0.5) * width) / options.numberBits);
      const [red] = context.getImageData(at, Math.floor(height / 4), 1, 1).data;
      if (red > 128) number |= 1 << bit;
    }
    return number;
  };
  const loadPicture = async (address: string): Promise<Untyped> => {
    const picture = new scope.Image();
    picture.src = address;
    await picture.decode();
    return picture;
  };
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
  /** Made once: an element can be tapped once only. */
  let meter: Untyped = null;
  const openMeter = async (): Promise<Untyped> => {
    const context = new scope.AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaElementSource(video).connect(analyser).connect(context.destination);
    await context.resume();
    return analyser;
  };
  const loudest = (analyser: Untyped): number => {
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const bin = levels.indexOf(Math.max(...levels));
    return (levels[bin] ?? 0) < -50 ? 0 : (bin * analyser.context.sampleRate) / analyser.fftSize;
  };

  const ready = event('loadeddata');
  const starts = { 'hls.js': startHls, 'dash.js': startDash, shaka: startShaka };
  const ways = await within(starts[name](), 'start');
  await within(ready, 'picture');
  const driven: DrivenPlayer = {
    video,
    ...ways,
    seek,
    async look(photograph) {
      if (photograph === null) return readNumber(video, 0, 0, video.videoWidth, video.videoHeight);
      const picture = await loadPicture(photograph);
      return readNumber(picture, 0, 0, picture.width, picture.height);
    },
    async listen(from) {
      await seek(from);
      video.muted = false;
      meter ??= await openMeter();
      await within(video.play(), `sound at ${from}`);
      // What was played before is in the meter for a moment: a tone counts when it stays.
      const until = scope.performance.now() + 10_000;
      let steady = 0;
      let heard = 0;
      while (steady < 20 && scope.performance.now() < until && !video.ended) {
        await new Promise((resolve) => scope.requestAnimationFrame(resolve));
        const found = loudest(meter);
        steady = found > 0 && found === heard ? steady + 1 : 0;
        heard = found;
      }
      video.pause();
      return heard;
    },
    async thumbnail(seconds) {
      const found = await within(ways.thumbnail(seconds), `thumbnail at ${seconds}`);
      return readNumber(await loadPicture(found.url), found.x, found.y, found.width, found.height);
    },
  };
  scope.driven = driven;
  return video.duration;
}
