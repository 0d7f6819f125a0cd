/** One output group, by its type; what no type has is refused as a whole. */
import type { OutputGroup } from '../contract/types.generated.ts';
import { planCmafGroup } from './cmaf-group.ts';
import { planDashGroup } from './dash-group.ts';
import { planFileGroup } from './file-group.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import { planHlsGroup } from './hls-group.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';
import { planSmoothGroup } from './smooth-group.ts';

/** Plans a group by its type. Null, with findings, where it cannot be. */
export function planGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): PlannedOutputGroup | null {
  group.label('name');
  group.label('customName');
  if (group.read('automatedEncodingSettings')?.abrSettings !== undefined) {
    group.refuse('automatedEncodingSettings', 'automated ABR is not built yet');
    // Its outputs are models of renditions, and lack what only the chosen ones have.
    scope.refuseBelow(group.pointer);
    return null;
  }
  const settings = group.child('outputGroupSettings');
  switch (settings.read('type')) {
    case 'FILE_GROUP_SETTINGS':
      return planFileGroup(group, groupIndex, scope);
    case 'HLS_GROUP_SETTINGS':
      return planHlsGroup(group, groupIndex, scope);
    case 'CMAF_GROUP_SETTINGS':
      return planCmafGroup(group, groupIndex, scope);
    case 'DASH_ISO_GROUP_SETTINGS':
      return planDashGroup(group, groupIndex, scope);
    case 'MS_SMOOTH_GROUP_SETTINGS':
      return planSmoothGroup(group, groupIndex, scope);
    default:
      settings.require('type');
      scope.refuseBelow(group.pointer);
      return null;
  }
}
