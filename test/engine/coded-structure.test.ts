/** What the headers of coded streams say: field order, groups of pictures, tiers, and where parameter sets are. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import { readTimingSyntax } from '../../src/engine/h264-sequence.ts';
import { nalType, nalUnits, rawBytes } from '../../src/package/annex-b.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 3, frameRate: { num: 25, den: 1 } });
  await workshop.makeClip('short.mp4', { durationSeconds: 0.2, frameRate: { num: 25, den: 1 } });
});
afterAll(() => workshop.close());

const run = async (codecSettings: VideoDescription['codecSettings'], container: 'MP4' | 'MOV' | 'RAW') =>
  runVideoJob(workshop, { key: 'clip.mp4', video: { codecSettings }, container });

const quality = { rateControlMode: 'QVBR', maxBitrate: 2_000_000 } as const;

describe('field order', () => {
  it.each(['SINGLE_PASS', 'SINGLE_PASS_HQ'] as const)(
    'H.264 of %s tells every picture that its bottom field comes first',
    async (qualityTuningLevel) => {
      const h264Settings = { ...quality, qualityTuningLevel, interlaceMode: 'BOTTOM_FIELD' } as const;
      const { path } = await run({ codec: 'H_264', h264Settings }, 'RAW');
      expect(pictureStructures(readFileSync(path))).toEqual(Array.from({ length: 75 }, () => 4));
    },
  );
});

describe('groups of MPEG-2', () => {
  it.each([
    ['closed, 12 with B pictures that do not divide it', {}, 12],
    ['closed, 15', { gopSize: 15 }, 15],
    ['closed, 12, B pictures where they pay', { dynamicSubGop: 'ADAPTIVE' }, 12],
    ['open, 12', { gopClosedCadence: 0 }, 12],
    ['closed, 12, with room for key frames elsewhere', { minIInterval: 10 }, 12],
  ] as const)('%s: each is as long as asked', async (_name, settings, length) => {
    const mpeg2Settings = { bitrate: 2_000_000, ...settings };
    const { path } = await run({ codec: 'MPEG2', mpeg2Settings }, 'RAW');
    const groups = groupLengths(readFileSync(path));
    expect(groups.reduce((sum, pictures) => sum + pictures, 0)).toBe(75);
    expect(new Set(groups.slice(0, -1))).toEqual(new Set([length]));
  });
});

describe('tier of H.265', () => {
  it.each([
    ['MAIN10_HIGH', 'LEVEL_4', true],
    ['MAIN10_MAIN', 'LEVEL_4', false],
    // Levels below 4 have one tier.
    ['MAIN10_HIGH', 'LEVEL_3_1', false],
  ] as const)('%s at %s', async (codecProfile, codecLevel, isHigh) => {
    const h265Settings = { ...quality, codecProfile, codecLevel };
    const { path } = await run({ codec: 'H_265', h265Settings }, 'RAW');
    const sets = [...nalUnits(readFileSync(path))].filter((unit) =>
      [32, 33].includes(nalType(unit, 'H_265')),
    );
    const tiers = sets.map((unit) => (unit[nalType(unit, 'H_265') === 32 ? 6 : 3] ?? 0) & 0x20);
    expect(tiers.length).toBeGreaterThanOrEqual(2);
    expect(new Set(tiers)).toEqual(new Set([isHigh ? 0x20 : 0]));
  });

  it('stands in the sample entry as well', async () => {
    const h265Settings = { ...quality, codecProfile: 'MAIN_HIGH', codecLevel: 'LEVEL_4' } as const;
    const { path } = await run({ codec: 'H_265', h265Settings }, 'MP4');
    const file = readFileSync(path);
    expect((file[file.indexOf('hvcC', 0, 'latin1') + 5] ?? 0) & 0x20).toBe(0x20);
  });
});

describe('profile of H.265 in groups of one picture', () => {
  /** Profile, compatibility and constraint flags (H.265 7.3.3; A.3.2, A.3.3, table A.2). */
  const toldLevels = {
    MAIN_MAIN: '0160000000900000000000',
    MAIN10_MAIN: '0220000000900000000000',
    MAIN_422_10BIT_MAIN: '04080000009d0800000000',
  };

  it.each([
    ['MAIN_MAIN', 1],
    ['MAIN_MAIN', 2],
    ['MAIN10_MAIN', 1],
    ['MAIN_422_10BIT_MAIN', 1],
  ] as const)('%s is told the same in groups of %s', async (codecProfile, gopSize) => {
    const h265Settings = { ...quality, codecProfile, gopSize, gopSizeUnits: 'FRAMES' } as const;
    const job = { key: 'short.mp4', video: { codecSettings: { codec: 'H_265', h265Settings } } } as const;
    const { path } = await runVideoJob(workshop, { ...job, container: 'RAW' });
    const sets = [...nalUnits(readFileSync(path))].filter((unit) =>
      [32, 33].includes(nalType(unit, 'H_265')),
    );
    const told = sets.map((unit) => {
      const at = nalType(unit, 'H_265') === 32 ? 6 : 3;
      return Buffer.from(rawBytes(unit, at + 11).subarray(at)).toString('hex');
    });
    expect(new Set(told)).toEqual(new Set([toldLevels[codecProfile]]));
    expect(watchPictures(path).times).toHaveLength(5);

    const entry = readFileSync((await runVideoJob(workshop, { ...job, container: 'MP4' })).path);
    const at = entry.indexOf('hvcC', 0, 'latin1') + 5;
    expect(entry.toString('hex', at, at + 11)).toBe(toldLevels[codecProfile]);
  });
});

describe('parameter sets of AVC3', () => {
  it.each(['PROGRESSIVE_DOWNLOAD', 'NORMAL'] as const)(
    'stand in the samples alone, index %s',
    async (moovPlacement) => {
      const h264Settings = { ...quality, gopSize: 10, gopSizeUnits: 'FRAMES', minIInterval: 0 } as const;
      const job = (writeMp4PackagingType: 'AVC1' | 'AVC3') =>
        ({
          key: 'clip.mp4',
          video: {
            codecSettings: { codec: 'H_264', h264Settings: { ...h264Settings, writeMp4PackagingType } },
          },
          containerSettings: { mp4Settings: { moovPlacement } },
        }) as const;
      const { path } = await runVideoJob(workshop, job('AVC3'));
      const file = readFileSync(path);
      const entryAt = file.indexOf('avcC', 0, 'latin1');
      expect(file.toString('latin1', 0, 40)).not.toContain('avc1');
      expect([...file.subarray(entryAt + 9, entryAt + 11)]).toEqual([0xe0, 0]);
      expect(watchPictures(path).times).toHaveLength(75);
      expect(setsOfSamples(file)).toBe(8);
      const plain = readFileSync((await runVideoJob(workshop, job('AVC1'))).path);
      expect(setsOfSamples(plain)).toBe(0);
      expect(plain[plain.indexOf('avcC', 0, 'latin1') + 9]).toBe(0xe1);
    },
  );
});

/** `pic_struct` of every picture timing message of an H.264 stream. */
function pictureStructures(stream: Buffer): number[] {
  let syntax: ReturnType<typeof readTimingSyntax> = null;
  const structures: number[] = [];
  for (const unit of nalUnits(stream)) {
    const type = nalType(unit, 'H_264');
    if (type === 7) syntax = readTimingSyntax(rawBytes(unit.subarray(1), 4096));
    if (type !== 6 || unit[1] !== 1 || syntax === null) continue;
    const bits = [...rawBytes(unit.subarray(3), 16)]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('');
    const at = (syntax.delayBits?.removal ?? 0) + (syntax.delayBits?.output ?? 0);
    structures.push(Number.parseInt(bits.slice(at, at + 4), 2));
  }
  return structures;
}

/** Pictures behind each group header, in coding order. */
function groupLengths(stream: Buffer): number[] {
  const groups: number[] = [];
  for (let at = stream.indexOf(startCode); at >= 0; at = stream.indexOf(startCode, at + 3)) {
    if (stream[at + 3] === 0xb8) groups.push(0);
    else if (stream[at + 3] === 0x00) groups.push((groups.pop() ?? 0) + 1);
  }
  return groups;
}

const startCode = Buffer.from([0, 0, 1]);

/** Sequence parameter sets in the media data of an MP4 file of video alone. */
function setsOfSamples(file: Buffer): number {
  const start = file.indexOf('mdat', 0, 'latin1') + 4;
  const end = start - 8 + file.readUInt32BE(start - 8);
  let count = 0;
  for (let at = start; at < end; at += 4 + file.readUInt32BE(at))
    if (((file[at + 4] ?? 0) & 31) === 7) count += 1;
  return count;
}
