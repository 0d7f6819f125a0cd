/** Rules inside caption destination settings (spec captions.md 5 and 8, items 3 and 7). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { BurninDestinationSettings, DvbSubDestinationSettings } from '../types.generated.ts';
import { refuse, refuseDependency, refuseMissing, type StructureRules } from './rule.ts';

/** Caption style rules. */
export const captionStyleRules: StructureRules = {
  BurninDestinationSettings: [wholeFontSet, hexColor],
  DvbSubDestinationSettings: [wholeFontSet, hexColor, displayDefinition],
};

type TextStyle = BurninDestinationSettings | DvbSubDestinationSettings;

const fontFiles = ['fontFileRegular', 'fontFileBold', 'fontFileItalic', 'fontFileBoldItalic'] as const;

/** Wording observed. */
const incompleteFontsText =
  'You specified one or more custom font files in your output captions, but did not specify all required types: ' +
  'regular, bold, italic, and bold italic. To resolve: Specify each required custom font file type, or remove all ' +
  'custom font files. Then resubmit your job.';

function wholeFontSet(style: TextStyle, pointer: string): ErrorFinding[] {
  const missing = fontFiles.filter((name) => style[name] === undefined);
  if (missing.length === 0 || missing.length === fontFiles.length) return [];
  return [refuse(pointer, incompleteFontsText, `Add ${missing.join(', ')}, or remove the other font files.`)];
}

function hexColor(style: TextStyle, pointer: string): ErrorFinding[] {
  if (style.fontColor !== 'HEX' || style.hexFontColor !== undefined) return [];
  return [
    refuseMissing(pointer, 'hexFontColor', 'Add the colour as RRGGBB or RRGGBBAA, or name a fontColor.'),
  ];
}

function displayDefinition(style: DvbSubDestinationSettings, pointer: string): ErrorFinding[] {
  if ((style.ddsHandling ?? 'NONE') !== 'NONE') return [];
  return (['ddsXCoordinate', 'ddsYCoordinate', 'width', 'height'] as const)
    .filter((name) => style[name] !== undefined && style[name] !== 0)
    .map((name) => {
      const clause = `${pointer}/ddsHandling: Should be equal to one of the allowed values in ["NO_DISPLAY_WINDOW","SPECIFIED","SPECIFIED_OPTIMAL"]`;
      return refuseDependency(`${pointer}/${name}`, [clause], `Set ddsHandling, or remove ${name}.`);
    });
}
