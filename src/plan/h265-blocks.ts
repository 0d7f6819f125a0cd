/** Coding tree blocks of H.265 and the filters behind them (spec video.md 6), within what the encoder can do. */
import type { H265Settings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { PictureCoding } from './picture-coding.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';

/** Luma samples on a side of the largest coding tree block (H.265 7.4.3.2.1). */
const treeBlockPx = { usual: 64, small: 32 };

/** The encoder's parameters of blocks, deblocking and sample adaptive offset. */
export function readBlocks(
  settings: SettingsReader<H265Settings>,
  coding: PictureCoding,
  frame: EncodedFrame,
  findings: FindingLog,
): Readonly<Record<string, string>> {
  // Blocks of 32 samples, and motion without a look at other pictures, are the encoder's to have with or without tiles.
  const isSmall = settings.read('treeBlockSize') === 'TREE_SIZE_32X32';
  const isAlone = settings.read('mvTemporalPredictor') === 'DISABLED';
  return {
    ...readLoopFilters(settings, coding, frame, isSmall, findings),
    ...(isSmall ? { ctu: '32' } : {}),
    ...(isAlone ? { 'temporal-mvp': '0' } : {}),
  };
}

/**
 * Where the job says nothing the fastest level has no sample adaptive offset, as its preset has none: that is a tenth of its
 * CPU time. DEFAULT, which the model names as the default (spec video.md 6), is done where it is written.
 */
function readLoopFilters(
  settings: SettingsReader<H265Settings>,
  { qualityTuningLevel, slices }: PictureCoding,
  frame: EncodedFrame,
  isSmall: boolean,
  findings: FindingLog,
): Readonly<Record<string, string>> {
  const own = qualityTuningLevel === 'SINGLE_PASS' ? 'OFF' : 'DEFAULT';
  const offsetFilter = settings.read('sampleAdaptiveOffsetFilterMode') ?? own;
  const isUnblocked = settings.read('deblocking') === 'DISABLED';
  const isStuck = isUnblocked && hasSliceOfTwoRows(frame, slices ?? 1, isSmall);
  if (isStuck && offsetFilter !== 'OFF') {
    findings.notice(
      'substituted',
      settings.at('sampleAdaptiveOffsetFilterMode'),
      'OFF: without deblocking the encoder has no sample adaptive offset in slices of two rows of blocks',
    );
  }
  const sao = { DEFAULT: { sao: '1' }, ADAPTIVE: { sao: '1', 'selective-sao': '2' }, OFF: { sao: '0' } }[
    isStuck ? 'OFF' : offsetFilter
  ];
  return { ...sao, ...(isUnblocked ? { deblock: 'false' } : {}) };
}

/** x265 waits for ever for the offsets of such a slice when nothing is deblocked (measured from 34 to 720 lines). */
function hasSliceOfTwoRows({ widthPx, heightPx }: EncodedFrame, slices: number, isSmall: boolean): boolean {
  // Pictures that are smaller than a block have smaller ones.
  const isSmaller = Math.min(widthPx, heightPx) < treeBlockPx.usual;
  const rows = Math.ceil(heightPx / (isSmall || isSmaller ? treeBlockPx.small : treeBlockPx.usual));
  return rows > slices && Math.floor(rows / slices) <= 2;
}

/** The ten-bit encoder writes beyond its own memory in pictures that are narrower than a block (measured at 40 and 48). */
export function refuseNarrow(
  settings: SettingsReader<H265Settings>,
  profile: string,
  { widthPx }: EncodedFrame,
  findings: FindingLog,
): void {
  if (!profile.includes('10') || widthPx >= treeBlockPx.usual) return;
  findings.incompatible(
    settings.at('codecProfile'),
    `the encoder of H.265 with ten bits takes pictures of at least ${treeBlockPx.usual} samples in width, not ${widthPx}`,
  );
}
