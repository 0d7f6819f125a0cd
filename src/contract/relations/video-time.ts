/** Rules of time and fields inside one codec block (spec video.md 3; V-16 to V-18). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { XavcSettings } from '../types.generated.ts';
import { refuseDependency } from './rule.ts';

interface TimeSettings {
  readonly framerateControl?: string | undefined;
  readonly framerateNumerator?: number | undefined;
  readonly framerateDenominator?: number | undefined;
  readonly slowPal?: string | undefined;
  readonly telecine?: string | undefined;
  readonly interlaceMode?: string | undefined;
  readonly scanTypeConversionMode?: string | undefined;
}

/** V-16. A rate that is not complete is refused for that alone. */
export function slowPalRate(settings: TimeSettings, pointer: string): ErrorFinding[] {
  if (settings.slowPal !== 'ENABLED' || isRate(settings, 25, 1)) return [];
  const remedy = 'Slow PAL makes 25 frames a second: set framerateControl to SPECIFIED and the rate to 25/1.';
  return [refuseDependency(`${pointer}/slowPal`, [rateClause(pointer, '25/1')], remedy)];
}

/** V-17: 2:3 pulldown makes 29.97 frames of two fields. */
export function telecineRate(settings: TimeSettings, pointer: string): ErrorFinding[] {
  return telecine(settings, settings, pointer, pointer);
}

/** XAVC keeps the members of fields in the block of its HD profile. */
export function xavcTelecine(settings: XavcSettings, pointer: string): ErrorFinding[] {
  const fields = settings.xavcHdProfileSettings;
  return fields === undefined ? [] : telecine(settings, fields, pointer, `${pointer}/xavcHdProfileSettings`);
}

/** V-18. */
export function optimizedFields(settings: TimeSettings, pointer: string): ErrorFinding[] {
  if (settings.scanTypeConversionMode !== 'INTERLACED_OPTIMIZE') return [];
  const clauses = [
    ...(isProgressive(settings) ? [fieldsClause(pointer)] : []),
    ...(settings.telecine === 'HARD' ? [`${pointer}/telecine: Must be NONE or SOFT`] : []),
  ];
  if (clauses.length === 0) return [];
  const remedy = 'INTERLACED_OPTIMIZE makes fields of pictures: set interlaceMode, and no hard telecine.';
  return [refuseDependency(`${pointer}/scanTypeConversionMode`, clauses, remedy)];
}

function telecine(
  rate: TimeSettings,
  fields: TimeSettings,
  ratePointer: string,
  fieldsPointer: string,
): ErrorFinding[] {
  if (fields.telecine === undefined || fields.telecine === 'NONE') return [];
  const clauses = [
    ...(isRate(rate, 30_000, 1001) ? [] : [rateClause(ratePointer, '30000/1001')]),
    ...(isProgressive(fields) ? [fieldsClause(fieldsPointer)] : []),
  ];
  if (clauses.length === 0) return [];
  const remedy =
    'Telecine makes 29.97 frames a second of two fields each: specify 30000/1001 and an interlaceMode other than PROGRESSIVE.';
  return [refuseDependency(`${fieldsPointer}/telecine`, clauses, remedy)];
}

function isRate(settings: TimeSettings, num: number, den: number): boolean {
  const { framerateControl, framerateNumerator = 0, framerateDenominator = 0 } = settings;
  if (framerateControl !== 'SPECIFIED') return false;
  if (framerateNumerator === 0 || framerateDenominator === 0) return true;
  return framerateNumerator * den === framerateDenominator * num;
}

function isProgressive({ interlaceMode }: TimeSettings): boolean {
  return (interlaceMode ?? 'PROGRESSIVE') === 'PROGRESSIVE';
}

function rateClause(pointer: string, rate: string): string {
  return `${pointer}/framerateControl: Must be SPECIFIED with a rate of ${rate}`;
}

function fieldsClause(pointer: string): string {
  return `${pointer}/interlaceMode: Must be a value other than PROGRESSIVE`;
}
