/** What `import` reads: every form people keep presets and job templates in. */
import { describe, expect, it } from 'vitest';
import { readItems } from '../../src/cli/item-documents.ts';

const preset = { ContainerSettings: { Container: 'MP4' } };
const template = { OutputGroups: [{ Name: 'g', Outputs: [{ Preset: 'P' }] }] };
const wireTemplate = { outputGroups: [{ name: 'g', outputs: [{ preset: 'P' }] }] };

const read = (document: unknown, file = 'file.json') =>
  readItems(typeof document === 'string' ? document : JSON.stringify(document), file).map(
    ({ kind, place, request }) => JSON.parse(JSON.stringify({ kind, place, request })),
  );

describe('readItems', () => {
  it.each([
    ['the CLI form', { Name: 'P', Settings: preset }],
    ['the wire form', { name: 'P', settings: { containerSettings: { container: 'MP4' } } }],
    [
      'an answer of GetPreset',
      { Preset: { Name: 'P', Arn: 'a', Type: 'CUSTOM', CreatedAt: 1, Settings: preset } },
    ],
  ])('reads a preset in %s', (_, document) => {
    expect(read(document)).toMatchObject([
      { kind: 'preset', request: { name: 'P', settings: { containerSettings: { container: 'MP4' } } } },
    ]);
    expect(Object.keys(read(document)[0].request).toSorted()).toEqual(['name', 'settings']);
  });

  it('reads settings alone, whose name comes from elsewhere', () => {
    expect(read(preset)).toMatchObject([{ kind: 'preset', request: { name: '' } }]);
    expect(read(template)).toMatchObject([
      { kind: 'job-template', request: { name: '', settings: wireTemplate } },
    ]);
  });

  it('reads a job as a template, without the files of its inputs, and says so', () => {
    const job = {
      Role: 'r',
      Queue: 'Q',
      Priority: -1,
      UserMetadata: {},
      Settings: { ...template, Inputs: [{ FileInput: 's3://b/k', TimecodeSource: 'ZEROBASED' }] },
    };
    const [item] = readItems(JSON.stringify({ Job: { Id: '1', ...job } }), 'job.json');
    expect(item?.kind).toBe('job-template');
    expect(JSON.parse(JSON.stringify(item?.request))).toEqual({
      name: '',
      queue: 'Q',
      priority: -1,
      settings: { ...wireTemplate, inputs: [{ timecodeSource: 'ZEROBASED' }] },
    });
    const notices = item?.findings.filter(({ severity }) => severity === 'notice') ?? [];
    expect(notices.map(({ pointer }) => pointer)).toContain('/inputs/0/fileInput');
    expect(item?.findings.some(({ severity }) => severity === 'error')).toBe(false);
  });

  it('reads lists, as export and the CLI print them', () => {
    const document = {
      Presets: [{ Name: 'A', Settings: preset }],
      JobTemplates: [{ Name: 'B', Priority: 0, Type: 'CUSTOM', LastUpdated: 5, Settings: template }],
    };
    expect(read(document)).toMatchObject([
      { kind: 'preset', place: 'Presets/0', request: { name: 'A' } },
      { kind: 'job-template', place: 'JobTemplates/0', request: { name: 'B', priority: 0 } },
    ]);
  });

  it('reads CloudFormation: all our resources of a template, named after themselves where they have no name', () => {
    const document = {
      AWSTemplateFormatVersion: '2010-09-09',
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket' },
        Small: { Type: 'AWS::MediaConvert::Preset', Properties: { Category: 'c', SettingsJson: preset } },
        Ladder: {
          Type: 'AWS::MediaConvert::JobTemplate',
          Properties: { Name: 'L', SettingsJson: JSON.stringify(template), Tags: { a: 'b' }, Priority: 3 },
        },
      },
    };
    expect(read(document)).toEqual([
      {
        kind: 'preset',
        place: 'Resources/Small',
        request: { name: 'Small', category: 'c', settings: { containerSettings: { container: 'MP4' } } },
      },
      {
        kind: 'job-template',
        place: 'Resources/Ladder',
        request: { name: 'L', priority: 3, tags: { a: 'b' }, settings: wireTemplate },
      },
    ]);
  });

  it.each([
    ['Description: YAML', 'x.json', 'only JSON is read'],
    ['{"a": 1}', 'x.yaml', 'only JSON is read'],
    ['{"a": ', 'x.json', 'x.json: line 1'],
    ['{"a": 1}', 'x.json', 'no preset and no job template'],
    [
      JSON.stringify({ Resources: { Q: { Type: 'AWS::MediaConvert::Queue' } } }),
      'x.json',
      'AWS::MediaConvert::Queue is not imported',
    ],
    [
      JSON.stringify({
        Resources: {
          P: {
            Type: 'AWS::MediaConvert::Preset',
            Properties: { SettingsJson: { a: { 'Fn::Sub': 'x' } } },
          },
        },
      }),
      'x.json',
      'Resources/P/SettingsJson/a/Fn::Sub is a CloudFormation function',
    ],
  ])('refuses %j in %s by name', (text, file, message) => {
    expect(() => readItems(text, file)).toThrow(message);
  });
});
