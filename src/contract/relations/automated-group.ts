/** Rules of an output group that the service lays out itself (spec auto-abr.md A.4, 5 and 8–12). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import { type GroupPlace, hasVideo, type OutputPlace } from './place.ts';
import { refuse, refuseMissing, refuseValue } from './rule.ts';

/** Findings about the automated groups of a job. */
export function automatedGroupFindings(groups: readonly GroupPlace[]): readonly ErrorFinding[] {
  const automated = groups.filter(isAutomated);
  if (automated.length === 0) return [];
  return [
    ...manualNeighbours(groups),
    ...automated.flatMap((group) => [...groupKind(group), ...baseOutput(group)]),
  ];
}

/** True for a group with automated ABR. */
export function isAutomated({ group }: GroupPlace): boolean {
  return group.automatedEncodingSettings?.abrSettings !== undefined;
}

function isFileGroup({ type }: GroupPlace): boolean {
  return type === 'FILE_GROUP_SETTINGS';
}

function manualNeighbours(groups: readonly GroupPlace[]): ErrorFinding[] {
  return groups
    .filter((group) => group.type !== undefined && !isAutomated(group) && !isFileGroup(group))
    .map(({ pointer }) =>
      refuseMissing(
        pointer,
        'automatedEncodingSettings',
        'When one streaming group uses automated ABR, all do.',
      ),
    );
}

function groupKind(group: GroupPlace): ErrorFinding[] {
  if (!isFileGroup(group)) return [];
  const at = `${group.pointer}/automatedEncodingSettings`;
  return [
    refuse(
      at,
      'Should only be specified for a streaming output group',
      'Remove it, or use an HLS, DASH or CMAF group.',
    ),
  ];
}

function baseOutput({ outputs, pointer, group }: GroupPlace): ErrorFinding[] {
  const bases = outputs.filter((place) => place.hasPreset || hasVideo(place));
  const base = bases[0];
  if (base === undefined || bases.length > 1) {
    return [
      refuse(
        `${pointer}/outputs`,
        'Should have exactly 1 output with video',
        'Automated ABR derives all renditions from one video output.',
      ),
    ];
  }
  if (base.hasPreset) {
    return [
      refuse(
        `${base.pointer}/preset`,
        'Should not be specified for automated ABR',
        'Write the settings of the base output out.',
      ),
    ];
  }
  return [
    ...baseEncode(base),
    ...topFitsBase(base, group.automatedEncodingSettings?.abrSettings?.rules, pointer),
  ];
}

function baseEncode({ output, pointer }: OutputPlace): ErrorFinding[] {
  const at = `${pointer}/videoDescription`;
  const { codecSettings, scalingBehavior } = output.videoDescription ?? {};
  const codec = codecSettings?.codec;
  const findings: ErrorFinding[] = [];
  if (scalingBehavior === 'FIT_NO_UPSCALE') {
    findings.push(
      refuse(
        `${at}/scalingBehavior`,
        'Should not be FIT_NO_UPSCALE for automated ABR',
        'Use another scalingBehavior.',
      ),
    );
  }
  if (codec === undefined) return findings;
  if (codec !== 'H_264' && codec !== 'H_265') {
    return [
      ...findings,
      refuseValue(`${at}/codecSettings/codec`, ['H_264', 'H_265'], 'Automated ABR makes H.264 or H.265.'),
    ];
  }
  const block = codec === 'H_264' ? 'h264Settings' : 'h265Settings';
  const settings = codecSettings?.[block];
  if (settings?.rateControlMode !== 'QVBR') {
    findings.push(
      refuse(
        `${at}/codecSettings/${block}/rateControlMode`,
        'Must be QVBR',
        'Automated ABR needs QVBR.',
        'QVBR',
      ),
    );
  }
  if (settings?.qualityTuningLevel !== 'MULTI_PASS_HQ') {
    findings.push(
      refuse(
        `${at}/codecSettings/${block}/qualityTuningLevel`,
        'Must be MULTI_PASS_HQ',
        'Automated ABR needs MULTI_PASS_HQ.',
        'MULTI_PASS_HQ',
      ),
    );
  }
  return findings;
}

interface SizeRule {
  readonly minTopRenditionSize?:
    | { readonly width?: number | undefined; readonly height?: number | undefined }
    | undefined;
}

function topFitsBase(
  { output }: OutputPlace,
  rules: readonly SizeRule[] = [],
  groupPointer: string,
): ErrorFinding[] {
  const { width = Number.POSITIVE_INFINITY, height = Number.POSITIVE_INFINITY } =
    output.videoDescription ?? {};
  return rules.flatMap(({ minTopRenditionSize: top }, index) => {
    if (top === undefined || ((top.width ?? 0) <= width && (top.height ?? 0) <= height)) return [];
    const at = `${groupPointer}/automatedEncodingSettings/abrSettings/rules/${index}/minTopRenditionSize`;
    return [
      refuse(
        at,
        'Should not be larger than the base output',
        'Lower it, or raise the width and height of the base output.',
      ),
    ];
  });
}
