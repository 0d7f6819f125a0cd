/** Encryption settings of streaming groups (spec drm.md 1, 2). Key values are never read here: a plan is printed. */
import { createHash } from 'node:crypto';
import type {
  CmafEncryptionSettings,
  DashIsoEncryptionSettings,
  HlsEncryptionSettings,
  MsSmoothEncryptionSettings,
  SpekeKeyProvider,
  SpekeKeyProviderCmaf,
  StaticKeyProvider,
} from '../contract/types.generated.ts';
import type { EncryptionPlan, KeyProviderPlan } from './encryption-plan.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Manifests of a CMAF group. */
export interface WrittenManifests {
  readonly writesPlaylists: boolean;
  readonly writesMpd: boolean;
}

/** Reads the encryption of a CMAF group; null when there is none. */
export function readCmafEncryption(
  settings: SettingsReader<CmafEncryptionSettings>,
  written: WrittenManifests,
  findings: FindingLog,
): EncryptionPlan | null {
  if (!settings.isPresent) return null;
  const method = settings.require('encryptionMethod');
  const provider = readProvider(settings, (speke) => readCmafSpeke(speke, written, findings), findings);
  if (method === null || provider === null) return null;
  const lead = settings.read('clearLead') === 'ENABLED' ? 1 : 0;
  return {
    scheme: method === 'AES_CTR' ? 'cenc' : 'cbcs',
    constantIv: settings.read('constantInitializationVector')?.toLowerCase() ?? null,
    isIvInManifest: settings.read('initializationVectorInManifest') === 'INCLUDE',
    hasSessionKey: false,
    clearSegments: settings.read('clearLeadSegments') ?? lead,
    provider,
  };
}

/** Reads the encryption of a DASH group, which is always cenc with keys from a server. */
export function readDashEncryption(
  settings: SettingsReader<DashIsoEncryptionSettings>,
  findings: FindingLog,
): EncryptionPlan | null {
  if (!settings.isPresent) return null;
  settings.withoutEffect(
    'playbackDeviceCompatibility',
    'slice headers and SEI are always clear and delimiters left out, which all of its values allow',
    ['CENC_V1', 'UNENCRYPTED_SEI', 'CENC_V1_UNENCRYPTED_HEADERS'],
  );
  const speke = settings.child('spekeKeyProvider');
  if (!speke.isPresent) {
    findings.incompatible(settings.at('spekeKeyProvider'), 'DASH groups take their keys from a key server');
    return null;
  }
  return { ...serverKeys, provider: readSpeke(speke, 'dash') };
}

/** PlayReady, the one system of Smooth Streaming (spec drm.md 2). */
const playReadySystemId = '9a04f079-9840-4286-ab92-e65be0885f95';

/** Reads the encryption of a Smooth group: cenc, with keys for PlayReady from a server. */
export function readSmoothEncryption(
  settings: SettingsReader<MsSmoothEncryptionSettings>,
  findings: FindingLog,
): EncryptionPlan | null {
  if (!settings.isPresent) return null;
  const speke = settings.child('spekeKeyProvider');
  if (!speke.isPresent) {
    findings.incompatible(settings.at('spekeKeyProvider'), 'Smooth groups take their keys from a key server');
    return null;
  }
  const provider = readSpeke(speke, 'smooth');
  const other = speke.read('systemIds')?.find((id) => id.toLowerCase() !== playReadySystemId);
  if (other !== undefined)
    findings.notSupported(speke.at('systemIds'), other, 'Smooth Streaming is protected by PlayReady alone');
  return { ...serverKeys, provider };
}

/** Sample by sample in counter mode, signalled as the key server says. */
const serverKeys = {
  scheme: 'cenc',
  constantIv: null,
  isIvInManifest: false,
  hasSessionKey: false,
  clearSegments: 0,
} as const;

/** Reads the encryption of an HLS group of transport streams and packed audio. */
export function readHlsEncryption(
  settings: SettingsReader<HlsEncryptionSettings>,
  findings: FindingLog,
): EncryptionPlan | null {
  if (!settings.isPresent) return null;
  const method = settings.read('encryptionMethod');
  if (method === undefined) {
    settings.withoutEffect('type', 'no encryptionMethod is set');
    settings.withoutEffect('staticKeyProvider', 'no encryptionMethod is set');
    settings.withoutEffect('spekeKeyProvider', 'no encryptionMethod is set');
    return null;
  }
  const provider = readProvider(settings, (speke) => readSpeke(speke, 'hls'), findings);
  if (provider === null) return null;
  const constantIv = settings.read('constantInitializationVector')?.toLowerCase() ?? null;
  const isExcluded = settings.read('initializationVectorInManifest') === 'EXCLUDE';
  const isSampled = method === 'SAMPLE_AES';
  return {
    scheme: isSampled ? 'sample-aes' : 'aes-128',
    constantIv,
    // Samples have one IV, which is made where the job gives none: then players must be told.
    isIvInManifest: constantIv === null ? isSampled : !isExcluded,
    hasSessionKey: settings.read('offlineEncrypted') === 'ENABLED',
    clearSegments: 0,
    provider,
  };
}

interface ProviderSettings<Speke extends object> {
  readonly type?: 'SPEKE' | 'STATIC_KEY' | undefined;
  readonly spekeKeyProvider?: Speke | undefined;
  readonly staticKeyProvider?: StaticKeyProvider | undefined;
}

function readProvider<Speke extends object>(
  settings: SettingsReader<ProviderSettings<Speke>>,
  readKeyServer: (speke: SettingsReader<Speke>) => KeyProviderPlan,
  findings: FindingLog,
): KeyProviderPlan | null {
  const type = settings.require('type');
  const speke = settings.child('spekeKeyProvider' as never) as unknown as SettingsReader<Speke>;
  const fixed = settings.child('staticKeyProvider' as never) as unknown as SettingsReader<StaticKeyProvider>;
  const isSpeke = type === 'SPEKE';
  const chosen = isSpeke ? speke : fixed;
  const other = isSpeke ? 'staticKeyProvider' : 'spekeKeyProvider';
  settings.withoutEffect(other, `the key provider is ${type}`);
  if (type === null) return null;
  if (!chosen.isPresent) {
    findings.incompatible(chosen.pointer, `${type} needs it`);
    return null;
  }
  return isSpeke ? readKeyServer(speke) : readStatic(fixed);
}

function readStatic(settings: SettingsReader<StaticKeyProvider>): KeyProviderPlan {
  // The value itself is looked up by whoever makes the keys: a plan is printed and stored.
  const value = settings.require('staticKeyValue') ?? '';
  return {
    kind: 'static',
    pointer: settings.at('staticKeyValue'),
    fingerprint: createHash('sha256').update(value.toLowerCase()).digest('hex').slice(0, 8),
    url: settings.read('url') ?? '',
    keyFormat: settings.read('keyFormat') ?? null,
    keyFormatVersions: settings.read('keyFormatVersions') ?? null,
  };
}

function readSpeke(
  settings: SettingsReader<SpekeKeyProvider>,
  use: 'hls' | 'dash' | 'smooth',
): KeyProviderPlan {
  const systemIds = (settings.read('systemIds') ?? []).map((id) => id.toLowerCase());
  return {
    ...readServer(settings),
    hlsSystemIds: use === 'hls' ? systemIds : [],
    dashSystemIds: use === 'dash' ? systemIds : [],
    smoothSystemIds: use === 'smooth' ? [playReadySystemId] : [],
  };
}

function readCmafSpeke(
  settings: SettingsReader<SpekeKeyProviderCmaf>,
  { writesPlaylists, writesMpd }: WrittenManifests,
  findings: FindingLog,
): KeyProviderPlan {
  const read = (name: 'hlsSignaledSystemIds' | 'dashSignaledSystemIds', isWritten: boolean, lack: string) => {
    const ids = (settings.read(name) ?? []).map((id) => id.toLowerCase());
    if (isWritten && ids.length === 0) findings.notice('no-effect', settings.at(name), lack);
    return ids;
  };
  return {
    ...readServer(settings),
    hlsSystemIds: read(
      'hlsSignaledSystemIds',
      writesPlaylists,
      'no DRM system is listed for HLS: the playlists name no key, and their players cannot decrypt the segments',
    ),
    dashSystemIds: read(
      'dashSignaledSystemIds',
      writesMpd,
      'no DRM system is listed for DASH: the MPD names the key id alone, and players must know where the key is',
    ),
    smoothSystemIds: [],
  };
}

function readServer(
  settings: SettingsReader<Pick<SpekeKeyProvider, keyof SpekeKeyProvider & keyof SpekeKeyProviderCmaf>>,
) {
  const contract = settings.child('encryptionContractConfiguration');
  return {
    kind: 'speke',
    pointer: settings.pointer,
    url: settings.require('url') ?? '',
    resourceId: settings.require('resourceId') ?? '',
    certificateArn: settings.read('certificateArn') ?? null,
    contract: contract.isPresent
      ? {
          audio: contract.read('spekeAudioPreset') ?? 'PRESET_AUDIO_1',
          video: contract.read('spekeVideoPreset') ?? 'PRESET_VIDEO_1',
        }
      : null,
  } as const;
}
