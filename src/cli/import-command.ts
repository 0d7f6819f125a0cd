/** `openconvert import FILE…`: presets and job templates from documents into a server or a data folder. */
import { readFile } from 'node:fs/promises';
import { systemNamePrefix } from '../contract/validate-template.ts';
import { type ApiTarget, openTarget, type TargetOptions } from './api-target.ts';
import { type DocumentItem, readItems } from './item-documents.ts';
import { exitCodes, UsageError } from './options.ts';
import { formatFindings } from './print-findings.ts';

/** Options of `import`. */
export interface ImportOptions extends TargetOptions {
  readonly name?: string;
  readonly replace: boolean;
}

/**
 * Runs the command. All files are read before anything is stored; what the API refuses is printed and does not keep the
 * others out. Returns the exit code: 1 when something was refused.
 */
export async function importCommand(files: readonly string[], options: ImportOptions): Promise<number> {
  const read = await Promise.all(files.map(async (file) => readItems(await textOf(file), file)));
  const items = read.flat();
  if (options.name !== undefined && items.length > 1)
    throw new UsageError(`--name names one item, and there are ${items.length}`);
  await using target = await openTarget(options);
  let exitCode: number = exitCodes.done;
  for (const item of items) {
    if (!(await importItem(item, options, target))) exitCode = exitCodes.failed;
  }
  return exitCode;
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `cannot read ${file}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
}

async function importItem(item: DocumentItem, options: ImportOptions, target: ApiTarget): Promise<boolean> {
  const noun = item.kind === 'preset' ? 'preset' : 'job template';
  const operation = item.kind === 'preset' ? 'Preset' : 'JobTemplate';
  const name = options.name ?? item.request.name;
  if (item.findings.length > 0) process.stderr.write(`${formatFindings(item.findings)}\n`);
  if (item.findings.some(({ severity }) => severity === 'error')) return false;
  if (name === '')
    throw new UsageError(`${item.place}: the ${noun} has no name in the document; give one with --name`);
  if (name.startsWith(systemNamePrefix)) {
    process.stderr.write(`${name}: system items are everywhere already, left out\n`);
    return true;
  }
  const request = { ...item.request, name };
  let verb = 'created';
  let answer = await target.call(`Create${operation}`, request);
  if (answer.isRefused && answer.type === 'ConflictException' && options.replace) {
    // Tags belong to the creation alone.
    const { tags, ...change } = request as typeof request & { readonly tags?: unknown };
    verb = 'replaced';
    answer = await target.call(`Update${operation}`, change);
  }
  if (answer.isRefused) {
    process.stderr.write(`${noun} ${name} refused: ${answer.type}: ${answer.message}\n`);
    return false;
  }
  process.stdout.write(`${noun} ${name} ${verb}\n`);
  return true;
}
