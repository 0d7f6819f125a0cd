/** Inputs whose sound is not alike: what is encoded, and what is silent and says so. */
import { describe, expect, test } from 'vitest';
import type { AudioDescription, Input, JobSettings } from '../../src/contract/types.generated.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { audioTrack, hdFacts } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  jobWith,
  mp4Output,
  mustPlan,
  planOf,
  stereo,
} from './plan-fixtures.ts';

type Sound = Pick<Input, 'audioSelectors' | 'audioSelectorGroups' | 'dynamicAudioSelectors'>;

const surround = audioTrack({ channels: 6, channelLayout: '5.1' });
const mono = audioTrack({ channels: 1, channelLayout: 'mono' });
const fileOf = (name: string, ...audioTracks: readonly InputFacts['audioTracks'][number][]): InputFacts =>
  hdFacts({ location: `s3://in/${name}.mp4`, audioTracks });

function jobOf(
  description: Partial<AudioDescription>,
  inputs: Readonly<Record<string, Sound>>,
  hasVideo = true,
): JobSettings {
  const audioDescriptions = [{ ...stereo, ...description }];
  const output = hasVideo
    ? mp4Output(h264Video(), { audioDescriptions })
    : ({ containerSettings: { container: 'MP4' }, audioDescriptions } as const);
  return {
    ...jobWith([fileGroup([output])]),
    inputs: Object.entries(inputs).map(([name, sound]) => ({ fileInput: `s3://in/${name}.mp4`, ...sound })),
  };
}

describe('coding modes that follow the source', () => {
  const selectors = { audioSelectors: { 'Audio Selector 1': {} } };
  const inputs = { first: selectors, second: selectors };
  const planned = (description: Partial<AudioDescription>, facts: readonly InputFacts[]) => {
    const [first] = facts;
    return mustPlan(jobOf(description, inputs), first, { facts }).audioRenditions[0];
  };

  test.each([
    [
      'AAC',
      384000,
      { codec: 'AAC', aacSettings: { codingMode: 'CODING_MODE_AUTO', bitrate: 384000, sampleRate: 48000 } },
    ],
    ['AC3', 448000, { codec: 'AC3', ac3Settings: { codingMode: 'CODING_MODE_AUTO', bitrate: 448000 } }],
  ] as const)(
    '%s takes mode and rate from the first input, and mono of the second into its centre',
    (_, rate, codecSettings) => {
      const rendition = planned({ codecSettings }, [fileOf('first', surround), fileOf('second', mono)]);
      expect(rendition?.encoder.bitrateBps).toBe(rate);
      expect(rendition?.otherInputs?.[0]?.filters[0]?.options['args']).toMatch(
        /^5\.1(\(side\))?\|c0=0\*c0\|c1=0\*c0\|c2=0\.99999999\*c0\|c3=0\*c0\|c4=0\*c0\|c5=0\*c0$/,
      );
    },
  );
});

describe('parts that are silent', () => {
  const facts = (tracks = [surround]) => [fileOf('first', ...tracks), fileOf('second', surround)] as const;
  const told = (job: JobSettings, files: readonly InputFacts[]) =>
    planOf(job, files[0], { facts: files }).findings.flatMap((finding) =>
      finding.severity === 'notice' && /silent|are left out/.test(finding.message) ? [finding.message] : [],
    );

  test('an input that has sound and neither the name nor a default is told', () => {
    const first = { audioSelectors: { Film: {} } };
    const second = { audioSelectors: { Trailer: {} } };
    const job = jobOf({ audioSourceName: 'Film' }, { first, second });
    expect(told(job, facts())).toEqual([
      expect.stringContaining(
        'input 2 has no audio selector named "Film" (it has "Trailer") and no default one: its part is silent',
      ),
    ]);
    const isDefault = { audioSelectors: { Trailer: { defaultSelection: 'DEFAULT' } } } as const;
    expect(told(jobOf({ audioSourceName: 'Film' }, { first, second: isDefault }), facts())).toEqual([]);
    const mute = [fileOf('first', surround), fileOf('second')];
    expect(told(jobOf({ audioSourceName: 'Film' }, { first, second: {} }), mute)).toEqual([]);
  });

  test('a description without a name, in a job of other names, is told', () => {
    const { audioSourceName: _, ...unnamed } = stereo;
    const output = mp4Output(h264Video(), { audioDescriptions: [unnamed] });
    const job = {
      ...jobWith([fileGroup([output])]),
      inputs: [{ fileInput: 's3://in/first.mp4', audioSelectors: { Film: {} } }],
    };
    expect(told(job, [facts()[0]])).toEqual([expect.stringContaining('input 1 has no audio selector named')]);
  });

  test('groups of unlike size are told', () => {
    const group = (...audioSelectorNames: string[]): Sound => ({
      audioSelectors: { A: {}, B: {} },
      audioSelectorGroups: { G: { audioSelectorNames } },
    });
    const words = (first: Sound, second: Sound) =>
      told(jobOf({ audioSourceName: 'G' }, { first, second }), facts());
    expect(words(group('A', 'B'), group('A'))).toEqual([
      expect.stringContaining('"G" is 2 tracks in input 1 and 1 in input 2: the others are silent there'),
    ]);
    expect(words(group('A'), group('A', 'B'))).toEqual([
      expect.stringContaining('1 tracks in input 1 and 2 in input 2: those it has beyond are left out'),
    ]);
    expect(words(group('A'), group('B'))).toEqual([]);
  });
});

describe('a dynamic selector that finds nothing', () => {
  const sound: Sound = {
    dynamicAudioSelectors: { D: { selectorType: 'LANGUAGE_CODE', languageCode: 'JPN' } },
  };
  const file = fileOf('first', { ...surround, language: 'deu' });

  test('is told with the languages there are', () => {
    const result = planOf(jobOf({ audioSourceName: 'D' }, { first: sound }), file);
    expect(errorsOf(result)).toEqual([]);
    expect(result.findings).toContainEqual(
      expect.objectContaining({
        reason: 'left-out',
        pointer: '/inputs/0/dynamicAudioSelectors/D/languageCode',
        message:
          'no audio track of the input has the language jpn (they have deu), so the selector gives none',
      }),
    );
  });

  test('is refused in one input where another finds more, and told where that has another selector of the name', () => {
    const files = [file, fileOf('second', { ...surround, language: 'jpn' })];
    const withSecond = (second: Sound) =>
      planOf(jobOf({ audioSourceName: 'D' }, { first: sound, second }), file, { facts: files });
    expect(errorsOf(withSecond(sound)).join()).toContain('input 1 has none, input 2 has 1 with 6 channels');
    const lost = withSecond({ audioSelectors: { D: {} } });
    expect(errorsOf(lost)).toEqual([]);
    expect(lost.findings).toContainEqual(
      expect.objectContaining({
        reason: 'left-out',
        message: expect.stringContaining('"D" is 0 tracks in input 1 and 1 in input 2: those it has beyond'),
      }),
    );
  });

  test('is refused where the output has nothing else', () => {
    const result = planOf(jobOf({ audioSourceName: 'D' }, { first: sound }, false), file);
    expect(errorsOf(result).join()).toContain(
      '"D" finds no audio track in the first input, and the output has neither pictures nor other sound',
    );
  });
});
