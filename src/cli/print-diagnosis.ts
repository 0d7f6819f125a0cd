/** The story of a job for people: what happened, what is guilty, what to do. */
import { actors } from '../catalogue/explain.ts';
import type { InputDetail } from '../events/input-details.ts';
import type { DescribedAttempt, DescribedOutput, Diagnosis, Guilt } from './diagnosis.ts';
import { formatFindings } from './print-findings.ts';
import { formatDuration } from './progress-display.ts';

/** The story as text, in the order a reader asks; what does not apply is left out. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  const { guilt, findings, warnings, messages, outputs } = diagnosis;
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Attempts', diagnosis.attempts.map(formatAttempt)],
    ['Probed', formatProbed(diagnosis)],
    ['Guilty', guilt === null ? [] : formatGuilt(guilt)],
    [`Last words of ${guilt?.component ?? 'the component'}`, linesOf(guilt?.lastWords)],
    ['What to do', guilt === null ? [] : formatRemedy(guilt)],
    ['Also found', findings.length === 0 ? [] : linesOf(formatFindings(findings))],
    ['Warnings', warnings.map(({ code, count, name }) => `${code} × ${count}  ${name ?? ''}`.trimEnd())],
    ['Messages', messages],
    ['Outputs', outputs.flatMap(formatOutput)],
  ];
  const shown = parts.filter(([, lines]) => lines.length > 0);
  return [
    formatHead(diagnosis),
    ...shown.map(([title, lines]) => [title, ...lines.map((line) => `  ${line}`)].join('\n')),
  ].join('\n\n');
}

function formatHead(diagnosis: Diagnosis): string {
  const { id, status, guilt, queue, phase, percentComplete, retryCount } = diagnosis;
  const { submittedAtMs, startedAtMs, finishedAtMs } = diagnosis;
  const isFailed = status === 'ERROR' && guilt !== null;
  const place = status === 'PROGRESSING' ? ` in ${phase ?? 'its beginning'}, ${percentComplete ?? 0} %` : '';
  const times = [
    `submitted ${formatInstant(submittedAtMs)}`,
    ...(startedAtMs === null ? ['not begun'] : [`begun ${formatInstant(startedAtMs)}`]),
    ...(finishedAtMs === null ? [] : [`ended ${formatInstant(finishedAtMs)}`]),
    ...(retryCount === 0 ? [] : [retryCount === 1 ? 'tried again once' : `tried again ${retryCount} times`]),
  ];
  return [
    `Job ${id} is ${status}${place}${isFailed ? `: ${guilt.code} ${guilt.name ?? ''}`.trimEnd() : ''}`,
    ...(isFailed ? [`  ${guilt.message}`] : []),
    `  ${queue}`,
    `  ${times.join(', ')}`,
  ].join('\n');
}

function formatAttempt({
  number,
  startedAtMs,
  endedAtMs,
  outcome,
  errorCode,
  errorMessage,
  fault,
}: DescribedAttempt) {
  const where = fault?.phase == null ? '' : ` in ${fault.phase}`;
  const lasted = endedAtMs === undefined ? '' : ` after ${formatDuration(endedAtMs - startedAtMs)}`;
  const ending = outcome === undefined ? 'is running' : (endings[outcome] ?? outcome);
  const error = errorCode === undefined ? '' : `: ${errorCode} ${errorMessage ?? ''}`;
  return `${number}  ${formatInstant(startedAtMs)}  ${ending}${where}${lasted}${error}`;
}

const endings: Readonly<Record<string, string>> = {
  COMPLETE: 'COMPLETE',
  ERROR: 'ERROR',
  CANCELED: 'CANCELED',
  RELEASED: 'handed back by a worker that stopped',
  LOST: 'lost with its worker',
};

function formatProbed({ probed, attempts }: Diagnosis): readonly string[] {
  if (probed !== null) return probed.flatMap(formatInput);
  return attempts.length === 0 ? [] : ['nothing: no attempt got through the inputs'];
}

function formatInput({ id, uri, video = [], audio = [] }: InputDetail): readonly string[] {
  return [
    `input ${id}  ${uri}`,
    ...video.map(
      (track) =>
        `  video ${track.streamId}  ${track.codec} ${track.width}×${track.height}` +
        `${track.frameRate === undefined ? '' : ` ${track.frameRate} fps`}, ${track.bitDepth} bit ${track.colorFormat}, ${track.interlaceMode}`,
    ),
    ...audio.map(
      (track) =>
        `  audio ${track.streamId}  ${track.codec} ${track.channels} channels ${track.sampleRate} Hz, ${track.language}`,
    ),
  ];
}

function formatGuilt(guilt: Guilt): readonly string[] {
  const { pointer, value, location, mediaFact, expected, component, phase } = guilt;
  const setting =
    pointer === undefined ? null : value === undefined ? pointer : `${pointer} = ${JSON.stringify(value)}`;
  return [
    ...line('setting', setting),
    ...line('object', location),
    ...line('found', mediaFact),
    ...line('expected', expected),
    ...line('seen by', component),
    ...line('in phase', phase),
  ];
}

function formatRemedy({ remedy, whoActs, isRetriable, code }: Guilt): readonly string[] {
  return [
    ...line('remedy', remedy),
    ...line('who acts', whoActs && actors[whoActs]),
    ...line('retried', isRetriable ? 'yes, as a rule: the cause may pass' : 'no: the same job fails again'),
    ...line('more', `openconvert explain ${code}`),
  ];
}

function formatOutput({ outputFilePaths = [], durationInMs, verdict }: DescribedOutput): readonly string[] {
  const length = durationInMs === undefined ? '' : `  ${formatDuration(durationInMs)}`;
  const check = verdict == null ? '' : verdict.isSound ? ', checked and sound' : ', checked, with defects';
  return outputFilePaths.map((file) => `${file}${length}${check}`);
}

function line(label: string, text: string | null | undefined): readonly string[] {
  return text == null ? [] : [`${label.padEnd(10)}${text}`];
}

function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.trimEnd().split('\n');
}

function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}
