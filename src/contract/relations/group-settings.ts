/**
 * Rules inside the settings of streaming groups (spec packaging.md 2, 3, 8.4). A segment that is no multiple of the
 * fragment is not refused: widely used documents have 15 and 2 (spec usage.md), the last fragment is then shorter.
 */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import { defaultSegmentSeconds } from '../segment-defaults.table.ts';
import type { CmafGroupSettings, DashIsoGroupSettings, HlsGroupSettings } from '../types.generated.ts';
import { refuse, refuseDependency, refuseMissing, refuseValue, type StructureRules } from './rule.ts';

/** Group settings rules. */
export const groupSettingsRules: StructureRules = {
  HlsGroupSettings: [finalSegment(defaultSegmentSeconds.hls), captionMappings, trickPlay],
  DashIsoGroupSettings: [finalSegment(defaultSegmentSeconds.dash), onDemandProfile, hbbtvSegments, trickPlay],
  CmafGroupSettings: [finalSegment(defaultSegmentSeconds.cmaf), onDemandProfile, trickPlay],
};

type StreamingGroupSettings = HlsGroupSettings | DashIsoGroupSettings | CmafGroupSettings;

/** A segment of the default length is one too. */
function finalSegment(
  defaultSeconds: number,
): (settings: StreamingGroupSettings, pointer: string) => ErrorFinding[] {
  return ({ minFinalSegmentLength = 0, segmentLength = defaultSeconds }, pointer) => {
    // Documents exported from the console write 0 beside a segmentLength of 0.
    if (minFinalSegmentLength === 0 || minFinalSegmentLength < segmentLength) return [];
    return [
      refuse(
        `${pointer}/minFinalSegmentLength`,
        `Should be less than ${segmentLength}`,
        `Use 0, or 1 up to below segmentLength, which is ${segmentLength}.`,
        `below ${segmentLength}`,
      ),
    ];
  };
}

function onDemandProfile(
  { mpdProfile, segmentControl }: DashIsoGroupSettings | CmafGroupSettings,
  pointer: string,
): ErrorFinding[] {
  if (mpdProfile !== 'ON_DEMAND_PROFILE' || segmentControl === 'SINGLE_FILE') return [];
  const clause = `${pointer}/segmentControl: Must be SINGLE_FILE`;
  return [
    refuseDependency(
      `${pointer}/mpdProfile`,
      [clause],
      'Set segmentControl to SINGLE_FILE, or mpdProfile to MAIN_PROFILE.',
    ),
  ];
}

/** Longest segment of HbbTV, seconds (ETSI TS 102 796 E.3.2). */
const MAX_HBBTV_SEGMENT_SECONDS = 15;

/** HbbTV plays segments of 1 to 15 seconds; real jobs ask for it beside single files, so those pass. */
function hbbtvSegments(
  { hbbtvCompliance, segmentLength = defaultSegmentSeconds.dash }: DashIsoGroupSettings,
  pointer: string,
): ErrorFinding[] {
  if (hbbtvCompliance !== 'HBBTV_1_5' || segmentLength <= MAX_HBBTV_SEGMENT_SECONDS) return [];
  return [
    refuse(
      `${pointer}/segmentLength`,
      `Should be less than or equal to ${MAX_HBBTV_SEGMENT_SECONDS}`,
      `HbbTV players take segments of up to 15 seconds; segmentLength is ${segmentLength}.`,
      `at most ${MAX_HBBTV_SEGMENT_SECONDS}`,
    ),
  ];
}

function captionMappings(
  { captionLanguageSetting, captionLanguageMappings }: HlsGroupSettings,
  pointer: string,
): ErrorFinding[] {
  if (captionLanguageSetting !== 'INSERT' || (captionLanguageMappings ?? []).length > 0) return [];
  return [
    refuseMissing(
      pointer,
      'captionLanguageMappings',
      'INSERT writes one line per mapping: add at least one.',
    ),
  ];
}

function trickPlay(settings: StreamingGroupSettings, pointer: string): ErrorFinding[] {
  const {
    imageBasedTrickPlay: mode,
    imageBasedTrickPlaySettings: advanced,
    imageBasedTrickPlayVariants: variants,
  } = settings;
  const findings: ErrorFinding[] = [];
  if (advanced !== undefined && mode !== 'ADVANCED')
    findings.push(needsMode(pointer, 'imageBasedTrickPlaySettings', 'ADVANCED'));
  if (variants !== undefined && variants.length > 0 && mode !== 'VARIANTS') {
    findings.push(needsMode(pointer, 'imageBasedTrickPlayVariants', 'VARIANTS'));
  }
  if (advanced !== undefined)
    findings.push(...thumbnailSheet(advanced, `${pointer}/imageBasedTrickPlaySettings`));
  (variants ?? []).forEach((variant, index) => {
    findings.push(...thumbnailSheet(variant, `${pointer}/imageBasedTrickPlayVariants/${index}`));
  });
  return findings;
}

function needsMode(pointer: string, name: string, mode: string): ErrorFinding {
  const clause = `${pointer}/imageBasedTrickPlay: Must be ${mode}`;
  return refuseDependency(
    `${pointer}/${name}`,
    [clause],
    `Set imageBasedTrickPlay to ${mode}, or remove ${name}.`,
  );
}

interface ThumbnailSheet {
  readonly intervalCadence?: string | undefined;
  readonly thumbnailInterval?: number | undefined;
  readonly thumbnailHeight?: number | undefined;
  readonly tileHeight?: number | undefined;
  readonly tileWidth?: number | undefined;
}

/** Tallest sheet of thumbnails in pixels. */
const MAX_SHEET_HEIGHT_PX = 4096;

function thumbnailSheet(sheet: ThumbnailSheet, pointer: string): ErrorFinding[] {
  const { intervalCadence, thumbnailInterval, thumbnailHeight, tileHeight, tileWidth } = sheet;
  const findings: ErrorFinding[] = [];
  if (intervalCadence === 'FOLLOW_CUSTOM' && thumbnailInterval === undefined) {
    findings.push(
      refuseMissing(pointer, 'thumbnailInterval', 'FOLLOW_CUSTOM needs thumbnailInterval in seconds.'),
    );
  }
  if (intervalCadence === 'FOLLOW_SEGMENTATION') {
    for (const [name, count] of Object.entries({ tileHeight, tileWidth })) {
      if (count !== undefined && count !== 1)
        findings.push(
          refuseValue(`${pointer}/${name}`, ['1'], 'FOLLOW_SEGMENTATION makes one thumbnail per file.'),
        );
    }
  }
  if (
    thumbnailHeight !== undefined &&
    tileHeight !== undefined &&
    thumbnailHeight * tileHeight > MAX_SHEET_HEIGHT_PX
  ) {
    const highest = Math.floor(MAX_SHEET_HEIGHT_PX / thumbnailHeight);
    const remedy = `A sheet is at most ${MAX_SHEET_HEIGHT_PX} pixels high: use fewer rows or lower thumbnails.`;
    findings.push(
      refuse(
        `${pointer}/tileHeight`,
        `Should be less than or equal to ${highest}`,
        remedy,
        `at most ${highest}`,
      ),
    );
  }
  return findings;
}
