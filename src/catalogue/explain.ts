/** What `openconvert explain CODE` prints: everything the catalogue knows about one code, as plain text. */
import { allJobErrors, allWarnings, type JobErrorEntry, type WarningEntry } from './codes.ts';
import { seedRows } from './seed-rows.table.ts';

/** Who must act, in words. */
export const actors = {
  submitter: 'whoever submits the job',
  operator: 'whoever runs this installation',
  vendor: 'the makers of openconvert',
} as const;

/** Explains an error or warning code given as text. An unknown code is answered with the nearest known ones. */
export function explainCode(code: string): string {
  const wanted = code.trim();
  const error = allJobErrors().find((entry) => String(entry.code) === wanted);
  if (error !== undefined) return explainError(error);
  const warning = allWarnings().find((entry) => String(entry.code) === wanted);
  if (warning !== undefined) return explainWarning(warning);
  return [`'${wanted}' is no error or warning code. The nearest:`, ...nearestCodes(wanted)].join('\n');
}

/** True when `code` is an error or warning code of the catalogue. */
export function isKnownCode(code: string): boolean {
  return [...allJobErrors(), ...allWarnings()].some((entry) => String(entry.code) === code.trim());
}

function explainError(entry: JobErrorEntry): string {
  return [
    `${entry.code}  ${entry.name} (job error)`,
    ...(seedRows[entry.code] === undefined ? [] : [`In short: ${seedRows[entry.code]}`]),
    '',
    'Causes',
    ...entry.causes.map((cause) => `  - ${cause}`),
    '',
    'Messages',
    ...Object.values(entry.templates).map((template) => `  ${template}`),
    ...section('Sentences inside them', Object.values(entry.sentences ?? {})),
    ...section(
      'Known of the service, and never said here',
      (entry.neverSaid ?? []).map(({ text, instead }) => `${text}\n    (${instead})`),
    ),
    '',
    `Remedy      ${entry.remedy}`,
    ...Object.values(entry.remedyOf ?? {}).map((remedy) => `            ${remedy}`),
    `Who acts    ${actors[entry.actor]}`,
    ...(entry.pointsAt === null ? [] : [`Points at   ${entry.pointsAt}`]),
    ...(entry.mediaFact === null ? [] : [`Tells       ${entry.mediaFact}`]),
    `Raised in   ${entry.phases.join(', ')}`,
    `Retried     ${retryNote(entry)}`,
    `Proved by   ${proof(entry)}`,
  ].join('\n');
}

function retryNote({ retriable, templates, finalTemplates = [] }: JobErrorEntry): string {
  if (!retriable) return 'no';
  const except = finalTemplates.map((template) => `, except "${templates[template]}"`).join('');
  return `yes, at most twice, before the job fails${except}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((text) => `  ${text}`)];
}

function explainWarning(entry: WarningEntry): string {
  return [
    `${entry.code}  ${entry.name} (warning: the job goes on)`,
    '',
    `Cause       ${entry.cause}`,
    `Message     ${entry.message}`,
    `Remedy      ${entry.remedy}`,
    `Proved by   ${proof(entry)}`,
  ].join('\n');
}

function proof(entry: JobErrorEntry | WarningEntry): string {
  return entry.provokedBy ?? `no test yet: nothing can raise it before ${entry.awaits} is built`;
}

/** Five codes: by edit distance of their digits, then by numeric distance. */
function nearestCodes(wanted: string): string[] {
  const number = Number(wanted);
  const numericDistance = (code: number) => (Number.isFinite(number) ? Math.abs(code - number) : 0);
  return [...allJobErrors(), ...allWarnings()]
    .map((entry) => ({ entry, distance: editDistance(wanted, String(entry.code)) }))
    .sort((a, b) => a.distance - b.distance || numericDistance(a.entry.code) - numericDistance(b.entry.code))
    .slice(0, 5)
    .map(({ entry }) => `  ${entry.code}  ${entry.name}`);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, character] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (character === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
