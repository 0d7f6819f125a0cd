import { describe, expect, test } from 'vitest';
import { averageRate, isVariableRate, snapFrameRate } from '../../src/engine/probe/frame-rate.ts';
import { readGopTimecode, readSmpteTimecode } from '../../src/engine/probe/frame-timecode.ts';
import { describePixelFormat } from '../../src/engine/probe/pixel-format.ts';
import { readRotation } from '../../src/engine/probe/rotation.ts';

describe('frame rates', () => {
  test.each([
    [{ num: 2398, den: 100 }, '24000/1001'],
    [{ num: 2997, den: 100 }, '30000/1001'],
    [{ num: 5994, den: 100 }, '60000/1001'],
    [{ num: 30, den: 1 }, '30/1'],
    [{ num: 2500, den: 100 }, '25/1'],
    [{ num: 90000, den: 3001 }, '90000/3001'],
    [{ num: 50, den: 3 }, '50/3'],
  ])('%o means %s', (rate, expected) => {
    const { num, den } = snapFrameRate(rate);
    expect(`${num}/${den}`).toBe(expected);
  });

  test('rounding to milliseconds is not variable, phone jitter and screen recordings are', () => {
    const alternating = Array.from({ length: 30 }, (_, index) => ({
      count: 1,
      ticks: index % 3 === 2 ? 34 : 33,
    }));
    expect(isVariableRate(alternating, 1000)).toBe(false);
    expect(
      isVariableRate(
        [
          { count: 299, ticks: 3003 },
          { count: 1, ticks: 9000 },
        ],
        90_000,
      ),
    ).toBe(false);
    expect(
      isVariableRate(
        [
          { count: 30, ticks: 40 },
          { count: 20, ticks: 30 },
        ],
        600,
      ),
    ).toBe(true);
    expect(
      isVariableRate(
        [
          { count: 62, ticks: 3012 },
          { count: 3, ticks: 3021 },
          { count: 9, ticks: 3012 },
        ],
        90_000,
      ),
    ).toBe(true);
  });

  test('one tick of rounding over a steady run is not part of its rate', () => {
    const measured = averageRate(
      [
        { count: 16, ticks: 25 },
        { count: 1, ticks: 24 },
        { count: 8, ticks: 25 },
      ],
      { num: 600, den: 1 },
    );
    expect(measured?.rate).toEqual({ num: 24, den: 1 });
  });
});

describe('pixel formats', () => {
  test.each([
    ['yuv420p', 8, '4:2:0', false],
    ['yuvj422p', 8, '4:2:2', false],
    ['yuv422p10le', 10, '4:2:2', false],
    ['yuva444p12le', 12, '4:4:4', true],
    ['p010le', 10, '4:2:0', false],
    ['nv12', 8, '4:2:0', false],
    ['uyvy422', 8, '4:2:2', false],
    ['gray16be', 16, '4:0:0', false],
    ['gbrp10le', 10, 'rgb', false],
    ['rgba', 8, 'rgb', true],
    ['rgb48le', 16, 'rgb', false],
    ['x2rgb10le', 10, 'rgb', false],
    ['bgr0', 8, 'rgb', false],
    ['xyz12le', 12, 'other', false],
    ['yuv411p', 8, 'other', false],
  ] as const)('%s has %i bits, %s', (name, bitDepth, chroma, hasAlpha) => {
    expect(describePixelFormat(name)).toEqual({ bitDepth, chroma, hasAlpha });
  });
});

describe('rotation', () => {
  test.each([
    [0, 0],
    [90, 90],
    [180, 180],
    [270, 270],
    [90.5, 90],
    [45, 0],
    [92, 0],
  ] as const)('a matrix of %d degrees clockwise asks for %d', (angle, expected) => {
    expect(readRotation(matrix(angle, 1))).toBe(expected);
  });

  test('a mirrored picture and a missing matrix ask for none', () => {
    expect(readRotation(matrix(90, -1))).toBe(0);
    expect(readRotation(null)).toBe(0);
  });
});

describe('timecodes on frames', () => {
  test('drop frame, and frame pairs above 30 fps', () => {
    const sideData = Buffer.alloc(16);
    sideData.writeUInt32LE(1, 0);
    // 01:23:45;12 in BCD: hours in the low bits, then minutes, seconds, frames; bit 30 drops.
    sideData.writeUInt32LE(0x01 | (0x23 << 8) | (0x45 << 16) | (0x12 << 24) | (1 << 30), 4);
    expect(readSmpteTimecode(sideData, { num: 30000, den: 1001 })).toBe('01:23:45;12');
    expect(readSmpteTimecode(sideData, { num: 60000, den: 1001 })).toBe('01:23:45;24');
    expect(readSmpteTimecode(Buffer.alloc(16), { num: 25, den: 1 })).toBeNull();
  });

  test('a group of pictures header', () => {
    const sideData = Buffer.alloc(8);
    sideData.writeUInt32LE((10 << 19) | (20 << 13) | (30 << 6) | 7, 0);
    expect(readGopTimecode(sideData)).toBe('10:20:30:07');
    sideData.writeUInt32LE(31 << 19, 0);
    expect(readGopTimecode(sideData)).toBeNull();
  });
});

/** A display matrix as the library stores it; `mirror` −1 flips the picture. */
function matrix(degrees: number, mirror: 1 | -1): Buffer {
  const radians = (degrees * Math.PI) / 180;
  const fixed = (value: number) => Math.round(value * 65536);
  const values = [
    Math.cos(radians),
    Math.sin(radians),
    0,
    -Math.sin(radians) * mirror,
    Math.cos(radians) * mirror,
    0,
    0,
    0,
  ];
  const buffer = Buffer.alloc(36);
  for (const [index, value] of values.entries()) buffer.writeInt32LE(fixed(value), 4 * index);
  buffer.writeInt32LE(1 << 30, 32);
  return buffer;
}
