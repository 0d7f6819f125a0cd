/** A key server's answer: keys and what manifests say of them, checked against the question (spec drm.md 3, 4). */
import { XMLParser } from 'fast-xml-parser';
import type { ContentKey } from '../package/encryption/content-keys.ts';
import { element, textElement, type XmlElement } from '../package/xml.ts';
import type { EncryptionPlan } from '../plan/encryption-plan.ts';
import { drmSystems, keyFormats, protectionValues } from './drm-systems.table.ts';
import {
  type DeliveredSecrets,
  type DeliveryCertificate,
  KeyDeliveryError,
  openDelivery,
} from './key-delivery.ts';
import { type KeyServer, systemsOf } from './speke-request.ts';
import type { WantedKey } from './wanted-keys.ts';

/** The answer is no CPIX document. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
}

/** The answer lacks a key, or something that a DRM system needs; the message names it. */
export class IncompleteAnswerError extends Error {
  override readonly name = 'IncompleteAnswerError';
}

interface AnsweredKey {
  readonly keyId: string;
  readonly key: string;
  readonly iv: string | null;
}

interface AnsweredSystem {
  readonly keyId: string;
  readonly systemId: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly mediaLines: readonly string[];
  readonly sessionLines: readonly string[];
}

/**
 * Reads an answer. Throws UnreadableAnswerError, IncompleteAnswerError, or KeyDeliveryError where keys were to be encrypted
 * to `certificate`; messages never hold a key.
 */
export function readSpekeAnswer(
  body: string,
  server: KeyServer,
  encryption: EncryptionPlan,
  wanted: readonly WantedKey[],
  certificate: DeliveryCertificate | null = null,
): readonly ContentKey[] {
  const root = parse(body);
  const open = certificate === null ? null : openDelivery(certificate, deliveredSecrets(root));
  const keys = childrenOf(childOf(root, 'ContentKeyList'), 'ContentKey').map((node) => readKey(node, open));
  const systems = childrenOf(childOf(root, 'DRMSystemList'), 'DRMSystem').map(readSystem);
  return wanted.map(({ keyId: asked, tracks }) => {
    // A server may answer one question with a key of its own id.
    const answered = keys.find(({ keyId }) => keyId === asked) ?? (wanted.length === 1 ? keys[0] : undefined);
    if (answered === undefined || answered.key.length !== 32) throw new IncompleteAnswerError(asked);
    if (answered.iv !== null && !ivDigits[encryption.scheme].includes(answered.iv.length))
      throw new IncompleteAnswerError(`${asked}: explicitIV of 16 bytes`);
    const own = systemsOf(server).map((systemId) => {
      const found = systems.find(
        (system) => system.systemId === systemId && [asked, answered.keyId].includes(system.keyId),
      );
      if (found === undefined) throw new IncompleteAnswerError(`${asked} for system ${systemId}`);
      return found;
    });
    return contentKey(answered, own, server, encryption, tracks);
  });
}

/** Digits of an IV in hexadecimal. Counter mode counts in the other half of 16 bytes, so that 8 are enough. */
const ivDigits: Readonly<Record<EncryptionPlan['scheme'], readonly number[]>> = {
  'aes-128': [32],
  'sample-aes': [32],
  cbcs: [32],
  cenc: [16, 32],
};

type Node = Readonly<Record<string, unknown>>;

/** Entities and document types are not processed: nothing outside the document is ever read. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => ['ContentKey', 'DRMSystem', 'HLSSignalingData'].includes(name),
});

function parse(body: string): Node {
  let document: unknown;
  try {
    document = parser.parse(body, true);
  } catch (error) {
    throw new UnreadableAnswerError('the answer is no XML', { cause: error });
  }
  const root = isNode(document) ? document['CPIX'] : undefined;
  if (!isNode(root)) throw new UnreadableAnswerError('the answer is no CPIX document');
  return root;
}

/** Keys with which the keys of the document are encrypted, themselves encrypted to the certificate. */
function deliveredSecrets(root: Node): DeliveredSecrets {
  const data = childOf(childOf(root, 'DeliveryDataList'), 'DeliveryData');
  const documentKey = cipherOf(childOf(childOf(childOf(data, 'DocumentKey'), 'Data'), 'Secret'));
  const macKey = cipherOf(childOf(childOf(data, 'MACMethod'), 'Key'));
  if (documentKey === '' || macKey === '') throw new KeyDeliveryError('the answer does not use it');
  return { documentKey, macKey };
}

/** The text of `EncryptedValue`. */
function cipherOf(node: Node | null): string {
  const cipher = childOf(childOf(childOf(node, 'EncryptedValue'), 'CipherData'), 'CipherValue');
  return textOf(cipher).replace(/\s/g, '');
}

function readKey(node: Node, open: ReturnType<typeof openDelivery> | null): AnsweredKey {
  const secret = childOf(childOf(node, 'Data'), 'Secret');
  const key =
    open === null
      ? Buffer.from(textOf(childOf(secret, 'PlainValue')), 'base64')
      : open(cipherOf(secret), textOf(childOf(secret, 'ValueMAC')).replace(/\s/g, ''));
  const iv = node['@explicitIV'];
  return {
    keyId: String(node['@kid'] ?? '').toLowerCase(),
    key: key.toString('hex'),
    iv: typeof iv === 'string' && iv !== '' ? Buffer.from(iv, 'base64').toString('hex') : null,
  };
}

function readSystem(node: Node): AnsweredSystem {
  const texts = Object.fromEntries(
    [
      'PSSH',
      'ContentProtectionData',
      'URIExtXKey',
      'KeyFormat',
      'KeyFormatVersions',
      'ProtectionHeader',
      'SmoothStreamingProtectionHeaderData',
    ].map((name) => [name, textOf(node[name])]),
  );
  const lines = (playlist: string): readonly string[] =>
    childrenOf(node, 'HLSSignalingData')
      .filter((data) => data['@playlist'] === playlist)
      .flatMap((data) => decoded(textOf(data)).split(/\r?\n/))
      .filter((line) => line.startsWith('#'));
  return {
    keyId: String(node['@kid'] ?? '').toLowerCase(),
    systemId: String(node['@systemId'] ?? '').toLowerCase(),
    texts,
    mediaLines: lines('media'),
    sessionLines: lines('master'),
  };
}

function contentKey(
  { keyId, key, iv }: AnsweredKey,
  systems: readonly AnsweredSystem[],
  server: KeyServer,
  encryption: EncryptionPlan,
  tracks: WantedKey['tracks'],
): ContentKey {
  const inPlaylists = systems.filter(({ systemId }) => server.hlsSystemIds.includes(systemId));
  const inMpd = systems.filter(({ systemId }) => server.dashSystemIds.includes(systemId));
  const inSmooth = systems.filter(({ systemId }) => server.smoothSystemIds.includes(systemId));
  const headerBoxes = systems.flatMap(({ texts }) => (texts['PSSH'] === '' ? [] : [texts['PSSH'] ?? '']));
  return {
    keyId: keyId.replaceAll('-', ''),
    key,
    iv: iv ?? encryption.constantIv,
    tracks,
    keyLines: inPlaylists.flatMap((system) => keyLines(system, keyId, iv, encryption, server)),
    sessionLines: inPlaylists.flatMap(({ sessionLines }) => sessionLines),
    mpdElements: [
      element('ContentProtection', {
        schemeIdUri: 'urn:mpeg:dash:mp4protection:2011',
        value: encryption.scheme,
        'cenc:default_KID': keyId,
      }),
      ...inMpd.map(protectionElement),
    ],
    headerBoxes,
    protectionHeaders: inSmooth.map((system) => protectionHeader(system, keyId)),
  };
}

/** The PlayReady object: given as such, in each version under its name, or as the content of the `pssh` box. */
function protectionHeader(
  { systemId, texts }: AnsweredSystem,
  keyId: string,
): ContentKey['protectionHeaders'][number] {
  const given = texts['SmoothStreamingProtectionHeaderData'] || texts['ProtectionHeader'] || '';
  const header = Buffer.from(texts['PSSH'] ?? '', 'base64');
  const data = given === '' && header.length > 32 ? header.subarray(32).toString('base64') : given;
  if (data === '') throw new IncompleteAnswerError(`${keyId}: protection header of system ${systemId}`);
  return { systemId, data };
}

/** Version 2 gives whole lines; version 1 gives the parts of one. */
function keyLines(
  { texts, mediaLines, systemId }: AnsweredSystem,
  keyId: string,
  iv: string | null,
  encryption: EncryptionPlan,
  { contract }: KeyServer,
): readonly string[] {
  if (contract !== null) {
    if (mediaLines.length === 0)
      throw new IncompleteAnswerError(`${keyId}: HLSSignalingData of system ${systemId}`);
    return mediaLines;
  }
  const uri = decoded(texts['URIExtXKey'] ?? '');
  if (uri === '') throw new IncompleteAnswerError(`${keyId}: URIExtXKey of system ${systemId}`);
  const format = decoded(texts['KeyFormat'] ?? '') || (keyFormats[systemId] ?? '');
  const versions = decoded(texts['KeyFormatVersions'] ?? '');
  return [
    hlsKeyLine(encryption, {
      uri,
      iv: encryption.isIvInManifest ? iv : null,
      keyId: systemId === drmSystems.widevine ? keyId.replaceAll('-', '') : null,
      format,
      versions,
    }),
  ];
}

/** An EXT-X-KEY of parts; empty ones are left out. */
export function hlsKeyLine(
  { scheme }: EncryptionPlan,
  part: {
    readonly uri: string;
    readonly format: string;
    readonly versions: string;
    readonly iv: string | null;
    /** Hexadecimal digits. Widevine's players look for it; the attribute is none of RFC 8216. */
    readonly keyId: string | null;
  },
): string {
  const methods = {
    'aes-128': 'AES-128',
    'sample-aes': 'SAMPLE-AES',
    cbcs: 'SAMPLE-AES',
    cenc: 'SAMPLE-AES-CTR',
  } as const;
  const quoted = (text: string): string => `"${text.replace(/["\r\n]/g, '')}"`;
  const attributes = [
    `METHOD=${methods[scheme]}`,
    `URI=${quoted(part.uri)}`,
    ...(part.iv === null ? [] : [`IV=0x${part.iv}`]),
    ...(part.keyId === null ? [] : [`KEYID=0x${part.keyId}`]),
    ...(part.format === '' ? [] : [`KEYFORMAT=${quoted(part.format)}`]),
    ...(part.versions === '' ? [] : [`KEYFORMATVERSIONS=${quoted(part.versions)}`]),
  ];
  return `#EXT-X-KEY:${attributes.join(',')}`;
}

/** `cenc:pssh` from the answer's box; what else version 2 says inside is the PlayReady object. */
function protectionElement({ systemId, texts }: AnsweredSystem): XmlElement {
  const header = texts['PSSH'] ?? '';
  if (header === '' || !isHeaderOf(header, systemId))
    throw new IncompleteAnswerError(`PSSH of system ${systemId}`);
  const inner = decoded(texts['ContentProtectionData'] ?? '');
  const [, object] = /<(?:\w+:)?pro[^>]*>([^<]*)</.exec(inner) ?? [];
  return element(
    'ContentProtection',
    { schemeIdUri: `urn:uuid:${systemId}`, value: protectionValues[systemId] ?? null },
    [
      textElement('cenc:pssh', header),
      ...(object === undefined || systemId !== drmSystems.playReady ? [] : [textElement('mspr:pro', object)]),
    ],
  );
}

/** A whole `pssh` box of this system. */
function isHeaderOf(base64: string, systemId: string): boolean {
  const bytes = Buffer.from(base64, 'base64');
  return (
    bytes.length >= 32 &&
    bytes.toString('latin1', 4, 8) === 'pssh' &&
    bytes.toString('hex', 12, 28) === systemId.replaceAll('-', '')
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function childOf(node: Node | null, name: string): Node | null {
  const child = node?.[name];
  if (typeof child === 'string') return { '#text': child };
  return isNode(child) ? child : null;
}

function childrenOf(node: Node | null, name: string): readonly Node[] {
  const children = node?.[name];
  if (!Array.isArray(children)) return [];
  return children.map((child: unknown) => (isNode(child) ? child : { '#text': String(child) }));
}

function textOf(value: unknown): string {
  const text = isNode(value) ? value['#text'] : value;
  return typeof text === 'string' ? text.trim() : '';
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8').trim();
}
