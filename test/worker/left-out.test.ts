/** What an engine says it left out, where nothing it says is trusted. */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/catalogue/finding.ts';
import { tellLeftOut } from '../../src/worker/left-out.ts';

test('an input is told once, and only one that the job has, for a reason that there is', () => {
  const findings: Finding[] = [];
  const inputs = [{ inputIndex: 0 }, { inputIndex: 1 }, { inputIndex: 1 }];
  const say = (reason: unknown, indexes: unknown) =>
    tellLeftOut(reason as 'splice-insert', indexes as number[], inputs, findings);
  say('splice-insert', [1, 1, 7, -1, 0.5, '0']);
  for (let time = 0; time < 3; time += 1) say('splice-insert', [1]);
  say('toString', [0]);
  say('splice-insert', null);
  expect(findings.map(({ pointer, message }) => [pointer, message])).toEqual([
    ['/inputs/1', expect.stringContaining('splice_insert')],
  ]);
});
