/**
 * Tests of API operations through the real SDK, each filed under the operation and the outcome it proves.
 * `docs/coverage/operations.*` is made from these calls, so operation and outcome are written as literals.
 */
import { it } from 'vitest';
import type { ApiErrorType } from '../../src/operations/api-fault.ts';

/** What a test proves of its operation: that it works, that its pages hold together, or one of its errors. */
export type ConformanceOutcome = 'success' | 'pagination' | ApiErrorType;

/** Defines one test. `title` completes the sentence "{operation}, {outcome}: …". */
export function conformance(
  operation: string,
  outcome: ConformanceOutcome,
  title: string,
  test: () => Promise<void>,
): void {
  it(`${operation}, ${outcome}: ${title}`, test);
}
