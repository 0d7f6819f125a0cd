/** Rules of content protection inside one encryption object and its provider (spec drm.md 1–6). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type {
  CmafEncryptionSettings,
  DashIsoEncryptionSettings,
  EncryptionContractConfiguration,
  HlsEncryptionSettings,
  MsSmoothEncryptionSettings,
  SpekeKeyProvider,
  StaticKeyProvider,
} from '../types.generated.ts';
import { fairPlaySystemId, maxSystemIds } from './encryption.table.ts';
import { refuse, refuseMissing, refuseValue, type StructureRules } from './rule.ts';

/** Encryption rules. */
export const encryptionRules: StructureRules = {
  HlsEncryptionSettings: [(settings, pointer) => systemCount(settings, pointer, maxSystemIds.HLS)],
  DashIsoEncryptionSettings: [(settings, pointer) => systemCount(settings, pointer, maxSystemIds.DASH_ISO)],
  MsSmoothEncryptionSettings: [(settings, pointer) => systemCount(settings, pointer, maxSystemIds.MS_SMOOTH)],
  CmafEncryptionSettings: [oneClearLead, fairPlayScheme, signaledSystems],
  StaticKeyProvider: [hexKey],
  EncryptionContractConfiguration: [sharedKeys],
};

type SpekeSettings = HlsEncryptionSettings | DashIsoEncryptionSettings | MsSmoothEncryptionSettings;

function systemCount(settings: SpekeSettings, pointer: string, limit: number): ErrorFinding[] {
  const provider: SpekeKeyProvider | undefined = settings.spekeKeyProvider;
  if ((provider?.systemIds ?? []).length <= limit) return [];
  const at = `${pointer}/spekeKeyProvider/systemIds`;
  return [
    refuse(
      at,
      `Should have at most ${limit} items`,
      `Name at most ${limit} DRM systems.`,
      `at most ${limit}`,
    ),
  ];
}

/** One list may be left out: a group can be meant for players of the other kind of manifest. */
function signaledSystems({ spekeKeyProvider }: CmafEncryptionSettings, pointer: string): ErrorFinding[] {
  if (spekeKeyProvider === undefined) return [];
  const { dashSignaledSystemIds = [], hlsSignaledSystemIds = [] } = spekeKeyProvider;
  if (dashSignaledSystemIds.length + hlsSignaledSystemIds.length > 0) return [];
  const remedy = 'Add hlsSignaledSystemIds for playlists, dashSignaledSystemIds for the MPD, or both.';
  return [refuseMissing(`${pointer}/spekeKeyProvider`, 'hlsSignaledSystemIds', remedy)];
}

function oneClearLead(settings: CmafEncryptionSettings, pointer: string): ErrorFinding[] {
  if (settings.clearLead === undefined || settings.clearLeadSegments === undefined) return [];
  return [
    refuse(pointer, 'Should not specify both clearLead and clearLeadSegments', 'Keep clearLeadSegments.'),
  ];
}

/** FairPlay decrypts cbcs only, which is SAMPLE_AES. */
function fairPlayScheme(settings: CmafEncryptionSettings, pointer: string): ErrorFinding[] {
  const ids = settings.spekeKeyProvider?.hlsSignaledSystemIds ?? [];
  if (settings.encryptionMethod !== 'AES_CTR' || !ids.some((id) => id.toLowerCase() === fairPlaySystemId))
    return [];
  return [
    refuseValue(
      `${pointer}/encryptionMethod`,
      ['SAMPLE_AES'],
      'FairPlay needs SAMPLE_AES; or do not signal FairPlay.',
    ),
  ];
}

/** The model's pattern admits any letter; a key is 16 bytes in hexadecimal. */
function hexKey({ staticKeyValue }: StaticKeyProvider, pointer: string): ErrorFinding[] {
  if (
    staticKeyValue === undefined ||
    staticKeyValue.length !== 32 ||
    /^[0-9a-fA-F]{32}$/.test(staticKeyValue)
  )
    return [];
  const message = 'Should match the pattern: /^[0-9a-fA-F]{32}$/';
  return [refuse(`${pointer}/staticKeyValue`, message, 'Write the 16-byte key as 32 hexadecimal digits.')];
}

/** SPEKE 2: both presets; SHARED on both sides or on none; at most one side clear. */
function sharedKeys(
  { spekeAudioPreset: audio, spekeVideoPreset: video }: EncryptionContractConfiguration,
  pointer: string,
): ErrorFinding[] {
  if (audio === undefined) return [refuseMissing(pointer, 'spekeAudioPreset')];
  if (video === undefined) return [refuseMissing(pointer, 'spekeVideoPreset')];
  if ((audio === 'SHARED') !== (video === 'SHARED')) {
    const name = audio === 'SHARED' ? 'spekeVideoPreset' : 'spekeAudioPreset';
    return [refuse(`${pointer}/${name}`, 'Must be SHARED', 'Use SHARED on both sides or on none.', 'SHARED')];
  }
  if (audio === 'UNENCRYPTED' && video === 'UNENCRYPTED') {
    return [
      refuse(
        pointer,
        'Should not be UNENCRYPTED for both audio and video',
        'Encrypt one side, or remove the encryption.',
      ),
    ];
  }
  return [];
}
