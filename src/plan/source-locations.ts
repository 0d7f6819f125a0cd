/**
 * By which name the objects of inputs are opened. An HLS package is as many objects as there are choices among its
 * variants (spec inputs.md HLS-2): where inputs of one job choose differently, all but the first choice carry theirs
 * behind the URL, as a fragment does.
 */
import type { Input } from '../contract/types.generated.ts';

/** Locations of all inputs, in job order; null for an input without a file. */
export function sourceLocations(inputs: readonly Input[]): readonly (string | null)[] {
  const firstChoices = new Map<string, string>();
  return inputs.map(({ fileInput, videoSelector }) => {
    if (fileInput === undefined) return null;
    const choice =
      videoSelector?.selectorType === 'STREAM' ? (videoSelector.streams ?? []).join(',') : 'best';
    if (!isPlaylistName(fileInput) || (firstChoices.get(fileInput) ?? choice) === choice) {
      firstChoices.set(fileInput, choice);
      return fileInput;
    }
    return `${fileInput}${choiceMark}${choice}`;
  });
}

const choiceMark = '#streams=';

/** The location as the job writes it. */
export function writtenLocation(location: string): string {
  const at = location.lastIndexOf(choiceMark);
  return at < 0 || !isPlaylistName(location.slice(0, at)) ? location : location.slice(0, at);
}

/** True for what is looked into as an HLS package. */
export function isPlaylistName(location: string): boolean {
  return /\.m3u8$/i.test(location.startsWith('s3:') ? location : location.replace(/[?#].*$/s, ''));
}
