/**
 * The bit stream information of AC-3 and E-AC-3: frames put together field by field after ATSC A/52:2018 with every
 * optional part, damaged ones, and those of the media corpus.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { readDolbyFrame } from '../../src/engine/probe/dolby-frame.ts';
import type { DolbyFacts } from '../../src/plan/facts.ts';
import { probeFile } from './objects.ts';

beforeAll(quietLibraryLog);

type Field = readonly [value: number, bits: number];

/** A frame of the fields, padded, with the two bytes at its end that leave no remainder. */
function frameOf(sizeBytes: number, fields: readonly Field[]): Buffer {
  const bits = fields.map(([value, count]) => value.toString(2).padStart(count, '0')).join('');
  if (fields.some(([value, count]) => value >= 2 ** count)) throw new Error('a value is too large');
  const body = bits.padEnd((sizeBytes - 2) * 8, '0');
  return Buffer.from(
    ((body + remainderOf(body.slice(16))).match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
  );
}

/** Long division of the bits and sixteen zeros by x¹⁶ + x¹⁵ + x² + 1. */
function remainderOf(message: string): string {
  const bits = [...message, ...'0'.repeat(16)].map(Number);
  for (let at = 0; at < message.length; at += 1)
    if (bits[at] === 1) for (const place of [0, 1, 14, 16]) bits[at + place] = 1 - (bits[at + place] ?? 0);
  return bits.slice(-16).join('');
}

/** Fields as `value:bits`. */
function fields(text: string): readonly Field[] {
  return text.split(' ').map((field) => {
    const [value = '', bits = ''] = field.split(':');
    return [Number(value), Number(bits)];
  });
}

/** 192 kb/s at 48 kHz is code 20 and 768 bytes. */
const ac3Front = fields('0x0b77:16 0:16 0:2 20:6');
const eac3Front = (sizeBytes: number, blocksCode = 3): readonly Field[] =>
  fields(`0x0b77:16 0:2 0:3 ${sizeBytes / 2 - 1}:11 0:2 ${blocksCode}:2`);

describe('AC-3', () => {
  test('3/2 with all optional fields, and range control in the first block alone', () => {
    const frame = frameOf(768, [
      ...ac3Front,
      ...fields('8:5 5:3 7:3 2:2 1:2 1:1 19:5'),
      ...fields('0:1 1:1 77:8 1:1 21:5 2:2 1:1 0:1'),
      ...fields('1:1 9999:14 1:1 77:14 1:1 2:6 0xabcdef:24'),
      ...fields('0b01010:5 0:5 1:1 0x40:8'),
    ]);
    expect(readDolbyFrame(frame)).toEqual({
      syntax: 'AC-3',
      channelMode: 7,
      dialnorm: 19,
      hasRangeControl: true,
      bitstreamMode: 5,
      centerMixLevel: 2,
      surroundMixLevel: 1,
      mixingLevel: 21,
      roomType: 2,
      isCopyrighted: true,
      isOriginal: false,
    } satisfies DolbyFacts);
  });

  test('1+1 says everything twice, and its first programme counts', () => {
    const frame = frameOf(768, [
      ...ac3Front,
      ...fields('8:5 0:3 0:3 0:1 12:5 1:1 3:8 0:1 0:1'),
      ...fields('25:5 1:1 4:8 1:1 5:8 1:1 99:7'),
      ...fields('0:1 1:1 0:1 0:1 0:1'),
    ]);
    const facts = {
      channelMode: 0,
      dialnorm: 12,
      hasRangeControl: true,
      isCopyrighted: false,
      isOriginal: true,
    };
    expect(readDolbyFrame(frame)).toEqual({ ...facts, syntax: 'AC-3', bitstreamMode: 0 });
  });

  test('the longer syntax has levels in place of time codes', () => {
    const frame = frameOf(768, [
      ...ac3Front,
      ...fields('6:5 0:3 7:3 0:2 0:2 1:1 0:5 0:1 0:1 0:1 1:1 1:1'),
      ...fields('1:1 2:2 1:3 5:3 3:3 7:3 1:1 3:2 2:2 1:1 0xff:8 1:1'),
      ...fields('0:1 0:10 0:1'),
    ]);
    expect(readDolbyFrame(frame)).toMatchObject({
      // 0 is reserved, and means 31.
      ...{ dialnorm: 31, hasRangeControl: false, downmixMode: 2, ltRtCenterMixLevel: 1 },
      ...{ ltRtSurroundMixLevel: 5, loRoCenterMixLevel: 3, loRoSurroundMixLevel: 7 },
      ...{ surroundExMode: 3, headphoneMode: 2, converterType: 1 },
    });
  });

  test('at 44.1 kHz an odd size code is a word longer', () => {
    for (const [code, size] of [
      [20, 834],
      [21, 836],
    ] as const) {
      const frame = frameOf(size, fields(`0x0b77:16 0:16 1:2 ${code}:6 8:5 0:3 2:3 2:2 0:1 23:5`));
      expect(readDolbyFrame(frame)).toMatchObject({ channelMode: 2, dialnorm: 23, surroundMode: 2 });
      expect(readDolbyFrame(frame.subarray(0, size - 1))).toBeNull();
    }
  });
});

describe('E-AC-3', () => {
  test('fields behind the longest mixing parameters are found', () => {
    const frame = frameOf(400, [
      ...eac3Front(400, 1),
      ...fields('7:3 1:1 16:5 27:5 1:1 9:8 1:1 1:2 0:3 4:3 6:3 3:3'),
      ...fields('1:1 17:5 1:1 33:6 1:1 34:6 3:2 1:5 0:24'),
      // Two blocks: a flag for each.
      ...fields('1:1 0:1 1:1 31:5'),
      ...fields('1:1 3:3 0:1 1:1 2:2 1:1 30:5 1:2 1:1 0:1'),
    ]);
    expect(readDolbyFrame(frame)).toEqual({
      syntax: 'E-AC-3',
      channelMode: 7,
      dialnorm: 27,
      hasRangeControl: true,
      downmixMode: 1,
      ltRtCenterMixLevel: 0,
      loRoCenterMixLevel: 4,
      ltRtSurroundMixLevel: 6,
      loRoSurroundMixLevel: 3,
      bitstreamMode: 3,
      isCopyrighted: false,
      isOriginal: true,
      surroundExMode: 2,
      mixingLevel: 30,
      roomType: 1,
      converterType: 1,
    } satisfies DolbyFacts);
  });

  test('one channel says where it stands, and one block needs no flag', () => {
    const frame = frameOf(100, [
      ...eac3Front(100, 0),
      ...fields('1:3 0:1 16:5 20:5 0:1 1:1 0:1 0:1 2:2 0:12'),
      ...fields('1:1 0x3fff:14 1:1 7:5 1:1 2:3 1:1 0:1 0:1'),
    ]);
    expect(readDolbyFrame(frame)).toEqual({
      ...{ syntax: 'E-AC-3', channelMode: 1, dialnorm: 20, hasRangeControl: false },
      ...{ bitstreamMode: 2, isCopyrighted: true, isOriginal: false },
    });
  });

  /** 3/2 with low frequencies, heavy compression and everything else behind the level absent. */
  const bare = (blocksCode: number): readonly Field[] => [
    ...eac3Front(200, blocksCode),
    ...fields('7:3 1:1 16:5 20:5 0:1 0:1 0:1'),
    ...(blocksCode === 3 ? [] : fields('0:1')),
    ...fields('0:1'),
  ];
  const rangeOf = (...parts: readonly (readonly Field[])[]): boolean | undefined =>
    readDolbyFrame(frameOf(200, parts.flat()))?.hasRangeControl;

  test.each([0, 1])(
    'range control in the first block is found behind strategies of frames: flag %i',
    (flag) => {
      const range = fields(`${flag}:1 0xff:8`);
      // Six blocks: coupling used from the third on, transforms asked for, no channel keeps its exponents but the last.
      const front = fields('0:1 1:1 0:2 1:1 1:1 1:1 0:4 1:1 0:1 0:1 1:1 1:1 0:1 0:1 0:1');
      const strategies = fields('3:5 1:5 2:5 3:5 4:5 0:5 0:1 0:1 1:1 0:1 0:1 0:1 0x1ffffff:25');
      const rest = fields('1:1 33:6 5:4 1:1 1000:10 200:8 0:4 0:1 1:1 9:5 0:3 1:1 0:30 0:25 0:5 0x1f:5');
      expect(rangeOf(bare(3), front, strategies, rest, range)).toBe(flag === 1);
    },
  );

  test.each([0, 1])('and behind strategies of blocks: flag %i', (flag) => {
    const range = fields(`${flag}:1 0xff:8`);
    // Two blocks, both coupled; no converter strategies, one offset for all blocks told elsewhere.
    const front = fields('1:2 0:1 0:1 0:1 0:4 0:1 1:1 0:1');
    const strategies = fields('1:2 0x3ff:10 0:2 0:10 1:1 0:1 0:1');
    expect(rangeOf(bare(1), front, strategies, fields('0:1'), range)).toBe(flag === 1);
  });

  test('substreams that are not decoded alone say nothing', () => {
    const start = (type: number, substream: number): readonly Field[] => [
      [0x0b77, 16],
      [type, 2],
      [substream, 3],
      ...fields('49:11 0:2 3:2 2:3 0:1 16:5 20:5'),
    ];
    expect(readDolbyFrame(frameOf(100, start(0, 0)))).toMatchObject({ dialnorm: 20 });
    for (const [type, substream] of [
      [1, 0],
      [3, 0],
      [0, 1],
    ] as const)
      expect(readDolbyFrame(frameOf(100, start(type, substream)))).toBeNull();
  });

  test('of a packet of several frames the first counts', () => {
    const first = frameOf(100, [...eac3Front(100), ...fields('2:3 0:1 16:5 20:5')]);
    expect(readDolbyFrame(Buffer.concat([first, Buffer.alloc(50, 0xff)]))).toMatchObject({ dialnorm: 20 });
  });
});

describe('what is no whole frame is none', () => {
  const good = frameOf(768, [...ac3Front, ...fields('8:5 0:3 2:3 0:2 0:1 23:5')]);

  test('cut anywhere', () => {
    expect(readDolbyFrame(good)).toMatchObject({ dialnorm: 23 });
    for (let size = 0; size < good.length; size += 1)
      expect(readDolbyFrame(good.subarray(0, size))).toBeNull();
  });

  test('any flipped bit', () => {
    for (let bit = 0; bit < 120; bit += 1) {
      const damaged = Buffer.from(good);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      expect(readDolbyFrame(damaged), `bit ${bit}`).toBeNull();
    }
  });

  test('codes that are not there: rates, sizes, versions', () => {
    const withFields = (rate: number, size: number, bsid: number): Buffer =>
      frameOf(768, fields(`0x0b77:16 0:16 ${rate}:2 ${size}:6 ${bsid}:5 0:3 2:3`));
    for (const [rate, size, bsid] of [
      [3, 20, 8],
      [0, 38, 8],
      [0, 63, 8],
      [0, 20, 17],
      [0, 20, 31],
    ] as const)
      expect(readDolbyFrame(withFields(rate, size, bsid))).toBeNull();
  });

  test('fields that lead past a frame whose check sum is right', () => {
    // 32 bytes cannot hold 33 × 8 bits of mixing data.
    const frame = frameOf(32, [
      ...eac3Front(32),
      ...fields('7:3 0:1 16:5 27:5 0:1 1:1 0:2 0:12 0:1 0:1 3:2 31:5'),
    ]);
    expect(readDolbyFrame(frame)).toBeNull();
  });

  test('noise ends, and is no frame', () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed >> 16;
    };
    for (let round = 0; round < 300; round += 1) {
      const noise = Buffer.from(Array.from({ length: random() % 300 }, () => random() & 0xff));
      if (noise.length > 6) noise.writeUInt16BE(0x0b77, 0);
      expect(readDolbyFrame(noise)).toBeNull();
    }
  });
});

const corpus = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'media');
const isPresent = existsSync(path.join(corpus, 'MANIFEST.tsv'));
if (!isPresent) console.log(`skipped: no media corpus at ${corpus}`);

describe.skipIf(!isPresent)('tracks of real files, as another parser reads their first frame', () => {
  test.each([
    [
      'audio/raw_ac3.ac3',
      [{ dialnorm: 27, mixingLevel: 25, loRoSurroundMixLevel: 4, hasRangeControl: true }],
    ],
    ['audio/mp4_ac3_51_2s.mp4', [{ dialnorm: 31, channelMode: 7, centerMixLevel: 1, surroundMixLevel: 1 }]],
    ['audio/mp4_eac3_51_2s.mp4', [{ syntax: 'E-AC-3', dialnorm: 31, channelMode: 7 }]],
    ['audio/ts_eac3_51_2s.ts', [{ syntax: 'E-AC-3', dialnorm: 31 }]],
    ['audio/mp4_ac3_51_plus_aac_stereo.mp4', [{ syntax: 'AC-3', channelMode: 7 }, undefined]],
    ['video/mkv_h264_ac3_pgs_1.2s.mkv', [{ channelMode: 1, dialnorm: 31 }]],
    ['video/mts_avchd_1080i29.97_ac3_1s.mts', [{ channelMode: 2, surroundMode: 0, hasRangeControl: true }]],
    [
      'video/ts_h264_1080i25_3xeac3_dvbsub_broadcast.ts',
      [
        { dialnorm: 23, bitstreamMode: 0, mixingLevel: 25 },
        { dialnorm: 23, bitstreamMode: 2 },
        { dialnorm: 23, bitstreamMode: 0 },
      ],
    ],
  ] as const)('%s', async (file, expected) => {
    const { audioTracks } = await probeFile(path.join(corpus, file));
    expect(audioTracks).toHaveLength(expected.length);
    for (const [index, fields] of expected.entries()) {
      if (fields === undefined) expect(audioTracks[index]?.dolby).toBeUndefined();
      else expect(audioTracks[index]?.dolby).toMatchObject(fields);
    }
  });

  test('a damaged beginning is passed over for the next whole frame', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-dolby-'));
    try {
      const bytes = readFileSync(path.join(corpus, 'audio/raw_ac3.ac3'));
      const first = bytes.subarray(bytes.indexOf(Buffer.from('0b77', 'hex')));
      expect(readDolbyFrame(first)).toMatchObject({ dialnorm: 27 });
      first.fill(0, 200, 300);
      expect(readDolbyFrame(first)).toBeNull();
      writeFileSync(path.join(folder, 'damaged.ac3'), bytes);
      const { audioTracks } = await probeFile(path.join(folder, 'damaged.ac3'));
      expect(audioTracks[0]?.dolby).toMatchObject({ dialnorm: 27 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
