/** Names of segment objects (spec naming.md 2, 5). */

/** Identifiers of the segment modifier that stand for the time a segment is complete. */
const timeIdentifiers = /\$(dt|d|t)\$/g;

/** Names made from `HlsOutput.segmentLocation`. */
export const segmentLocation = {
  /** True when names hold the time of completion. */
  dependsOnTime(template: string): boolean {
    return fileName(template).search(timeIdentifiers) >= 0;
  },

  /**
   * The location of segment `number`, from 1: five digits, more when needed, in place of the last `%05d`. `completedMs`
   * counts milliseconds since 1970 and is used only by names that depend on it. With `perFolder` the counter of the folder
   * in front of the name, from 0, stands for so many segments each.
   */
  numbered(template: string, number: number, completedMs: number, perFolder: number | null = null): string {
    const at = template.lastIndexOf('%05d');
    if (at < 0) throw new TypeError(`segment location without %05d: ${template}`);
    const digits = String(number).padStart(5, '0');
    const numbered = `${template.slice(0, at)}${digits}${template.slice(at + 4)}`;
    const name = fileName(numbered);
    const written = numbered.slice(0, numbered.length - name.length);
    const folder =
      perFolder === null
        ? written
        : written.replace(/%05d\/$/, `${String(Math.floor((number - 1) / perFolder)).padStart(5, '0')}/`);
    return (
      folder + name.replace(timeIdentifiers, (_, identifier: string) => timeText(identifier, completedMs))
    );
  },

  /**
   * The location of segment `number`, from 1, that begins at `startTicks`: the counter (`%09d`, `%01d`) or time (`%01t`) of
   * `FragmentedOutput.segmentLocation` filled in.
   */
  fragmented(template: string, number: number, startTicks: bigint): string {
    return fillMarks(template, ({ kind, digits }) =>
      String(kind === 'd' ? number : startTicks).padStart(digits, '0'),
    );
  },
};

/** A mark of `FragmentedOutput.segmentLocation`: the number of a segment or the time at which it begins. */
export interface SegmentMark {
  readonly kind: 'd' | 't';
  /** Least digits. */
  readonly digits: number;
}

/** The template with its marks replaced; `%%` is a percent sign of the name. */
export function fillMarks(template: string, textOf: (mark: SegmentMark) => string): string {
  return template.replace(/%%|%0(\d+)([dt])/g, (_, digits?: string, kind?: SegmentMark['kind']) =>
    digits === undefined || kind === undefined ? '%' : textOf({ kind, digits: Number(digits) }),
  );
}

/** True when names hold the time at which a segment begins. */
export function namesTime(template: string): boolean {
  let isTimed = false;
  fillMarks(template, ({ kind }) => {
    isTimed ||= kind === 't';
    return '';
  });
  return isTimed;
}

function fileName(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1);
}

function timeText(identifier: string, ms: number): string {
  const compact = new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '');
  const [date = '', time = ''] = compact.split('T');
  return identifier === 'dt' ? compact : identifier === 'd' ? date : time;
}
