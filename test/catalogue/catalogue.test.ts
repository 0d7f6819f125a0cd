import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { allJobErrors, allWarnings, type JobErrorCode, jobErrorEntry } from '../../src/catalogue/codes.ts';
import { explainCode, isKnownCode } from '../../src/catalogue/explain.ts';
import { jobFault } from '../../src/catalogue/fault.ts';
import { seedRows } from '../../src/catalogue/seed-rows.table.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const page = readFileSync(path.join(root, 'docs', 'errors.md'), 'utf8');
const entries = [...allJobErrors(), ...allWarnings()];

describe('the catalogue', () => {
  test('has the 48 job errors and 18 warnings of the service, each under its own code', () => {
    expect(allJobErrors()).toHaveLength(48);
    expect(allWarnings()).toHaveLength(18);
    for (const entry of allJobErrors()) expect(jobErrorEntry(entry.code)).toBe(entry);
    expect(new Set(entries.map((entry) => entry.code)).size).toBe(66);
  });

  test('retries exactly the documented set', () => {
    const retried = allJobErrors().filter((entry) => entry.retriable);
    expect(retried.map((entry) => entry.code)).toEqual([1517, 1550, 1999, 3408, 3450, 3451, 3454, 3999]);
  });

  test('prefixes every message about HTTP inputs with its code', () => {
    for (const entry of allJobErrors().filter(({ code }) => code >= 3000)) {
      for (const template of Object.values(entry.templates)) expect(template).toMatch(`${entry.code}: `);
    }
  });

  test('closes every bracket it opens', () => {
    for (const entry of allJobErrors()) {
      for (const template of Object.values(entry.templates)) {
        expect(template.split('[').length, template).toBe(template.split(']').length);
      }
    }
  });

  test('refuses an unknown template and a missing parameter', () => {
    expect(() => jobFault(1010, 'no-such-template', {})).toThrow(TypeError);
    expect(() => jobFault(1010, 'no-parser', {})).toThrow("parameter 'url' is missing");
    expect(jobFault(1010, 'no-parser', { url: 's3://b/k' }).message).toBe(
      'Unable to open input file [s3://b/k]: [Failed probe/open: [No parser found for container]]',
    );
  });
});

describe('catalogue, documentation and tests agree', () => {
  test('docs/errors.md and docs/coverage/errors.* are what the catalogue says', () => {
    const check = spawnSync(process.execPath, ['scripts/generate-error-docs.mjs', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(check.stdout + check.stderr).toBe('');
    expect(check.status).toBe(0);
  });

  test('docs/errors.md has every text the service is known to use, also those that are never said here', () => {
    const stems = [
      'SPEKE keyserver request failed:-OpenSSL SSL_connect: Connection reset by peer in connection to ',
      "The properties of your input file, combined with your job settings, aren't compatible with accelerated transcoding: [There is no initial timecode available in this input: [",
      "You can't use accelerated transcoding with input files that have empty edit lists as in this input: [",
      'There is no initial timecode available in this input: [',
      'Encoder runtime error on gpu [',
    ];
    for (const stem of stems) expect(page).toContain(stem);
    const told = [1041, 1043, 1999].map((code) => explainCode(String(code))).join('\n');
    for (const stem of stems.slice(1)) expect(told).toContain(stem);
  });

  test('docs/errors.md has a section for each code and for nothing else', () => {
    const sections = [...page.matchAll(/^### (\d+)$/gm)].map((match) => Number(match[1]));
    expect(sections).toEqual(entries.map((entry) => entry.code));
  });

  test('each code names a test that exists and goes through the command line or a server, or the feature it awaits', () => {
    for (const { code, provokedBy, awaits } of entries) {
      if (provokedBy === null) {
        expect(awaits, `code ${code}`).toBeTruthy();
        continue;
      }
      expect(awaits, `code ${code} has a test and awaits a feature`).toBeUndefined();
      const separator = provokedBy.indexOf(': ');
      const file = provokedBy.slice(0, separator);
      expect(existsSync(path.join(root, file)), `code ${code}: ${file}`).toBe(true);
      expect(testTitles(path.join(root, file)), `code ${code}`).toContain(provokedBy.slice(separator + 2));
      expect(
        startsProcesses(path.join(root, file)),
        `code ${code}: ${file} runs neither the command nor a server`,
      ).toBe(true);
    }
  });

  test('each row of the table of 33 has a test named after it; acceleration is not built yet', () => {
    const rows = Object.entries(seedRows);
    expect(rows).toHaveLength(33);
    expect(new Set(rows.map(([, row]) => row)).size).toBe(33);
    for (const [code, row] of rows) {
      const { provokedBy, awaits } = jobErrorEntry(Number(code) as JobErrorCode);
      if (awaits !== undefined) {
        expect([code, awaits]).toEqual(['1550', 'accelerated transcoding']);
        continue;
      }
      expect(provokedBy?.replace(/^[^:]*: /, '')).toBe(`${row} provokes ${code}`);
    }
  });

  test('each unbuilt feature of the closed set has a code that awaits it', () => {
    const declared = /type UnbuiltFeature =([^;]*);/.exec(
      readFileSync(path.join(root, 'src/catalogue/codes.ts'), 'utf8'),
    )?.[1];
    const features = [...(declared ?? '').matchAll(/'([^']+)'/g)].map((match) => match[1]);
    const awaited = new Set(entries.flatMap(({ awaits }) => awaits ?? []));
    expect([...awaited].sort()).toEqual(features.sort());
  });

  test('each test whose title names a code as provoked is the one the catalogue names', () => {
    const claims = listFiles(path.join(root, 'test'))
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((file) => testTitles(file).map((title) => ({ file: path.relative(root, file), title })))
      .flatMap(({ file, title }) => {
        const code = /\bprovokes (\d{4,6})$/.exec(title)?.[1];
        return code === undefined ? [] : [{ code: Number(code), reference: `${file}: ${title}` }];
      });
    for (const { code, reference } of claims) {
      const entry = entries.find((candidate) => candidate.code === code);
      const claimedFor = claims.filter((claim) => claim.code === code).map((claim) => claim.reference);
      expect(claimedFor, `code ${code}, ${reference}`).toContain(entry?.provokedBy);
    }
  });

  test('each fault raised in the source names a template of the catalogue with all its parameters', () => {
    const wrong = listFiles(path.join(root, 'src'))
      .filter((file) => file.endsWith('.ts') && !file.includes('.generated.'))
      .flatMap(wrongFaults);
    expect(wrong).toEqual([]);
  });
});

describe('explain', () => {
  test('tells title, causes, messages, remedy, actor and proof of an error', () => {
    const text = explainCode('1404');
    expect(text).toMatch('1404  File not found error');
    expect(text).toMatch('HeadObject failed');
    expect(text).toMatch('whoever submits the job');
    expect(text).toMatch('Remedy');
    expect(text).toMatch('Proved by');
  });

  test('explains a warning', () => {
    expect(explainCode('220000')).toMatch('Your input file is truncated.');
  });

  test('answers an unknown code with the nearest ones', () => {
    expect(isKnownCode('1405')).toBe(false);
    expect(explainCode('1405')).toMatch(/nearest:\n {2}1404 {2}File not found error/);
  });
});

/** Titles of `test(…)` and `it(…)` calls, read from the syntax tree. */
function testTitles(file: string): string[] {
  const titles: string[] = [];
  forEachCall(file, (call) => {
    const callee = call.expression.getText();
    const [title] = call.arguments;
    if (/^(test|it)\b/.test(callee) && title !== undefined && ts.isStringLiteralLike(title))
      titles.push(title.text);
  });
  return titles;
}

/** True when the test starts openconvert as a process, itself or through the helpers it imports. */
function startsProcesses(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  if (file.endsWith('/openconvert-process.ts')) return true;
  const imports = [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)].map((match) =>
    path.resolve(path.dirname(file), match[1] ?? ''),
  );
  return imports
    .filter((imported) => imported.startsWith(path.join(root, 'test')))
    .some((imported) => startsProcesses(imported, seen));
}

/** Calls of `jobFault` with literal code and template that the catalogue does not know or cannot fill. */
function wrongFaults(file: string): string[] {
  const wrong: string[] = [];
  forEachCall(file, (call) => {
    if (call.expression.getText() !== 'jobFault') return;
    const [code, template, parameters] = call.arguments;
    if (code === undefined || !ts.isNumericLiteral(code)) return;
    if (template === undefined || !ts.isStringLiteralLike(template)) return;
    const place = `${path.relative(root, file)}: ${code.text} '${template.text}'`;
    const text = jobErrorEntry(Number(code.text) as JobErrorCode)?.templates[template.text];
    if (text === undefined) {
      wrong.push(`${place}: no such template`);
      return;
    }
    if (parameters === undefined || !ts.isObjectLiteralExpression(parameters)) return;
    if (parameters.properties.some((property) => ts.isSpreadAssignment(property))) return;
    const given = parameters.properties.map((property) => property.name?.getText());
    const missing = [...text.matchAll(/\{(\w+)\}/g)]
      .map((match) => match[1])
      .filter((name) => !given.includes(name));
    if (missing.length > 0) wrong.push(`${place}: without ${missing.join(', ')}`);
  });
  return wrong;
}

function forEachCall(file: string, visit: (call: ts.CallExpression) => void): void {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const walk = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) visit(node);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
