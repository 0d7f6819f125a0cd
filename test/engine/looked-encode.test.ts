/** A look and a pass that spends, as a job: codecs whose library hands no statistics on, on clips of every length and shape, and stopped in both. */
import { readFileSync } from 'node:fs';
import { AVERROR_INVALIDDATA } from 'node-av/constants';
import { CodecContext } from 'node-av/lib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeClip } from '../../bench/engine-bench.ts';
import { JobFault } from '../../src/catalogue/fault.ts';
import type { ContainerType, Output, VideoDescription } from '../../src/contract/types.generated.ts';
import { planVideoJob, runVideoJob } from './video-job.ts';
import { watchMedia } from './watch-media.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

const framesPerSecond = 25;
const bitrate = 200_000;

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await makeClip('long.mp4', '320x180', 100);
}, 60_000);
afterAll(() => workshop.close());
afterEach(() => vi.restoreAllMocks());

async function makeClip(
  key: string,
  size: string,
  pictures: number,
  rate = framesPerSecond,
): Promise<string> {
  const description = `testsrc2=s=${size}:r=${rate},trim=end_frame=${pictures}`;
  await encodeClip(workshop.inputPath(key), description, rate);
  return key;
}

interface LookedCodec {
  readonly codec: string;
  readonly container: ContainerType;
  readonly rateBps: number;
  readonly videoOf: (settings?: { readonly gopSize?: number }) => VideoDescription;
}

const vp8: LookedCodec = {
  codec: 'VP8',
  container: 'WEBM',
  rateBps: bitrate,
  videoOf: (settings) => ({
    codecSettings: {
      codec: 'VP8',
      vp8Settings: { bitrate, qualityTuningLevel: 'MULTI_PASS_HQ', ...settings },
    },
  }),
};

const vp9: LookedCodec = {
  ...vp8,
  codec: 'VP9',
  videoOf: (settings) => ({
    codecSettings: {
      codec: 'VP9',
      vp9Settings: { bitrate, qualityTuningLevel: 'MULTI_PASS_HQ', ...settings },
    },
  }),
};

const mpeg2: LookedCodec = {
  codec: 'MPEG-2',
  container: 'MOV',
  rateBps: 2 * bitrate,
  videoOf: (settings) => ({
    codecSettings: {
      codec: 'MPEG2',
      mpeg2Settings: { bitrate: 2 * bitrate, qualityTuningLevel: 'MULTI_PASS', ...settings },
    },
  }),
};

/** Calls back for each frame that a pass (1, 2) sends its encoder; what that gives takes the place of sending it. */
function watchSending(
  onFrame: (pass: number, frames: number) => number | undefined | Promise<undefined>,
): ReadonlyMap<unknown, number> {
  const { sendFrame } = CodecContext.prototype;
  const encoders = new Map<unknown, number>();
  vi.spyOn(CodecContext.prototype, 'sendFrame').mockImplementation(async function (
    this: CodecContext,
    frame,
  ) {
    const frames = (encoders.get(this) ?? 0) + 1;
    encoders.set(this, frames);
    return (await onFrame(encoders.size, frames)) ?? sendFrame.call(this, frame);
  });
  return encoders;
}

describe.each([vp8, vp9, mpeg2])('$codec', ({ codec, container, rateBps, videoOf }) => {
  const planOf = async () =>
    (await planVideoJob(workshop, { key: 'long.mp4', video: videoOf(), container })).plan;

  describe('a clip', { timeout: 60_000 }, () => {
    test.each([1, 5, 12, 40])('of %d pictures has them all, near its rate', async (pictures) => {
      const key = await makeClip(`short-${pictures}.mp4`, '320x180', pictures);
      const { path: made, plan } = await runVideoJob(workshop, { key, video: videoOf(), container });
      // Shorter ones are not looked at.
      const { quantizers, allocation } = plan.videoRenditions[0]?.encoder ?? {};
      expect((quantizers ?? allocation) !== undefined).toBe(codec === 'MPEG-2' || pictures >= 25);
      const { times, decodeErrors } = (await watchMedia(made)).video;
      expect([times.length, decodeErrors]).toEqual([pictures, 0]);
      const share = (readFileSync(made).length * 8 * framesPerSecond) / pictures / rateBps;
      // A file of one picture is a kilobyte of container too, and nothing bounds the first one of VP9.
      const ofFew = codec === 'VP9' && pictures === 1 ? 5 : 2.5;
      expect(share).toBeLessThan(pictures < 12 ? ofFew : 1.25);
    });

    test.each([
      ['161x91', 25],
      ['322x182', 60],
      ['64x36', 24],
    ])('of %s at %d pictures a second has them all', async (size, rate) => {
      const key = await makeClip(`odd-${size}.mp4`, size, 2 * rate, rate);
      const { path: made } = await runVideoJob(workshop, { key, video: videoOf(), container });
      const { times, decodeErrors } = (await watchMedia(made)).video;
      expect([times.length, decodeErrors]).toEqual([2 * rate, 0]);
    });

    test('of nothing but key frames is one', async () => {
      const { path: made } = await runVideoJob(workshop, {
        key: await makeClip('keys.mp4', '320x180', 30),
        video: videoOf({ gopSize: 1 }),
        container,
      });
      expect((await watchMedia(made)).video.keyTimes).toHaveLength(30);
    });
  });

  test('tells of its progress through both passes', async () => {
    let told: () => void = () => {};
    // In the middle of each pass a frame waits for the next message.
    watchSending((_pass, frames) =>
      frames === 50 ? new Promise((resolve) => (told = () => resolve(undefined))) : undefined,
    );
    const { progress } = await workshop.run(await planOf(), { byPath: true, onProgress: () => told() });
    const percents = progress
      .filter(({ phase }) => phase === 'TRANSCODING')
      .map(({ percent }) => percent ?? 0);
    expect(percents).toEqual([...percents].sort((one, other) => one - other));
    for (const middle of [25, 75])
      expect(percents.filter((percent) => Math.abs(percent - middle) < 10).length).toBeGreaterThan(0);
  });

  describe.each([
    ['the look', 1],
    ['the last pass', 2],
  ])('%s', (_name, wanted) => {
    test('that is stopped ends soon and leaves nothing', async () => {
      const stopper = new AbortController();
      const [plan, before, reason] = [await planOf(), workshop.outputKeys(), new Error('enough')];
      const encoders = watchSending((pass, frames) => {
        if (pass === wanted && frames === 20) stopper.abort(reason);
        return undefined;
      });
      const outcome = await workshop
        .run(plan, { byPath: true, signal: stopper.signal })
        .catch((failure: unknown) => failure);
      expect(outcome).toBe(reason);
      expect(encoders.size).toBe(wanted);
      // Of a hundred.
      expect([...encoders.values()].at(-1)).toBeLessThan(30);
      expect([workshop.scratchFiles(), workshop.outputKeys()]).toEqual([[], before]);
    });

    test('whose encoder fails ends the job with 1999 and leaves nothing', async () => {
      const [plan, before] = [await planOf(), workshop.outputKeys()];
      const encoders = watchSending((pass, frames) =>
        pass === wanted && frames === 20 ? AVERROR_INVALIDDATA : undefined,
      );
      const failure = await workshop.run(plan, { byPath: true }).catch((fault: unknown) => fault);
      expect(failure instanceof JobFault && failure.code).toBe(1999);
      expect(encoders.size).toBe(wanted);
      expect([workshop.scratchFiles(), workshop.outputKeys()]).toEqual([[], before]);
    });
  });
});

test.each([vp8, vp9])(
  '$codec in segments has a key frame at the beginning of each',
  { timeout: 60_000 },
  async ({ codec, videoOf }) => {
    const output: Output = {
      containerSettings: { container: 'MPD' },
      videoDescription: videoOf({ gopSize: 90 }),
    };
    const settings = { destination: `s3://outputs/${codec}/`, segmentLength: 1, fragmentLength: 1 };
    const { plan } = await planVideoJob(workshop, {
      key: 'long.mp4',
      video: {},
      changes: {
        outputGroups: [
          {
            outputGroupSettings: {
              type: 'DASH_ISO_GROUP_SETTINGS',
              dashIsoGroupSettings: { ...settings, segmentControl: 'SINGLE_FILE' },
            },
            outputs: [output],
          },
        ],
      },
    });
    await workshop.run(plan, { byPath: true });
    const [key = ''] = workshop
      .outputKeys()
      .filter((name) => name.startsWith(codec) && name.endsWith('.mp4'));
    const { times, keyTimes } = (await watchMedia(workshop.outputPath(key))).video;
    expect(times).toHaveLength(100);
    expect(keyTimes).toEqual(expect.arrayContaining([0, 1, 2, 3].map((second) => expect.closeTo(second, 3))));
  },
);
