/** The question to a key server: a CPIX document (spec drm.md 3, 4; CPIX 2.3). */
import { element, formatXml, type XmlElement } from '../package/xml.ts';
import type { EncryptionPlan, KeyProviderPlan } from '../plan/encryption-plan.ts';
import { drmSystems } from './drm-systems.table.ts';
import { type DeliveryCertificate, deliveryRequest } from './key-delivery.ts';
import type { WantedKey } from './wanted-keys.ts';

/** A provider that is asked. */
export type KeyServer = Extract<KeyProviderPlan, { readonly kind: 'speke' }>;

const namespaces = {
  'xmlns:cpix': 'urn:dashif:org:cpix',
  'xmlns:pskc': 'urn:ietf:params:xml:ns:keyprov:pskc',
  'xmlns:ds': 'http://www.w3.org/2000/09/xmldsig#',
  'xmlns:speke': 'urn:aws:amazon:com:speke',
};

/** Headers and body of the request; with a `certificate` it asks for keys that are encrypted to it. */
export function spekeRequest(
  server: KeyServer,
  encryption: EncryptionPlan,
  keys: readonly WantedKey[],
  certificate: DeliveryCertificate | null = null,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const isVersion2 = server.contract !== null;
  const root = element(
    'cpix:CPIX',
    isVersion2
      ? { contentId: server.resourceId, version: '2.3', ...namespaces }
      : { id: server.resourceId, ...namespaces },
    [
      ...(certificate === null ? [] : [deliveryRequest(certificate)]),
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

/** Systems of playlists, of the MPD and of Smooth manifests, each once. */
export function systemsOf({ hlsSystemIds, dashSystemIds, smoothSystemIds }: KeyServer): readonly string[] {
  return [...new Set([...dashSystemIds, ...hlsSystemIds, ...smoothSystemIds])];
}

function contentKey(keyId: string, { constantIv, scheme }: EncryptionPlan, isVersion2: boolean): XmlElement {
  return element('cpix:ContentKey', {
    kid: keyId,
    explicitIV: constantIv === null ? null : Buffer.from(constantIv, 'hex').toString('base64'),
    commonEncryptionScheme: isVersion2 ? commonSchemes[scheme] : null,
  });
}

/** Sample encryption in transport streams has the pattern of cbcs (spec drm.md 4). */
const commonSchemes = { 'aes-128': null, 'sample-aes': 'cbcs', cenc: 'cenc', cbcs: 'cbcs' } as const;

/** Empty children say what the server should fill in. */
function drmSystem(server: KeyServer, systemId: string, keyId: string, isVersion2: boolean): XmlElement {
  const inMpd = server.dashSystemIds.includes(systemId);
  const inPlaylists = server.hlsSystemIds.includes(systemId);
  const inSmooth = server.smoothSystemIds.includes(systemId);
  const hasHeader = systemId !== drmSystems.fairPlay;
  const children = isVersion2
    ? [
        ...(hasHeader ? [element('cpix:PSSH')] : []),
        ...(inMpd ? [element('cpix:ContentProtectionData')] : []),
        ...(inPlaylists
          ? ['media', 'master'].map((playlist) => element('cpix:HLSSignalingData', { playlist }))
          : []),
        ...(inSmooth ? [element('cpix:SmoothStreamingProtectionHeaderData')] : []),
      ]
    : [
        // The schema of CPIX has an order: PSSH, the address, then what is not its own.
        ...(inMpd || inSmooth ? [element('cpix:PSSH')] : []),
        ...(inPlaylists
          ? [element('cpix:URIExtXKey'), element('speke:KeyFormat'), element('speke:KeyFormatVersions')]
          : []),
        ...(inSmooth ? [element('speke:ProtectionHeader')] : []),
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
