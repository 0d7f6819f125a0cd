/**
 * Relations: what a request alone shows to be wrong although every member by itself is right (spec README "400 or
 * 1040", kinds 1 and 3). Rules of one structure run wherever the structure stands; rules between objects run on
 * groups, outputs and the job. Defaults, templates and presets must have been merged; an output that still names a
 * preset is only asked about what it says itself.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import { structures } from './model.generated.ts';
import type { MemberModel } from './model.ts';
import { escapePointerPart } from './normal-form.ts';
import { audioRules } from './relations/audio.ts';
import { automatedAbrRules } from './relations/automated-abr.ts';
import { automatedGroupFindings } from './relations/automated-group.ts';
import { captionStyleRules } from './relations/caption-styles.ts';
import { captionsFindings, captionsJobFindings } from './relations/captions.ts';
import { containerSettingsRules } from './relations/container-settings.ts';
import { containerFindings, presetOrContainer } from './relations/containers.ts';
import { destinationRules } from './relations/destinations.ts';
import { discriminatorFindings } from './relations/discriminators.ts';
import { encryptionRules } from './relations/encryption.ts';
import { groupSettingsRules } from './relations/group-settings.ts';
import { h264Rules } from './relations/h264.ts';
import { inputRules } from './relations/inputs.ts';
import { jobFindings } from './relations/job.ts';
import { destinationFindings, nameFindings } from './relations/names.ts';
import { groupPlaces } from './relations/place.ts';
import { rateControlRules } from './relations/rate-control.ts';
import type { RuleContext, StructureRules } from './relations/rule.ts';
import { streamingFindings } from './relations/streaming.ts';
import { videoRules } from './relations/video.ts';
import type { JobSettings, JobTemplateSettings, PresetSettings } from './types.generated.ts';

/** All relation findings of a job's settings, code 400. The settings must have the types of the model. */
export function validateRelations(settings: JobSettings): readonly ErrorFinding[] {
  return [
    ...validateTemplateRelations(settings, 'JobSettings'),
    ...groupPlaces(settings).flatMap(destinationFindings),
  ];
}

/** Relation findings of a job template's settings: a job's, except that a template may leave destinations open. */
export function validateTemplateRelations(
  settings: JobTemplateSettings,
  structureName: 'JobSettings' | 'JobTemplateSettings' = 'JobTemplateSettings',
): readonly ErrorFinding[] {
  const groups = groupPlaces(settings);
  return [
    ...structureFindings(structureName, settings, '', { isAutomatedAbr: false }),
    ...groups.flatMap((group) => [
      ...containerFindings(group),
      ...captionsFindings(group),
      ...nameFindings(group),
      ...streamingFindings(group),
    ]),
    ...automatedGroupFindings(groups),
    ...captionsJobFindings(groups),
    ...jobFindings(settings, groups),
  ];
}

/** Relation findings of a preset's settings by themselves, code 400; pointers begin inside the preset. */
export function validatePresetRelations(settings: PresetSettings): readonly ErrorFinding[] {
  return structureFindings('PresetSettings', settings, '', { isAutomatedAbr: false });
}

/** Outputs that name a preset and have a container of their own; asked before presets are merged. */
export function validatePresetUse(settings: JobTemplateSettings): readonly ErrorFinding[] {
  return groupPlaces(settings).flatMap(({ outputs }) => outputs.flatMap(presetOrContainer));
}

const rulesOfStructures: readonly StructureRules[] = [
  h264Rules,
  rateControlRules,
  videoRules,
  audioRules,
  captionStyleRules,
  inputRules,
  containerSettingsRules,
  groupSettingsRules,
  encryptionRules,
  destinationRules,
  automatedAbrRules,
];

/** A rule whose structure the walk knows to be there. */
type AnyRule = (settings: object, pointer: string, context: RuleContext) => readonly ErrorFinding[];

const rulesByStructure: ReadonlyMap<string, readonly AnyRule[]> = mergeRules();

function mergeRules(): Map<string, readonly AnyRule[]> {
  const merged = new Map<string, readonly AnyRule[]>();
  for (const [name, rules] of rulesOfStructures.flatMap((table) => Object.entries(table))) {
    // The key names the structure that the rule's parameter has: `StructureRules` ties the two together.
    merged.set(name, [...(merged.get(name) ?? []), ...(rules as readonly unknown[] as readonly AnyRule[])]);
  }
  return merged;
}

function structureFindings(
  structureName: string,
  object: object,
  pointer: string,
  context: RuleContext,
): ErrorFinding[] {
  const inner = isAutomatedGroup(structureName, object) ? { isAutomatedAbr: true } : context;
  const findings = [
    ...discriminatorFindings(structureName, object as Readonly<Record<string, unknown>>, pointer),
  ];
  for (const rule of rulesByStructure.get(structureName) ?? [])
    findings.push(...rule(object, pointer, inner));
  const members = structures[structureName]?.members ?? {};
  for (const [wire, value] of Object.entries(object)) {
    const member = Object.hasOwn(members, wire) ? members[wire] : undefined;
    if (member !== undefined)
      findings.push(...memberFindings(member, value, `${pointer}/${escapePointerPart(wire)}`, inner));
  }
  return findings;
}

function memberFindings(
  member: MemberModel,
  value: unknown,
  pointer: string,
  context: RuleContext,
): ErrorFinding[] {
  if (typeof value !== 'object' || value === null) return [];
  switch (member.kind) {
    case 'structure':
      return structureFindings(member.structure, value, pointer, context);
    case 'list':
      return Object.values(value).flatMap((item, index) =>
        memberFindings(member.member, item, `${pointer}/${index}`, context),
      );
    case 'map':
      return Object.entries(value).flatMap(([key, item]) =>
        memberFindings(member.value, item, `${pointer}/${escapePointerPart(key)}`, context),
      );
    default:
      return [];
  }
}

function isAutomatedGroup(structureName: string, object: object): boolean {
  return (
    structureName === 'OutputGroup' &&
    'automatedEncodingSettings' in object &&
    object.automatedEncodingSettings !== undefined
  );
}
