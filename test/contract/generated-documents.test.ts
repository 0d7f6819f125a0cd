/** Documents generated from the contract conform to it, and one wrong value in them is found at its place. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonText } from '../../src/contract/json-text.ts';
import { toNormalForm } from '../../src/contract/normal-form.ts';
import { operations } from '../../src/contract/operations.ts';
import { validateRequest } from '../../src/contract/validate.ts';
import { corruptionsOf, documentOf, placesOf } from './contract-documents.ts';
import { changed } from './valid-job.ts';

const requests = operations.map(({ input }) => input);
/** CreateJob and its like are large: seldom members keep their documents small enough to look at. */
const densityOf = (name: string) => (/Job|Template|Preset/.test(name) ? 0.06 : 0.5);

describe('a document generated from the contract', () => {
  it.each(requests)('conforms, and comes back from its text as it was: %s', (name) => {
    fc.assert(
      fc.property(documentOf(name, densityOf(name)), (document) => {
        expect(validateRequest(name, document)).toEqual([]);
        const parsed = parseJsonText(JSON.stringify(document));
        expect(parsed.mistake).toBeUndefined();
        expect(toNormalForm(parsed.value).value).toEqual(toNormalForm(document).value);
      }),
      { numRuns: 15, seed: 20261128 },
    );
  });

  it.each(requests.filter((name) => name !== 'DeletePolicyRequest' && name !== 'GetPolicyRequest'))(
    'with one wrong value gets a finding that names it: %s',
    (name) => {
      const corrupted = documentOf(name, densityOf(name))
        .map((document) => ({ document, places: placesOf(name, document) }))
        .filter(({ places }) => places.length > 0)
        .chain(({ document, places }) =>
          fc
            .constantFrom(...places)
            .chain(({ pointer, member }) =>
              fc.constantFrom(...corruptionsOf(member)).map((value) => ({ document, pointer, value })),
            ),
        );
      fc.assert(
        fc.property(corrupted, ({ document, pointer, value }) => {
          const findings = validateRequest(name, changed(document, pointer, value));
          const place = pointer.replace(/^\/settings(?=\/|$)/, '');
          expect(findings.map((finding) => finding.pointer)).toContain(place);
        }),
        { numRuns: 60, seed: 20261128 },
      );
    },
  );
});
