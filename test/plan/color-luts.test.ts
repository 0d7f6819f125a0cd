/** Which conversions are made with a 3D LUT: the input's space decides, by whatever names its colours go (spec overlays.md 7.1). */
import { describe, expect, it } from 'vitest';
import type { ColorSpace, ColorSpaceConversion, JobSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import { tellUnusedLuts } from '../../src/plan/color-luts.ts';
import type { VideoTrackFacts } from '../../src/plan/facts.ts';
import { createFindingLog } from '../../src/plan/finding-log.ts';
import { lutLocations, planLutLocations, withLutFiles } from '../../src/plan/plan-luts.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  fileGroup,
  h264Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  noticesOf,
  planOf,
} from './plan-fixtures.ts';

/** One output of each number of lines. */
function jobOf(
  inputColorSpace: ColorSpace,
  colorSpaceConversion: ColorSpaceConversion,
  outputColorSpace: ColorSpace,
  lines: readonly number[] = [576],
): JobSettings {
  const outputs = lines.map((height) => {
    const size = { width: 640, height };
    const videoPreprocessors = { colorCorrector: { colorSpaceConversion } };
    return mp4Output({ ...h264Video(), ...size, videoPreprocessors }, { nameModifier: `_${height}` });
  });
  return {
    ...jobWith([fileGroup(outputs)]),
    colorConversion3DLUTSettings: [{ fileInput: 's3://in/look.cube', inputColorSpace, outputColorSpace }],
  };
}

const tagged = (
  colorPrimaries: string | null,
  colorTransfer: string | null,
  colorMatrix: string | null,
): VideoTrackFacts => {
  const pal = { widthPx: 720, heightPx: 576, frameRate: rational(25) };
  return videoTrack({ ...pal, colorPrimaries, colorTransfer, colorMatrix });
};

/** Whether each output has the table. */
const usesTable = (settings: JobSettings, track: VideoTrackFacts): readonly boolean[] =>
  mustPlan(settings, hdFacts({ videoTracks: [track] })).videoRenditions.map(({ filters }) =>
    filters.some(({ name }) => name === 'lut3d'),
  );

describe('a table from REC_601 is used for', () => {
  it('an untagged input of standard definition, in outputs of any number of lines', () => {
    const settings = jobOf('REC_601', 'FORCE_709', 'REC_709', [576, 480, 1080]);
    expect(usesTable(settings, tagged(null, null, null))).toEqual([true, true, true]);
  });

  it.each([
    ['bt470bg', 'smpte170m', 'bt470bg'],
    ['bt470bg', 'bt709', 'smpte170m'],
    ['smpte170m', 'bt709', 'smpte170m'],
  ])('an input of %s, %s, %s, as PAL and NTSC come', (...tags) => {
    expect(usesTable(jobOf('REC_601', 'FORCE_709', 'REC_709', [480]), tagged(...tags))).toEqual([true]);
  });

  it('no input of another space, which a notice tells', () => {
    const settings = jobOf('REC_601', 'FORCE_709', 'REC_709');
    const facts = hdFacts({ videoTracks: [tagged('bt2020', 'bt709', 'bt2020nc')] });
    expect(usesTable(settings, facts.videoTracks[0] as VideoTrackFacts)).toEqual([false]);
    expect(noticesOf(planOf(settings, facts).findings)).toContain(
      'no-effect /colorConversion3DLUTSettings/0/fileInput',
    );
  });
});

it('a table from REC_709 is used for its curve under another name, and a used one has no notice', () => {
  const settings = jobOf('REC_709', 'FORCE_601', 'REC_601');
  const facts = hdFacts({ videoTracks: [tagged('bt709', 'smpte170m', 'bt709')] });
  expect(usesTable(settings, facts.videoTracks[0] as VideoTrackFacts)).toEqual([true]);
  expect(noticesOf(planOf(settings, facts).findings)).not.toContain(
    'no-effect /colorConversion3DLUTSettings/0/fileInput',
  );
  expect(usesTable(settings, tagged('bt470bg', 'smpte170m', 'bt470bg'))).toEqual([false]);
});

it('copies take the place of tables wherever a plan reads them: filters, those of other inputs, graphics', () => {
  const through = (file: string) => [
    { name: 'lut3d', options: { file, interp: 'tetrahedral' } },
    { name: 'movie', options: { file } },
  ];
  const plain = mustPlan(mp4Job(h264Video()));
  const [rendition] = plain.videoRenditions;
  if (rendition === undefined) throw new Error('the plan has no rendition');
  const other = { inputIndex: 1, preparation: null, filters: through('s3://in/b'), dropCaptions: true };
  const blanking = {
    avails: [],
    imageLocation: null,
    steps: { v: through('s3://in/c'), w: through('s3://in/a') },
  };
  const plan = {
    ...plain,
    videoRenditions: [{ ...rendition, filters: through('s3://in/a'), otherInputs: [other] }, rendition],
    signals: { ...plain.signals, blanking },
  } as unknown as typeof plain;
  const locations = planLutLocations(plan);
  expect(locations).toEqual(['s3://in/a', 's3://in/b', 's3://in/c', 's3://in/a']);
  const local = withLutFiles(
    plan,
    new Map(locations.map((location) => [location, `/tmp/${location.at(-1)}`])),
  );
  expect(planLutLocations(local)).toEqual(['/tmp/a', '/tmp/b', '/tmp/c', '/tmp/a']);
  // Nothing else of the plan changes, nor steps that are no tables.
  const back = withLutFiles(
    local,
    new Map(locations.map((location) => [`/tmp/${location.at(-1)}`, location])),
  );
  expect(back).toEqual(plan);
});

it('a table that graphics alone go through has no notice', () => {
  const lut = { pointer: '/t', input: null, output: null, inputLuminance: null, outputLuminance: null };
  const location = 's3://in/table.cube';
  const told = (graphics: Parameters<typeof lutLocations>[1]) => {
    const findings = createFindingLog();
    tellUnusedLuts([{ ...lut, location }], lutLocations([], graphics), findings);
    return findings.findings.length;
  };
  expect(told([])).toBe(1);
  expect(told([[{ name: 'lut3d', options: { file: location } }]])).toBe(0);
});
