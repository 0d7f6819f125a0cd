/**
 * The documented conflicts between settings and input, one row each: what is asked, of which medium, and the exact
 * text and place the job gets. Every message of error 1040 that planning decides has its row.
 */
import { describe, expect, test } from 'vitest';
import { jobErrorEntry } from '../../src/catalogue/codes.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import { fileGroup, h264Video, jobWith, mp4Job, mp4Output, planOf, stereo } from './plan-fixtures.ts';

interface Row {
  readonly asked: string;
  /** Message template of the catalogue. */
  readonly template: string;
  readonly settings: JobSettings;
  readonly facts?: InputFacts;
  readonly message: string;
  readonly pointer: string;
  /** What is told of the medium, when the medium decides. */
  readonly mediaFact?: RegExp;
}

const output = '/outputGroups/0/outputs/0';
const video = `${output}/videoDescription`;
const soundOnly = hdFacts({ videoTracks: [] });
const small = { width: 640, height: 360 };
const rate = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
const input = {
  fileInput: 's3://in/film.mp4',
  audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } },
} as const;

const rows: readonly Row[] = [
  {
    asked: 'black video of no size for sound without pictures',
    template: 'no-resolution',
    settings: mp4Job(h264Video(rate)),
    facts: soundOnly,
    message:
      'You did not specify resolution for Video description [1] and there is no input resolution to follow.',
    pointer: video,
  },
  {
    asked: 'black video of no rate for sound without pictures',
    template: 'no-framerate',
    settings: mp4Job(h264Video({}, small)),
    facts: soundOnly,
    message:
      'You did not specify framerate for Video description [1] and there is no input framerate to follow.',
    pointer: video,
  },
  {
    asked: 'a rate that follows a source that does not tell its rate',
    template: 'no-framerate-in-stream',
    settings: mp4Job(h264Video()),
    facts: hdFacts({ videoTracks: [videoTrack({ frameRate: null })] }),
    message: 'Frame rate is set to follow, but there is no frame rate information in the input stream info',
    pointer: `${video}/codecSettings/h264Settings`,
  },
  {
    asked: 'an audio track the container does not have',
    template: 'audio-track-missing',
    settings: jobWith([fileGroup([mp4Output(h264Video())])], {
      inputs: [{ ...input, audioSelectors: { 'Audio Selector 1': { tracks: [3] } } }],
    }),
    message:
      'Invalid audio track specified for audio_selector [1]. Audio track [3] not found in input container.',
    pointer: '/inputs/0/audioSelectors/Audio Selector 1/tracks',
    mediaFact: /1 audio track/,
  },
  {
    asked: 'sound of a silent film',
    template: 'audio-track-missing',
    settings: mp4Job(h264Video()),
    facts: hdFacts({ audioTracks: [] }),
    message:
      'Invalid audio track specified for audio_selector [1]. Audio track [1] not found in input container.',
    pointer: '/inputs/0/audioSelectors/Audio Selector 1/tracks',
    mediaFact: /no audio track/,
  },
  {
    asked: 'sound by the name of no selector',
    template: 'selector-missing',
    // Without a default selection that would take its place.
    settings: jobWith(
      [
        fileGroup([
          mp4Output(h264Video(), { audioDescriptions: [{ ...stereo, audioSourceName: 'Surround' }] }),
        ]),
      ],
      { inputs: [{ ...input, audioSelectors: { Stereo: { tracks: [1] } } }] },
    ),
    message: 'Invalid selector_sequence_id [0] specified for audio_description [1].',
    pointer: `${output}/audioDescriptions/0/audioSourceName`,
  },
  {
    asked: 'a size that follows an odd source',
    template: 'odd-resolution',
    settings: mp4Job(h264Video()),
    facts: hdFacts({ videoTracks: [videoTrack({ widthPx: 912, heightPx: 513 })] }),
    message: 'Invalid resolution [912 x 513], only even values are supported. video_description [1].',
    pointer: video,
    mediaFact: /912/,
  },
  {
    asked: 'a position outside the output',
    template: 'position-outside',
    settings: mp4Job(h264Video({}, { ...small, position: { x: 600, y: 0, width: 100, height: 360 } })),
    message:
      'Position rectangle [100,360,600,0] lies outside output resolution [640x360] for video_description [1].',
    pointer: `${video}/position`,
  },
  {
    asked: 'a crop outside the input',
    template: 'crop-outside',
    settings: jobWith([fileGroup([mp4Output(h264Video())])], {
      inputs: [{ ...input, crop: { x: 0, y: 0, width: 4000, height: 2000 } }],
    }),
    message: 'Crop rectangle [4000,2000,0,0] lies outside input resolution [1920x1080] for input [1].',
    pointer: '/inputs/0/crop',
  },
  {
    asked: 'an output in the place of the input',
    template: 'input-equals-output',
    settings: jobWith([fileGroup([mp4Output(h264Video())], 's3://in/film')]),
    message: 'Duplicate input and output path [s3://in/film.mp4] found in job.',
    pointer: output,
  },
  {
    asked: 'two outputs in one place',
    template: 'duplicate-output',
    settings: jobWith([
      fileGroup([
        mp4Output(h264Video({}, small), { nameModifier: '_640' }),
        mp4Output(h264Video({}, small), { nameModifier: '_$w$' }),
      ]),
    ]),
    message: 'Duplicate output paths [s3://out/folder/film_640.mp4] found in input job.',
    pointer: '/outputGroups/0/outputs/1',
  },
  {
    asked: 'a level too low for the rate that follows the source',
    template: 'level-framerate',
    settings: mp4Job(h264Video({ bitrate: 64_000, codecLevel: 'LEVEL_1' }, { width: 160, height: 90 })),
    facts: hdFacts({ videoTracks: [videoTrack({ frameRate: rational(60) })] }),
    message:
      'Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected framerate or resolution.]',
    pointer: `${video}/codecSettings/h264Settings/codecLevel`,
  },
  {
    asked: 'a level too low for the size that follows the source',
    template: 'level-resolution',
    settings: mp4Job(h264Video({ bitrate: 64_000, codecLevel: 'LEVEL_1' })),
    message:
      'Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected resolution.]',
    pointer: `${video}/codecSettings/h264Settings/codecLevel`,
  },
  {
    asked: 'a buffer too large for the level',
    template: 'level-buffer',
    settings: mp4Job(h264Video({ codecLevel: 'LEVEL_4', hrdBufferSize: 1_000_000_000 })),
    message:
      'Error initializing encoder for video target [1] [initialization failed: Invalid level specified for the selected buffer size.]',
    pointer: `${video}/codecSettings/h264Settings/hrdBufferSize`,
  },
];

describe('the service refuses', () => {
  test.each(rows.map((row) => [row.asked, row] as const))('%s', (_, row) => {
    const { plan, findings } = planOf(row.settings, row.facts);
    expect(plan).toBeNull();
    const errors = findings.filter((finding) => finding.severity === 'error');
    const found = errors.find(({ template }) => template === row.template);
    expect(found, JSON.stringify(errors, null, 1)).toMatchObject({ code: 1040, pointer: row.pointer });
    expect(found?.message).toContain(row.message);
    if (row.mediaFact !== undefined) expect(found?.mediaFact).toMatch(row.mediaFact);
  });
});

/** Not decided by planning, or decided by a feature that is not built. */
const elsewhere: Readonly<Record<string, string>> = {
  'avc-intra-point': 'AVC-Intra is not encoded',
  'encoder-refused': 'the encoder refuses: test/engine/hostile-inputs.test.ts',
  'audio-encoder-refused': 'the encoder refuses: test/engine/hostile-inputs.test.ts',
  'not-supported': 'every refusal of docs/coverage/settings.json',
  incompatible: 'relations of the document: test/contract',
};

test('every message of 1040 has its row, or its reason', () => {
  const covered = [...new Set(rows.map(({ template }) => template)), ...Object.keys(elsewhere)];
  expect(covered.sort()).toEqual(Object.keys(jobErrorEntry(1040).templates).sort());
});
