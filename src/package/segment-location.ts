/** Names of segment objects (spec naming.md 2, 5). */

/** Marks of HLS names: a percent sign of the name itself, the counter, the time at which a segment is complete. */
const hlsMarks = /%%|%05d|%\{(dt|d|t)\}/g;

/** Names made from `HlsOutput.segmentLocation`. */
export const segmentLocation = {
  /** True when names hold the time of completion. */
  dependsOnTime(template: string): boolean {
    return [...template.matchAll(hlsMarks)].some(([, identifier]) => identifier !== undefined);
  },

  /**
   * The location of segment `number`, from 1: `%05d` in the file name is its number, of five digits or more when needed,
   * and in a folder the number of the folder, from 0, of `perFolder` segments each. `completedMs` counts milliseconds since
   * 1970 and is used only by names that depend on it.
   */
  numbered(template: string, number: number, completedMs: number, perFolder: number | null = null): string {
    const fileStart = template.lastIndexOf('/');
    return template.replace(hlsMarks, (mark, identifier: string | undefined, at: number) => {
      if (mark === '%%') return '%';
      if (identifier !== undefined) return timeText(identifier, completedMs);
      const count = at > fileStart ? number : Math.floor((number - 1) / (perFolder ?? 1));
      return String(count).padStart(5, '0');
    });
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

function timeText(identifier: string, ms: number): string {
  const compact = new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '');
  const [date = '', time = ''] = compact.split('T');
  return identifier === 'dt' ? compact : identifier === 'd' ? date : time;
}
