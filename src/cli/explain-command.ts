/** `openconvert explain CODE`. */
import { explainCode, isKnownCode } from '../catalogue/explain.ts';
import { exitCodes } from './options.ts';

/** Prints what the catalogue knows about a code. Exit code 2 when it knows no such code. */
export function explainCommand(code: string): Promise<number> {
  process.stdout.write(`${explainCode(code)}\n`);
  return Promise.resolve(isKnownCode(code) ? exitCodes.done : exitCodes.usage);
}
