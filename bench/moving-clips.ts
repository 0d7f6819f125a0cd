/** Moving clips that are hard for a rate control, each in its way. */
import { type EngineBench, openEngine } from './engine-bench.ts';

/** A clip and the rates that suit it. */
export interface MovingClip {
  readonly name: string;
  readonly framesPerSecond: number;
  /** Of the rates that pictures of 320×180 get. */
  readonly rateFactor: number;
  /** In the library's own filter language. */
  readonly describe: (seconds: number) => string;
}

/** Constants of rate control were chosen on these: a scroll, a pan over texture, cuts with motion between them. */
export const movingClips = {
  scroll: small('scroll', (seconds) => `testsrc2=s=320x180:r=25:d=${seconds},scroll=h=0.01:v=0.003`),
  pan: small(
    'pan',
    (seconds) =>
      `color=gray:s=1280x720:r=25:d=${seconds},noise=alls=70:all_seed=7,gblur=1.2,crop=320:180:x='mod(t*23\\,960)':y='mod(t*11\\,540)'`,
  ),
  cuts: small(
    'cuts',
    (seconds) =>
      `testsrc2=s=1280x720:r=25:d=${seconds},noise=alls=12:all_seed=5,crop=320:180:x='mod(floor(t/1.6)*337+t*60\\,960)':y='mod(floor(t/1.6)*211+t*30\\,540)'`,
  ),
} as const;

/** No constant was chosen on these: a fractal that is entered, cells that live and die in threes of pictures, clouds in grain. */
export const furtherClips = {
  zoom: large(
    'zoom',
    (seconds) =>
      `mandelbrot=s=320x180:r=30:maxiter=800:end_pts=1200,trim=duration=${seconds},scale=640:360:flags=bilinear`,
  ),
  cells: large(
    'cells',
    (seconds) =>
      `life=s=240x135:r=10:mold=10:ratio=0.3:seed=3:death_color=#204060:life_color=#e0f0c0,fps=30,trim=duration=${seconds},scale=640:360:flags=bicubic`,
  ),
  clouds: large(
    'clouds',
    (seconds) =>
      `perlin=s=160x90:r=30:octaves=5:random_seed=9:xscale=4:yscale=3:tscale=0.6,trim=duration=${seconds},scale=640:360:flags=bicubic,noise=alls=14:allf=t:all_seed=2`,
  ),
} as const;

/** Half a still, half cuts: nothing is spent, then everything at once. */
export const stillThenCuts: MovingClip = small(
  'still-then-cuts',
  (seconds) =>
    `testsrc2=s=320x180:r=25,trim=end_frame=1,loop=-1:1:0,setpts=N/25/TB,trim=duration=${seconds / 2}[still];${movingClips.cuts.describe(seconds / 2)}[cuts];[still][cuts]concat`,
);

/** A clip of pictures that were filmed: repeated to the length, all at one rate. */
export function filmedClip(path: string, name: string): MovingClip {
  return large(
    name,
    (seconds) =>
      `movie=${path}:loop=0,setpts=N/(30*TB),fps=30,trim=duration=${seconds},scale=640:360,setsar=1`,
  );
}

/** Makes the clips in an engine's input bucket. */
export async function makeMovingClips(seconds: number, clips: readonly MovingClip[]): Promise<EngineBench> {
  const bench = await openEngine();
  for (const { name, describe, framesPerSecond } of clips)
    await bench.makeClip(`${name}.mp4`, describe(seconds), framesPerSecond);
  return bench;
}

function small(name: string, describe: MovingClip['describe']): MovingClip {
  return { name, framesPerSecond: 25, rateFactor: 1, describe };
}

/** Four times the pixels, and more pictures: three times the rate. */
function large(name: string, describe: MovingClip['describe']): MovingClip {
  return { name, framesPerSecond: 30, rateFactor: 3, describe };
}
