/** The question to a key server: a CPIX document (spec drm.md 3, 4; CPIX 2.3). */
import { element, formatXml, type XmlElement } from '../package/xml.ts';
import type { EncryptionPlan, KeyProviderPlan } from '../plan/encryption-plan.ts';
import { drmSystems } from './drm-systems.table.ts';
import type { WantedKey } from './wanted-keys.ts';

/** A provider that is asked. */
export type KeyServer = Extract<KeyProviderPlan, { readonly kind: 'speke' }>;

const namespaces = {
  'xmlns:cpix': 'urn:dashif:org:cpix',
  'xmlns:pskc': 'urn:ietf:params:xml:ns:keyprov:pskc',
  'xmlns:speke': 'urn:aws:amazon:com:speke',
};

/** Headers and body of the request. */
export function spekeRequest(
  server: KeyServer,
  encryption: EncryptionPlan,
  keys: readonly WantedKey[],
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const isVersion2 = server.contract !== null;
  const root = element(
    'cpix:CPIX',
    isVersion2
      ? { contentId: server.resourceId, version: '2.3', ...namespaces }
      : { id: server.resourceId, ...namespaces },
    [
      element(
        'cpix:ContentKeyList',
        {},
        keys.map(({ keyId }) => contentKey(keyId, encryption, isVersion2)),
      ),
      element(
        'cpix:DRMSystemList',
        {},
        keys.flatMap(({ keyId }) =>
          systemsOf(server).map((systemId) => drmSystem(server, systemId, keyId, isVersion2)),
        ),
      ),
      ...(isVersion2 ? [element('cpix:ContentKeyUsageRuleList', {}, keys.map(usageRule))] : []),
    ],
  );
  return {
    headers: {
      'content-type': 'application/xml',
      ...(isVersion2 ? { 'x-speke-version': '2.0', 'x-speke-user-agent': 'openconvert' } : {}),
    },
    body: formatXml(root),
  };
}

/** Systems of playlists and of the MPD, each once. */
export function systemsOf({ hlsSystemIds, dashSystemIds }: KeyServer): readonly string[] {
  return [...new Set([...dashSystemIds, ...hlsSystemIds])];
}

function contentKey(keyId: string, { constantIv, scheme }: EncryptionPlan, isVersion2: boolean): XmlElement {
  return element('cpix:ContentKey', {
    kid: keyId,
    explicitIV: constantIv === null ? null : Buffer.from(constantIv, 'hex').toString('base64'),
    commonEncryptionScheme: isVersion2 && scheme !== 'aes-128' ? scheme : null,
  });
}

/** Empty children say what the server should fill in. */
function drmSystem(server: KeyServer, systemId: string, keyId: string, isVersion2: boolean): XmlElement {
  const inMpd = server.dashSystemIds.includes(systemId);
  const inPlaylists = server.hlsSystemIds.includes(systemId);
  const hasHeader = systemId !== drmSystems.fairPlay;
  const children = isVersion2
    ? [
        ...(hasHeader ? [element('cpix:PSSH')] : []),
        ...(inMpd ? [element('cpix:ContentProtectionData')] : []),
        ...(inPlaylists
          ? ['media', 'master'].map((playlist) => element('cpix:HLSSignalingData', { playlist }))
          : []),
      ]
    : [
        ...(inPlaylists
          ? [element('cpix:URIExtXKey'), element('speke:KeyFormat'), element('speke:KeyFormatVersions')]
          : []),
        ...(inMpd ? [element('cpix:PSSH')] : []),
      ];
  return element('cpix:DRMSystem', { kid: keyId, systemId }, children);
}

function usageRule({ keyId, contractClass }: WantedKey): XmlElement {
  const { intendedTrackType, kind, least, most } = contractClass ?? {
    intendedTrackType: 'ALL',
    kind: 'video',
    least: null,
    most: null,
  };
  const filters =
    intendedTrackType === 'ALL'
      ? [element('cpix:VideoFilter'), element('cpix:AudioFilter')]
      : kind === 'video'
        ? [element('cpix:VideoFilter', { minPixels: least, maxPixels: most })]
        : [element('cpix:AudioFilter', { minChannels: least, maxChannels: most })];
  return element('cpix:ContentKeyUsageRule', { kid: keyId, intendedTrackType }, filters);
}
