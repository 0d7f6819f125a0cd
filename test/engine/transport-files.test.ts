/** M2TS files, measured: rate, clock, tables, timestamps, marks (spec containers.md 7; ISO/IEC 13818-1). */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import type { TransportPlan } from '../../src/plan/file-plan.ts';
import { probeFile } from '../probe/objects.ts';
import { audioRendition, encoderPlan, fileGroup, fileOutput, jobPlan, videoRendition } from './plans.ts';
import { type ReadPacket, readPes, readSections, readTransport, sectionRemainder } from './read-transport.ts';
import { watchMedia } from './watch-media.ts';
import { type FinishedRun, openWorkshop, type Workshop } from './workshop.ts';

const clockRate = 27_000_000;
const rateBps = 2_000_000;

const plain: TransportPlan = {
  programNumber: 7,
  transportStreamId: 9,
  pids: { pmt: 480, pcr: 481, video: 481, audio: [482] },
  rateBps,
  isConstantRate: true,
  isRateGiven: true,
  nullRateBps: 0,
  patIntervalMs: 100,
  pmtIntervalMs: 50,
  pcrIntervalMs: 40,
  pcrEveryPes: true,
  timestampOffsetMs: 2000,
  audioOffsetMs: 0,
  audioFramesPerPes: 2,
  audioModel: 'ATSC',
  keepsBufferModel: true,
  esRateInPes: false,
  sdt: { intervalMs: 500, serviceName: 'Servicé', providerName: 'Provider' },
  nit: { intervalMs: 300, networkId: 12, networkName: 'Network' },
  tdt: { intervalMs: 1000, startTimeMs: Date.parse('2026-01-02T03:04:05Z') },
  segmentation: null,
  mpeg2Audio: [false],
};

let workshop: Workshop;

beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 3 });
}, 120_000);

afterAll(() => workshop?.close());

async function make(key: string, parts: Partial<TransportPlan> = {}): Promise<readonly ReadPacket[]> {
  await run(key, parts);
  return readTransport(workshop.outputPath(key));
}

async function run(key: string, parts: Partial<TransportPlan> = {}): Promise<FinishedRun> {
  const video = videoRendition('picture', {
    encoder: encoderPlan({
      bitrateBps: 600_000,
      maxBitrateBps: 600_000,
      bufferSizeBits: 600_000,
      gopSizeFrames: 30,
    }),
    forcedKeyFrameSeconds: rational(1),
  });
  const plan = jobPlan({
    key: 'clip.mp4',
    videoRenditions: [video],
    audioRenditions: [audioRendition('sound')],
    groups: [
      fileGroup([
        fileOutput(key, {
          container: 'M2TS',
          muxer: null,
          muxerOptions: {},
          needsScratch: false,
          transport: { ...plain, ...parts },
          videoRenditionId: 'picture',
          audioRenditionIds: ['sound'],
        }),
      ]),
    ],
  });
  return workshop.run(plan);
}

/** Time of a packet's first byte, by the rate. */
const timeOf = (index: number, first: ReadPacket): number =>
  (first.clock ?? 0) + ((index - first.index) * 188 * 8 * clockRate) / rateBps;

function firstClock(packets: readonly ReadPacket[]): ReadPacket {
  const found = packets.find(({ clock }) => clock !== null);
  if (found === undefined) throw new Error('no clock reference');
  return found;
}

describe('a constant rate', () => {
  let packets: readonly ReadPacket[];

  beforeAll(async () => {
    packets = await make('constant.m2ts');
  }, 60_000);

  test('every clock reference is where the rate says, and none is missing for 40 ms', () => {
    const clocks = packets.filter(({ clock }) => clock !== null);
    const [first] = clocks;
    if (first === undefined) throw new Error('no clock reference');
    for (const [place, packet] of clocks.entries()) {
      expect(packet.pid).toBe(481);
      // One tick of 27 MHz is what rounding costs; the standard allows 13.
      expect(Math.abs((packet.clock ?? 0) - timeOf(packet.index, first))).toBeLessThanOrEqual(1.5);
      const before = clocks[place - 1];
      if (before !== undefined)
        expect(((packet.clock ?? 0) - (before.clock ?? 0)) / 27_000).toBeLessThanOrEqual(41);
    }
    expect(packets.filter(({ pid }) => pid === 0x1fff).length).toBeGreaterThan(packets.length / 4);
  });

  test('counters run on in every PID', () => {
    const last = new Map<number, number>();
    for (const { pid, counter, hasPayload } of packets) {
      if (pid === 0x1fff || !hasPayload) continue;
      const before = last.get(pid);
      if (before !== undefined) expect(counter).toBe((before + 1) & 15);
      last.set(pid, counter);
    }
  });

  test('no byte comes after it is decoded, no sound comes more than a tenth of a second early', () => {
    const first = firstClock(packets);
    for (const pid of [481, 482]) {
      for (const { first: start, lastIndex, dts } of readPes(packets, pid)) {
        expect(timeOf(lastIndex + 1, first)).toBeLessThanOrEqual(dts * 300);
        if (pid === 482)
          expect(dts * 300 - timeOf(start.index, first)).toBeLessThanOrEqual(0.105 * clockRate);
      }
    }
  });

  test('tables come first, at their intervals, intact, and say what the plan says', () => {
    const first = firstClock(packets);
    const intervals = { 0: 100, 480: 50, 17: 500, 16: 300, 20: 1000 };
    for (const [pid, intervalMs] of Object.entries(intervals)) {
      const sections = readSections(packets, Number(pid));
      expect(sections[0]?.index, `PID ${pid}`).toBeLessThan(8);
      for (const [place, { index, section }] of sections.entries()) {
        if (pid !== '20') expect(sectionRemainder(section)).toBe(0);
        const before = sections[place - 1];
        if (before !== undefined)
          expect((timeOf(index, first) - timeOf(before.index, first)) / 27_000).toBeLessThanOrEqual(
            intervalMs + 20,
          );
      }
    }
    const sectionOf = (pid: number) => readSections(packets, pid)[0]?.section ?? Buffer.alloc(0);
    expect([
      sectionOf(0).readUInt16BE(3),
      sectionOf(480).readUInt16BE(3),
      sectionOf(16).readUInt16BE(3),
    ]).toEqual([9, 7, 12]);
    expect(sectionOf(17).includes(Buffer.concat([Buffer.of(0x15), Buffer.from('Servicé', 'utf8')]))).toBe(
      true,
    );
    expect(sectionOf(16).includes(Buffer.from('Network'))).toBe(true);
    // Modified Julian day 61042, then the time in decimal digits.
    expect(sectionOf(20).subarray(3).toString('hex')).toBe(`${(61_042).toString(16)}030405`);
  });

  test('sound and picture begin two seconds in, and everything decodes', async () => {
    const { video, audio, tracks } = await watchMedia(workshop.outputPath('constant.m2ts'));
    expect(tracks).toHaveLength(2);
    expect([video.decodeErrors, audio.decodeErrors]).toEqual([0, 0]);
    expect(video.times).toHaveLength(90);
    expect(video.times[0]).toBeCloseTo(2, 3);
    expect(audio.language).toBe('eng');
  });

  test('an independent analyser finds nothing wrong', (context) => {
    if (spawnSync('tsreport', ['-h']).error !== undefined)
      return context.skip('tsreport is not installed (Debian package tstools)');
    const report = execFileSync('tsreport', ['-buffering', workshop.outputPath('constant.m2ts')], {
      encoding: 'utf8',
    });
    expect(report).not.toMatch(/###|!!!/);
    expect(report).toMatch(/Linear PCR prediction errors: min=0t, max=0t/);
  });
});

describe('a variable rate', () => {
  test('has no null packets but those asked for, and keeps its clock and tables', async () => {
    const packets = await make('variable.m2ts', { isConstantRate: false });
    const nulls = (all: readonly ReadPacket[]) => all.filter(({ pid }) => pid === 0x1fff).length;
    expect(nulls(packets)).toBe(0);
    const clocks = packets.flatMap(({ clock }) => clock ?? []);
    for (const [place, clock] of clocks.entries())
      if (place > 0) expect((clock - (clocks[place - 1] ?? 0)) / 27_000).toBeLessThanOrEqual(41);
    expect(readSections(packets, 0).length).toBeGreaterThanOrEqual(25);
    const padded = await make('padded.m2ts', { isConstantRate: false, nullRateBps: 150_400 });
    // A hundred packets a second for about three seconds.
    expect(nulls(padded)).toBeGreaterThan(280);
    expect(nulls(padded)).toBeLessThan(400);
  });
});

describe('settings one by one', () => {
  test('a clock on a PID of its own, a period of its own', async () => {
    const packets = await make('clock.m2ts', {
      pids: { ...plain.pids, pcr: 600 },
      pcrEveryPes: false,
      pcrIntervalMs: 80,
    });
    const clocks = packets.filter(({ clock }) => clock !== null);
    expect(new Set(clocks.map(({ pid }) => pid))).toEqual(new Set([600]));
    expect(clocks.every(({ hasPayload }) => !hasPayload)).toBe(true);
    const gaps = clocks
      .slice(1)
      .map(({ clock }, place) => ((clock ?? 0) - (clocks[place]?.clock ?? 0)) / 27_000);
    expect(Math.min(...gaps)).toBeGreaterThan(75);
    expect(Math.max(...gaps)).toBeLessThan(82);
  });

  test('the names of an input are written as its bytes, and read back as they were', async () => {
    const names = { serviceName: '\x05Rai 1', providerName: '\x10\x00\x02T\xe9l\xe9' };
    await run('named.m2ts', { sdt: { intervalMs: 500, ...names, areNamesCoded: true } });
    const facts = await probeFile(workshop.outputPath('named.m2ts'));
    expect(facts.programs.map(({ service }) => service)).toEqual([names]);
  });

  test('timestamps, frames in a PES packet, rates in its header', async () => {
    const packets = await make('offsets.m2ts', {
      timestampOffsetMs: 5000,
      audioOffsetMs: 250,
      audioFramesPerPes: 4,
      esRateInPes: true,
    });
    const [video] = readPes(packets, 481);
    const sound = readPes(packets, 482);
    expect((video?.pts ?? 0) / 90).toBeCloseTo(5000, 0);
    // One frame of priming before.
    expect((sound[0]?.pts ?? 0) / 90).toBeCloseTo(5250 - 1024 / 48, 0);
    expect(((sound[1]?.pts ?? 0) - (sound[0]?.pts ?? 0)) / 90).toBeCloseTo((4 * 1024) / 48, 0);
    expect([video?.esRate, sound[0]?.esRate]).toEqual([1500, 240]);
  });

  test('segment starts are flagged, or carry boundary points with their time, or tables', async () => {
    const segmentation = {
      markers: 'RAI_SEGSTART',
      seconds: rational(1),
      fragmentSeconds: null,
      onAudio: false,
      audioSeconds: null,
      minIntervalMs: 0,
      startTimeMs: Date.parse('2026-01-02T03:04:05Z'),
    } as const;
    const flagged = await make('flags.m2ts', { segmentation });
    const starts = readPes(flagged, 481).filter(({ first }) => first.isRandomAccess);
    expect(starts.map(({ pts }) => Math.round(pts / 90))).toEqual([2000, 3000, 4000]);

    const pointed = await make('points.m2ts', {
      segmentation: { ...segmentation, markers: 'EBP', fragmentSeconds: rational(1, 2), onAudio: true },
    });
    const points = (pid: number) => readPes(pointed, pid).filter(({ first }) => first.privateData !== null);
    expect(points(481).map(({ pts }) => Math.round(pts / 90))).toEqual([2000, 2500, 3000, 3500, 4000, 4500]);
    const [begin, fragment] = points(481).map(({ first }) => first.privateData ?? Buffer.alloc(0));
    // Tag, length, EBP0, then fragment + segment + access point + time; the second is a fragment alone.
    expect(begin?.toString('hex', 0, 8)).toBe('df0e45425030e83f');
    expect(fragment?.toString('hex', 0, 7)).toBe('df0d4542503088');
    expect(begin?.readUInt32BE(8)).toBe(Date.parse('2026-01-02T03:04:05Z') / 1000 + 2_208_988_800);
    expect(points(482)).toHaveLength(6);

    const tabled = await make('tables.m2ts', {
      patIntervalMs: 1000,
      pmtIntervalMs: 1000,
      segmentation: { ...segmentation, markers: 'PSI_SEGSTART' },
    });
    for (const { first } of readPes(tabled, 481).filter(({ first }) => first.isRandomAccess)) {
      const near = tabled.slice(Math.max(0, first.index - 4), first.index).map(({ pid }) => pid);
      expect(near).toEqual(expect.arrayContaining([0, 480]));
    }
  });

  test('a rate too low for the tracks is exceeded where it must be: warned of, and no byte is late', async () => {
    const narrow = await run('low.m2ts', { rateBps: 500_000 });
    expect(narrow.warnings.get(260000)).toBeGreaterThan(0);
    const packets = readTransport(workshop.outputPath('low.m2ts'));
    const clocks = packets.filter(({ clock }) => clock !== null);
    for (const [place, { clock }] of clocks.entries())
      expect(clock).toBeGreaterThan(clocks[place - 1]?.clock ?? -1);
    for (const pid of [481, 482]) {
      for (const { lastIndex, dts } of readPes(packets, pid)) {
        const next = clocks.find(({ index }) => index >= lastIndex);
        const before = clocks.findLast(({ index }) => index <= lastIndex);
        // The last byte lies between two clocks: it has arrived by the time of the earlier one's successor.
        if (next !== undefined) expect(before?.clock).toBeLessThanOrEqual(dts * 300);
      }
    }
    const { video, audio } = await watchMedia(workshop.outputPath('low.m2ts'));
    expect([video.decodeErrors, audio.decodeErrors]).toEqual([0, 0]);
    expect(video.times).toHaveLength(90);
    // A rate that the tracks alone decide was not asked for, so nothing was exceeded.
    const automatic = await run('automatic.m2ts', { rateBps: 500_000, isRateGiven: false });
    expect(automatic.warnings.has(260000)).toBe(false);
    expect((await run('wide.m2ts')).warnings.has(260000)).toBe(false);
  });
});
