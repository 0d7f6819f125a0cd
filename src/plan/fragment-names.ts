/** Names of fragmented files (spec packaging.md 5, naming.md 6). */
import { type NameVariables, resolveIdentifiers } from './naming.ts';

/** Where a file is written, and as what. */
export interface FragmentFilePlace {
  /** The group's base name. */
  readonly base: string;
  readonly extension: string;
  readonly isSingleFile: boolean;
}

/** Locations of one output. */
export interface FragmentNames {
  /** What playlists are named by: no counter stands in it. */
  readonly stem: string;
  /** Null: the initialization is the beginning of the single file. */
  readonly initLocation: string | null;
  /** With the marks of `FragmentedOutput.segmentLocation`. */
  readonly segmentLocation: string;
}

/**
 * Names with the identifiers of DASH: `$Bandwidth$`, and `$Number$` or `$Time$`, which replace the counter of nine digits. All
 * take a minimum of digits (`$Number%05$`). No number is that of the initialization: it has the name without.
 */
export function fragmentNames(
  modifier: string,
  variables: NameVariables,
  { base, extension, isSingleFile }: FragmentFilePlace,
): FragmentNames {
  const bandwidth = String(variables.videoBitrateBps + variables.audioBitrateBps);
  let isCounted = false;
  const resolve = (mark: (kind: 'd' | 't', digits: number) => string): string =>
    resolveIdentifiers(modifier, 'nameModifier', variables, (name, digits) => {
      if (name === 'Bandwidth') return bandwidth.padStart(digits, '0');
      if (name !== 'Number' && name !== 'Time') return null;
      isCounted = true;
      return mark(name === 'Number' ? 'd' : 't', digits);
    });
  const stem = `${base}${resolve(() => '')}`;
  if (isSingleFile) return { stem, initLocation: null, segmentLocation: `${stem}.${extension}` };
  // NUL stands in no name: the marks are told from text that looks like them.
  const counted = templateText(resolve((kind, digits) => `\0${Math.max(1, digits)}${kind}`)).replaceAll(
    '\0',
    '%0',
  );
  return {
    stem,
    initLocation: `${stem}init.${extension}`,
    segmentLocation: `${templateText(base)}${isCounted ? counted : `${counted}_%09d`}.${extension}`,
  };
}

/** Text of a location with marks, as in C's printf: `%05d` counts, `%05t` is the time, and `%%` is a percent sign. */
export function templateText(text: string): string {
  return text.replaceAll('%', '%%');
}
