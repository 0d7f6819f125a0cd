/**
 * Every input of the shared media corpus gives facts or the code documented for it. The manifest's ffprobe
 * summary, made by another program, is the oracle for the facts.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { JobFault } from '../../src/catalogue/fault.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { corpusExceptions, summaryExceptions } from './corpus-exceptions.table.ts';
import { probeFile } from './objects.ts';

const corpus = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'media');
const isPresent = existsSync(path.join(corpus, 'MANIFEST.tsv'));
if (!isPresent) console.log(`skipped: no media corpus at ${corpus}`);

interface Row {
  readonly file: string;
  readonly summary: string;
  readonly documented: string;
}

const rows = isPresent ? readManifest() : [];
const inputs = rows.filter(({ file }) => /^(video|audio|broken)\/|\.gif$/.test(file));
const playlists = rows.filter(({ file }) => file.endsWith('.m3u8'));
const documentedInputs = inputs.filter(({ file }) => !(file in corpusExceptions));
const exceptions = inputs.filter(({ file }) => file in corpusExceptions);

/** One corrupt file may cost this much at most. */
const limitMs = 30_000;

beforeAll(quietLibraryLog);

describe.skipIf(!isPresent)('the media corpus', () => {
  test.each(documentedInputs)('$file: $documented', { timeout: limitMs }, async ({ file, documented }) => {
    const outcome = await probe(file);
    const codes = documentedCodes(documented);
    if (codes.length > 0) expect(codes, describeOutcome(outcome)).toContain(codeOf(outcome));
    else if (documented.startsWith('COMPLETE'))
      expect(codeOf(outcome), describeOutcome(outcome)).toBe('facts');
    else expect(documented).toMatch(/^not documented/);
  });

  test.each(exceptions)('$file: otherwise, for a reason', { timeout: limitMs }, async ({ file }) => {
    const outcome = await probe(file);
    const { outcome: expected, reason } = corpusExceptions[file] ?? { outcome: 'facts', reason: '' };
    expect(codeOf(outcome), `${reason}: ${describeOutcome(outcome)}`).toBe(expected);
  });

  test('a broadcast says what its service is called', async () => {
    const outcome = await probe('video/ts_mpeg2_720x576i25_mp2_teletext_broadcast.ts');
    if (outcome instanceof JobFault) throw outcome;
    // Each in its own table, which tells of other multiplexes as well.
    expect(outcome.programs[0]?.service).toEqual({ providerName: 'Rai', serviceName: 'Rai 1' });
    expect(outcome.programs.every(({ service }) => service?.providerName === 'Rai')).toBe(true);
  });

  test.each(inputs)(
    '$file: facts as another program reports them',
    { timeout: limitMs },
    async ({ file, summary }) => {
      const outcome = await probe(file);
      if (outcome instanceof JobFault || file.startsWith('broken/') || file in summaryExceptions) return;
      const streams = summary.split(';').map((part) => part.trim());
      const video = streams.filter((stream) => stream.startsWith('v:'));
      const audio = streams.filter((stream) => stream.startsWith('a:'));
      if (!summary.includes('more streams')) {
        expect(outcome.videoTracks.map(({ codec }) => codec)).toEqual(video.map(codecIn));
        expect(outcome.audioTracks.map(({ codec }) => codec)).toEqual(audio.map(codecIn));
      }
      for (const [index, stream] of video.entries()) expectVideo(outcome, index, stream);
      for (const [index, stream] of audio.entries()) {
        const track = outcome.audioTracks[index];
        expect(`${track?.sampleRateHz}Hz ${track?.channels}ch`).toBe(/\d+Hz \d+ch/.exec(stream)?.[0]);
      }
    },
  );

  test.each(playlists)('$file: HLS playlists are refused by name', async ({ file }) => {
    const outcome = await probe(file);
    expect(codeOf(outcome), describeOutcome(outcome)).toBe(1010);
  });

  test('no exception names a file that is not there or not exceptional', async () => {
    const files = new Set(inputs.map(({ file }) => file));
    for (const file of [...Object.keys(corpusExceptions), ...Object.keys(summaryExceptions)]) {
      expect(files).toContain(file);
    }
    for (const { file, documented } of exceptions) {
      const outcome = corpusExceptions[file]?.outcome;
      expect(documentedCodes(documented), file).not.toContain(outcome);
      expect(outcome === 'facts' && documented.startsWith('COMPLETE'), file).toBe(false);
    }
  });
});

function expectVideo(facts: InputFacts, index: number, stream: string): void {
  const track = facts.videoTracks[index];
  if (track === undefined) throw new Error(`no video track ${index}`);
  expect(`${track.widthPx}x${track.heightPx}`).toBe(/\d+x\d+/.exec(stream)?.[0]);
  if (track.isAttachedPicture) return;
  expect(track.pixelFormat).toBe(/\b(?:yuv|gray|rgb|bgr|gbr)\w+/.exec(stream)?.[0] ?? track.pixelFormat);
  expect(track.scan).toBe(interlacing[/interlaced\(\w\w\)/.exec(stream)?.[0] ?? ''] ?? 'progressive');
  expect(track.rotationDegrees).toBe((360 - Number(/rotation (-?\d+)/.exec(stream)?.[1] ?? 0)) % 360);
  expect(track.colorTransfer ?? 'none').toBe(/trc=(\S+)/.exec(stream)?.[1] ?? track.colorTransfer ?? 'none');
  const fps = /(?:^|[^(]) (\d+(?:\.\d+)?) fps/.exec(stream)?.[1];
  if (fps === undefined || track.frameRate === null) return;
  expect(track.frameRate.num / track.frameRate.den).toBeCloseTo(Number(fps), 1);
}

/** ffprobe's field orders: coded order first, display order second. */
const interlacing: Readonly<Record<string, string>> = {
  'interlaced(tt)': 'top-field-first',
  'interlaced(tb)': 'top-field-first',
  'interlaced(bb)': 'bottom-field-first',
  'interlaced(bt)': 'bottom-field-first',
};

const outcomes = new Map<string, Promise<InputFacts | JobFault>>();

/** Each file is probed once. Anything but facts or a fault fails the test that asked first. */
function probe(file: string): Promise<InputFacts | JobFault> {
  const known = outcomes.get(file);
  if (known !== undefined) return known;
  const outcome = probeFile(path.join(corpus, file)).catch((error: unknown) => {
    if (error instanceof JobFault) return error;
    throw error;
  });
  outcomes.set(file, outcome);
  return outcome;
}

function codeOf(outcome: InputFacts | JobFault): number | 'facts' {
  return outcome instanceof JobFault ? outcome.code : 'facts';
}

function describeOutcome(outcome: InputFacts | JobFault): string {
  if (outcome instanceof JobFault)
    return `${outcome.message} (${outcome.record.mediaFact ?? 'no media fact'})`;
  return `facts: ${outcome.container}`;
}

function documentedCodes(documented: string): number[] {
  const list = /^ERROR ([\d, or]+)/.exec(documented)?.[1] ?? '';
  return [...list.matchAll(/\d{4}/g)].map((match) => Number(match[0]));
}

function codecIn(stream: string): string {
  return /^[va]:(\S+)/.exec(stream)?.[1] ?? '';
}

function readManifest(): Row[] {
  const [header, ...lines] = readFileSync(path.join(corpus, 'MANIFEST.tsv'), 'utf8').trim().split('\n');
  const columns = header?.split('\t') ?? [];
  const column = (line: string, name: string) => line.split('\t')[columns.indexOf(name)] ?? '';
  return lines.map((line) => ({
    file: column(line, 'path'),
    summary: column(line, 'ffprobe_summary'),
    documented: column(line, 'documented_outcome'),
  }));
}
