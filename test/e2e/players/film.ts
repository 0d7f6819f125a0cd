/** The film that players are given: ten seconds of numbered pictures, and a tone of its own for each language. */
import { makeNumberedClip } from '../../engine/numbered-media.ts';

export const film = { frames: 250, rate: 25, seconds: 10, widthPx: 384, heightPx: 216 };

/** Hertz, by language: far enough apart for any meter, and none a multiple of the other. */
export const tones = { eng: 440, fra: 1300 } as const;

/** A key frame a second and B-frames between, as encoders for streaming make them, so that copies can be cut too. */
export function makeFilm(path: string): void {
  const { frames, rate, seconds, widthPx, heightPx } = film;
  const tone =
    (hertz: number) =>
    (n: number): number =>
      Math.round(8000 * Math.sin((2 * Math.PI * hertz * n) / 48_000));
  makeNumberedClip(path, {
    frames,
    frameRate: [rate, 1],
    video: { size: { widthPx, heightPx }, gopFrames: rate },
    audio: { language: 'eng', sampleAt: tone(tones.eng) },
    moreAudio: [{ encoder: 'pcm_s16le', seconds, channels: 2, language: 'fra', sampleAt: tone(tones.fra) }],
  });
}
