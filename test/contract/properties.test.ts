/** Whatever comes in: no crash, no polluted prototype, plain findings. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJobDocument } from '../../src/contract/document.ts';
import { parseJsonText } from '../../src/contract/json-text.ts';
import { jobSettingsLeaves } from '../../src/contract/leaves.ts';
import { structures } from '../../src/contract/model.generated.ts';
import { toNormalForm } from '../../src/contract/normal-form.ts';
import { formatValidationMessage, validateRequest } from '../../src/contract/validate.ts';
import { validateCreateJob } from '../../src/contract/validate-job.ts';
import { changed, validJob } from './valid-job.ts';

const knownNames = [
  ...new Set(Object.values(structures).flatMap((structure) => Object.keys(structure.members))),
];
const trapNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '/',
  '~',
  '$ref',
];

/** JSON of any shape whose member names are often names of the model, and sometimes traps. */
const jsonDocument = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(null, true, 0, -1, 1e308, '', 's3://a/b', 'AUTO', 'ENABLED', 'H_264'),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc.oneof(fc.constantFrom(...knownNames), fc.constantFrom(...trapNames), fc.string({ maxLength: 8 })),
    tie('value'),
    { maxKeys: 6, noNullPrototype: true },
  ),
}));

/** Pointers of leaves in `validJob`, with the first index or a key filled in. */
const leafPointers = jobSettingsLeaves.map(({ path }) =>
  path.replaceAll('[]', '/0').replaceAll('{}', '/Audio Selector 1'),
);

function assertPrototypesClean(): void {
  for (const name of [...trapNames, 'role', 'inputs', 'polluted']) {
    if (name === 'constructor' || name === 'toString' || name === 'hasOwnProperty' || name === '__proto__')
      continue;
    expect(name in {}).toBe(false);
  }
  expect(typeof {}.toString).toBe('function');
}

describe('any document', () => {
  it('is validated without a crash', () => {
    fc.assert(
      fc.property(jsonDocument.object, (document) => {
        for (const name of ['CreateJobRequest', 'JobSettings', 'CreateQueueRequest']) {
          for (const finding of validateRequest(name, document)) {
            expect(finding).toMatchObject({ severity: 'error', code: 400 });
            expect(finding.message).not.toBe('');
            expect(finding.remedy).toBeTruthy();
          }
        }
        assertPrototypesClean();
      }),
      { numRuns: 300 },
    );
  });

  it('survives one wild value anywhere in a good job', () => {
    fc.assert(
      fc.property(fc.constantFrom(...leafPointers), jsonDocument.value, (pointer, value) => {
        const { findings } = validateCreateJob(changed(validJob(), `/settings${pointer}`, value));
        expect(typeof formatValidationMessage(findings)).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });

  it('is parsed without a crash, from text and from a value', () => {
    fc.assert(
      fc.property(jsonDocument.object, (document) => {
        const text = JSON.stringify(document);
        const fromValue = parseJobDocument(JSON.parse(text) as object);
        const fromText = parseJobDocument(text);
        expect(fromText).toEqual(fromValue);
        assertPrototypesClean();
      }),
      { numRuns: 300 },
    );
  });

  it('is parsed without a crash when it is no JSON', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({
            unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '1', '-', 'e', 'n', ' '),
          }),
        ),
        (text) => {
          const ours = parseJsonText(text);
          let isJson = true;
          try {
            JSON.parse(text);
          } catch {
            isJson = false;
          }
          if (!isJson) expect(ours.mistake).toBeDefined();
          else if (ours.mistake !== undefined) expect(ours.mistake.text).toMatch(/given twice|nested deeper/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('has one normal form', () => {
    fc.assert(
      fc.property(jsonDocument.value, (document) => {
        const once = toNormalForm(document).value;
        expect(toNormalForm(once).value).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });
});
