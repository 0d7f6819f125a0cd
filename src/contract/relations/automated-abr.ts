/** Rules of automated ABR: its own settings here, its output group in `automated-group.ts` (spec auto-abr.md A.4). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { AutomatedAbrRule, AutomatedAbrSettings } from '../types.generated.ts';
import { refuse, type StructureRules } from './rule.ts';

/** Automated ABR settings rules. */
export const automatedAbrRules: StructureRules = {
  AutomatedAbrSettings: [bitrateSpan, oneRuleOfEachType, sizeRules],
};

/** Renditions when `maxRenditions` is absent (spec auto-abr.md A.2). */
const DEFAULT_MAX_RENDITIONS = 15;
/** Average bit rates of the bottom and top rendition when absent, bit/s (spec auto-abr.md A.2). */
const DEFAULT_MIN_ABR_BITRATE = 600_000;
const DEFAULT_MAX_ABR_BITRATE = 8_000_000;

function bitrateSpan(settings: AutomatedAbrSettings, pointer: string): ErrorFinding[] {
  const { minAbrBitrate = DEFAULT_MIN_ABR_BITRATE, maxAbrBitrate = DEFAULT_MAX_ABR_BITRATE } = settings;
  if (minAbrBitrate < maxAbrBitrate) return [];
  return [
    refuse(
      `${pointer}/minAbrBitrate`,
      `Should be less than ${maxAbrBitrate}`,
      'Keep minAbrBitrate below maxAbrBitrate.',
    ),
  ];
}

function oneRuleOfEachType({ rules = [] }: AutomatedAbrSettings, pointer: string): ErrorFinding[] {
  const types = rules.map((rule) => rule.type);
  const findings = types.flatMap((type, index) =>
    type === undefined || types.indexOf(type) === index
      ? []
      : [
          refuse(
            `${pointer}/rules/${index}/type`,
            'Should be unique among the rules',
            `Keep one ${type} rule.`,
          ),
        ],
  );
  const allowed = types.indexOf('ALLOWED_RENDITIONS');
  if (allowed >= 0 && types.includes('FORCE_INCLUDE_RENDITIONS')) {
    const message = 'Should not be specified together with FORCE_INCLUDE_RENDITIONS';
    findings.push(refuse(`${pointer}/rules/${allowed}/type`, message, 'Keep one of the two rules.'));
  }
  return findings;
}

interface Size {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

function sizeRules(
  { rules = [], maxRenditions = DEFAULT_MAX_RENDITIONS }: AutomatedAbrSettings,
  pointer: string,
): ErrorFinding[] {
  const top = rules.find((rule) => rule.minTopRenditionSize !== undefined)?.minTopRenditionSize;
  const bottom = rules.find((rule) => rule.minBottomRenditionSize !== undefined)?.minBottomRenditionSize;
  const findings = rules.flatMap((rule, index) =>
    listRules(rule, `${pointer}/rules/${index}`, { top, bottom, maxRenditions }),
  );
  if (top !== undefined && bottom !== undefined && !covers(top, bottom)) {
    const index = rules.findIndex((rule) => rule.minBottomRenditionSize === bottom);
    const at = `${pointer}/rules/${index}/minBottomRenditionSize`;
    findings.push(
      refuse(
        at,
        'Should not be larger than minTopRenditionSize',
        'Lower the bottom size or raise the top size.',
      ),
    );
  }
  return findings;
}

interface SizeLimits {
  readonly top: Size | undefined;
  readonly bottom: Size | undefined;
  readonly maxRenditions: number;
}

function listRules(rule: AutomatedAbrRule, pointer: string, limits: SizeLimits): ErrorFinding[] {
  const findings: ErrorFinding[] = [];
  const forced = rule.forceIncludeRenditions;
  if (forced !== undefined) {
    const at = `${pointer}/forceIncludeRenditions`;
    findings.push(
      ...tooMany(at, forced.length, limits.maxRenditions),
      ...noneReaches(at, forced, limits.top, 'minTopRenditionSize'),
    );
    forced.forEach((size, index) => {
      if (limits.bottom !== undefined && !covers(size, limits.bottom)) {
        findings.push(
          refuse(
            `${at}/${index}`,
            'Should not be smaller than minBottomRenditionSize',
            'Remove it or lower minBottomRenditionSize.',
          ),
        );
      }
    });
  }
  const allowed = rule.allowedRenditions;
  if (allowed !== undefined) {
    const at = `${pointer}/allowedRenditions`;
    const requiredCount = allowed.filter((size) => size.required === 'ENABLED').length;
    findings.push(...tooMany(at, requiredCount, limits.maxRenditions));
    findings.push(...noneReaches(at, allowed, limits.top, 'minTopRenditionSize'));
    findings.push(...noneReaches(at, allowed, limits.bottom, 'minBottomRenditionSize'));
  }
  return findings;
}

function tooMany(pointer: string, count: number, limit: number): ErrorFinding[] {
  if (count <= limit) return [];
  return [
    refuse(
      pointer,
      `Should have at most ${limit} items`,
      'Raise maxRenditions or require fewer sizes.',
      `at most ${limit}`,
    ),
  ];
}

function noneReaches(
  pointer: string,
  sizes: readonly Size[],
  wanted: Size | undefined,
  name: string,
): ErrorFinding[] {
  if (wanted === undefined || sizes.some((size) => covers(size, wanted))) return [];
  return [
    refuse(
      pointer,
      `Should have at least one size that reaches ${name}`,
      `Add a size of ${wanted.width}x${wanted.height} or more.`,
    ),
  ];
}

function covers(size: Size, other: Size): boolean {
  return (size.width ?? 0) >= (other.width ?? 0) && (size.height ?? 0) >= (other.height ?? 0);
}
