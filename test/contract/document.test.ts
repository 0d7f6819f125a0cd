/** Job documents as people keep them: wire form, CLI form, settings alone, answers of the service, broken text. */
import { describe, expect, it } from 'vitest';
import { parseDocument, parseJobDocument, toWireNames } from '../../src/contract/document.ts';
import { parseJsonText } from '../../src/contract/json-text.ts';

const cliJob = {
  Role: 'r',
  UserMetadata: { Guid: '1' },
  Settings: {
    Inputs: [{ FileInput: 's3://in/a.mp4', AudioSelectors: { 'Audio Selector 1': { Tracks: [1] } } }],
    OutputGroups: [
      {
        OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS' },
        Outputs: [{ ContainerSettings: { Container: 'MP4' } }],
      },
    ],
    ColorConversion3DLUTSettings: [{ FileInput: 's3://in/a.cube' }],
  },
};

const wireJob = {
  role: 'r',
  userMetadata: { Guid: '1' },
  settings: {
    inputs: [{ fileInput: 's3://in/a.mp4', audioSelectors: { 'Audio Selector 1': { tracks: [1] } } }],
    outputGroups: [
      {
        outputGroupSettings: { type: 'FILE_GROUP_SETTINGS' },
        outputs: [{ containerSettings: { container: 'MP4' } }],
      },
    ],
    colorConversion3DLUTSettings: [{ fileInput: 's3://in/a.cube' }],
  },
};

describe('parseJobDocument', () => {
  it.each([
    ['wire', wireJob],
    ['cli', cliJob],
  ])('reads the %s form as text and as a value', (form, document) => {
    for (const source of [document, JSON.stringify(document), `\uFEFF${JSON.stringify(document, null, 2)}`]) {
      expect(parseJobDocument(source)).toEqual({ request: wireJob, form, findings: [] });
    }
  });

  it.each([cliJob.Settings, wireJob.settings])('reads settings alone', (settings) => {
    expect(parseJobDocument(settings)).toEqual({
      request: { settings: wireJob.settings },
      form: 'settings-only',
      findings: [],
    });
  });

  it('keeps the keys of maps as written', () => {
    const { request } = parseJobDocument({
      Settings: { Inputs: [{ AudioSelectors: { Tracks: { Offset: 5 } } }] },
      Tags: { Owner: 'x' },
    });
    expect(request).toEqual({
      settings: { inputs: [{ audioSelectors: { Tracks: { offset: 5 } } }] },
      tags: { Owner: 'x' },
    });
  });

  it('leaves unknown names for validation to name', () => {
    expect(parseJobDocument({ Role: 'r', Rolle: 'x', settings: { Inptus: [] } }).request).toEqual({
      role: 'r',
      Rolle: 'x',
      settings: { Inptus: [] },
    });
  });

  it('drops null members', () => {
    expect(
      parseJobDocument('{"Role": null, "Settings": {"AdAvailOffset": 0, "Esam": null}}').request,
    ).toEqual({
      settings: { adAvailOffset: 0 },
    });
  });

  it('says where the text is broken', () => {
    const { findings, request } = parseJobDocument('{\n  "Role": "r",\n  "Settings": {]\n}');
    expect(request).toEqual({});
    expect(findings).toMatchObject([
      {
        severity: 'error',
        code: 400,
        pointer: '',
        message:
          'The request could not be interpreted. Line 3, column 16: expected a member name in quotes, found "]".',
      },
    ]);
  });

  it.each([
    '',
    '   ',
    '[]',
    '3',
    'null',
    '"x"',
    '{"Role": "r"',
    '{"a": 01}',
    "{'a': 1}",
    '{"a": NaN}',
    '{"a": 1,}',
    '{"a": "\n"}',
    '{"a": "\\x"}',
    '{} {}',
  ])('refuses %j', (text) => {
    expect(parseJobDocument(text).findings).toMatchObject([{ code: 400, pointer: '' }]);
  });

  it('refuses a member given twice', () => {
    expect(parseJobDocument('{"Role": "a",\r\n "Role": "b"}').findings[0]?.message).toBe(
      'The request could not be interpreted. Line 2, column 2: the member "Role" is given twice.',
    );
    expect(parseJobDocument('{"settings": {"inputs": [], "Inputs": []}}').findings).toMatchObject([
      { pointer: '/inputs', message: 'Is given twice, in two spellings' },
    ]);
  });

  it('never touches prototypes', () => {
    const { request } = parseJobDocument(
      '{"__proto__": {"role": "x"}, "Settings": {"__proto__": {"inputs": []}}, "constructor": 1}',
    );
    expect(Object.keys(request).sort()).toEqual(['__proto__', 'constructor', 'settings']);
    expect(request.role).toBeUndefined();
    expect(request.settings?.inputs).toBeUndefined();
    expect('role' in {}).toBe(false);
  });

  it('bounds nesting', () => {
    const { findings } = parseJobDocument(`{"Settings": ${'['.repeat(100_000)}`);
    expect(findings[0]?.message).toContain('nested deeper than 64 levels');
  });

  it('reads a saved answer of the service', () => {
    const job = {
      ...cliJob,
      Arn: 'arn:aws:mediaconvert:us-east-1:000000000000:jobs/1',
      Status: 'COMPLETE',
      CreatedAt: '2025-08-28T20:15:34.000+00:00',
      Settings: { OutputGroups: [{ Outputs: [{ Preset: 'P', ContainerSettings: { Container: 'MP4' } }] }] },
    };
    for (const source of [job, { Job: job }]) {
      const { request, findings } = parseJobDocument(source);
      expect(Object.keys(request).sort()).toEqual(['role', 'settings', 'userMetadata']);
      expect(request.settings?.outputGroups?.[0]?.outputs?.[0]).toEqual({
        containerSettings: { container: 'MP4' },
      });
      expect(findings.map(({ severity, pointer }) => [severity, pointer])).toEqual([
        ['notice', '/arn'],
        ['notice', '/status'],
        ['notice', '/createdAt'],
        ['notice', '/outputGroups/0/outputs/0/preset'],
      ]);
    }
  });
});

describe('parseDocument', () => {
  it('reads other requests', () => {
    const preset = { Name: 'P', Settings: { ContainerSettings: { Container: 'MP4' } }, Type: 'CUSTOM' };
    const { request, findings } = parseDocument(preset, 'CreatePresetRequest', 'Preset');
    expect(request).toEqual({ name: 'P', settings: { containerSettings: { container: 'MP4' } } });
    expect(findings).toMatchObject([{ severity: 'notice', pointer: '/type' }]);
  });
});

describe('toWireNames', () => {
  it('renames one structure', () => {
    expect(toWireNames('JobSettings', { Inputs: [{ FileInput: 's3://in/a' }] })).toEqual({
      inputs: [{ fileInput: 's3://in/a' }],
    });
  });
});

describe('parseJsonText', () => {
  it('reads what JSON.parse reads', () => {
    const text = '{"a":[1,-0.5e3,true,false,null,"\\u00e9\\n\\"x\\"",""],"b":{"c":{}}, "d" : []}';
    expect(parseJsonText(text).value).toEqual(JSON.parse(text));
  });

  it('counts columns after every kind of line end', () => {
    expect(parseJsonText('[\r\n1,\r2,\n x]').mistake).toMatchObject({ line: 4, column: 2 });
  });
});
