/** The level of an MPEG-2 stream: what the job names, or the lowest that has its pictures, rate and buffer (H.262 8.3). */
import type { Mpeg2CodecLevel, Mpeg2Settings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import { mpeg2Levels } from './mpeg2.table.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';

type LevelName = Exclude<Mpeg2CodecLevel, 'AUTO'>;

/** A level as a profile has it. */
export interface Mpeg2Level {
  readonly name: LevelName;
  readonly code: number;
  readonly bitrateBps: number;
  readonly bufferBits: number;
}

/** What the job names of its rate: `null` and 0 leave it to the level. */
export interface AskedRate {
  readonly bitrateBps: number | null;
  readonly maxBitrateBps: number | null;
  readonly bufferBits: number;
}

/** The profile, and whether MXF must have a label for it: Main profile has none at Low level (SMPTE RP 224, ST 381-1). */
export interface Mpeg2Profile {
  readonly is422: boolean;
  readonly isMxf: boolean;
}

/** From the lowest to the highest. */
const names: readonly LevelName[] = ['LOW', 'MAIN', 'HIGH1440', 'HIGH'];

/**
 * Reads the level. AUTO goes up until pictures, rate and buffer are allowed, and stays with what the highest level that
 * has the pictures allows when no level has the rest; a level by name refuses what it does not allow.
 */
export function readMpeg2Level(
  settings: SettingsReader<Mpeg2Settings>,
  frame: EncodedFrame,
  { is422, isMxf }: Mpeg2Profile,
  asked: AskedRate,
  findings: FindingLog,
): Mpeg2Level {
  const wanted = settings.read('codecLevel') ?? 'AUTO';
  const known = is422 || !isMxf ? names : names.slice(1);
  if (wanted === 'LOW' && !known.includes(wanted)) {
    const reason = 'MXF has no label for Main profile at Low level';
    findings.notSupported(settings.at('codecLevel'), wanted, reason);
  }
  const name = wanted === 'AUTO' ? lowestLevel(known, frame, is422, asked) : wanted;
  const limits = levelOf(name, is422);
  if (!hasPictures(name, frame)) {
    const { widthPx, heightPx, samplesPerSecond } = mpeg2Levels[name];
    findings.incompatible(
      settings.at('codecLevel'),
      `level ${name} codes up to ${widthPx} x ${heightPx} and ${samplesPerSecond} samples a second`,
    );
  }
  if ((asked.bitrateBps ?? 0) > limits.bitrateBps) {
    findings.incompatible(settings.at('bitrate'), `level ${name} allows ${limits.bitrateBps} bit/s`);
  } else if ((asked.maxBitrateBps ?? 0) > limits.bitrateBps) {
    findings.notice(
      'substituted',
      settings.at('maxBitrate'),
      `the rate stays below the ${limits.bitrateBps} bit/s that level ${name} allows`,
    );
  }
  if (asked.bufferBits > limits.bufferBits && wanted !== 'AUTO') {
    findings.jobError(1040, 'level-buffer', { video: frame.ordinal }, settings.at('hrdBufferSize'), {
      expected: `at most ${limits.bufferBits} bits at level ${name}`,
    });
  } else if (asked.bufferBits > limits.bufferBits) {
    findings.notice(
      'substituted',
      settings.at('hrdBufferSize'),
      `the buffer has the ${limits.bufferBits} bits that level ${name}, the highest of this profile, allows`,
    );
  }
  return limits;
}

function lowestLevel(
  known: readonly LevelName[],
  frame: EncodedFrame,
  is422: boolean,
  asked: AskedRate,
): LevelName {
  const mostBps = Math.max(asked.bitrateBps ?? 0, asked.maxBitrateBps ?? 0);
  const hasRates = (name: LevelName): boolean => {
    const { bitrateBps, bufferBits } = levelOf(name, is422);
    return mostBps <= bitrateBps && asked.bufferBits <= bufferBits;
  };
  return known.find((name) => hasPictures(name, frame) && hasRates(name)) ?? 'HIGH';
}

function hasPictures(name: LevelName, { widthPx, heightPx, frameRate }: EncodedFrame): boolean {
  const level = mpeg2Levels[name];
  const samplesPerSecond = widthPx * heightPx * (frameRate.num / frameRate.den);
  return widthPx <= level.widthPx && heightPx <= level.heightPx && samplesPerSecond <= level.samplesPerSecond;
}

function levelOf(name: LevelName, is422: boolean): Mpeg2Level {
  const { code, bitrateBps, bufferBits, code422, bitrate422Bps, buffer422Bits } = mpeg2Levels[name];
  return is422
    ? { name, code: code422, bitrateBps: bitrate422Bps, bufferBits: buffer422Bits }
    : { name, code, bitrateBps, bufferBits };
}
