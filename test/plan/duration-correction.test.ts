/** `audioDurationCorrection` by what the table of sample times says. */
import { expect, test } from 'vitest';
import type { AudioSelector, JobSettings } from '../../src/contract/types.generated.ts';
import type { AudioTrackFacts, InputFacts } from '../../src/plan/facts.ts';
import { audioTrack, hdFacts } from './facts-fixtures.ts';
import { planOf } from './plan-fixtures.ts';

type Correction = NonNullable<AudioSelector['audioDurationCorrection']>;

const job = (audioDurationCorrection: Correction): JobSettings => ({
  inputs: [
    { fileInput: 's3://in/film.mp4', audioSelectors: { 'Audio Selector 1': { audioDurationCorrection } } },
  ],
  outputGroups: [
    {
      outputGroupSettings: {
        type: 'FILE_GROUP_SETTINGS',
        fileGroupSettings: { destination: 's3://out/film' },
      },
      outputs: [
        {
          containerSettings: { container: 'MP4' },
          audioDescriptions: [
            {
              codecSettings: {
                codec: 'AAC',
                aacSettings: { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 },
              },
            },
          ],
        },
      ],
    },
  ],
});

function planned(value: Correction, track: Partial<AudioTrackFacts>, place: Partial<InputFacts> = {}) {
  const { plan, findings } = planOf(job(value), hdFacts({ audioTracks: [audioTrack(track)], ...place }));
  return {
    correction: plan?.inputs[0]?.audio[0]?.correction ?? null,
    warnings: findings.flatMap((finding) => (finding.severity === 'warning' ? [finding.code] : [])),
  };
}

const stretched = { tableSeconds: 63, soundSeconds: 60, isEven: true };
const uneven = { ...stretched, isEven: false };
const aligned = { tableSeconds: 60.01, soundSeconds: 60, isEven: true };
const tempo = 60 / 63;

test.each<[Correction, typeof stretched, object | null]>([
  ['DISABLED', stretched, null],
  ['AUTO', stretched, { kind: 'track', tempo }],
  ['AUTO', uneven, { kind: 'frame', tempo }],
  ['AUTO', aligned, null],
  ['TRACK', uneven, { kind: 'track', tempo }],
  ['FRAME', stretched, { kind: 'frame', tempo }],
  ['FORCE', stretched, { kind: 'track', tempo }],
])('%s on %o plans %o', (value, sampleTimes, correction) => {
  expect(planned(value, { sampleTimes })).toEqual({ correction, warnings: [] });
});

test('what has no table, or one that cannot be, is told by 230002 and left as it is; FORCE asks less', () => {
  const sampleTimesFault = 'it times 9 samples of 10';
  const left = { correction: null, warnings: [230002] };
  expect(planned('AUTO', { sampleTimes: stretched, sampleTimesFault })).toEqual(left);
  expect(planned('FORCE', { sampleTimes: stretched, sampleTimesFault }).correction).not.toBeNull();
  expect(planned('FORCE', { sampleTimes: { ...stretched, tableSeconds: 600 } })).toEqual(left);
  expect(planned('AUTO', { codec: 'ac3', sampleTimes: stretched })).toEqual(left);
  expect(planned('AUTO', {}, { container: 'mpegts' })).toEqual(left);
});
