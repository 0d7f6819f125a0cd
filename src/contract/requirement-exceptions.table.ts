/** When a member of `serverRequired` may be missing after all; keyed `Structure.member`. */
import type { JsonValue } from './json-text.ts';

type JsonObject = { readonly [name: string]: JsonValue };

/** Conditions under which the requirement does not hold. */
export const requirementExceptions: ReadonlyMap<string, (object: JsonObject) => boolean> = new Map<
  string,
  (object: JsonObject) => boolean
>([
  // The preset supplies the container (spec api.md 6.4).
  ['Output.containerSettings', (output) => output['preset'] !== undefined],
  // Needed only when a group has several outputs or playlists (spec naming.md 3): a relation, `relations/names.ts`.
  ['Output.nameModifier', () => true],
  // Other sources of an input, and inputs of sidecars only (spec inputs.md 1, 12).
  ['Input.fileInput', (input) => hasOtherSource(input)],
  // Whole decibels or their fine form (spec audio.md 4).
  ['OutputChannelMapping.inputChannels', (mapping) => mapping['inputChannelsFineTune'] !== undefined],
  // Captions made by speech recognition have no selector (spec captions.md 4).
  ['CaptionDescription.captionSelectorName', (description) => description['source'] === 'SMART_SUBTITLE'],
]);

/**
 * Lists that must not be empty (observed for outputs, spec api.md 7; the others inferred); keyed `Structure.member`. Without
 * a DRM system no manifest would tell players where the keys are (spec drm.md 6, 7).
 */
export const listsWithOneItem: ReadonlySet<string> = new Set([
  'OutputGroup.outputs',
  'JobSettings.inputs',
  'JobSettings.outputGroups',
  'JobTemplateSettings.outputGroups',
  'SpekeKeyProvider.systemIds',
]);

function hasOtherSource(input: JsonObject): boolean {
  if (input['videoGenerator'] !== undefined || input['tamsSettings'] !== undefined) return true;
  return (
    Object.values(input['audioSelectors'] ?? {}).some((selector) =>
      Object.hasOwn(selector, 'externalAudioFileInput'),
    ) ||
    Object.values(input['captionSelectors'] ?? {}).some((selector) =>
      Object.hasOwn(selector.sourceSettings ?? {}, 'fileSourceSettings'),
    )
  );
}
