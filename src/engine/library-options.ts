/** Options by name, as texts the library parses. */
import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING } from 'node-av/constants';
import type { CodecContext, FormatContext } from 'node-av/lib';
import { LibraryError } from './library-error.ts';

/**
 * Sets options on a context that is not open yet, or those that the library reads again for each picture. An option the
 * library does not know, or a value it does not take, is a LibraryError: nothing a plan says is passed over in silence.
 */
export function setLibraryOptions(
  context: CodecContext | FormatContext,
  options: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    const result = context.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN);
    if (result < 0) throw new LibraryError(`option ${name}=${value}`, result);
  }
}
