/** Encoders that take over from one another in one track: what becomes of pictures and of encoders when it goes wrong. */
import { existsSync } from 'node:fs';
import { AV_PIX_FMT_YUV420P, AVERROR_INVALIDDATA } from 'node-av/constants';
import { Codec, CodecContext, Frame, type Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineBench, openEngine } from '../../bench/engine-bench.ts';
import { JobFault } from '../../src/catalogue/fault.ts';
import { seatEncoder } from '../../src/engine/encoder-seat.ts';
import { createGraph } from '../../src/engine/graph.ts';
import { addEncoderNode } from '../../src/engine/nodes/encoder-node.ts';
import { openVideoEncoder } from '../../src/engine/open-encoder.ts';
import type { OutputWriter } from '../../src/engine/output-writer.ts';
import { createRunCounters } from '../../src/engine/run-counters.ts';
import { rational } from '../../src/exact-time.ts';
import { plainPictures } from '../../src/plan/encoder-plan.ts';
import type { EncoderPlan, JobPlan, VideoRendition } from '../../src/plan/plan.ts';
import { watchMedia } from './watch-media.ts';

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngine();
  await bench.makeClip('clip.mp4', 'testsrc2=size=160x90:rate=25:duration=8,format=yuv420p', 25);
}, 60_000);
afterAll(() => bench.close());

function locationOf({ outputGroups }: JobPlan): string {
  const output = outputGroups[0]?.outputs[0];
  return output !== undefined && 'location' in output ? output.location : '';
}

/** Encoders take over at its multiples. */
const everyFrames = 5;

const encoder: EncoderPlan = {
  codec: 'VP9',
  // VP8 keeps no picture back in one pass; here most are inside the encoder when another takes over.
  encoder: 'libvpx-vp9',
  options: { deadline: 'good', 'cpu-used': '5', 'lag-in-frames': '16', 'auto-alt-ref': '0' },
  bitrateBps: 200_000,
  maxBitrateBps: 0,
  bufferSizeBits: 0,
  gopSizeFrames: 250,
  maxBFrames: null,
  threads: 1,
  codecTag: null,
  passes: 1,
  color: null,
  endOfStreamMarkers: false,
};

const rendition: VideoRendition = {
  id: 'video',
  pointer: '/outputGroups/0/outputs/0/videoDescription',
  ordinal: 1,
  inputIndex: 0,
  ...plainPictures,
  filters: [],
  widthPx: 160,
  heightPx: 90,
  frameRate: rational(25),
  sampleAspectRatio: rational(1),
  pixelFormat: 'yuv420p',
  encoder,
  forcedKeyFrameSeconds: null,
  dropCaptions: true,
  frameLimit: null,
};

const openEncoder = (): Promise<CodecContext> =>
  openVideoEncoder(rendition, { globalHeader: false, pass: null });

/** An encoder that tells when it is freed. */
class WatchedEncoders {
  readonly freed: string[] = [];
  private open = 0;
  /** Most that were open at one time. */
  most = 0;

  watch(name: string, context: CodecContext): CodecContext {
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    const free = context.freeContext.bind(context);
    context.freeContext = () => {
      this.open -= 1;
      this.freed.push(name);
      free();
    };
    return context;
  }
}

interface TakeOverRun {
  /** Presentation numbers of the packets, in order. */
  readonly written: readonly number[];
  readonly keyFrames: readonly number[];
  readonly decoded: number;
  readonly opened: number;
  readonly encoders: WatchedEncoders;
  readonly failure: unknown;
}

interface Happenings {
  /** In the place of opening another encoder. */
  readonly open?: (stop: AbortController) => Promise<CodecContext>;
  /** For each packet that reaches the output. */
  readonly onPacket?: (number: number, stop: AbortController) => void;
}

/** Runs the node on so many pictures; an encoder is due at each fifth. */
async function run(pictures: number, happenings: Happenings = {}): Promise<TakeOverRun> {
  const stop = new AbortController();
  const graph = createGraph(stop.signal);
  const encoders = new WatchedEncoders();
  const first = encoders.watch('first', await openEncoder());
  const seat = seatEncoder(graph, first);
  const frames = graph.frameEdge(2);
  const [written, keyFrames] = [[] as number[], [] as number[]];
  const decoder = openDecoder();
  let [sent, opened, decoded] = [0, 0, 0];
  const writer = {
    writePacket(_track, packet) {
      happenings.onPacket?.(Number(packet.pts), stop);
      if (packet.isKeyframe) keyFrames.push(Number(packet.pts));
      written.push(Number(packet.pts));
      decoded += decoder.count(packet);
    },
    endTrack() {
      decoded += decoder.count(null);
    },
  } as Partial<OutputWriter> as OutputWriter;
  addEncoderNode(graph, {
    id: 'video',
    plan: encoder,
    video: rendition,
    watch: null,
    steering: {
      rate: {
        isDue: () => sent > 0 && sent % everyFrames === 0,
        takeOver: () => encoder,
        send() {
          sent += 1;
        },
        add() {},
      },
      open: () =>
        seat.replace(async () => {
          opened += 1;
          return encoders.watch(`taker ${opened}`, await (happenings.open?.(stop) ?? openEncoder()));
        }),
    },
    quantizer: null,
    encoder: first,
    timeBase: rational(1, 25),
    frames,
    consumers: [{ writer, trackIndex: 0 }],
    counters: createRunCounters(),
    inline: false,
  });
  graph.node('pictures', async () => {
    for (let number = 0; number < pictures; number += 1) {
      const frame = graph.frames.take();
      draw(frame, number);
      await frames.put(frame);
    }
    frames.end();
  });
  const failure = await graph.run().then(
    () => null,
    (error: unknown) => error,
  );
  decoder.free();
  return { written, keyFrames, decoded, opened, encoders, failure };
}

function draw(frame: Frame, number: number): void {
  frame.width = rendition.widthPx;
  frame.height = rendition.heightPx;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.getBuffer(0);
  frame.pts = BigInt(number);
  for (const plane of frame.data ?? [])
    for (let at = 0; at < plane.length; at += 1) plane[at] = (at + number * 7) & 0xff;
}

function openDecoder(): { count(packet: Packet | null): number; free(): void } {
  const library = Codec.findDecoderByName('vp9' as never);
  const decoder = new CodecContext();
  decoder.allocContext3(library);
  decoder.open2Sync(library, null);
  const frame = new Frame();
  frame.alloc();
  return {
    count(packet) {
      decoder.sendPacketSync(packet);
      let count = 0;
      for (; decoder.receiveFrameSync(frame) >= 0; count += 1) frame.unref();
      return count;
    },
    free() {
      frame.free();
      decoder.freeContext();
    },
  };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('an input that ends', () => {
  test('where an encoder would take over opens none, and all its pictures are there', async () => {
    const { written, decoded, opened, encoders, failure } = await run(2 * everyFrames);
    expect(failure).toBeNull();
    expect(written).toEqual(numbers(2 * everyFrames));
    expect(decoded).toBe(2 * everyFrames);
    expect(opened).toBe(1);
    expect(encoders.freed).toEqual(['first', 'taker 1']);
    expect(encoders.most).toBe(1);
  });

  test('one picture later gives the last encoder that one picture', async () => {
    const { written, keyFrames, decoded, opened, encoders } = await run(2 * everyFrames + 1);
    expect(written).toEqual(numbers(2 * everyFrames + 1));
    expect(keyFrames).toEqual([0, everyFrames, 2 * everyFrames]);
    expect(decoded).toBe(2 * everyFrames + 1);
    expect(opened).toBe(2);
    expect(encoders.freed).toEqual(['first', 'taker 1', 'taker 2']);
    expect(encoders.most).toBe(1);
  });

  test('without a picture opens none and writes nothing', async () => {
    const { written, opened, encoders, failure } = await run(0);
    expect([written, opened, failure]).toEqual([[], 0, null]);
    expect(encoders.freed).toEqual(['first']);
  });
});

describe('a job that is cancelled', () => {
  const reason = new Error('cancelled');

  test('while an encoder opens to take over ends as cancelled, and that encoder is freed', async () => {
    const { written, opened, encoders, failure } = await run(4 * everyFrames, {
      open: (stop) => {
        stop.abort(reason);
        return openEncoder();
      },
    });
    expect(failure).toBe(reason);
    // What was inside the one before had come out.
    expect(written).toEqual(numbers(everyFrames));
    expect(opened).toBe(1);
    expect(encoders.freed).toEqual(['first', 'taker 1']);
  });

  test('while the encoder before gives its last pictures opens no other', async () => {
    const { opened, encoders, failure } = await run(4 * everyFrames, {
      onPacket: (number, stop) => number === everyFrames - 1 && stop.abort(reason),
    });
    expect(failure).toBe(reason);
    expect(opened).toBe(0);
    expect(encoders.freed).toEqual(['first']);
  });
});

test('an encoder that does not open ends the job with its fault; the one before is freed once', async () => {
  const fault = new Error('no memory for an encoder');
  const { written, encoders, failure } = await run(4 * everyFrames, { open: () => Promise.reject(fault) });
  expect(failure).toBe(fault);
  expect(written).toEqual(numbers(everyFrames));
  expect(encoders.freed).toEqual(['first']);
});

test('an encoder that ends badly before another takes over ends the job', async () => {
  const { opened, encoders, failure } = await run(2 * everyFrames, {
    open: async () => {
      const context = await openEncoder();
      context.sendFrame = async () => AVERROR_INVALIDDATA;
      return context;
    },
  });
  expect(failure instanceof JobFault && failure.code).toBe(1999);
  expect(opened).toBe(1);
  expect(encoders.freed).toEqual(['first', 'taker 1']);
});

describe('in a job', { timeout: 60_000 }, () => {
  /** Encoders take over after each fifty pictures; the clip, of 200, is far too easy for what the rate asks first. */
  async function planOf(steering: Partial<NonNullable<EncoderPlan['steering']>> = {}): Promise<JobPlan> {
    // A buffer, which only a steered pass keeps, larger than anything that is coded here.
    const vp8Settings = { bitrate: 2_000_000, gopSize: 2000, hrdBufferSize: 80_000_000 } as const;
    const plan = await bench.plan('clip.mp4', [
      {
        containerSettings: { container: 'WEBM' },
        videoDescription: { codecSettings: { codec: 'VP8', vp8Settings } },
      },
    ]);
    const [video] = plan.videoRenditions;
    if (video?.encoder.steering === undefined) throw new TypeError('the rate is not steered');
    const steered = { ...video.encoder.steering, everyFrames: 50, ...steering };
    return { ...plan, videoRenditions: [{ ...video, encoder: { ...video.encoder, steering: steered } }] };
  }

  test('an input that ends where an encoder would take over loses nothing', async () => {
    const [path = ''] = await bench.run(await planOf());
    const { times, keyTimes, decodeErrors } = (await watchMedia(path)).video;
    expect(times).toEqual(numbers(200).map((number) => expect.closeTo(number / 25, 3)));
    expect(keyTimes).toContainEqual(expect.closeTo(2, 3));
    expect(decodeErrors).toBe(0);
  });

  test('an option that the encoder refuses at a take-over is fault 1040, and nothing is published', async () => {
    // As good as the plan's own until another encoder is told this bound of its first picture.
    const plan = await planOf({ takeOverPicturePercent: -5 });
    const failure = await bench.run(plan).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(JobFault);
    const { record } = failure as JobFault;
    expect([record.code, record.pointer]).toEqual([1040, '/outputGroups/0/outputs/0/videoDescription']);
    expect(record.message).toContain('max-intra-rate');
    const location = locationOf(plan);
    expect(location).toMatch(/^s3:\/\/outputs\//);
    expect(existsSync(bench.inputPath(`../outputs/${location.slice('s3://outputs/'.length)}`))).toBe(false);
  });
});
