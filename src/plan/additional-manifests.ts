/** Further manifests over some of the outputs (spec packaging.md 7). */
import type { HlsAdditionalManifest, OutputGroup } from '../contract/types.generated.ts';
import type { JobScope } from './job-scope.ts';
import { resolveIdentifiers } from './naming.ts';
import { nameVariables } from './output-tracks.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { ManifestSelection } from './streaming-plan.ts';

/** One selection per manifest; `base` is the group's, `extension` that of the manifest. Names are checked by the contract. */
export function planAdditionalManifests(
  manifests: readonly SettingsReader<HlsAdditionalManifest>[],
  group: SettingsReader<OutputGroup>,
  base: string,
  extension: string,
  scope: JobScope,
): readonly ManifestSelection[] {
  const modifiers = group.children('outputs').map((output) => output.read('nameModifier') ?? '');
  return manifests.map((manifest) => {
    const modifier = manifest.require('manifestNameModifier') ?? '';
    const outputIndexes = (manifest.read('selectedOutputs') ?? []).map((name) => modifiers.indexOf(name));
    const variables = nameVariables(null, extension, scope);
    return {
      location: `${base}${resolveIdentifiers(modifier, 'nameModifier', variables)}.${extension}`,
      outputIndexes,
    };
  });
}
