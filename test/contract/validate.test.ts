/** Schema findings: pointers and texts of the service (spec api.md 7), all of them in one answer. */
import { describe, expect, it } from 'vitest';
import { compileValidators, formatValidationMessage, validateRequest } from '../../src/contract/validate.ts';
import { validateCreateJob, validateJobSettings } from '../../src/contract/validate-job.ts';
import { changed, validJob, validSettings } from './valid-job.ts';

const video = '/outputGroups/0/outputs/0/videoDescription';

function messageOf(pointer: string, value: unknown): string {
  return formatValidationMessage(validateRequest('CreateJobRequest', changed(validJob(), pointer, value)));
}

const keyServer = { url: 'https://keys.example/speke', resourceId: 'film' };
const keyProvider = '/outputGroups/0/outputGroupSettings/hlsGroupSettings/encryption/spekeKeyProvider';

describe('validateRequest', () => {
  it('accepts a good job', () => {
    expect(validateRequest('CreateJobRequest', validJob())).toEqual([]);
  });

  it.each([
    [
      'an enumeration',
      `/settings${video}/antiAlias`,
      'ON',
      `${video}/antiAlias: Should be equal to one of the allowed values in ["DISABLED","ENABLED"]`,
    ],
    [
      'an upper bound',
      `/settings${video}/width`,
      8194,
      `${video}/width: Should be less than or equal to 8192`,
    ],
    [
      'a lower bound',
      `/settings${video}/height`,
      30,
      `${video}/height: Should be greater than or equal to 32`,
    ],
    ['an odd width', `/settings${video}/width`, 1279, `${video}/width: Should be a multiple of 2`],
    [
      'an odd crop',
      `/settings${video}/crop`,
      { x: 1, y: 0, width: 64, height: 64 },
      `${video}/crop/x: Should be a multiple of 2`,
    ],
    [
      'a missing rectangle side',
      `/settings${video}/position`,
      { x: 0, y: 0, width: 64 },
      `${video}/position: height is a required property`,
    ],
    ['a type', `/settings${video}/width`, '1280', `${video}/width: Should be an integer`],
    [
      'a fraction',
      `/settings${video}/width`,
      1280.5,
      `${video}/width: Should be an integer | ${video}/width: Should be a multiple of 2`,
    ],
    ['an unknown member', `/settings${video}/widht`, 1280, `${video}/widht: Is not an allowed property`],
    ['an unknown top-level member', '/foo', 1, '/foo: Is not an allowed property'],
    [
      'no outputs',
      '/settings/outputGroups/0/outputs',
      [],
      '/outputGroups/0/outputs: Should have at least 1 items',
    ],
    ...[undefined, []].map(
      (systemIds) =>
        [
          'keys of no DRM system',
          '/settings/outputGroups/0/outputGroupSettings/hlsGroupSettings/encryption',
          { encryptionMethod: 'AES128', type: 'SPEKE', spekeKeyProvider: { ...keyServer, systemIds } },
          systemIds === undefined
            ? `${keyProvider}: systemIds is a required property`
            : `${keyProvider}/systemIds: Should have at least 1 items`,
        ] as [string, string, unknown, string],
    ),
    ['no settings', '/settings', undefined, "The 'settings' field is required."],
    ['no role', '/role', undefined, "The 'role' field is required."],
    ['a top-level bound', '/priority', 51, '/priority: Should be less than or equal to 50'],
    ['no inputs', '/settings/inputs', undefined, 'inputs is a required property'],
    [
      'a destination that is no location',
      '/settings/outputGroups/1/outputGroupSettings/fileGroupSettings/destination',
      'out/',
      '/outputGroups/1/outputGroupSettings/fileGroupSettings/destination: Should match the pattern: /^s3:///',
    ],
    [
      'a token of 65 characters',
      '/clientRequestToken',
      'x'.repeat(65),
      '/clientRequestToken: Should have at most 64 characters',
    ],
    [
      'an 11th user metadata pair',
      '/userMetadata',
      Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v'])),
      '/userMetadata: Should have at most 10 properties',
    ],
    [
      'a reserved tag',
      '/tags',
      { 'aws:x': '1' },
      '/tags: Key "aws:x": Should match the pattern: /^(?![aA][wW][sS]:)[\\p{L}\\p{N} _.:/=+@-]*$/',
    ],
    ['a missing mode', '/accelerationSettings', {}, '/accelerationSettings: mode is a required property'],
  ])('names %s', (_, pointer, value, expected) => {
    expect(messageOf(pointer, value)).toBe(expected);
  });

  it('answers all mistakes at once, joined by a bar', () => {
    const job = changed(changed(validJob(), '/priority', -51), `/settings${video}/width`, 1);
    expect(formatValidationMessage(validateRequest('CreateJobRequest', job))).toBe(
      `/priority: Should be greater than or equal to -50 | ${video}/width: Should be greater than or equal to 32 | ` +
        `${video}/width: Should be a multiple of 2`,
    );
  });

  it('tells what to do', () => {
    const remedyOf = (pointer: string, value: unknown) =>
      validateRequest('CreateJobRequest', changed(validJob(), pointer, value))[0]?.remedy;
    expect(remedyOf(`/settings${video}/scalingBehavior`, 'STRECH_TO_OUTPUT')).toBe(
      'Did you mean STRETCH_TO_OUTPUT?',
    );
    expect(remedyOf(`/settings${video}/widht`, 1280)).toBe('Did you mean width?');
    expect(remedyOf(`/settings${video}/width`, '1280')).toBe('Write the number without quotes.');
    expect(remedyOf('/priority', 99)).toBe('Use a value that is at least -50, at most 50.');
  });

  it('takes null for absent, everywhere', () => {
    expect(messageOf('/queue', null)).toBe('');
    expect(messageOf(`/settings${video}/sharpness`, null)).toBe('');
    expect(messageOf('/role', null)).toBe("The 'role' field is required.");
  });

  it('takes zero for a value', () => {
    expect(messageOf('/priority', 0)).toBe('');
    expect(messageOf(`/settings${video}/width`, 0)).toContain('Should be greater than or equal to 32');
    expect(
      messageOf('/settings/outputGroups/0/outputGroupSettings/hlsGroupSettings/minFinalSegmentLength', 0),
    ).toBe('');
    expect(
      messageOf('/settings/outputGroups/0/outputGroupSettings/hlsGroupSettings/minFinalSegmentLength', 0.5),
    ).toContain('Should be greater than or equal to 1');
  });

  it('takes names of object prototypes for names', () => {
    const settings = JSON.parse(
      '{"audioSelectors":{"__proto__":{"offset":1},"constructor":{"tracks":["x"]}},"fileInput":"s3://in/a.mp4"}',
    );
    expect(messageOf('/settings/inputs/0', settings)).toBe(
      '/inputs/0/audioSelectors/constructor/tracks/0: Should be an integer',
    );
    const unknown = JSON.parse('{"__proto__":{"role":"r"},"constructor":1}');
    expect(formatValidationMessage(validateRequest('CreateJobRequest', unknown))).toBe(
      "The 'role' field is required. | The 'settings' field is required. | /__proto__: Is not an allowed property | " +
        '/constructor: Is not an allowed property',
    );
  });

  it('escapes map keys in pointers', () => {
    expect(messageOf('/settings/inputs/0/audioSelectors/a~1b', { offset: 'x' })).toBe(
      '/inputs/0/audioSelectors/a~1b/offset: Should be an integer',
    );
  });

  it.each([null, undefined, 3, 'job', []])('refuses %s as a request', (document) => {
    expect(formatValidationMessage(validateRequest('CreateJobRequest', document))).toBe(
      'The request could not be interpreted.',
    );
  });

  it('bounds nesting', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = { a: deep };
    const findings = validateRequest('CreateJobRequest', { settings: deep });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.message).toContain('nested too deep');
  });

  it('does not run patterns on text no location can have', () => {
    const hostile = `s3://a.png${'?a=a=a&'.repeat(200_000)}`;
    expect(messageOf('/settings/availBlanking', { availBlankingImage: hostile })).toContain(
      'Should match the pattern',
    );
  });

  it('demands what the service demands only where nothing else supplies it', () => {
    const bare = {
      role: 'r',
      settings: { inputs: [{ fileInput: 's3://in/a.mp4' }], outputGroups: [{ outputs: [{}] }] },
    };
    expect(formatValidationMessage(validateRequest('CreateJobRequest', bare))).toBe(
      '/outputGroups/0: outputGroupSettings is a required property | /outputGroups/0/outputs/0: containerSettings is a required property',
    );
    expect(validateRequest('CreateJobRequest', { ...bare, jobTemplate: 'T' })).toEqual([]);
    const overPreset = changed(bare, '/settings/outputGroups/0/outputs/0', {
      preset: 'P',
      videoDescription: { width: 640 },
    });
    expect(formatValidationMessage(validateRequest('CreateJobRequest', overPreset))).toBe(
      '/outputGroups/0: outputGroupSettings is a required property',
    );
  });

  it('validates settings alone with the same pointers', () => {
    expect(
      formatValidationMessage(validateRequest('JobSettings', changed(validSettings(), `${video}/width`, 7))),
    ).toContain(`${video}/width: Should be greater than or equal to 32`);
  });

  it('refuses to validate a structure the model does not have', () => {
    expect(() => validateRequest('NoSuchRequest', {})).toThrow(RangeError);
    expect(() => compileValidators(['CreateQueueRequest', 'constructor'])).toThrow(RangeError);
  });
});

describe('validateCreateJob', () => {
  it('gives the request back without null members', () => {
    const { findings, document } = validateCreateJob({ ...validJob(), queue: null });
    expect(findings).toEqual([]);
    expect(document).toEqual(validJob());
  });

  it('puts schema findings and relations into one answer', () => {
    const job = changed(changed(validJob(), '/priority', 99), '/settings/followSource', 2);
    expect(formatValidationMessage(validateCreateJob(job).findings)).toBe(
      '/priority: Should be less than or equal to 50 | /followSource: Should be less than or equal to 1',
    );
  });

  it('leaves relations to the merged job when a template is named', () => {
    expect(
      validateCreateJob({ role: 'r', jobTemplate: 'T', settings: { followSource: 2 } }).findings,
    ).toEqual([]);
  });

  it('validates settings alone for run and check', () => {
    expect(validateJobSettings(validSettings()).document).toEqual(validSettings());
    expect(validateJobSettings({ followSource: 1 }).document).toBeNull();
  });
});
