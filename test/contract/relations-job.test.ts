/** Inputs and the job as a whole, and what must not be refused: one changed thing, one answer. */
import { describe, expect, it } from 'vitest';
import {
  validatePresetRelations,
  validateRelations,
  validateTemplateRelations,
} from '../../src/contract/relations.ts';
import { formatValidationMessage } from '../../src/contract/validate.ts';
import {
  abr,
  abrEncode,
  audioOutput,
  type Change,
  captions,
  codec,
  dependency,
  file,
  group,
  h264,
  hlsGroup,
  refusal,
} from './one-change.ts';
import { changed, validSettings } from './valid-job.ts';

describe('relations of inputs and the job', () => {
  it.each<[string, readonly Change[], string]>([
    [
      'two 3D LUTs for one pair of colours',
      [
        [
          '/colorConversion3DLUTSettings',
          ['a', 'b'].map((name) => ({
            fileInput: `s3://tables/${name}.cube`,
            inputColorSpace: 'HDR10',
            outputColorSpace: 'REC_709',
          })),
        ],
      ],
      '/colorConversion3DLUTSettings/1: Should not have the same colour spaces and luminances as another 3D LUT',
    ],
    [
      'two sources',
      [['/inputs/0/videoGenerator', { duration: 1000 }]],
      '/inputs/0: Should not specify both fileInput and videoGenerator',
    ],
    [
      'a start timecode that is not there',
      [['/inputs/0/timecodeSource', 'SPECIFIEDSTART']],
      '/inputs/0: timecodeStart is a required property',
    ],
    [
      'a clip without ends',
      [['/inputs/0/inputClippings', [{}]]],
      '/inputs/0/inputClippings/0: Should match any schema defined in "anyOf"',
    ],
    [
      'clips out of order',
      [
        [
          '/inputs/0/inputClippings',
          [{ startTimecode: '00:00:10:00', endTimecode: '00:00:20:00' }, { startTimecode: '00:00:20:00' }],
        ],
      ],
      '/inputs/0/inputClippings/1/startTimecode: Should be later than the end of the clip before it [00:00:20:00]',
    ],
    [
      'a caption block of another source',
      [
        [
          '/inputs/0/captionSelectors',
          {
            'Captions 1': {
              sourceSettings: { sourceType: 'EMBEDDED', fileSourceSettings: { sourceFile: 's3://in/a.srt' } },
            },
          },
        ],
      ],
      '/inputs/0/captionSelectors/Captions 1/sourceSettings/fileSourceSettings: ' +
        `${dependency} | /inputs/0/captionSelectors/Captions 1/sourceSettings/sourceType: Should be equal to one of the allowed values in ["IMSC","SCC","SMI","SMPTE_TT","SRT","STL","TTML","WEBVTT"]`,
    ],
    [
      'an image layer twice',
      [['/inputs/0/imageInserter', { insertableImages: [{ layer: 1 }, { layer: 1 }] }]],
      '/inputs/0/imageInserter/insertableImages/1/layer: Should be unique among the images',
    ],
    [
      'a followed input that is not there',
      [['/followSource', 2]],
      '/followSource: Should be less than or equal to 1',
    ],
    [
      'a PNG sequence without a rate',
      [['/motionImageInserter', { insertionMode: 'PNG', input: 's3://in/frame000.png' }]],
      '/motionImageInserter: framerate is a required property',
    ],
    [
      'motion images of two generations',
      [
        ['/motionImageInserter', {}],
        ['/motionImageInserters', [{}]],
      ],
      'Should not specify both motionImageInserter and motionImageInserters',
    ],
    [
      'captions only',
      [
        [
          '/outputGroups',
          [
            {
              outputGroupSettings: {
                type: 'FILE_GROUP_SETTINGS',
                fileGroupSettings: { destination: 's3://out/a' },
              },
              outputs: [{ containerSettings: { container: 'RAW' }, captionDescriptions: [captions('SRT')] }],
            },
          ],
        ],
      ],
      '/outputGroups: Should have at least 1 output with video when there are captions outputs',
    ],
    [
      'frame captures only',
      [
        [
          '/outputGroups',
          [
            {
              outputGroupSettings: {
                type: 'FILE_GROUP_SETTINGS',
                fileGroupSettings: { destination: 's3://out/a' },
              },
              outputs: [
                {
                  containerSettings: { container: 'RAW' },
                  videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } },
                },
              ],
            },
          ],
        ],
      ],
      '/outputGroups: Should have at least 1 output that is not FRAME_CAPTURE',
    ],
  ])('refuse %s', (_, changes, expected) => {
    expect(refusal(changes)).toBe(expected);
  });

  it('accept a good job', () => {
    expect(refusal([])).toBe('');
  });

  it.each<[string, readonly Change[]]>([
    ['VBR with one bitrate', [[`${codec}/h264Settings`, { rateControlMode: 'VBR', bitrate: 1_000_000 }]]],
    ['H.265 without a block', [[codec, { codec: 'H_265' }]]],
    [
      'BASELINE written out',
      [
        [
          `${codec}/h264Settings`,
          {
            rateControlMode: 'QVBR',
            maxBitrate: 1_000_000,
            codecProfile: 'BASELINE',
            entropyEncoding: 'CAVLC',
            numberBFramesBetweenReferenceFrames: 0,
          },
        ],
      ],
    ],
    [
      'automated ABR without bitrates',
      [
        ['/outputGroups/0/automatedEncodingSettings', abr],
        [codec, abrEncode],
      ],
    ],
    ['an output over a preset', [[file, { preset: 'P', videoDescription: { width: 640 } }]]],
    [
      'a segment that is no multiple of the fragment',
      [
        group('DASH_ISO', { segmentLength: 15, fragmentLength: 2 }, [
          { containerSettings: { container: 'MPD' }, videoDescription: { codecSettings: h264 } },
        ]),
      ],
    ],
    ['separate HLS audio', [['/outputGroups/0/outputs/1', audioOutput]]],
    [
      'a frame capture beside video',
      [
        [
          '/outputGroups/1/outputs/1',
          {
            nameModifier: '_t',
            containerSettings: { container: 'RAW' },
            videoDescription: { codecSettings: { codec: 'FRAME_CAPTURE', frameCaptureSettings: {} } },
          },
        ],
        [`${file}/nameModifier`, '_v'],
      ],
    ],
    [
      'clips in order',
      [['/inputs/0/inputClippings', [{ endTimecode: '00:00:20:00' }, { startTimecode: '00:00:20:01' }]]],
    ],
    [
      'a selector named like a prototype member',
      [['/inputs/0/audioSelectors', { constructor: { offset: 1 } }]],
    ],
  ])('accept %s', (_, changes) => {
    expect(refusal(changes)).toBe('');
  });

  it('let a template leave destinations open', () => {
    const settings = changed(validSettings(), `${hlsGroup}/destination`, undefined);
    expect(validateTemplateRelations(settings)).toEqual([]);
    expect(validateRelations(settings)).toHaveLength(1);
  });

  it('look into a preset by itself', () => {
    const findings = validatePresetRelations({
      containerSettings: { container: 'MP4' },
      videoDescription: { codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'QVBR' } } },
    });
    expect(formatValidationMessage(findings)).toBe(
      '/videoDescription/codecSettings/h264Settings: maxBitrate is a required property',
    );
  });

  it('survive values outside every table', () => {
    const odd = changed(
      changed(validSettings(), `${codec}/codec`, 'constructor'),
      '/outputGroups/0/outputGroupSettings/type',
      'toString',
    );
    expect(() => validateRelations(odd)).not.toThrow();
  });
});
