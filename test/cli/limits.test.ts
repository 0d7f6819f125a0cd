/** Bounds of jobs as an operator gives them: by option or in the configuration file, checked alike. */
import { describe, expect, test } from 'vitest';
import { collectLimit, readLimits, UsageError } from '../../src/cli/options.ts';

describe('a limit', () => {
  test('is collected by name, and a later one of the same name wins', () => {
    const limits = collectLimit(
      'jobSeconds=7',
      collectLimit('engineMemoryMiB=900', collectLimit('jobSeconds=5')),
    );
    expect(limits).toEqual({ jobSeconds: 7, engineMemoryMiB: 900 });
  });

  test.each([
    ['speed=1', /--limit speed is not known; known are jobSeconds, engineStallSeconds, /],
    ['jobSeconds=0', /--limit jobSeconds takes an integer from 1 to 1209600, not '0'/],
    ['jobSeconds=99999999', /from 1 to 1209600/],
    ['jobSeconds=1.5', /not '1.5'/],
    ['jobSeconds=', /not ''/],
    ['jobSeconds', /not ''/],
    ['constructor=1', /constructor is not known/],
  ])('%s is refused by name', (text, message) => {
    expect(() => collectLimit(text)).toThrow(UsageError);
    expect(() => collectLimit(text)).toThrow(message);
  });

  test('of a configuration file is refused with its place', () => {
    expect(readLimits({ networkSilenceSeconds: 30 }, 'limits/')).toEqual({ networkSilenceSeconds: 30 });
    expect(() => readLimits({ jobSeconds: '5' }, 'limits/')).toThrow(/^limits\/jobSeconds takes an integer/);
  });
});
