/** Encryption (spec README "400 or 1040", kinds 1 and 3; drm.md 1, 2): one changed thing, one refusal. */
import { describe, expect, it } from 'vitest';
import {
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

describe('relations of encryption', () => {
  it.each<[string, readonly Change[], string]>([
    [
      'SPEKE without a provider',
      [[`${hlsGroup}/encryption`, { encryptionMethod: 'AES128', type: 'SPEKE' }]],
      `${hlsGroup}/encryption: spekeKeyProvider is a required property`,
    ],
    [
      'two providers',
      [[`${hlsGroup}/encryption`, { type: 'STATIC_KEY', staticKeyProvider: {}, spekeKeyProvider: {} }]],
      `${hlsGroup}/encryption/spekeKeyProvider: ${dependency} | ${hlsGroup}/encryption/type: Must be SPEKE`,
    ],
    [
      'a key that is not hexadecimal',
      [
        [
          `${hlsGroup}/encryption`,
          { type: 'STATIC_KEY', staticKeyProvider: { staticKeyValue: 'g'.repeat(32) } },
        ],
      ],
      `${hlsGroup}/encryption/staticKeyProvider/staticKeyValue: Should match the pattern: /^[0-9a-fA-F]{32}$/`,
    ],
    [
      'too many DRM systems',
      [
        group(
          'MS_SMOOTH',
          { fragmentLength: 2, encryption: { spekeKeyProvider: { systemIds: ['a', 'b'] } } },
          [{ containerSettings: { container: 'ISMV' }, videoDescription: { codecSettings: h264 } }],
        ),
      ],
      '/outputGroups/0/outputGroupSettings/msSmoothGroupSettings/encryption/spekeKeyProvider/systemIds: Should have at most 1 items',
    ],
    [
      'FairPlay with AES-CTR',
      [
        group(
          'CMAF',
          {
            encryption: {
              type: 'SPEKE',
              encryptionMethod: 'AES_CTR',
              spekeKeyProvider: { hlsSignaledSystemIds: ['94CE86FB-07FF-4F43-ADB8-93D2FA968CA2'] },
            },
          },
          [
            {
              nameModifier: '_v',
              containerSettings: { container: 'CMFC' },
              videoDescription: { codecSettings: h264 },
            },
          ],
        ),
      ],
      '/outputGroups/0/outputGroupSettings/cmafGroupSettings/encryption/encryptionMethod: Should be equal to one of the allowed values in ["SAMPLE_AES"]',
    ],
    [
      'CMAF keys of no DRM system',
      [
        group(
          'CMAF',
          { encryption: { type: 'SPEKE', encryptionMethod: 'SAMPLE_AES', spekeKeyProvider: {} } },
          [
            {
              nameModifier: '_v',
              containerSettings: { container: 'CMFC' },
              videoDescription: { codecSettings: h264 },
            },
          ],
        ),
      ],
      '/outputGroups/0/outputGroupSettings/cmafGroupSettings/encryption/spekeKeyProvider: hlsSignaledSystemIds is a required property',
    ],
    [
      'protected VP9',
      [
        group('DASH_ISO', { fragmentLength: 2, encryption: { spekeKeyProvider: {} } }, [
          {
            containerSettings: { container: 'MPD' },
            videoDescription: { codecSettings: { codec: 'VP9', vp9Settings: { bitrate: 1_000_000 } } },
          },
        ]),
      ],
      `${codec}/codec: Should not be VP9 in an output group with this encryption`,
    ],
    [
      'one shared key',
      [
        [
          `${hlsGroup}/encryption`,
          {
            type: 'SPEKE',
            spekeKeyProvider: {
              encryptionContractConfiguration: {
                spekeAudioPreset: 'SHARED',
                spekeVideoPreset: 'PRESET_VIDEO_1',
              },
            },
          },
        ],
      ],
      `${hlsGroup}/encryption/spekeKeyProvider/encryptionContractConfiguration/spekeVideoPreset: Must be SHARED`,
    ],
    [
      'keys of their own for video and sound of one transport stream',
      [
        [`${output}/audioDescriptions`, audioOutput.audioDescriptions],
        [
          `${hlsGroup}/encryption`,
          {
            encryptionMethod: 'SAMPLE_AES',
            type: 'SPEKE',
            spekeKeyProvider: {
              systemIds: ['94ce86fb-07ff-4f43-adb8-93d2fa968ca2'],
              encryptionContractConfiguration: {
                spekeAudioPreset: 'UNENCRYPTED',
                spekeVideoPreset: 'PRESET_VIDEO_1',
              },
            },
          },
        ],
      ],
      `${hlsGroup}/encryption/spekeKeyProvider/encryptionContractConfiguration: Should be SHARED for both audio and video where an output has both`,
    ],
  ])('refuse %s', (_, changes, expected) => {
    expect(refusal(changes)).toBe(expected);
  });
});
