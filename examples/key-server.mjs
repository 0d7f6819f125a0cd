// A small key server that speaks SPEKE 1 and 2, for tests and demonstrations: keys follow from a secret and the key id,
// so that the same question always has the same answer. It asks nobody who they are: do not protect anything with it.
//
//   node examples/key-server.mjs --port 8443 --key server.key --cert server.pem [--secret TEXT]
import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const widevine = 'edef8ba9-79d6-4ace-a3c8-27dcd51d21ed';
const playReady = '9a04f079-9840-4286-ab92-e65be0885f95';
const fairPlay = '94ce86fb-07ff-4f43-adb8-93d2fa968ca2';

/** The key of a key id: 16 bytes. */
export function keyOf(keyId, secret) {
  return createHmac('sha256', secret).update(keyId.toLowerCase()).digest().subarray(0, 16);
}

/** The answer to a CPIX document: status, headers and body. */
export function answer(question, secret = 'demonstration') {
  if (!/<(?:\w+:)?CPIX[\s>]/.test(question)) return { status: 400, headers: {}, body: 'no CPIX document' };
  const isVersion2 = /\sversion="2\.3"/.test(question);
  if (isVersion2 && !/\scontentId="[^"]+"/.test(question))
    return { status: 422, headers: {}, body: 'missing CPIX@contentId' };
  const keys = [...question.matchAll(/<(?:\w+:)?ContentKey\s[^>]*kid="([^"]+)"[^>]*>/g)];
  const schemes = new Map(
    keys.map(([whole, keyId]) => [keyId, /commonEncryptionScheme="([^"]+)"/.exec(whole)?.[1]]),
  );
  const certificate = /<(?:\w+:)?X509Certificate>([^<]+)</.exec(question)?.[1];
  const delivery = certificate === undefined ? null : deliverTo(certificate);
  const body = question
    .replace(/(<\/(?:\w+:)?DeliveryKey>)/, (end) => `${end}${delivery?.secrets ?? ''}`)
    .replace(/<((?:\w+:)?ContentKey)(\s[^>]*kid="([^"]+)"[^>]*?)\/>/g, (_, name, attributes, keyId) => {
      const key = keyOf(keyId, secret);
      const value =
        delivery === null
          ? `<pskc:PlainValue>${key.toString('base64')}</pskc:PlainValue>`
          : delivery.encrypted(key);
      return `<${name}${attributes}><cpix:Data><pskc:Secret>${value}</pskc:Secret></cpix:Data></${name}>`;
    })
    .replace(
      /<((?:\w+:)?DRMSystem)(\s[^>]*)>([\s\S]*?)<\/\1>/g,
      (_, name, attributes, inner) =>
        `<${name}${attributes}>${filled(inner, attributes, schemes.get(keyIdOf(attributes)))}</${name}>`,
    );
  if (keys.length === 0) return { status: 422, headers: {}, body: 'no content key is asked for' };
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...(isVersion2 ? { 'x-speke-version': '2.0' } : {}) },
    body,
  };
}

/** Keys of one answer, encrypted to a certificate (base64 DER): CPIX 2.3 section 5.4. */
function deliverTo(certificate) {
  const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
  const [documentKey, macKey] = [randomBytes(32), randomBytes(64)];
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const wrapped = (secret) =>
    encryptedValue(
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      publicEncrypt({ key: publicKey, padding, oaepHash: 'sha1' }, secret),
    );
  const aes = 'http://www.w3.org/2001/04/xmlenc#aes256-cbc';
  const hmac = 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha512';
  return {
    secrets:
      `<cpix:DocumentKey Algorithm="${aes}"><cpix:Data><pskc:Secret>${wrapped(documentKey)}</pskc:Secret></cpix:Data></cpix:DocumentKey>` +
      `<cpix:MACMethod Algorithm="${hmac}"><cpix:Key>${wrapped(macKey)}</cpix:Key></cpix:MACMethod>`,
    encrypted(key) {
      const iv = randomBytes(16);
      const cipher = createCipheriv('aes-256-cbc', documentKey, iv);
      const value = Buffer.concat([iv, cipher.update(key), cipher.final()]);
      const mac = createHmac('sha512', macKey).update(value).digest('base64');
      return `${encryptedValue(aes, value)}<pskc:ValueMAC>${mac}</pskc:ValueMAC>`;
    },
  };
}

function encryptedValue(algorithm, bytes) {
  const xenc = 'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"';
  return (
    `<pskc:EncryptedValue ${xenc}><xenc:EncryptionMethod Algorithm="${algorithm}"/>` +
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData></pskc:EncryptedValue>`
  );
}

/** A PlayReady object with one record, the rights management header of the key, as UTF-16. */
function playReadyObject(keyId) {
  const id = Buffer.from(keyId.replaceAll('-', ''), 'hex');
  // GUIDs have their first three parts in the other byte order.
  const guid = Buffer.concat([
    id.subarray(0, 4).reverse(),
    id.subarray(4, 6).reverse(),
    id.subarray(6, 8).reverse(),
    id.subarray(8),
  ]);
  const header = Buffer.from(
    `<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="4.0.0.0"><DATA><PROTECTINFO><KEYLEN>16</KEYLEN><ALGID>AESCTR</ALGID></PROTECTINFO><KID>${guid.toString('base64')}</KID></DATA></WRMHEADER>`,
    'utf16le',
  );
  const object = Buffer.alloc(10);
  object.writeUInt32LE(10 + header.length, 0);
  object.writeUInt16LE(1, 4);
  object.writeUInt16LE(1, 6);
  object.writeUInt16LE(header.length, 8);
  return Buffer.concat([object, header]);
}

function keyIdOf(attributes) {
  return /kid="([^"]+)"/.exec(attributes)?.[1] ?? '';
}

/** METHOD of EXT-X-KEY by the scheme that version 2 asks a key for; segments encrypted as wholes have none. */
const methods = { cenc: 'SAMPLE-AES-CTR', cbcs: 'SAMPLE-AES' };

/** The children of a system, each with what it stands for. */
function filled(inner, attributes, scheme) {
  const keyId = keyIdOf(attributes);
  const systemId = (/systemId="([^"]+)"/.exec(attributes)?.[1] ?? '').toLowerCase();
  const base64 = (text) => Buffer.from(text).toString('base64');
  const uri = systemId === fairPlay ? `skd://${keyId}` : `https://keys.invalid/${keyId}`;
  const format =
    systemId === fairPlay
      ? 'com.apple.streamingkeydelivery'
      : systemId === playReady
        ? 'com.microsoft.playready'
        : `urn:uuid:${systemId}`;
  const id = systemId === widevine ? `KEYID=0x${keyId.replaceAll('-', '')},` : '';
  const line = (tag) =>
    `#EXT-X-${tag}:METHOD=${methods[scheme] ?? 'AES-128'},URI="${uri}",${id}KEYFORMAT="${format}",KEYFORMATVERSIONS="1"`;
  const texts = {
    PSSH: protectionHeader(systemId, keyId).toString('base64'),
    ContentProtectionData: base64(
      `<pssh xmlns="urn:mpeg:cenc:2013">${protectionHeader(systemId, keyId).toString('base64')}</pssh>`,
    ),
    URIExtXKey: base64(uri),
    KeyFormat: base64(format),
    KeyFormatVersions: base64('1'),
    ProtectionHeader: playReadyObject(keyId).toString('base64'),
    SmoothStreamingProtectionHeaderData: playReadyObject(keyId).toString('base64'),
  };
  return inner.replace(/<((?:\w+:)?(\w+))((?:\s[^>]*?)?)\/>/g, (whole, name, local, own) => {
    const text =
      local === 'HLSSignalingData'
        ? base64(line(own.includes('master') ? 'SESSION-KEY' : 'KEY'))
        : texts[local];
    return text === undefined ? whole : `<${name}${own}>${text}</${name}>`;
  });
}

/** A `pssh` box: Widevine's payload names the key id in its protocol buffer, PlayReady's is its object. */
function protectionHeader(systemId, keyId) {
  const id = Buffer.from(keyId.replaceAll('-', ''), 'hex');
  const payloads = {
    [widevine]: Buffer.concat([Buffer.of(0x12, 16), id]),
    [playReady]: playReadyObject(keyId),
  };
  const payload = payloads[systemId] ?? Buffer.alloc(0);
  const box = Buffer.alloc(32 + payload.length);
  box.writeUInt32BE(box.length, 0);
  box.write('pssh', 4, 'latin1');
  Buffer.from(systemId.replaceAll('-', ''), 'hex').copy(box, 12);
  box.writeUInt32BE(payload.length, 28);
  payload.copy(box, 32);
  return box;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8443' },
      key: { type: 'string' },
      cert: { type: 'string' },
      secret: { type: 'string', default: 'demonstration' },
    },
  });
  const tls = { key: readFileSync(values.key ?? ''), cert: readFileSync(values.cert ?? '') };
  createServer(tls, async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const { status, headers, body } = answer(Buffer.concat(parts).toString('utf8'), values.secret);
    response.writeHead(status, headers).end(body);
  }).listen(Number(values.port), () => console.log(`key server on https://localhost:${values.port}/`));
}
