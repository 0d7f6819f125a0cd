/** Moving clips that are hard for a rate control, each in its way: a scroll, a pan over texture, cuts. */
import { type EngineBench, openEngine } from './engine-bench.ts';

/** Pictures a second of all clips. */
export const clipRate = 25;

/** Descriptions in the library's own filter language. */
export const movingClips = {
  scroll: (seconds: number) => `testsrc2=s=320x180:r=${clipRate}:d=${seconds},scroll=h=0.01:v=0.003`,
  pan: (seconds: number) =>
    `color=gray:s=1280x720:r=${clipRate}:d=${seconds},noise=alls=70:all_seed=7,gblur=1.2,crop=320:180:x='mod(t*23\\,960)':y='mod(t*11\\,540)'`,
  cuts: (seconds: number) =>
    `testsrc2=s=1280x720:r=${clipRate}:d=${seconds},noise=alls=12:all_seed=5,crop=320:180:x='mod(floor(t/1.6)*337+t*60\\,960)':y='mod(floor(t/1.6)*211+t*30\\,540)'`,
} as const;

/** Name of a clip. */
export type MovingClip = keyof typeof movingClips;

/** Makes the clips in an engine's input bucket. */
export async function makeMovingClips(seconds: number, names: readonly MovingClip[]): Promise<EngineBench> {
  const bench = await openEngine();
  for (const name of names) await bench.makeClip(`${name}.mp4`, movingClips[name](seconds), clipRate);
  return bench;
}
