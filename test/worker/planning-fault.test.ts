/** Which of several findings a job carries as its error. */
import { expect, test } from 'vitest';
import type { Finding } from '../../src/catalogue/finding.ts';
import { faultOfFindings } from '../../src/worker/planning-fault.ts';

const incompatible = (pointer: string): Finding => ({
  severity: 'error',
  code: 1040,
  pointer,
  message: `1040 at ${pointer}`,
  template: 'incompatible',
  parameters: { setting: pointer, reason: 'it cannot be' },
});
const unusableVideo: Finding = {
  severity: 'error',
  code: 1020,
  pointer: '/inputs/0',
  message: '1020',
  template: 'no-usable-video',
  parameters: { url: 's3://media/a.mp4' },
  mediaFact: 'no track has pictures',
};
const invalid: Finding = {
  severity: 'error',
  code: 400,
  pointer: '/outputGroups/0/outputs/0',
  message: 'Should have at least 1 items',
  expected: 'at least one',
};
const warning: Finding = { severity: 'warning', code: 220000, pointer: '', message: 'truncated' };

test('the service looks at inputs before it looks at outputs', () => {
  expect(faultOfFindings([incompatible('/a'), unusableVideo]).record).toMatchObject({
    code: 1020,
    component: 'planner',
    pointer: '/inputs/0',
    mediaFact: 'no track has pictures',
  });
});

test('settings are cross-checked before anything is decoded: 1040 comes before 1060 and 1093', () => {
  const clip: Finding = {
    severity: 'error',
    code: 1060,
    pointer: '/inputs/0/inputClippings/0/startTimecode',
    message: '1060',
    template: 'start-not-found',
    parameters: { timecode: '00:12:55:00', input: 1 },
  };
  expect(faultOfFindings([clip, incompatible('/a')]).record).toMatchObject({ code: 1040, pointer: '/a' });
});

test('among equal codes the first found stands', () => {
  expect(faultOfFindings([incompatible('/a'), incompatible('/b')]).record.pointer).toBe('/a');
});

test('what CreateJob would refuse comes first, and is 1040 on a job', () => {
  const { record } = faultOfFindings([unusableVideo, warning, invalid]);
  expect(record).toMatchObject({
    code: 1040,
    pointer: '/outputGroups/0/outputs/0',
    expected: 'at least one',
  });
  expect(record.message).toContain('Should have at least 1 items');
});

test('warnings alone are no reason; a plan that failed without one is our bug', () => {
  expect(faultOfFindings([warning]).record).toMatchObject({ code: 1999, detail: 'no plan and no finding' });
});
