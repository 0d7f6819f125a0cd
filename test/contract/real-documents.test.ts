/**
 * Documents people really use (../shared/jobs) must be accepted as the service accepts them. Placeholders of the
 * collection are replaced by values of the right form; what is refused all the same stands here with its reason.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ParsedDocument, parseDocument } from '../../src/contract/document.ts';
import { validateRelations, validateTemplateRelations } from '../../src/contract/relations.ts';
import type {
  CreateJobRequest,
  CreateJobTemplateRequest,
  CreatePresetRequest,
} from '../../src/contract/types.generated.ts';
import { formatValidationMessage, validateRequest } from '../../src/contract/validate.ts';

const folder = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'jobs');

/** Document → each refusal it gets, and why that is right. */
const refusals: Readonly<Record<string, readonly (readonly [refusal: string, reason: string])[]>> = {
  'yz-hls-01': [
    [
      'aacSettings: codingMode is a required property',
      'observed: the service refuses AAC without coding mode',
    ],
    [
      'hlsGroupSettings: minSegmentLength is a required property',
      'observed: the service refuses HLS without it',
    ],
  ],
  'amplify-video-01': [
    ['outputs/4: nameModifier is a required property', 'documented: several outputs need modifiers'],
  ],
  'amplify-video-02': [
    ['outputs: Should have at least 1 items', 'the program adds the outputs when it runs'],
  ],
  'amplify-video-04': [
    ['outputs/4: nameModifier is a required property', 'documented: several outputs need modifiers'],
  ],
  'amplify-video-06': [['nameModifier is a required property', 'documented: several outputs need modifiers']],
  'ocw-studio-01': [
    ['parNumerator is a required property', 'documented: SPECIFIED needs both numbers (V-21)'],
    ['parDenominator is a required property', 'documented: SPECIFIED needs both numbers (V-21)'],
    ['/inputs/0: fileInput is a required property', 'the program adds the input when it runs'],
    ['destination is a required property', 'the program adds the destination when it runs'],
  ],
  'odl-video-01': [
    ['manifestNameModifier is a required property', 'documented: an additional manifest has its own name'],
    ['/inputs/0: fileInput is a required property', 'the program adds the input when it runs'],
    ['destination is a required property', 'the program adds the destination when it runs'],
  ],
  'replay-engine-01': [['inputClippings/0/', 'the program writes the timecodes when it runs']],
  'yz-hls-02': [['staticKeyValue: Should match the pattern', 'the key is a placeholder']],
  'sdk-examples-01': [
    ['fileInput: Should match the pattern', 'the input is a placeholder: a bucket without a key'],
    ['/audioDescriptions/0/Codec: Is not an allowed property', 'no such member: the SDK drops it'],
  ],
  'sdk-examples-02': [
    ['/inputs/0: fileInput is a required property', 'an example without input'],
    ['destination is a required property', 'an example without destination'],
  ],
  'ets-migrate-02': [['', 'a fragment of program code: values are expressions']],
  'ets-migrate-03': [['', 'a fragment of program code: values are expressions']],
  'tams-tools-02': [['outputs: Should be a list', 'a fragment of program code: values are expressions']],
  'video-summary-01': [
    ['inputClippings: Should be a list', 'a fragment of program code: values are expressions'],
  ],
  'vod-on-aws-02': [
    ['outputs: Should have at least 1 items', 'a fragment: the program adds outputs'],
    ['inputs is a required property', 'a fragment: the program adds inputs'],
  ],
  'cbs-orchestrator-01': [['destinationSettings: Should be an object', 'a value of program code']],
  'cbs-orchestrator-02': [['', 'a unit test of a program: outputs without codecs, no input']],
  'cbs-orchestrator-03': [
    ['destinationSettings: Should be an object', 'a value of program code'],
    ['audioSelectors/Audio Selector 1: Should be an object', 'a value of program code'],
    ['timecodeBurnin/prefix: Should match the pattern', 'the model wants at least one character'],
  ],
  'meema-laravel-02': [
    ['', 'a configuration file of a program: other members beside the settings, no input'],
  ],
};

interface Row {
  readonly id: string;
  readonly kind: string;
}

describe.skipIf(!existsSync(folder))('real documents', () => {
  it.each(manifest())('$id ($kind)', ({ id, kind }) => {
    const document = readFileSync(join(folder, `${id}.json`), 'utf8');
    const findings = findingsOf(document, kind);
    const expected = refusals[id] ?? [];
    const unexpected = findings.filter((finding) => !expected.some(([refusal]) => finding.includes(refusal)));
    expect(unexpected).toEqual([]);
    const stale = expected.filter(([refusal]) => !findings.some((finding) => finding.includes(refusal)));
    expect(stale, 'a listed refusal no longer happens').toEqual([]);
    for (const [refusal, reason] of expected) console.log(`${id}: ${refusal || 'refused'} (${reason})`);
  });
});

function manifest(): readonly Row[] {
  const file = join(folder, 'MANIFEST.tsv');
  if (!existsSync(file)) {
    console.log(`skipped: ${file} is not there`);
    return [];
  }
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => {
    const [id = '', , , kind = ''] = line.split('\t');
    return { id, kind };
  });
}

function findingsOf(document: string, kind: string): readonly string[] {
  // Two fixtures call themselves jobs and hold a preset.
  const isPreset =
    kind === 'preset' ||
    /^\s*\{\s*"Name"[^[]*"Settings": \{\s*"(ContainerSettings|VideoDescription)"/.test(document);
  if (isPreset) return presetFindings(document);
  if (kind === 'template') return templateFindings(document);
  const parsed = parseDocument<CreateJobRequest>(document, 'CreateJobRequest', 'Job');
  const request = filled({ role: 'arn:aws:iam::000000000000:role/R', ...parsed.request });
  const findings = [...validateRequest('CreateJobRequest', request)];
  const { settings } = request;
  const isMerged =
    request.jobTemplate === undefined && findings.every(({ message }) => !/^Should be (a|an) /.test(message));
  if (isMerged && settings !== undefined) findings.push(...validateRelations(settings));
  return texts(parsed, findings);
}

function templateFindings(document: string): readonly string[] {
  const parsed = parseDocument<CreateJobTemplateRequest>(document, 'CreateJobTemplateRequest', 'JobTemplate');
  const request = filled({ name: 'T', ...parsed.request });
  const settings = request.settings;
  return texts(parsed, [
    ...validateRequest('CreateJobTemplateRequest', request),
    ...(settings === undefined ? [] : validateTemplateRelations(settings)),
  ]);
}

function presetFindings(document: string): readonly string[] {
  const parsed = parseDocument<CreatePresetRequest>(document, 'CreatePresetRequest', 'Preset');
  return texts(parsed, validateRequest('CreatePresetRequest', filled(parsed.request)));
}

function texts(
  parsed: ParsedDocument<unknown>,
  findings: ReturnType<typeof validateRequest>,
): readonly string[] {
  const unreadable = parsed.findings.filter(({ severity }) => severity === 'error');
  return [...unreadable, ...findings].map((finding) =>
    formatValidationMessage([finding as (typeof findings)[number]]),
  );
}

/** Puts values of the right form where the collection or the program has a placeholder. */
function filled<Document>(document: Document): Document {
  const text = JSON.stringify(document, (name, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (name === 'destination' && !value.startsWith('s3://')) return 's3://bucket/folder/';
    if (/^(fileInput|externalAudioFileInput)$/.test(name) && !/^(s3|https?):\/\//.test(value))
      return 's3://bucket/input.mp4';
    if (name === 'sourceFile' && !value.startsWith('s3://')) return 's3://bucket/captions.srt';
    if (name.startsWith('fontFile') && !value.startsWith('s3://')) return 's3://bucket/font.ttf';
    if (/^\$\{/.test(value)) return 'value';
    return value;
  });
  return JSON.parse(text) as Document;
}
