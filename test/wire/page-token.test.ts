/** Page tokens open only unchanged, for the same list, in the same deployment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPageTokens } from '../../src/wire/page-token.ts';

const tokens = createPageTokens(Buffer.from('secret of the deployment'));

describe('a page token', () => {
  it('opens to the place it was sealed with', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.record({ createdAtMs: fc.maxSafeNat(), id: fc.string({ unit: 'grapheme' }) }),
        (scope, place) => {
          const token = tokens.seal(scope, place);
          expect(token).toMatch(/^[\w-]+$/);
          expect(tokens.open(scope, token)).toEqual(place);
          expect(tokens.open(`${scope}x`, token)).toBeNull();
        },
      ),
    );
  });

  it('does not open when one character is changed, added or taken away', () => {
    const token = tokens.seal('jobs', { createdAtMs: 1, id: 'x' });
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      expect(tokens.open('jobs', token.slice(0, index) + other + token.slice(index + 1))).toBeNull();
      expect(tokens.open('jobs', token.slice(0, index) + token.slice(index + 1))).toBeNull();
    }
    expect(tokens.open('jobs', `${token}A`)).toBeNull();
    expect(tokens.open('jobs', `${token} `)).toBeNull();
  });

  it('of another deployment, and any other text, does not open', () => {
    const foreign = createPageTokens(Buffer.from('secret of another deployment'));
    expect(tokens.open('jobs', foreign.seal('jobs', { id: 'x' }))).toBeNull();
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => tokens.open('jobs', text) === null));
    expect(tokens.open('jobs', 'A'.repeat(100_000))).toBeNull();
  });

  it('needs a secret that is one', () => {
    expect(() => createPageTokens(Buffer.from('short'))).toThrow(RangeError);
  });
});
