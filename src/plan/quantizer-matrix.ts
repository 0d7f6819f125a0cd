/** Softness as quantization matrices of H.264 (spec video.md 4): 0 flat, 1 and 16 the standard's, above a plane. */
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** `flat` leaves the encoder's default; `standard` are the matrices of the standard; a number is the plane's far corner. */
export type Softness = 'flat' | 'standard' | number;

/** Reads the setting. Profiles below High have no matrices of their own (Rec. ITU-T H.264 A.2.1, A.2.2). */
export function readSoftness(
  settings: SettingsReader<{ readonly softness?: number | undefined }>,
  profile: string,
  findings: FindingLog,
): Softness {
  const softness = settings.read('softness') ?? 0;
  if (softness === 0) return 'flat';
  if (profile === 'baseline' || profile === 'main') {
    findings.incompatible(settings.at('softness'), 'quantization matrices need a High profile');
    return 'flat';
  }
  if (softness === 1 || softness === 16) return 'standard';
  if (softness >= 17) return softness;
  findings.incompatible(settings.at('softness'), 'softness is 0, 1, 16 or 17 to 128');
  return 'flat';
}

/** x264 parameters of a softness. The lists count from the constant component in raster order. */
export function quantizerMatrices(softness: Softness): Readonly<Record<string, string>> {
  if (softness === 'flat') return {};
  if (softness === 'standard') return { cqm: 'jvt' };
  const [small, large] = [plane(4, softness), plane(8, softness)];
  return { cqm4: small, cqm8: large };
}

/** 16 at the constant component, rising evenly to `corner` at the highest frequency. */
function plane(size: 4 | 8, corner: number): string {
  const values: number[] = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      values.push(Math.round(16 + ((corner - 16) * (row + column)) / (2 * (size - 1))));
    }
  }
  return values.join(',');
}
