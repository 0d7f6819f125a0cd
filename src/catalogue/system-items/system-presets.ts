/** System presets: what their names say (`system-preset-name.ts`), as settings. */
import type { PresetSettings } from '../../contract/types.generated.ts';
import type { SystemItem } from './system-item.ts';
import { type NamedPreset, parseSystemPresetName } from './system-preset-name.ts';
import { listedPresetNames } from './system-preset-names.table.ts';
import { systemPresetSettings } from './system-preset-settings.ts';

/** Instant that AWS's CLI example shows for a system preset. */
const createdAtMs = 1_568_321_789_000;

/** The system preset of that name, or null for a name that says nothing a preset could be. */
export function systemPreset(name: string): SystemItem<PresetSettings> | null {
  const named = parseSystemPresetName(name);
  if (named === null) return null;
  return {
    name,
    description: describe(named),
    category: named.group,
    createdAtMs,
    settings: systemPresetSettings(named),
  };
}

/** Names that lists show, in order of code points. */
export const systemPresetNames: readonly string[] = listedPresetNames;

function describe({ group, video, audio }: NamedPreset): string {
  const parts: string[] = [group];
  if (video !== null) {
    const { numerator, denominator } = video.frameRate;
    parts.push(
      `${video.widthPx}x${video.heightPx}${video.isInterlaced ? 'i' : 'p'}`,
      video.codec.toUpperCase(),
      `${Math.round((numerator / denominator) * 100) / 100} fps`,
      `${video.bitrateBps / 1000} kbps`,
    );
    if (video.qvbrLevel !== null) parts.push(`QVBR ${video.qvbrLevel}`);
  }
  if (audio?.kind === 'alone') parts.push(`AAC, ${audio.bitrateBps / 1000} kbps`);
  return parts.join(', ');
}
