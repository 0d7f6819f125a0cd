import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobFault, jobFault } from '../../src/catalogue/fault.ts';
import { createLocalObjects } from '../../src/engine/local-objects.ts';
import { rational } from '../../src/exact-time.ts';
import { openLocalBuckets } from '../../src/store/local-buckets.ts';
import type { ObjectReader, ObjectStore } from '../../src/store/store.ts';
import { damageSamples, fillNoise, truncateTo } from './damage.ts';
import {
  audioRendition,
  encoderPlan,
  fileGroup,
  fileOutput,
  hlsGroup,
  jobPlan,
  videoRendition,
} from './plans.ts';
import { openWorkshop, type RunOptions, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4');
  await workshop.makeClip('long.mp4', { widthPx: 640, heightPx: 360, durationSeconds: 20 });
});
afterAll(() => workshop.close());

const plan = (key: string) =>
  jobPlan({
    key,
    videoRenditions: [videoRendition('v')],
    audioRenditions: [audioRendition('a')],
    groups: [fileGroup([fileOutput('out.mp4', { videoRenditionId: 'v', audioRenditionIds: ['a'] })])],
  });

/** Runs and returns the fault; nothing may be left in outputs and scratch. */
async function faultOf(key: string, options: RunOptions = {}): Promise<JobFault> {
  const error = await workshop.run(plan(key), options).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(JobFault);
  expect(workshop.outputKeys()).not.toContain('out.mp4');
  expect(workshop.scratchFiles()).toEqual([]);
  return error as JobFault;
}

function copyOfClip(key: string): string {
  copyFileSync(workshop.inputPath('clip.mp4'), workshop.inputPath(key));
  return workshop.inputPath(key);
}

describe('a damaged input', () => {
  it('is 1020 when not one picture decodes', async () => {
    damageSamples(copyOfClip('no-picture.mp4'), 0, (_, bytes) => bytes.fill(0));
    const { code, record } = await faultOf('no-picture.mp4');
    expect(code).toBe(1020);
    expect(record.message).toBe('Video sync did not read enough good frames to process successfully');
  });

  it('is 1021 when a selected audio track yields no sound', async () => {
    damageSamples(copyOfClip('no-sound.mp4'), 1, (number, bytes) => fillNoise(bytes.fill(0xff), number + 1));
    const { code, record } = await faultOf('no-sound.mp4');
    expect(code).toBe(1021);
    expect(record.message).toBe('No audio frames decoded on [selector-(Audio Selector 1)-track-1-drc]');
  });

  it('is 1092 when Dolby audio has no frame header', async () => {
    const dolby = audioRendition('a', {
      encoder: encoderPlan({
        codec: 'AC3',
        encoder: 'ac3',
        options: {},
        bitrateBps: 192_000,
        gopSizeFrames: null,
        maxBFrames: null,
      }),
    });
    await workshop.run({ ...plan('clip.mp4'), audioRenditions: [dolby] });
    copyFileSync(workshop.outputPath('out.mp4'), workshop.inputPath('dolby.mp4'));
    rmSync(workshop.outputPath('out.mp4'));
    damageSamples(workshop.inputPath('dolby.mp4'), 1, (number, bytes) => fillNoise(bytes, number + 7));
    expect((await faultOf('dolby.mp4')).code).toBe(1092);
  });

  it('is 1076 when the index promises samples beyond the end', async () => {
    const file = await workshop.makeClip('cut.mp4', { durationSeconds: 6 });
    truncateTo(file, 0.4);
    const { code, record } = await faultOf('cut.mp4');
    expect(code).toBe(1076);
    expect(record.parameters['bytes']).toBe(statSync(file).size);
  });

  it('is transcoded with a warning when a part does not decode', async () => {
    const file = copyOfClip('scratched.mp4');
    damageSamples(file, 0, (number, bytes) => number === 30 && bytes.writeUInt32BE(0x7fff_ffff, 0));
    damageSamples(
      file,
      1,
      (number, bytes) => number > 40 && number < 45 && fillNoise(bytes.fill(0xff), number),
    );
    const { warnings } = await workshop.run(plan('scratched.mp4'));
    rmSync(workshop.outputPath('out.mp4'));
    expect(warnings.get(230008)).toBeGreaterThan(0);
    expect(warnings.get(230006)).toBeGreaterThan(0);
  });

  it('ends with the fault of the object when reading fails in the middle', async () => {
    const buckets = await openLocalBuckets({
      bucketsFolder: null,
      named: {
        inputs: path.dirname(workshop.inputPath('x')),
        outputs: path.dirname(workshop.outputPath('x')),
      },
      createMissingBuckets: false,
    });
    const timeout = jobFault(3408, 'transfer-failed', { reason: 'Connection timed out.' });
    const failing: ObjectStore = {
      ...buckets,
      open: async (location, signal) => failHalfWay(await buckets.open(location, signal), timeout),
    };
    const fault = await faultOf('long.mp4', { objects: createLocalObjects(failing, { byPath: false }) });
    expect(fault.code).toBe(3408);
  });
});

function failHalfWay(reader: ObjectReader, fault: JobFault): ObjectReader {
  return {
    ...reader,
    head: { ...reader.head, path: null },
    async read(offset, length, signal) {
      if (offset + length > reader.head.sizeBytes / 2 && offset > 4096) throw fault;
      return reader.read(offset, length, signal);
    },
  };
}

describe('the surroundings', () => {
  it('give 1050 when the scratch folder is full', async () => {
    const full = path.join(workshop.scratchFolder, '..', 'full');
    mkdirSync(full);
    // A device that answers every write with "no space left".
    symlinkSync('/dev/full', path.join(full, 'group-0-output-0.media'));
    const fault = await faultOf('clip.mp4', { scratchFolder: full });
    expect(fault.code).toBe(1050);
    expect(readdirSync(full)).toEqual([]);
  });

  it('give 1040 when an encoder refuses its settings, naming the video description', async () => {
    const refused = videoRendition('v', {
      ordinal: 2,
      encoder: encoderPlan({ options: { preset: 'no-such-preset' } }),
    });
    const error = await workshop
      .run({ ...plan('clip.mp4'), videoRenditions: [refused] })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(JobFault);
    const { code, record } = error as JobFault;
    expect(code).toBe(1040);
    expect(record.message).toContain('video target [2]');
    expect(record.pointer).toBe(refused.pointer);
  });
});

describe('cancel', () => {
  it('frees everything and leaves nothing behind within half a second', async () => {
    const slow = (id: string) =>
      videoRendition(id, {
        widthPx: 640,
        heightPx: 360,
        encoder: encoderPlan({ options: { preset: 'slow' }, threads: 2 }),
      });
    const stopper = new AbortController();
    let stoppedAt = 0;
    const long = {
      ...plan('long.mp4'),
      videoRenditions: [slow('v'), slow('w')],
    };
    const outcome = await workshop
      .run(long, {
        signal: stopper.signal,
        onProgress({ framesDecoded }) {
          if (framesDecoded < 5 || stoppedAt > 0) return;
          stoppedAt = performance.now();
          stopper.abort(new DOMException('enough', 'AbortError'));
        },
      })
      .catch((reason: unknown) => reason);
    expect(performance.now() - stoppedAt).toBeLessThan(500);
    expect(outcome).toBe(stopper.signal.reason);
    expect(workshop.scratchFiles()).toEqual([]);
    expect(workshop.outputKeys()).not.toContain('out.mp4');
  });

  it('stops an HLS group in the middle and leaves no playlist that lies', async () => {
    const stopper = new AbortController();
    const hls = {
      ...plan('long.mp4'),
      videoRenditions: [
        videoRendition('v', {
          widthPx: 640,
          heightPx: 360,
          forcedKeyFrameSeconds: rational(1),
          encoder: encoderPlan({ options: { preset: 'slow' } }),
        }),
      ],
      outputGroups: [hlsGroup('canceled', ['v'], 'a', 1)],
    };
    const outcome = await workshop
      .run(hls, {
        signal: stopper.signal,
        onProgress: ({ framesDecoded }) => framesDecoded > 90 && stopper.abort(new Error('enough')),
      })
      .catch((reason: unknown) => reason);
    expect(outcome).toBe(stopper.signal.reason);
    expect(workshop.outputKeys().filter((key) => key.endsWith('.m3u8'))).toEqual([]);
  });
});
