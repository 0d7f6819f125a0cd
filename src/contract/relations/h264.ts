/** Rules of the H.264 block and of the picture it is given (spec api.md 7, observed bounds in usage.md). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { H264Settings, VideoDescription } from '../types.generated.ts';
import { bitsPerBitrateUnit, defaultH264Profile, type H264Level, h264Levels } from './h264-levels.table.ts';
import { allowedValuesText, refuse, refuseDependency, type StructureRules } from './rule.ts';

/** H.264 rules. */
export const h264Rules: StructureRules = {
  H264Settings: [baseline, bitratesWithinLevel],
  VideoDescription: [pictureWithinLevel],
};

const otherProfiles = ['HIGH', 'HIGH_10BIT', 'HIGH_422', 'HIGH_422_10BIT', 'MAIN'];

/**
 * BASELINE wants CAVLC and no B-frames, both written out; the service answers as if another profile had been
 * meant (observed).
 */
function baseline(settings: H264Settings, pointer: string): ErrorFinding[] {
  if (settings.codecProfile !== 'BASELINE') return [];
  const clauses: string[] = [];
  if (settings.entropyEncoding === undefined)
    clauses.push(`${pointer}: entropyEncoding is a required property`);
  else if (settings.entropyEncoding !== 'CAVLC') clauses.push(`${pointer}/entropyEncoding: Must be CAVLC`);
  const bFrames = settings.numberBFramesBetweenReferenceFrames;
  if (bFrames === undefined)
    clauses.push(`${pointer}: numberBFramesBetweenReferenceFrames is a required property`);
  else if (bFrames > 0)
    clauses.push(`${pointer}/numberBFramesBetweenReferenceFrames: Should be less than or equal to 0`);
  if (settings.interlaceMode !== undefined && settings.interlaceMode !== 'PROGRESSIVE') {
    clauses.push(`${pointer}/interlaceMode: Must be PROGRESSIVE`);
  }
  if (clauses.length === 0) return [];
  const all = [
    `${pointer}: Should match exactly one schema defined in "oneOf"`,
    ...clauses,
    `${pointer}/codecProfile: ${allowedValuesText(otherProfiles)}`,
  ];
  const remedy =
    'For BASELINE, write entropyEncoding CAVLC, numberBFramesBetweenReferenceFrames 0 and a progressive picture; or use MAIN.';
  return [refuseDependency(`${pointer}/codecProfile`, all, remedy)];
}

function bitratesWithinLevel(settings: H264Settings, pointer: string): ErrorFinding[] {
  const level = h264Levels.get(settings.codecLevel ?? 'AUTO');
  const bitsPerUnit = bitsPerBitrateUnit.get(settings.codecProfile ?? defaultH264Profile);
  if (level === undefined || bitsPerUnit === undefined) return [];
  const limit = level.maxBitrateUnits * bitsPerUnit;
  return (['bitrate', 'maxBitrate'] as const)
    .filter((name) => (settings[name] ?? 0) > limit)
    .map((name) =>
      refuse(
        `${pointer}/${name}`,
        `Should be less than or equal to ${limit}`,
        remedyOfLevel(settings),
        `at most ${limit}`,
      ),
    );
}

/** The service bounds the width twice: by the longest side of the level, then by its frame size at the given height. */
function pictureWithinLevel(video: VideoDescription, pointer: string): ErrorFinding[] {
  const settings = video.codecSettings?.h264Settings;
  const level = h264Levels.get(settings?.codecLevel ?? 'AUTO');
  if (settings === undefined || level === undefined) return [];
  const { width, height } = video;
  const findings: ErrorFinding[] = [];
  const longestSide = longestSidePx(level);
  const widthLimit =
    height === undefined || (width ?? 0) > longestSide ? longestSide : widestPx(level, height);
  if (width !== undefined && width > widthLimit)
    findings.push(overLevel(`${pointer}/width`, widthLimit, settings));
  if (height !== undefined && height > longestSide)
    findings.push(overLevel(`${pointer}/height`, longestSide, settings));
  return findings;
}

function longestSidePx({ maxFrameMacroblocks }: H264Level): number {
  return 16 * Math.floor(Math.sqrt(8 * maxFrameMacroblocks));
}

function widestPx({ maxFrameMacroblocks }: H264Level, heightPx: number): number {
  return 16 * Math.floor(maxFrameMacroblocks / Math.ceil(heightPx / 16));
}

function overLevel(pointer: string, limit: number, settings: H264Settings): ErrorFinding {
  return refuse(
    pointer,
    `Should be less than or equal to ${limit}`,
    remedyOfLevel(settings),
    `at most ${limit}`,
  );
}

function remedyOfLevel({ codecLevel }: H264Settings): string {
  return `${codecLevel} does not allow more: set codecLevel to AUTO or to a higher level.`;
}
