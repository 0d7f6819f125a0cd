/** Fragments against the groups of pictures of a streaming group (spec packaging.md 3.1; README "400 or 1040", kind 3). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { H264Settings } from '../types.generated.ts';
import type { GroupPlace, OutputPlace } from './place.ts';
import { refuse } from './rule.ts';

/**
 * GOP_MULTIPLE adds no key frames, so that fragments can only last whole groups of pictures. Refused here where the document
 * gives both lengths; where the rate follows the source, planning decides. With EXACT, key frames are added.
 */
export function fragmentFindings({ group, pointer, outputs }: GroupPlace): readonly ErrorFinding[] {
  return (['dashIsoGroupSettings', 'cmafGroupSettings'] as const).flatMap((block) => {
    const settings = group.outputGroupSettings?.[block];
    const fragmentSeconds = settings?.fragmentLength;
    if (settings?.segmentLengthControl !== 'GOP_MULTIPLE' || fragmentSeconds === undefined) return [];
    const odd = outputs.find((place) => !isWholeGroups(fragmentSeconds, place));
    if (odd === undefined) return [];
    return [
      refuse(
        `${pointer}/outputGroupSettings/${block}/fragmentLength`,
        'Should be a multiple of the GOP length of every output with segmentLengthControl GOP_MULTIPLE',
        `The GOP of ${odd.pointer} does not divide ${fragmentSeconds} s: change gopSize or fragmentLength, or use EXACT, which adds key frames.`,
      ),
    ];
  });
}

/** True where the document leaves it open too. */
function isWholeGroups(fragmentSeconds: number, { output }: OutputPlace): boolean {
  const codecSettings = output.videoDescription?.codecSettings;
  const settings: GroupedSettings | undefined = codecSettings?.h264Settings ?? codecSettings?.h265Settings;
  const { gopSize, gopSizeUnits, framerateControl, framerateNumerator, framerateDenominator } =
    settings ?? {};
  if (gopSize === undefined || gopSize === 0) return true;
  if (gopSizeUnits === 'SECONDS') return isWhole(fragmentSeconds / gopSize);
  if (gopSizeUnits !== 'FRAMES' || framerateControl !== 'SPECIFIED') return true;
  if (framerateNumerator === undefined || framerateDenominator === undefined) return true;
  // Less than a frame apart: seconds are no whole number of frames at 29.97.
  const frames = (fragmentSeconds * framerateNumerator) / framerateDenominator;
  return Math.abs(frames - Math.max(1, Math.round(frames / gopSize)) * gopSize) < 1;
}

type GroupedSettings = Pick<
  H264Settings,
  'gopSize' | 'gopSizeUnits' | 'framerateControl' | 'framerateNumerator' | 'framerateDenominator'
>;

/** Documents give sizes such as 0.4 s, whose quotient is not exact. */
function isWhole(count: number): boolean {
  return count > 0.5 && Math.abs(count - Math.round(count)) < 1e-6;
}
