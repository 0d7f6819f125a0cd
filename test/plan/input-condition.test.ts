/** What the probe found wrong with an input reaches the job, and only where a job uses it. */
import { expect, test } from 'vitest';
import { jobFault } from '../../src/catalogue/fault.ts';
import { audioTrack, hdFacts, videoTrack } from './facts-fixtures.ts';
import { errorsOf, fileGroup, h264Video, jobWith, mp4Job, mp4Output, planOf } from './plan-fixtures.ts';

const refusal = jobFault(1030, 'audio-codec', { codec: 'adpcm_ms', track: 1 }).record;
const facts = hdFacts({ audioTracks: [audioTrack({ codec: 'adpcm_ms', refusal })] });

test('a track whose codec the service does not take refuses the job that selects it', () => {
  expect(errorsOf(planOf(mp4Job(h264Video()), facts))).toEqual([
    '1030 Audio codec [adpcm_ms] for track [1] is not a supported input audio codec',
  ]);
});

test('the same track disturbs nobody who does not use it', () => {
  const { audioDescriptions: _, ...silent } = mp4Output(h264Video());
  expect(planOf(jobWith([fileGroup([silent])]), facts).plan).not.toBeNull();
});

test('a video track without one picture has no size, and is refused for that', () => {
  const refusal = jobFault(1020, 'no-usable-video', { url: 's3://in/film.mp4' }).record;
  const empty = hdFacts({ videoTracks: [videoTrack({ widthPx: 0, heightPx: 0, frameRate: null, refusal })] });
  expect(errorsOf(planOf(mp4Job(h264Video()), empty)).some((error) => error.startsWith('1020 '))).toBe(true);
});

test('warnings about the input become warnings of the job', () => {
  const cut = hdFacts({ warnings: [{ code: 220000, detail: '12 bytes of the last packet are missing' }] });
  const { findings, plan } = planOf(mp4Job(h264Video()), cut);
  expect(plan).not.toBeNull();
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      code: 220000,
      mediaFact: '12 bytes of the last packet are missing',
    }),
  );
});
