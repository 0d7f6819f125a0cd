/** Encryption settings whose manifests leave players without a key. */
import { expect, test } from 'vitest';
import type { CmafGroupSettings } from '../../src/contract/types.generated.ts';
import { h264Video, jobWith, noticesOf, planOf } from './plan-fixtures.ts';

const widevine = ['edef8ba9-79d6-4ace-a3c8-27dcd51d21ed'];
const encryption = '/outputGroups/0/outputGroupSettings/cmafGroupSettings/encryption';

function noticesOfCmaf(systems: object, changes: Partial<CmafGroupSettings> = {}): readonly string[] {
  const spekeKeyProvider = { url: 'https://keys.example.com/', resourceId: 'film', ...systems };
  const cmafGroupSettings: CmafGroupSettings = {
    destination: 's3://out/vod/clip',
    segmentLength: 6,
    fragmentLength: 2,
    encryption: { encryptionMethod: 'AES_CTR', type: 'SPEKE', spekeKeyProvider },
    ...changes,
  };
  const { plan, findings } = planOf(
    jobWith([
      {
        outputGroupSettings: { type: 'CMAF_GROUP_SETTINGS', cmafGroupSettings },
        outputs: [
          { nameModifier: '_v', containerSettings: { container: 'CMFC' }, videoDescription: h264Video() },
        ],
      },
    ]),
  );
  expect(plan).not.toBeNull();
  return noticesOf(findings).filter((notice) => notice.includes(encryption));
}

test('a manifest for which no DRM system is listed is told of, if it is written', () => {
  const [hls, dash] = ['hlsSignaledSystemIds', 'dashSignaledSystemIds'].map(
    (name) => `no-effect ${encryption}/spekeKeyProvider/${name}`,
  );
  expect(noticesOfCmaf({ hlsSignaledSystemIds: widevine, dashSignaledSystemIds: widevine })).toEqual([]);
  expect(noticesOfCmaf({ dashSignaledSystemIds: widevine })).toEqual([hls]);
  expect(noticesOfCmaf({ hlsSignaledSystemIds: widevine, dashSignaledSystemIds: [] })).toEqual([dash]);
  expect(noticesOfCmaf({ dashSignaledSystemIds: widevine }, { writeHlsManifest: 'DISABLED' })).toEqual([]);
  expect(noticesOfCmaf({ hlsSignaledSystemIds: widevine }, { writeDashManifest: 'DISABLED' })).toEqual([]);
});
