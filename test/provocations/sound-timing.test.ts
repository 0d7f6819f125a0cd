/** Sound whose table of sample times is stretched by a twentieth: what each kind of duration correction makes of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { changed } from '../e2e/run-report.ts';
import { mp4Settings } from '../e2e/tiny-jobs.ts';
import { readSound } from '../engine/read-sound.ts';
import { listBoxes, placeOf } from '../probe/box-surgery.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { openProvocations, type Provocations } from './provocations.ts';

const toneHz = 1000;
const rate = 48_000;
/** AAC frames hold 1,024 samples; the table gives each this many. */
const stretchedTicks = 1075;
const stretch = stretchedTicks / 1024;

let place: Provocations;

beforeAll(async () => {
  quietLibraryLog();
  place = await openProvocations();
  const tone = (n: number): number => 16_000 * Math.sin((2 * Math.PI * toneHz * n) / rate);
  const file = place.place('stretched.mp4');
  makeClip(file, {
    muxer: 'mp4',
    video: { encoder: 'libx264', frames: 75, frameRate: [25, 1] },
    audio: { encoder: 'aac', seconds: 3, sampleAt: tone },
  });
  writeFileSync(file, stretched(readFileSync(file)));
}, 120_000);
afterAll(() => place?.[Symbol.asyncDispose]());

const job = (correction: string) =>
  changed(mp4Settings(`s3://out/${correction}`), {
    '/Inputs/0/FileInput': 's3://media/stretched.mp4',
    '/Inputs/0/AudioSelectors/Audio Selector 1/AudioDurationCorrection': correction,
  });

async function measured(correction: string) {
  const { job: ended } = await place.run(job(correction));
  expect(ended.Status, ended.ErrorMessage).toBe('COMPLETE');
  expect((ended.Warnings ?? []).map(({ Code }) => Code)).not.toContain(230002);
  const [samples = new Float64Array()] = readSound(place.place(`${correction}.mp4`, 'out')).channels;
  return { seconds: samples.length / rate, hertz: pitchOf(samples), gaps: gapsOf(samples) };
}

test('without correction gaps are filled with silence', async () => {
  expect((await measured('DISABLED')).gaps).toBeGreaterThan(0);
});

test('TRACK, and AUTO for an even table, slow it down as a whole and keep its pitch', async () => {
  for (const correction of ['TRACK', 'AUTO']) {
    const { seconds, hertz, gaps } = await measured(correction);
    expect(gaps, correction).toBe(0);
    expect(Math.abs(hertz - toneHz), correction).toBeLessThan(5);
    expect(Math.abs(seconds - 3 * stretch), correction).toBeLessThan(0.06);
  }
});

test('FRAME stretches frame by frame, and lowers its pitch as much', async () => {
  const { seconds, hertz, gaps } = await measured('FRAME');
  expect(gaps).toBe(0);
  expect(Math.abs(hertz - toneHz / stretch)).toBeLessThan(8);
  expect(Math.abs(seconds - 3 * stretch)).toBeLessThan(0.06);
});

/** Upward passes through zero a second, away from the ends, where encoders fade. */
function pitchOf(samples: Float64Array): number {
  const [from, to] = [rate, 2 * rate];
  let passes = 0;
  for (let n = from; n < to; n += 1) if ((samples[n - 1] ?? 0) < 0 && (samples[n] ?? 0) >= 0) passes += 1;
  return passes;
}

/** Hundredths of a second without sound, away from the ends. */
function gapsOf(samples: Float64Array): number {
  const step = rate / 100;
  let gaps = 0;
  for (let start = rate / 4; start + step < samples.length - rate / 4; start += step) {
    const loudest = samples
      .subarray(start, start + step)
      .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (loudest < 0.02) gaps += 1;
  }
  return gaps;
}

/** Gives every frame of the sound the stretched time, and its media header the new length. */
function stretched(file: Buffer): Buffer {
  const moov = placeOf(file, 'moov');
  const sound = listBoxes(file, moov.contentStart, moov.end).filter(({ type }) => type === 'trak')[1];
  const longer = Buffer.from(file);
  const table = longer.indexOf('stts', sound?.start, 'latin1') + 4;
  let total = 0;
  for (let row = 0; row < longer.readUInt32BE(table + 4); row += 1) {
    const at = table + 8 + 8 * row;
    if (longer.readUInt32BE(at + 4) === 1024) longer.writeUInt32BE(stretchedTicks, at + 4);
    total += longer.readUInt32BE(at) * longer.readUInt32BE(at + 4);
  }
  // Media header and edit list: both tell the length of the track.
  longer.writeUInt32BE(total, longer.indexOf('mdhd', sound?.start, 'latin1') + 4 + 16);
  const edit = longer.indexOf('elst', sound?.start, 'latin1') + 4 + 8;
  longer.writeUInt32BE(Math.round(longer.readUInt32BE(edit) * stretch), edit);
  return longer;
}
