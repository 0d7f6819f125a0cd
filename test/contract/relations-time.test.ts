/** Relations of time and fields inside a codec block (spec video.md V-16 to V-18). */
import { describe, expect, it } from 'vitest';
import { codec, dependency, refusal } from './one-change.ts';

const at = `${codec}/h264Settings`;
const block = (settings: object) =>
  refusal([[at, { rateControlMode: 'VBR', bitrate: 1_000_000, ...settings }]]);
const rate = (framerateNumerator: number, framerateDenominator: number) => ({
  framerateControl: 'SPECIFIED',
  framerateNumerator,
  framerateDenominator,
});
const pal = `${at}/framerateControl: Must be SPECIFIED with a rate of 25/1`;
const ntsc = `${at}/framerateControl: Must be SPECIFIED with a rate of 30000/1001`;
const fields = `${at}/interlaceMode: Must be a value other than PROGRESSIVE`;

describe('refused', () => {
  it.each<[string, object, string]>([
    ['slow PAL that follows the source', { slowPal: 'ENABLED' }, `${at}/slowPal: ${dependency} | ${pal}`],
    ['slow PAL at 24', { slowPal: 'ENABLED', ...rate(24, 1) }, `${at}/slowPal: ${dependency} | ${pal}`],
    ['telecine alone', { telecine: 'HARD' }, `${at}/telecine: ${dependency} | ${ntsc} | ${fields}`],
    [
      'telecine of pictures',
      { telecine: 'SOFT', ...rate(30_000, 1001) },
      `${at}/telecine: ${dependency} | ${fields}`,
    ],
    [
      'telecine at 30',
      { telecine: 'HARD', interlaceMode: 'TOP_FIELD', ...rate(30, 1) },
      `${at}/telecine: ${dependency} | ${ntsc}`,
    ],
    [
      'optimized fields of pictures',
      { scanTypeConversionMode: 'INTERLACED_OPTIMIZE' },
      `${at}/scanTypeConversionMode: ${dependency} | ${fields}`,
    ],
    [
      'optimized fields beside hard telecine',
      {
        scanTypeConversionMode: 'INTERLACED_OPTIMIZE',
        telecine: 'HARD',
        interlaceMode: 'TOP_FIELD',
        ...rate(30_000, 1001),
      },
      `${at}/scanTypeConversionMode: ${dependency} | ${at}/telecine: Must be NONE or SOFT`,
    ],
  ])('%s', (_name, settings, text) => {
    expect(block(settings)).toContain(text);
  });

  it('telecine of XAVC, whose fields stand in the block of its profile', () => {
    const xavcSettings = {
      profile: 'XAVC_HD',
      xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_50', telecine: 'HARD' },
    };
    expect(refusal([[codec, { codec: 'XAVC', xavcSettings }]])).toContain(
      `${codec}/xavcSettings/xavcHdProfileSettings/telecine: ${dependency}`,
    );
  });
});

describe('accepted', () => {
  it.each<[string, object]>([
    ['slow PAL at 25', { slowPal: 'ENABLED', ...rate(50, 2) }],
    ['telecine of fields at 29.97', { telecine: 'HARD', interlaceMode: 'TOP_FIELD', ...rate(30_000, 1001) }],
    ['neither', { slowPal: 'DISABLED', telecine: 'NONE', scanTypeConversionMode: 'INTERLACED' }],
  ])('%s', (_name, settings) => {
    expect(block(settings)).toBe('');
  });
});
