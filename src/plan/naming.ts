/**
 * Object names (spec naming.md): destinations, name modifiers, identifiers (`$w$`), padding (`$h%04$`) and
 * extensions become the `s3://…` locations of everything a job writes.
 */
import { type Rational, rationalToNumber } from '../exact-time.ts';

/** Where an identifier is written; each place allows its own set (spec naming.md 5). */
export type NameField = 'destination' | 'nameModifier' | 'segmentModifier';

/** What the identifiers stand for. Absent tracks count as 0 (spec naming.md 5). */
export interface NameVariables {
  /** The moment the job left SUBMITTED, in epoch milliseconds; kept over retries, so that names are stable. */
  readonly startTimeMs: number;
  /** First input's file name without extension; null when there is none. */
  readonly firstInputName: string | null;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frameRate: Rational | null;
  /** Average bit rate, or the peak with QVBR. */
  readonly videoBitrateBps: number;
  /** Sum over the audio descriptions. */
  readonly audioBitrateBps: number;
  /** Output extension in file groups, manifest extension elsewhere. */
  readonly extension: string;
}

/** What an identifier of the place alone stands for, padded to `digits`; null leaves it to the common ones. */
export type OwnIdentifiers = (name: string, digits: number) => string | null;

/**
 * Replaces the identifiers that the field allows, scanning from left to right; those of the place itself (`own`) come first.
 * Unknown and forbidden ones, and padding beyond 99 digits, stay as written. In segment modifiers the dates stay too: they
 * stand for the time the segment completes, which the segmenter alone knows.
 */
export function resolveIdentifiers(
  text: string,
  field: NameField,
  variables: NameVariables,
  own: OwnIdentifiers = () => null,
): string {
  return text.replace(
    /\$(?:\$|([A-Za-z]+)(?:%0(\d{1,2}))?\$)/g,
    (written, name: string | undefined, digits: string | undefined) => {
      if (name === undefined) return field === 'destination' ? written : '$';
      const special = own(name, Number(digits ?? 0));
      if (special !== null) return special;
      const numeric = numericValue(name, variables);
      if (numeric !== null) {
        return field === 'destination' ? written : String(numeric).padStart(Number(digits ?? 0), '0');
      }
      const value =
        field === 'segmentModifier' && isTimeIdentifier(name) ? null : textValue(name, field, variables);
      return value === null || digits !== undefined ? written : value;
    },
  );
}

/**
 * The base of all names of a group (spec naming.md 1): the destination with its identifiers resolved, and the
 * first input's name (or `output`) appended when it names a folder only.
 */
export function destinationBase(destination: string, variables: NameVariables): string {
  const resolved = resolveIdentifiers(destination, 'destination', variables);
  const isBucketOnly = /^s3:\/\/[^/]+$/.test(resolved);
  if (!resolved.endsWith('/') && !isBucketOnly) return resolved;
  return `${resolved}${isBucketOnly ? '/' : ''}${variables.firstInputName ?? 'output'}`;
}

/** File name of an input without its extension: the last segment of the key or of the URL's path, escapes kept. */
export function inputBaseName(location: string): string | null {
  const withoutQuery = location.startsWith('s3:') ? location : location.replace(/[?#].*$/s, '');
  const path = withoutQuery.replace(/^[a-z0-9]+:\/\/[^/]*/i, '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const base = dot > 0 ? name.slice(0, dot) : name;
  return base === '' ? null : base;
}

/** The folder part of a location, with its trailing slash. */
export function folderOf(location: string): string {
  return location.slice(0, location.lastIndexOf('/') + 1);
}

/** What follows the last slash of a location. */
export function nameOf(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1);
}

function numericValue(name: string, variables: NameVariables): number | null {
  const kilobits = (bps: number): number => Math.floor(bps / 1000);
  switch (name) {
    case 'rv':
      return kilobits(variables.videoBitrateBps);
    case 'ra':
      return kilobits(variables.audioBitrateBps);
    case 'rc':
      return kilobits(variables.videoBitrateBps + variables.audioBitrateBps);
    case 'w':
      return variables.widthPx;
    case 'h':
      return variables.heightPx;
    case 'f':
      return variables.frameRate === null ? 0 : Math.floor(rationalToNumber(variables.frameRate));
    default:
      return null;
  }
}

function isTimeIdentifier(name: string): boolean {
  return name === 'dt' || name === 'd' || name === 't';
}

function textValue(name: string, field: NameField, variables: NameVariables): string | null {
  const [date = '', time = ''] = new Date(variables.startTimeMs)
    .toISOString()
    .replace(/[-:]|\.\d+Z$/g, '')
    .split('T');
  switch (name) {
    case 'dt':
      return `${date}T${time}`;
    case 'd':
      return date;
    case 't':
      return time;
    case 'fn':
      return variables.firstInputName ?? 'output';
    case 'ex':
      return field === 'destination' ? null : variables.extension;
    default:
      return null;
  }
}
