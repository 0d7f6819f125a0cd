/** Where settings name files to read, compared with the model: a new member of that kind must be decided about. */
import { describe, expect, it } from 'vitest';
import {
  allowsInput,
  everythingAllowed,
  inputLocationMembers,
  inputLocationsOf,
} from '../../src/contract/input-locations.ts';
import { jobSettingsLeaves } from '../../src/contract/leaves.ts';

/** Members whose pattern admits `s3://` because the job writes there. */
const destinations = ['destination', 'logDestination', 'metadataDestination'];
/** Members whose pattern admits `https://` because the job calls a server there, which no input policy is about. */
const servers = ['kantarServerUrl', 'ticServerUrl', 'url'];

describe('input locations', () => {
  it('are all members of the model that hold a file to read', () => {
    const found = new Set(
      jobSettingsLeaves.flatMap(({ path, member }) => {
        const text = member.kind === 'list' ? member.member : member;
        const pattern = text.kind === 'string' ? (text.pattern ?? '') : '';
        const isUrl = /\bs3:|https/.test(pattern);
        return isUrl ? [(path.split('/').at(-1) ?? '').replace('[]', '')] : [];
      }),
    );
    const decided = [...inputLocationMembers, ...destinations, ...servers];
    expect([...found].filter((name) => !decided.includes(name))).toEqual([]);
    const leaves = new Set(
      jobSettingsLeaves.map(({ path }) => (path.split('/').at(-1) ?? '').replace('[]', '')),
    );
    expect([...inputLocationMembers].filter((name) => !leaves.has(name))).toEqual([]);
  });

  it('are found wherever they stand, with their place', () => {
    const settings = {
      inputs: [
        {
          fileInput: 's3://b/a.mp4',
          supplementalImps: ['s3://b/1/', 'http://h/2/'],
          audioSelectors: { 'a/b': { externalAudioFileInput: 'https://h/a.wav' } },
          videoOverlays: [{ input: { fileInput: 's3://b/o.mov' } }],
        },
      ],
      motionImageInserter: { input: 's3://b/m.mov' },
      outputGroups: [{ outputGroupSettings: { fileGroupSettings: { destination: 's3://out/x' } } }],
    };
    expect(inputLocationsOf(settings).map(({ pointer, url }) => `${pointer} ${url}`)).toEqual([
      '/inputs/0/fileInput s3://b/a.mp4',
      '/inputs/0/supplementalImps/0 s3://b/1/',
      '/inputs/0/supplementalImps/1 http://h/2/',
      '/inputs/0/audioSelectors/a~1b/externalAudioFileInput https://h/a.wav',
      '/inputs/0/videoOverlays/0/input/fileInput s3://b/o.mov',
      '/motionImageInserter/input s3://b/m.mov',
    ]);
  });

  it.each([
    ['s3://b/k', { s3Inputs: 'DISALLOWED' }, false],
    ['S3://b/k', { s3Inputs: 'DISALLOWED' }, false],
    ['http://h/k', { s3Inputs: 'DISALLOWED' }, true],
    ['http://h/k', { httpInputs: 'DISALLOWED' }, false],
    ['https://h/k', { httpInputs: 'DISALLOWED' }, true],
    ['https://h/k', { httpsInputs: 'DISALLOWED' }, false],
    ['/tmp/file', { s3Inputs: 'DISALLOWED', httpInputs: 'DISALLOWED', httpsInputs: 'DISALLOWED' }, true],
  ] as const)('%s under %j: %s', (url, policy, expected) => {
    expect(allowsInput({ ...everythingAllowed, ...policy }, url)).toBe(expected);
  });
});
