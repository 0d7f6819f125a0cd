/** Splice points through the command line: an ESAM document, or one that says nothing. */
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { makeNumberedClip } from '../engine/numbered-media.ts';
import { readMediaPlaylist } from '../package/support/read-playlists.ts';
import { breaksDocument, signalDocument } from '../signals/support/esam-documents.ts';
import { withSignals } from '../signals/support/signal-media.ts';
import { changed, completeJob, fileOf, filesBelow, runJob } from './run-report.ts';
import { hlsSettings, mp4Settings, useData } from './tiny-jobs.ts';

let data: string;
useData((path) => {
  data = path;
});

const document = '/Esam/SignalProcessingNotification/SccXml';
const group = '/OutputGroups/0/OutputGroupSettings/HlsGroupSettings';
const passed = [0, 1, 2].map(
  (output) => `/OutputGroups/0/Outputs/${output}/ContainerSettings/M3u8Settings/Scte35Source`,
);

test('a break cuts and marks every rendition of a ladder at the same places', async () => {
  const settings = changed(hlsSettings('s3://out/signals/main'), {
    [document]: breaksDocument([[1.5, 2.5]]),
    [`${group}/AdMarkers`]: ['ELEMENTAL'],
    ...Object.fromEntries(passed.map((pointer) => [pointer, 'PASSTHROUGH'])),
  });
  const { outputGroupDetails } = await completeJob(data, settings);
  expect(outputGroupDetails[0]?.outputDetails.map(({ durationInMs }) => durationInMs)).toEqual([
    3000, 3000, 3000,
  ]);
  for (const name of ['main_180', 'main_90', 'main_audio']) {
    const playlist = await readFile(fileOf(data, `s3://out/signals/${name}.m3u8`), 'utf8');
    const lengths = readMediaPlaylist(playlist).map(({ duration }) => duration.toFixed(1));
    expect(lengths, name).toEqual(['1.0', '0.5', '0.5', '0.5', '0.5']);
    expect(playlist.match(/#EXT-X-CUE[A-Z-]*/g), name).toEqual([
      '#EXT-X-CUE-OUT',
      '#EXT-X-CUE-OUT-CONT',
      '#EXT-X-CUE-IN',
    ]);
  }
}, 180_000);

test('a document without a time ends the job with 1040 at its place, and writes nothing', async () => {
  const settings = changed(hlsSettings('s3://out/refused/main'), {
    [document]: signalDocument({ point: 'soon' }),
  });
  const { exitCode, report } = await runJob(data, settings);
  expect(exitCode).toBe(1);
  expect(report).toMatchObject({ status: 'ERROR', errorCode: 1040 });
  expect(report.errorMessage).toContain('neither seconds nor a timecode');
  expect(await filesBelow(fileOf(data, 's3://out/refused'))).toEqual([]);
}, 180_000);

test('splice_insert of an input, which no output takes along, is told at the input', async () => {
  const plain = fileOf(data, 's3://media/plain.ts');
  makeNumberedClip(plain, { frames: 150, frameRate: [25, 1], muxer: 'mpegts', audio: null });
  await writeFile(fileOf(data, 's3://media/signals.ts'), withSignals(await readFile(plain)));
  const told = async (name: string, source: 'PASSTHROUGH' | 'NONE') => {
    const settings = changed(mp4Settings(`s3://out/${name}`), {
      '/Inputs/0': { FileInput: 's3://media/signals.ts' },
      '/OutputGroups/0/Outputs/0/ContainerSettings': {
        Container: 'M2TS',
        M2tsSettings: { Scte35Source: source },
      },
      '/OutputGroups/0/Outputs/0/AudioDescriptions': [],
    });
    const { report } = await runJob(data, settings);
    expect(report.status).toBe('COMPLETE');
    return report.findings.filter(({ message }) => `${message}`.includes('splice_insert'));
  };
  expect(await told('none', 'NONE')).toEqual([]);
  expect(await told('passed', 'PASSTHROUGH')).toEqual([
    expect.objectContaining({ severity: 'notice', reason: 'left-out', pointer: '/inputs/0' }),
  ]);
}, 180_000);
