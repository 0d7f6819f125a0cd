/** Rules of rate control inside one codec block (spec video.md V-06 to V-10). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import {
  av1RateControl,
  cbrBitratesText,
  hybridRateControl,
  incompatibleBitratesText,
  mpeg2RateControl,
  type RateControl,
  vpxRateControl,
} from './rate-control.table.ts';
import { type RuleContext, refuse, refuseDependency, refuseMissing, type StructureRules } from './rule.ts';

/** Rate control rules by codec block. */
export const rateControlRules: StructureRules = {
  H264Settings: [bitratesOf(hybridRateControl), qvbrSettings],
  H265Settings: [bitratesOf(hybridRateControl), qvbrSettings],
  Av1Settings: [bitratesOf(av1RateControl)],
  Mpeg2Settings: [bitratesOf(mpeg2RateControl)],
  Vp8Settings: [bitratesOf(vpxRateControl)],
  Vp9Settings: [bitratesOf(vpxRateControl)],
};

interface RateControlled {
  readonly rateControlMode?: string | undefined;
  readonly bitrate?: number | undefined;
  readonly maxBitrate?: number | undefined;
}

function bitratesOf(rateControl: RateControl) {
  return (settings: RateControlled, pointer: string, { isAutomatedAbr }: RuleContext): ErrorFinding[] => {
    const modeName = settings.rateControlMode ?? rateControl.defaultMode;
    const mode = rateControl.modes.get(modeName);
    if (isAutomatedAbr || mode === undefined) return [];
    const hasBoth = settings.bitrate !== undefined && settings.maxBitrate !== undefined;
    const isModeMissing = settings.rateControlMode === undefined && rateControl.needsModeForBoth;
    const remedy = `For ${modeName}, give ${mode.needs.join(' and ')}${mode.forbids.map((name) => ` and leave out ${name}`).join('')}.`;
    if (mode.forbids.some((name) => settings[name] !== undefined) || (hasBoth && isModeMissing)) {
      const isOnlyMaximum = modeName === 'CBR' && settings.bitrate === undefined;
      return [refuse(pointer, isOnlyMaximum ? cbrBitratesText : incompatibleBitratesText, remedy)];
    }
    const missing = mode.needs.filter((name) => settings[name] === undefined);
    if (missing.length > 0) return missing.map((name) => refuseMissing(pointer, name, remedy));
    return maximumBelowAverage(settings, pointer);
  };
}

function maximumBelowAverage({ bitrate, maxBitrate }: RateControlled, pointer: string): ErrorFinding[] {
  if (bitrate === undefined || maxBitrate === undefined || maxBitrate >= bitrate) return [];
  const message = `Should be greater than or equal to ${bitrate}`;
  return [
    refuse(
      `${pointer}/maxBitrate`,
      message,
      'Raise maxBitrate to the bitrate or above it, or lower bitrate.',
    ),
  ];
}

interface QvbrControlled extends RateControlled {
  readonly qualityTuningLevel?: string | undefined;
  readonly qvbrSettings?:
    | {
        readonly maxAverageBitrate?: number | undefined;
        readonly qvbrQualityLevel?: number | undefined;
        readonly qvbrQualityLevelFineTune?: number | undefined;
      }
    | undefined;
}

function qvbrSettings(settings: QvbrControlled, pointer: string): ErrorFinding[] {
  const { qvbrSettings: qvbr, rateControlMode, qualityTuningLevel, maxBitrate } = settings;
  if (qvbr === undefined) return [];
  const at = `${pointer}/qvbrSettings`;
  if (rateControlMode !== 'QVBR') {
    return [
      refuseDependency(
        at,
        [`${pointer}/rateControlMode: Must be QVBR`],
        'Set rateControlMode to QVBR, or remove qvbrSettings.',
      ),
    ];
  }
  const findings: ErrorFinding[] = [];
  if (
    qvbr.qvbrQualityLevelFineTune !== undefined &&
    qvbr.qvbrQualityLevel === undefined &&
    qvbr.qvbrQualityLevelFineTune !== 0
  ) {
    findings.push(
      refuseMissing(
        at,
        'qvbrQualityLevel',
        'Give the whole-number quality level that the fine tuning adds to.',
      ),
    );
  }
  if (qvbr.maxAverageBitrate !== undefined && qualityTuningLevel !== 'MULTI_PASS_HQ') {
    const clause = `${pointer}/qualityTuningLevel: Must be MULTI_PASS_HQ`;
    findings.push(
      refuseDependency(
        `${at}/maxAverageBitrate`,
        [clause],
        'Set qualityTuningLevel to MULTI_PASS_HQ, or remove maxAverageBitrate.',
      ),
    );
  }
  if (
    qvbr.maxAverageBitrate !== undefined &&
    maxBitrate !== undefined &&
    qvbr.maxAverageBitrate > maxBitrate
  ) {
    const message = `Should be less than or equal to ${maxBitrate}`;
    findings.push(refuse(`${at}/maxAverageBitrate`, message, 'Lower it to maxBitrate or below.'));
  }
  return findings;
}
