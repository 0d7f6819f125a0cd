/**
 * The keys of a plan's encrypted groups, for the message that starts the run. Runs in the worker: the engine has no
 * network. Nothing here is logged, stored or shown.
 */
import { randomBytes } from 'node:crypto';
import type { ContentKey, GroupKeys } from '../package/encryption/content-keys.ts';
import { element } from '../package/xml.ts';
import type { EncryptionPlan } from '../plan/encryption-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { askKeyServer, type KeyServerAccess } from './ask-key-server.ts';
import { hlsKeyLine } from './speke-answer.ts';
import { type EncryptableGroup, wantedKeys } from './wanted-keys.ts';

/** Resolves all keys. `settings` are the job's, where static keys stand. Rejects with fault 1091. */
export async function resolveKeys(
  plan: JobPlan,
  settings: object,
  access: KeyServerAccess,
  signal: AbortSignal,
): Promise<readonly GroupKeys[]> {
  const resolved: GroupKeys[] = [];
  for (const group of plan.outputGroups) {
    if (group.type === 'FILE_GROUP' || group.encryption === null) continue;
    const { encryption, groupIndex } = group;
    const found = await keysOf(plan, group, encryption, settings, access, signal);
    const keys = found.map((key) => withSession(withIv(key, encryption), encryption));
    resolved.push({ groupIndex, scheme: encryption.scheme, clearSegments: encryption.clearSegments, keys });
  }
  return resolved;
}

async function keysOf(
  plan: JobPlan,
  group: EncryptableGroup,
  encryption: EncryptionPlan,
  settings: object,
  access: KeyServerAccess,
  signal: AbortSignal,
): Promise<readonly ContentKey[]> {
  const { provider } = encryption;
  if (provider.kind === 'static') return [staticKey(settings, encryption, provider)];
  return askKeyServer(provider, encryption, wantedKeys(plan, group, provider), access, signal);
}

/** A key of the job document. Its id is made here: no one else names it. */
function staticKey(
  settings: object,
  encryption: EncryptionPlan,
  provider: Extract<EncryptionPlan['provider'], { readonly kind: 'static' }>,
): ContentKey {
  const iv = encryption.constantIv ?? (encryption.scheme === 'aes-128' ? null : randomHex());
  const keyId = randomHex();
  const { url: uri, keyFormat, keyFormatVersions } = provider;
  return {
    keyId,
    key: valueAt(settings, provider.pointer).toLowerCase(),
    iv,
    tracks: null,
    keyLines: [
      hlsKeyLine(encryption, {
        uri,
        format: keyFormat ?? '',
        versions: keyFormatVersions ?? '',
        iv: encryption.isIvInManifest ? iv : null,
        keyId: null,
      }),
    ],
    sessionLines: [],
    mpdElements: [
      element('ContentProtection', {
        schemeIdUri: 'urn:mpeg:dash:mp4protection:2011',
        value: encryption.scheme,
        'cenc:default_KID': dashed(keyId),
      }),
    ],
    headerBoxes: [],
    protectionHeaders: [],
  };
}

/** Offline players want the keys in front (spec drm.md 6.3). */
function withSession(key: ContentKey, { hasSessionKey }: EncryptionPlan): ContentKey {
  if (!hasSessionKey || key.sessionLines.length > 0) return key;
  const lines = key.keyLines.map((line) => line.replace('#EXT-X-KEY:', '#EXT-X-SESSION-KEY:'));
  return { ...key, sessionLines: lines };
}

/** Common Encryption needs an IV to begin with; nobody may have given one. */
function withIv(key: ContentKey, { scheme }: EncryptionPlan): ContentKey {
  if (key.iv !== null || scheme === 'aes-128') return key;
  const iv = randomHex();
  // A key server that leaves the IV open does not know the one made here: its lines get it.
  const told = (line: string): string => (line.includes(',IV=') ? line : `${line},IV=0x${iv}`);
  if (scheme !== 'sample-aes') return { ...key, iv };
  return { ...key, iv, keyLines: key.keyLines.map(told), sessionLines: key.sessionLines.map(told) };
}

function randomHex(): string {
  return randomBytes(16).toString('hex');
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function valueAt(settings: object, pointer: string): string {
  const value = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], settings);
  if (typeof value !== 'string') throw new TypeError(`no key at ${pointer}`);
  return value;
}
