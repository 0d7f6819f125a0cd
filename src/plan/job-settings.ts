/** Settings of the job as a whole (spec timecode-and-clipping.md 5; audio.md 9; errors.md 1601–1603). */
import type { JobSettings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Reads the settings that belong to no input and no output. */
export function readJobExtras(settings: SettingsReader<JobSettings>, findings: FindingLog): void {
  refuseWatermarks(settings, findings);
}

/** Watermark engines are licensed and not part of this product: each has its own error code. */
function refuseWatermarks(settings: SettingsReader<JobSettings>, findings: FindingLog): void {
  const reason = 'no watermark engine is installed.';
  const blocks = [
    ['nielsenConfiguration', 1601],
    ['nielsenNonLinearWatermark', 1601],
    ['kantarWatermark', 1603],
  ] as const;
  for (const [key, code] of blocks) {
    if (!settings.has(key)) continue;
    settings.read(key);
    findings.jobError(code, 'not-available', { reason }, settings.at(key));
  }
}
