/** Jobs in this process, from settings to files: probe, plan and engine as a worker runs them, without its supervision. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AV_CODEC_FLAG_GLOBAL_HEADER, FF_ENCODER_LIBX264 } from 'node-av/constants';
import {
  avGetPixFmtFromName,
  Codec,
  CodecContext,
  FormatContext,
  Frame,
  Rational as LibraryRational,
  Packet,
} from 'node-av/lib';
import type { JobSettings, Output } from '../src/contract/types.generated.ts';
import { openGenerator } from '../src/engine/filter-chain.ts';
import { assertDone } from '../src/engine/library-error.ts';
import { captureLibraryLog } from '../src/engine/library-log.ts';
import { setLibraryOptions } from '../src/engine/library-options.ts';
import { createLocalObjects } from '../src/engine/local-objects.ts';
import { probeInput } from '../src/engine/probe/probe-input.ts';
import type { OutputGroupResult } from '../src/engine/protocol.ts';
import { runGraph } from '../src/engine/run-graph.ts';
import type { JobPlan } from '../src/plan/plan.ts';
import { planJob } from '../src/plan/plan-job.ts';
import { openLocalBuckets } from '../src/store/local-buckets.ts';

/** A folder of buckets and an engine on it. */
export interface EngineBench {
  /** Makes an object of the input bucket from a description in the library's filter language; nearly without loss. */
  makeClip(key: string, description: string, framesPerSecond: number): Promise<void>;
  inputPath(key: string): string;
  /** Plans a job of one file group. Throws with the findings when there is no plan. */
  plan(key: string, outputs: readonly Output[]): Promise<JobPlan>;
  /** Runs a plan and gives the paths of its files. */
  run(plan: JobPlan): Promise<readonly string[]>;
  /** Runs a plan and gives what the engine tells of its outputs. */
  tell(plan: JobPlan): Promise<readonly OutputGroupResult[]>;
  close(): void;
}

/** Makes the folders. The caller closes. */
export async function openEngine(cores = 2): Promise<EngineBench> {
  captureLibraryLog();
  const root = mkdtempSync(path.join(tmpdir(), 'openconvert-bench-'));
  const [inputs, outputs, scratchFolder] = ['inputs', 'outputs', 'scratch'].map((name) => {
    const folder = path.join(root, name);
    mkdirSync(folder);
    return folder;
  }) as [string, string, string];
  const store = await openLocalBuckets({
    bucketsFolder: null,
    named: { inputs, outputs },
    createMissingBuckets: false,
  });
  const objects = createLocalObjects(store, { byPath: true });
  let made = 0;
  const tell = (plan: JobPlan): Promise<readonly OutputGroupResult[]> =>
    runGraph({
      plan,
      objects,
      scratchFolder,
      onProgress() {},
      onWarning() {},
      signal: new AbortController().signal,
    });
  return {
    inputPath: (key) => path.join(inputs, key),
    makeClip: (key, description, rate) => encodeClip(path.join(inputs, key), description, rate),
    async plan(key, planned) {
      const location = `s3://inputs/${key}`;
      const input = await objects.openInput(location);
      const facts = await probeInput(input, location);
      await input.close();
      made += 1;
      const settings: JobSettings = {
        inputs: [{ fileInput: location, timecodeSource: 'ZEROBASED' }],
        outputGroups: [
          {
            outputGroupSettings: {
              type: 'FILE_GROUP_SETTINGS',
              fileGroupSettings: { destination: `s3://outputs/made-${made}` },
            },
            outputs: planned,
          },
        ],
      };
      const capacity = { cores, memoryBytes: 4_000_000_000 };
      const { plan, findings } = planJob({ settings, facts: [facts], capacity, job: { startTimeMs: 0 } });
      if (plan === null)
        throw new Error(findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
      return plan;
    },
    tell,
    async run(plan) {
      const groups = await tell(plan);
      return groups.flatMap((group) =>
        group.outputs.flatMap(({ locations }) =>
          locations.map((location) => path.join(outputs, location.replace('s3://outputs/', ''))),
        ),
      );
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Makes a clip from a description in the library's filter language, nearly without loss. */
export async function encodeClip(
  file: string,
  description: string,
  framesPerSecond: number,
  pixelFormat: 'yuv420p' | 'yuv420p10le' | 'yuv444p10le' = 'yuv420p',
): Promise<void> {
  const generator = openGenerator('video', `${description},format=${pixelFormat}[out]`);
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (codec === null) throw new Error('the library has no x264');
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  encoder.width = generator.widthPx;
  encoder.height = generator.heightPx;
  encoder.pixelFormat = avGetPixFmtFromName(pixelFormat);
  encoder.timeBase = new LibraryRational(1, framesPerSecond);
  encoder.framerate = new LibraryRational(framesPerSecond, 1);
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  setLibraryOptions(encoder, { preset: 'ultrafast', qp: '12' });
  assertDone(encoder.open2Sync(codec, null), 'encoder');
  const format = new FormatContext();
  assertDone(format.allocOutputContext2(null, 'mp4', file), 'muxer');
  const stream = format.newStream(null);
  assertDone(stream.codecpar.fromContext(encoder), 'parameters');
  stream.timeBase = encoder.timeBase;
  assertDone(format.openOutputSync(), 'open');
  assertDone(format.writeHeaderSync(null), 'header');
  const [frame, packet] = [new Frame(), new Packet()];
  frame.alloc();
  packet.alloc();
  const drain = (): void => {
    while (encoder.receivePacketSync(packet) >= 0) {
      packet.streamIndex = 0;
      packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      assertDone(format.interleavedWriteFrameSync(packet), 'packet');
    }
  };
  for (let tick = 0n; await generator.next(frame); tick += 1n) {
    frame.pts = tick;
    assertDone(encoder.sendFrameSync(frame), 'frame');
    frame.unref();
    drain();
  }
  encoder.sendFrameSync(null);
  drain();
  assertDone(format.writeTrailerSync(), 'trailer');
  format.closeOutputSync();
  format.freeContext();
  encoder.freeContext();
  frame.free();
  packet.free();
  generator.free();
}
