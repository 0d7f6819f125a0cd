/** The picture that stands for those of an ad avail: black, or an image in the middle of black (spec overlays.md 5). */
import { Frame } from 'node-av/lib';
import { jobFault } from '../catalogue/fault.ts';
import type { JobPlan, VideoRendition } from '../plan/plan.ts';
import { describeSteps, openFilterChain, openGenerator, videoShapeOf } from './filter-chain.ts';
import type { EngineObjects } from './objects.ts';
import { decodeStillPicture } from './still-picture.ts';

const setting = '/availBlanking/availBlankingImage';

type Blanking = NonNullable<NonNullable<JobPlan['signals']>['blanking']>;

/** Makes it as the rendition's encoder takes pictures; the caller frees it. Throws fault 1010 for an image that cannot be read, 1040 for one larger than the output. */
export async function openBlankPicture(
  objects: EngineObjects,
  { imageLocation, steps }: Blanking,
  rendition: VideoRendition,
): Promise<Frame> {
  const form = describeSteps(steps[rendition.id] ?? [], 'null');
  if (imageLocation === null) return black(rendition, form);
  const image = await decodeStillPicture(objects, imageLocation);
  try {
    refuseLarger(image, rendition);
    return centred(image, rendition, form);
  } finally {
    image.free();
  }
}

/** Throws fault 1040 for an image larger than an output: it is never made smaller (spec overlays.md 5). */
export function refuseLarger(
  image: Pick<Frame, 'width' | 'height'>,
  { widthPx, heightPx }: Pick<VideoRendition, 'widthPx' | 'heightPx'>,
): void {
  if (image.width <= widthPx && image.height <= heightPx) return;
  const reason = `the image has ${image.width}x${image.height} pixels, more than the output's ${widthPx}x${heightPx}.`;
  throw jobFault(1040, 'incompatible', { setting, reason }, { pointer: setting, component: 'filter' });
}

async function black({ widthPx, heightPx }: VideoRendition, form: string): Promise<Frame> {
  const source = `color=c=black:size=${widthPx}x${heightPx}:rate=1:duration=1`;
  const chain = openGenerator('video', `${source},format=rgba,${form}[out]`);
  const frame = new Frame();
  frame.alloc();
  try {
    if (!(await chain.next(frame))) throw new TypeError('no black picture');
    return frame;
  } catch (error) {
    frame.free();
    throw error;
  } finally {
    chain.free();
  }
}

function centred(image: Frame, { widthPx, heightPx }: VideoRendition, form: string): Frame {
  const place = `pad=${widthPx}:${heightPx}:(ow-iw)/2:(oh-ih)/2:color=black`;
  const chain = openFilterChain(
    [{ ...videoShapeOf(image), timeBase: { num: 1, den: 1 } }],
    `[in0]format=rgba,${place},${form}[out]`,
    1,
  );
  const frame = new Frame();
  frame.alloc();
  try {
    image.pts = 0n;
    chain.pushNow(0, image);
    chain.pushNow(0, null);
    if (!chain.pull(frame)) throw new TypeError('the image does not convert');
    return frame;
  } catch (error) {
    frame.free();
    throw error;
  } finally {
    chain.free();
  }
}
