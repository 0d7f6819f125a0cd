/** Several faults at once, what is told of them, and which are tried again. */
import { describe, expect, test } from 'vitest';
import { allJobErrors } from '../../src/catalogue/codes.ts';
import { evaluationOrder } from '../../src/catalogue/evaluation-order.table.ts';
import { explainFault, explanationMessages } from '../../src/catalogue/explanation.ts';
import { type FaultRecord, jobFault } from '../../src/catalogue/fault.ts';
import type { Finding } from '../../src/catalogue/finding.ts';
import { isFinal, isWorthRetrying } from '../../src/catalogue/retries.ts';
import { firstFaultOf } from '../../src/catalogue/several-faults.ts';

const missing = jobFault(
  1404,
  'input-missing',
  { url: 's3://in/a' },
  { pointer: '/inputs/1/fileInput' },
).record;
const broken = jobFault(1075, 'no-moov', { url: 's3://in/b' }, { pointer: '/inputs/0/fileInput' }).record;

describe('of several faults', () => {
  test('the one the service looks at first leads, whatever their order; the others follow', () => {
    for (const faults of [
      [missing, broken],
      [broken, missing],
    ]) {
      const first = firstFaultOf(faults);
      expect(first?.code).toBe(1404);
      expect(first?.record.others?.map(({ code }) => code)).toEqual([1075]);
    }
    const forbidden = jobFault(3403, 'forbidden', { url: 'http://h/a' }).record;
    // Both are looked for together: the job's order decides.
    expect(firstFaultOf([forbidden, missing])?.code).toBe(3403);
    expect(firstFaultOf([missing, forbidden])?.code).toBe(1404);
    expect(firstFaultOf([])).toBeNull();
    expect(firstFaultOf([broken])?.record).toEqual(broken);
  });

  test('each code has one place in the order', () => {
    const codes = evaluationOrder.flat();
    expect(new Set(codes).size).toBe(codes.length);
    const known = allJobErrors().map(({ code }) => code);
    expect(codes.filter((code) => !known.includes(code))).toEqual([]);
  });
});

describe('an explanation', () => {
  const other: Finding = { severity: 'error', code: 1040, pointer: '/outputGroups/0', message: 'no' };

  test('has place, fact, remedy and what else is wrong, without the fault itself', () => {
    const fault = { ...missing, mediaFact: 'no such key' };
    const itself: Finding = {
      severity: 'error',
      code: 1404,
      pointer: fault.pointer ?? '',
      message: fault.message,
    };
    const explained = explainFault(fault, [itself, other]);
    expect(explained).toEqual({
      pointer: '/inputs/1/fileInput',
      mediaFact: 'no such key',
      remedy: expect.stringContaining('Correct the URL'),
      alsoWrong: [{ code: 1040, pointer: '/outputGroups/0', message: 'no' }],
    });
    expect(explanationMessages(explained)).toEqual({
      info: ['Setting: /inputs/1/fileInput', 'Found: no such key', expect.stringMatching(/^Remedy: /)],
      warning: ['Also wrong: 1040 at /outputGroups/0: no'],
    });
  });
});

describe('an attempt is worth another', () => {
  const death = (signal: string): FaultRecord => jobFault(1999, 'unknown', { signal }).record;

  test('when the code is of the retry set', () => {
    expect(isWorthRetrying(missing, null)).toBe(false);
    expect(isWorthRetrying(death('SIGKILL'), null)).toBe(true);
  });

  test('but not when the cause stands in the bucket and in the job', () => {
    const parameters = { url: 's3://out/x', reason: 'AccessControlListNotSupported' };
    const refused = jobFault(1517, 'acl-refused', parameters).record;
    expect([isFinal(refused), isWorthRetrying(refused, null)]).toEqual([true, false]);
    const failed = jobFault(1517, 'write-failed', parameters).record;
    expect([isFinal(failed), isWorthRetrying(failed, null)]).toEqual([false, true]);
    expect(isFinal(missing)).toBe(false);
  });

  test('but not when the engine crashed in the same way before; being killed is no crash', () => {
    expect(isWorthRetrying(death('SIGSEGV'), null)).toBe(true);
    expect(isWorthRetrying(death('SIGSEGV'), death('SIGABRT'))).toBe(true);
    expect(isWorthRetrying(death('SIGSEGV'), death('SIGSEGV'))).toBe(false);
    expect(isWorthRetrying(death('SIGKILL'), death('SIGKILL'))).toBe(true);
  });
});
