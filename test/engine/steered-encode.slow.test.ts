/** An encode whose rate is steered: encoders that take over from one another make one track. */
import { Frame, Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CodedPicture, runBucket } from '../../bench/coded-rate.ts';
import { type EngineBench, openEngine } from '../../bench/engine-bench.ts';
import { stillThenCuts } from '../../bench/moving-clips.ts';
import { similarityOf } from '../../bench/plain-encode.ts';
import type { Vp8Settings } from '../../src/contract/types.generated.ts';
import { openVideo } from './open-video.ts';

const seconds = 24;
const frames = seconds * 25;
/** A fourth of the clip: no stretch is longer, however long a group may be. The cuts begin at frame 300. */
const firstPlace = 150;
const bitrate = 300_000;

let bench: EngineBench;
beforeAll(async () => {
  bench = await openEngine();
  await bench.makeClip('clip.mp4', stillThenCuts.describe(seconds), 25);
}, 120_000);
afterAll(() => bench.close());

async function encode(settings: Vp8Settings): Promise<string> {
  const codecSettings = {
    codec: 'VP8',
    vp8Settings: { rateControlMode: 'VBR', bitrate, gopSize: 2000, ...settings },
  } as const;
  const plan = await bench.plan('clip.mp4', [
    { containerSettings: { container: 'WEBM' }, videoDescription: { codecSettings } },
  ]);
  const [path = ''] = await bench.run(plan);
  return path;
}

interface Track {
  readonly milliseconds: readonly number[];
  /** Numbers of the key frames. */
  readonly keyFrames: readonly number[];
  readonly average: number;
  readonly decoded: number;
  readonly pictures: readonly CodedPicture[];
}

function readTrack(path: string): Track {
  const { context, stream, decoder } = openVideo(path);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  const milliseconds: number[] = [];
  const keyFrames: number[] = [];
  const pictures: CodedPicture[] = [];
  let [bytes, decoded] = [0, 0];
  for (let isMore = true; isMore; ) {
    isMore = context.readFrameSync(packet) >= 0;
    if (isMore && packet.streamIndex !== stream.index) continue;
    if (isMore) {
      if (packet.isKeyframe) keyFrames.push(milliseconds.length);
      milliseconds.push(Number(packet.pts));
      pictures.push({ bits: packet.size * 8, at: Number(packet.pts) / 1000 });
      bytes += packet.size;
    }
    decoder.sendPacketSync(isMore ? packet : null);
    packet.unref();
    for (; decoder.receiveFrameSync(frame) >= 0; decoded += 1) frame.unref();
  }
  packet.free();
  frame.free();
  decoder.freeContext();
  context.closeInputSync();
  return { milliseconds, keyFrames, decoded, pictures, average: (bytes * 8) / seconds / bitrate };
}

describe('a still that becomes cuts in VP8', { timeout: 120_000 }, () => {
  test('gets on the cuts what the still has left, in one track of all its pictures', async () => {
    // A buffer, which only a steered pass keeps, larger than the clip.
    const path = await encode({ hrdBufferSize: 2 * seconds * bitrate });
    const { milliseconds, keyFrames, decoded, average } = readTrack(path);
    expect(decoded).toBe(frames);
    expect(milliseconds).toEqual(Array.from({ length: frames }, (_, index) => index * 40));
    // Nothing but another encoder begins there: the still goes on.
    expect(keyFrames).toContain(firstPlace);
    expect(average).toBeGreaterThan(0.8);
    expect(average).toBeLessThan(1.15);
    expect(similarityOf(bench.inputPath('clip.mp4'), path)).toBeGreaterThan(0.85);
  });

  test('gets on the cuts what the still has left by a look, without another encoder', async () => {
    const path = await encode({});
    const { decoded, keyFrames, average } = readTrack(path);
    expect(decoded).toBe(frames);
    expect(keyFrames).not.toContain(firstPlace);
    expect(average).toBeGreaterThan(0.97);
    expect(average).toBeLessThan(1.03);
    expect(similarityOf(bench.inputPath('clip.mp4'), path)).toBeGreaterThan(0.85);
  });

  test('keeps a peak and a buffer, in one track of all its pictures', async () => {
    const settings = { maxBitrate: 1.5 * bitrate, hrdBufferSize: 1.5 * bitrate };
    const { milliseconds, decoded, pictures } = readTrack(await encode(settings));
    const bucket = { rateBps: 1.5 * bitrate, sizeBits: 1.5 * bitrate, initialFill: 0.9, isConstant: false };
    expect(runBucket(pictures, bucket, 25).underflows).toBe(0);
    // It did run low: what was saved is spent as fast as the peak allows.
    expect(runBucket(pictures, bucket, 25).lowest).toBeLessThan(0.5);
    expect(decoded).toBe(frames);
    expect(milliseconds).toEqual(Array.from({ length: frames }, (_, index) => index * 40));
  });
});
