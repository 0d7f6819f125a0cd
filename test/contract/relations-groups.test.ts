/** Groups, names and automated ABR (spec README "400 or 1040", kinds 1 and 3): one changed thing, one refusal. */
import { describe, expect, it } from 'vitest';
import {
  aac,
  abr,
  abrEncode,
  audioOutput,
  type Change,
  codec,
  dependency,
  group,
  h264,
  hlsGroup,
  output,
  refusal,
} from './one-change.ts';

const kmsKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const objectEncryption = `${hlsGroup}/destinationSettings/s3Settings/encryption`;
const encrypted = (encryption: object): object => ({ s3Settings: { encryption } });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('relations of output groups', () => {
  it.each<[string, readonly Change[], string]>([
    [
      'a group type without its settings',
      [['/outputGroups/1/outputGroupSettings', { type: 'FILE_GROUP_SETTINGS' }]],
      '/outputGroups/1/outputGroupSettings: fileGroupSettings is a required property',
    ],
    [
      'settings of another group type',
      [['/outputGroups/1/outputGroupSettings/hlsGroupSettings', { destination: 's3://a/b' }]],
      `/outputGroups/1/outputGroupSettings/hlsGroupSettings: ${dependency} | /outputGroups/1/outputGroupSettings/type: Must be HLS_GROUP_SETTINGS`,
    ],
    [
      'no destination',
      [[`${hlsGroup}/destination`, undefined]],
      `${hlsGroup}: destination is a required property`,
    ],
    [
      'identifiers of single outputs in the destination that all share',
      [[`${hlsGroup}/destination`, 's3://out/$fn$/$w$x$h%04$/$dt$']],
      `${hlsGroup}/destination: Should not contain $w$, $h%04$`,
    ],
    [
      'names padded to more digits than a key has bytes',
      [['/outputGroups/0/outputs/0/nameModifier', '_$w%0300000000$']],
      '/outputGroups/0/outputs/0/nameModifier: Should pad identifiers to at most 99 digits',
    ],
    [
      'a key of the key service without its encryption',
      [
        [
          `${hlsGroup}/destinationSettings`,
          encrypted({ encryptionType: 'SERVER_SIDE_ENCRYPTION_S3', kmsKeyArn }),
        ],
      ],
      `${objectEncryption}/kmsKeyArn: ${dependency} | ${objectEncryption}/encryptionType: Must be SERVER_SIDE_ENCRYPTION_KMS`,
    ],
    [
      'an encryption context without encryption',
      [[`${hlsGroup}/destinationSettings`, encrypted({ kmsEncryptionContext: base64('{"a":"b"}') })]],
      `${objectEncryption}/kmsEncryptionContext: ${dependency} | ${objectEncryption}/encryptionType: Must be SERVER_SIDE_ENCRYPTION_KMS`,
    ],
    ...['notjson', '["a"]', '"a"', 'null', '{"a":1}', '{"a":{"b":"c"}}'].map(
      (context): [string, readonly Change[], string] => [
        `the encryption context ${context}`,
        [
          [
            `${hlsGroup}/destinationSettings`,
            encrypted({
              encryptionType: 'SERVER_SIDE_ENCRYPTION_KMS',
              kmsEncryptionContext: base64(context),
            }),
          ],
        ],
        `${objectEncryption}/kmsEncryptionContext: Should be a JSON object of strings, encoded in base64`,
      ],
    ),
    [
      'no modifier in a streaming group',
      [[`${output}/nameModifier`, undefined]],
      `${output}: nameModifier is a required property`,
    ],
    [
      'one modifier twice',
      [['/outputGroups/0/outputs/1', { ...audioOutput, nameModifier: '_720p' }]],
      '/outputGroups/0/outputs/1/nameModifier: Should be unique among the outputs of the output group',
    ],
    [
      'an additional manifest of an unknown output',
      [[`${hlsGroup}/additionalManifests`, [{ manifestNameModifier: '_small', selectedOutputs: ['_360p'] }]]],
      `${hlsGroup}/additionalManifests/0/selectedOutputs/0: Should be the nameModifier of an output of the output group`,
    ],
    [
      'an additional manifest over a child playlist',
      [[`${hlsGroup}/additionalManifests`, [{ manifestNameModifier: '_720p', selectedOutputs: ['_720p'] }]]],
      `${hlsGroup}/additionalManifests/0/manifestNameModifier: Should be different from the nameModifier of every output`,
    ],
    [
      'an additional manifest of nothing',
      [[`${hlsGroup}/additionalManifests`, [{ manifestNameModifier: '_none', selectedOutputs: [] }]]],
      `${hlsGroup}/additionalManifests/0/selectedOutputs: Should have at least 1 items`,
    ],
    [
      'an additional manifest that says nothing of outputs',
      [[`${hlsGroup}/additionalManifests`, [{ manifestNameModifier: '_none' }]]],
      `${hlsGroup}/additionalManifests/0: selectedOutputs is a required property`,
    ],
    [
      'an unknown rendition set',
      [
        [
          '/outputGroups/0/outputs/1',
          { ...audioOutput, outputSettings: { hlsSettings: { audioGroupId: 'stereo' } } },
        ],
        [`${output}/outputSettings`, { hlsSettings: { audioRenditionSets: 'stereo,surround' } }],
      ],
      `${output}/outputSettings/hlsSettings/audioRenditionSets: Should name audioGroupId of audio outputs of the output group; unknown: surround`,
    ],
    [
      'a final segment as long as a segment',
      [[`${hlsGroup}/minFinalSegmentLength`, 6]],
      `${hlsGroup}/minFinalSegmentLength: Should be less than 6`,
    ],
    [
      'a final segment as long as a segment of the default length',
      [
        [`${hlsGroup}/segmentLength`, undefined],
        [`${hlsGroup}/minFinalSegmentLength`, 10],
      ],
      `${hlsGroup}/minFinalSegmentLength: Should be less than 10`,
    ],
    [
      'caption languages without mappings',
      [[`${hlsGroup}/captionLanguageSetting`, 'INSERT']],
      `${hlsGroup}: captionLanguageMappings is a required property`,
    ],
    [
      'thumbnail settings without their mode',
      [[`${hlsGroup}/imageBasedTrickPlaySettings`, { tileWidth: 3 }]],
      `${hlsGroup}/imageBasedTrickPlaySettings: ${dependency} | ${hlsGroup}/imageBasedTrickPlay: Must be ADVANCED`,
    ],
    [
      'a thumbnail sheet too high',
      [
        [`${hlsGroup}/imageBasedTrickPlay`, 'ADVANCED'],
        [`${hlsGroup}/imageBasedTrickPlaySettings`, { thumbnailHeight: 480, tileHeight: 9 }],
      ],
      `${hlsGroup}/imageBasedTrickPlaySettings/tileHeight: Should be less than or equal to 8`,
    ],
    [
      'on-demand profile in segments',
      [
        group('DASH_ISO', { mpdProfile: 'ON_DEMAND_PROFILE', fragmentLength: 2 }, [
          { containerSettings: { container: 'MPD' }, videoDescription: { codecSettings: h264 } },
        ]),
      ],
      `/outputGroups/0/outputGroupSettings/dashIsoGroupSettings/mpdProfile: ${dependency} | /outputGroups/0/outputGroupSettings/dashIsoGroupSettings/segmentControl: Must be SINGLE_FILE`,
    ],
    [
      'a fragment longer than its segment',
      [
        group('CMAF', { segmentLength: 4, fragmentLength: 8 }, [
          {
            nameModifier: '_v',
            containerSettings: { container: 'CMFC' },
            videoDescription: { codecSettings: h264 },
          },
        ]),
      ],
      '/outputGroups/0/outputGroupSettings/cmafGroupSettings/fragmentLength: Should be less than or equal to 4',
    ],
    ...[
      { gopSize: 2, gopSizeUnits: 'SECONDS' },
      {
        gopSize: 90,
        gopSizeUnits: 'FRAMES',
        framerateControl: 'SPECIFIED',
        framerateNumerator: 50,
        framerateDenominator: 1,
      },
    ].map((gop): [string, readonly Change[], string] => [
      `a fragment that is no multiple of a GOP in ${gop.gopSizeUnits}`,
      [
        group('CMAF', { segmentLength: 6, fragmentLength: 3, segmentLengthControl: 'GOP_MULTIPLE' }, [
          {
            nameModifier: '_v',
            containerSettings: { container: 'CMFC' },
            videoDescription: {
              codecSettings: { ...h264, h264Settings: { ...h264.h264Settings, ...gop } },
            },
          },
        ]),
      ],
      '/outputGroups/0/outputGroupSettings/cmafGroupSettings/fragmentLength: Should be a multiple of the GOP length of every output with segmentLengthControl GOP_MULTIPLE',
    ]),
    [
      'HbbTV segments that are too long',
      [
        group('DASH_ISO', { hbbtvCompliance: 'HBBTV_1_5', segmentLength: 16, fragmentLength: 2 }, [
          { containerSettings: { container: 'MPD' }, videoDescription: { codecSettings: h264 } },
        ]),
      ],
      '/outputGroups/0/outputGroupSettings/dashIsoGroupSettings/segmentLength: Should be less than or equal to 15',
    ],
    [
      'HbbTV segments of the default length, which is too long',
      [
        group('DASH_ISO', { hbbtvCompliance: 'HBBTV_1_5', fragmentLength: 2 }, [
          { containerSettings: { container: 'MPD' }, videoDescription: { codecSettings: h264 } },
        ]),
      ],
      '/outputGroups/0/outputGroupSettings/dashIsoGroupSettings/segmentLength: Should be less than or equal to 15',
    ],
    [
      'more alternatives than HbbTV players choose from',
      [
        group(
          'DASH_ISO',
          { hbbtvCompliance: 'HBBTV_1_5', segmentLength: 6, fragmentLength: 2 },
          Array.from({ length: 17 }, (_, n) => ({
            nameModifier: `_${n}`,
            containerSettings: { container: 'MPD' },
            videoDescription: { codecSettings: h264 },
          })),
        ),
      ],
      '/outputGroups/0/outputs: Should have at most 16 outputs of a kind with hbbtvCompliance HBBTV_1_5',
    ],
    [
      'a padded counter in one CMAF output',
      [
        group('CMAF', { segmentLength: 6, fragmentLength: 2 }, [
          {
            nameModifier: '_$Time%09$',
            containerSettings: { container: 'CMFC' },
            videoDescription: { codecSettings: h264 },
          },
          {
            nameModifier: '_b',
            containerSettings: { container: 'CMFC' },
            videoDescription: { codecSettings: h264 },
          },
        ]),
      ],
      '/outputGroups/0/outputs/1/nameModifier: Should contain $Time$ like the other outputs of the output group',
    ],
    [
      'a counter in one DASH output',
      [
        group('DASH_ISO', { fragmentLength: 2 }, [
          {
            nameModifier: '_$Number$',
            containerSettings: { container: 'MPD' },
            videoDescription: { codecSettings: h264 },
          },
          {
            nameModifier: '_a',
            containerSettings: { container: 'MPD' },
            audioDescriptions: [{ codecSettings: aac }],
          },
        ]),
      ],
      '/outputGroups/0/outputs/1/nameModifier: Should contain $Number$ like the other outputs of the output group',
    ],
    [
      'matched segments that follow the source',
      [[`${hlsGroup}/segmentLengthControl`, 'MATCH']],
      `${codec}/h264Settings/framerateControl: Should be equal to one of the allowed values in ["SPECIFIED"]`,
    ],
    [
      'automated ABR without QVBR',
      [
        ['/outputGroups/0/automatedEncodingSettings', abr],
        [codec, { codec: 'H_264', h264Settings: { qualityTuningLevel: 'MULTI_PASS_HQ' } }],
      ],
      `${codec}/h264Settings/rateControlMode: Must be QVBR`,
    ],
    [
      'automated ABR with an inverted span',
      [
        [
          '/outputGroups/0/automatedEncodingSettings',
          { abrSettings: { minAbrBitrate: 600_000, maxAbrBitrate: 600_000 } },
        ],
        [codec, abrEncode],
      ],
      '/outputGroups/0/automatedEncodingSettings/abrSettings/minAbrBitrate: Should be less than 600000',
    ],
    [
      'a rule without its size',
      [
        [
          '/outputGroups/0/automatedEncodingSettings',
          { abrSettings: { rules: [{ type: 'MIN_TOP_RENDITION_SIZE' }] } },
        ],
        [codec, abrEncode],
      ],
      '/outputGroups/0/automatedEncodingSettings/abrSettings/rules/0: minTopRenditionSize is a required property',
    ],
    [
      'a top size above the base output',
      [
        [
          '/outputGroups/0/automatedEncodingSettings',
          {
            abrSettings: {
              rules: [{ type: 'MIN_TOP_RENDITION_SIZE', minTopRenditionSize: { width: 1920, height: 1080 } }],
            },
          },
        ],
        [codec, abrEncode],
      ],
      '/outputGroups/0/automatedEncodingSettings/abrSettings/rules/0/minTopRenditionSize: Should not be larger than the base output',
    ],
  ])('refuse %s', (_, changes, expected) => {
    expect(refusal(changes)).toBe(expected);
  });

  it('take a key of the key service with a context, and identifiers of the whole job', () => {
    const kmsEncryptionContext = base64('{"department":"news","show":"Abendschau ä"}');
    const encryption = { encryptionType: 'SERVER_SIDE_ENCRYPTION_KMS', kmsKeyArn, kmsEncryptionContext };
    expect(
      refusal([
        [`${hlsGroup}/destination`, 's3://out/$fn$/$dt$_$d$_$t$/$$w/$unknown$'],
        [`${hlsGroup}/destinationSettings`, encrypted(encryption)],
      ]),
    ).toBe('');
  });
});
