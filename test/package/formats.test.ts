/** Small formats, each against its standard. */
import { describe, expect, it } from 'vitest';
import { adtsHeader, parseAacConfiguration } from '../../src/package/adts.ts';
import { isInstantRefresh, nalUnits } from '../../src/package/annex-b.ts';
import { measureBandwidth } from '../../src/package/bandwidth.ts';
import { audioCodecString, entryCodecString, videoCodecString } from '../../src/package/codec-string.ts';
import { box, latin, u8, u16, zeros } from '../../src/package/fmp4/boxes.ts';
import { relativeUri } from '../../src/package/relative-uri.ts';
import { segmentLocation } from '../../src/package/segment-location.ts';
import { tablesFirst } from '../../src/package/ts-muxer.ts';
import { timestampTag } from '../../src/signals/id3-tags.ts';

describe('CODECS', () => {
  /** A visual sample entry with boxes inside. */
  const entry = (name: string, ...boxes: readonly Buffer[]): Buffer => box(name, zeros(78), ...boxes);
  const wide = box('colr', latin('nclx'), u16(9, 16, 9), u8(0));
  const plain = box('colr', latin('nclx'), u16(1, 1, 1), u8(0));

  it('show profile, level, tier and depth of AV1, and colours that are not BT.709', () => {
    const record = (...bytes: readonly number[]): Buffer => box('av1C', u8(0x81, ...bytes, 0));
    expect(entryCodecString(entry('av01', record(0x04, 0x0c)), null)).toBe('av01.0.04M.08');
    expect(entryCodecString(entry('av01', record(0x04, 0x0c), plain), null)).toBe('av01.0.04M.08');
    expect(entryCodecString(entry('av01', wide, record(0x2d, 0xc4)), null)).toBe(
      'av01.1.13H.10.0.010.09.16.09.0',
    );
  });

  it('show profile, level and depth of VP9', () => {
    const record = (...bytes: readonly number[]): Buffer => box('vpcC', u8(1, 0, 0, 0, ...bytes, 0, 0));
    expect(entryCodecString(entry('vp09', record(0, 10, 0x82, 1, 1, 1)), null)).toBe('vp09.00.10.08');
    expect(entryCodecString(entry('vp09', record(2, 41, 0xa2, 9, 16, 9), wide), null)).toBe(
      'vp09.02.41.10.01.09.16.09.00',
    );
  });

  it('begin with the name of the sample entry', () => {
    expect(entryCodecString(entry('avc3'), 'avc1.64001f')).toBe('avc3.64001f');
    expect(entryCodecString(entry('hev1'), 'hvc1.1.6.L150.B0')).toBe('hev1.1.6.L150.B0');
    expect(entryCodecString(entry('hev1'), null)).toBeNull();
  });

  it('show H.264 profile, constraints and level in lower case hexadecimal', () => {
    const stream = Buffer.from(
      '0000000109f0 0000000167 64001f acd9 0000000168 eb'.replaceAll(' ', ''),
      'hex',
    );
    expect(videoCodecString(stream, 'H_264')).toBe('avc1.64001f');
    expect(videoCodecString(Buffer.from('0000000165888480', 'hex'), 'H_264')).toBeNull();
  });

  it('show H.265 profile, compatibility, tier, level and constraints', () => {
    // Main profile, compatibility flags 1 and 2, level 5.0, progressive and frame-only; with emulation prevention bytes.
    const main = Buffer.from(
      '00000001 4201 01 01 60000003 00b0 0000030000 0300 96 a0'.replaceAll(' ', ''),
      'hex',
    );
    expect(videoCodecString(main, 'H_265')).toBe('hvc1.1.6.L150.B0');
    const main10High = Buffer.from(
      '00000001 4201 01 22 20000003 0090 0000030000 0300 99 a0'.replaceAll(' ', ''),
      'hex',
    );
    expect(videoCodecString(main10High, 'H_265')).toBe('hvc1.2.4.H153.90');
  });

  it('name audio formats', () => {
    expect(audioCodecString('AAC', 5)).toBe('mp4a.40.5');
    expect(audioCodecString('EAC3', null)).toBe('ec-3');
    expect(audioCodecString('WAV', null)).toBeNull();
  });
});

describe('access units', () => {
  it('are split at three- and four-byte start codes', () => {
    const stream = Buffer.from('00000001 09f0 000001 6742 00000001 6588'.replaceAll(' ', ''), 'hex');
    expect([...nalUnits(stream)].map((unit) => Buffer.from(unit).toString('hex'))).toEqual([
      '09f0',
      '6742',
      '6588',
    ]);
  });

  it('refresh with IDR slices only', () => {
    const unit = (hex: string): Buffer => Buffer.from(`00000001${hex}`, 'hex');
    expect(isInstantRefresh(unit('6588'), 'H_264')).toBe(true);
    expect(isInstantRefresh(unit('4188'), 'H_264')).toBe(false);
    expect(isInstantRefresh(unit('2601'), 'H_265')).toBe(true);
    expect(isInstantRefresh(unit('2a01'), 'H_265')).toBe(false);
  });
});

describe('ADTS', () => {
  it('repeats the configuration and counts the header', () => {
    const configuration = parseAacConfiguration(Uint8Array.of(0x11, 0x90));
    expect(configuration).toEqual({
      objectType: 2,
      coreObjectType: 2,
      frequencyIndex: 3,
      channelConfiguration: 2,
    });
    // LC, 48 kHz, stereo, 384 + 7 bytes.
    expect(Buffer.from(adtsHeader(configuration, 384)).toString('hex')).toBe('fff14c8030fffc');
  });

  it('carries HE-AAC as its core', () => {
    // Object type 5, 24 kHz core, stereo, 48 kHz, LC core.
    expect(parseAacConfiguration(Uint8Array.of(0x2b, 0x11, 0x88, 0x00))).toEqual({
      objectType: 5,
      coreObjectType: 2,
      frequencyIndex: 6,
      channelConfiguration: 2,
    });
  });

  it('refuses what it cannot say', () => {
    expect(() => parseAacConfiguration(Uint8Array.of(0x11, 0x80))).toThrow(TypeError);
    expect(() => parseAacConfiguration(Uint8Array.of())).toThrow(TypeError);
    expect(() => adtsHeader(parseAacConfiguration(Uint8Array.of(0x11, 0x90)), 8192)).toThrow(RangeError);
  });
});

describe('the ID3 tag', () => {
  it('has the time cut to 33 bits', () => {
    const tag = Buffer.from(timestampTag((1n << 33n) + 90_000n));
    expect(tag.length).toBe(10 + 10 + 45 + 8);
    expect(tag.subarray(0, 10).toString('hex')).toBe('4944330400000000003f');
    expect(tag.readBigUInt64BE(tag.length - 8)).toBe(90_000n);
  });
});

describe('URIs', () => {
  it('are relative to the playlist', () => {
    expect(relativeUri('s3://b/v/a.m3u8', 's3://b/v/a_00001.ts')).toBe('a_00001.ts');
    expect(relativeUri('s3://b/v/a.m3u8', 's3://b/v/sub/a.ts')).toBe('sub/a.ts');
    expect(relativeUri('s3://b/v/sub/a.m3u8', 's3://b/v/a.ts')).toBe('../a.ts');
    expect(relativeUri('s3://b/a.m3u8', 's3://b/a.ts')).toBe('a.ts');
    expect(relativeUri('s3://b/a.m3u8', 's3://c/a.ts')).toBe('s3://c/a.ts');
  });

  it('escape what would mean something else', () => {
    expect(relativeUri('s3://b/a.m3u8', 's3://b/50% of #1? ü.ts')).toBe('50%25%20of%20%231%3F%20%C3%BC.ts');
    expect(relativeUri('s3://b/a.m3u8', 's3://b/12:30.ts')).toBe('./12:30.ts');
  });
});

describe('segment names', () => {
  it('count in five digits, and in more when five are not enough', () => {
    expect(segmentLocation.numbered('s3://b/v_%05d.ts', 7, 0)).toBe('s3://b/v_00007.ts');
    expect(segmentLocation.numbered('s3://b/v_%05d.ts', 100_000, 0)).toBe('s3://b/v_100000.ts');
    expect([5, 6].map((n) => segmentLocation.numbered('s3://b/%05d/v_%05d.ts', n, 0, 5))).toEqual([
      's3://b/00000/v_00005.ts',
      's3://b/00001/v_00006.ts',
    ]);
  });

  it('take the time of completion where it is marked, and leave text that looks like a mark', () => {
    const ms = Date.UTC(2026, 1, 3, 4, 5, 6);
    expect(segmentLocation.dependsOnTime('s3://b/$d$/v$dt$_%%{t}_%05d.ts')).toBe(false);
    expect(segmentLocation.dependsOnTime('s3://b/v%{t}_%05d.ts')).toBe(true);
    expect(segmentLocation.numbered('s3://b/$d$%%05d/v%{dt}-%{d}-%{t}_%%{t}_%05d.ts', 1, ms)).toBe(
      's3://b/$d$%05d/v20260203T040506-20260203-040506_%{t}_00001.ts',
    );
  });
});

describe('bandwidth', () => {
  it('is not the rate of a short last segment', () => {
    const spans = [
      { sizeBytes: 1_000_000, durationUs: 10_000_000 },
      { sizeBytes: 1_500_000, durationUs: 10_000_000 },
      { sizeBytes: 100_000, durationUs: 100_000 },
    ];
    // The last 0.1 s count together with the 10 s before them.
    expect(measureBandwidth(spans, 10)).toEqual({
      peakBps: Math.ceil((1_600_000 * 8) / 10.1),
      averageBps: Math.ceil((2_600_000 * 8) / 20.1),
    });
  });

  it('is the average when nothing lasts half a target', () => {
    expect(measureBandwidth([{ sizeBytes: 1000, durationUs: 1_000_000 }], 10)).toEqual({
      peakBps: 8000,
      averageBps: 8000,
    });
    expect(measureBandwidth([], 10)).toEqual({ peakBps: 0, averageBps: 0 });
  });
});

describe('tables', () => {
  it('come as PAT, PMT, others, and nothing else moves', () => {
    const packet = (pid: number, mark: number): Buffer =>
      Buffer.concat([Buffer.of(0x47, pid >> 8, pid & 0xff), Buffer.alloc(185, mark)]);
    const [sdt, pat, pmt, video, late] = [
      packet(0x11, 1),
      packet(0, 2),
      packet(480, 3),
      packet(481, 4),
      packet(0, 5),
    ];
    expect(tablesFirst(Buffer.concat([sdt, pat, pmt, video, late]), 480)).toEqual(
      Buffer.concat([pat, pmt, sdt, video, late]),
    );
  });
});
