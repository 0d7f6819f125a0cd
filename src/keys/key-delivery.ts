/**
 * Content keys that a server encrypts to a certificate of ours (spec drm.md 5; CPIX 2.3 section 5.4): the certificate goes
 * with the question; the answer brings a document key and a MAC key encrypted to it, and content keys encrypted to those.
 */
import {
  constants,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  type KeyObject,
  privateDecrypt,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { element, textElement, type XmlElement } from '../package/xml.ts';

/** A certificate with its private key. */
export interface DeliveryCertificate {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
}

/** Keys that are no use: the certificate is not here, or what came does not open with it. The message holds no key. */
export class KeyDeliveryError extends Error {
  override readonly name = 'KeyDeliveryError';
}

/** Largest name of a certificate; no separators, so that no name leads out of the folder. */
const certificateName = /certificate\/([\w-]{1,128})$/;

/**
 * The certificate that an ARN names: `<folder>/<id>/certificate.pem` and `private-key.pem`, where `<id>` stands behind
 * the ARN's last slash. Rejects with KeyDeliveryError.
 */
export async function readDeliveryCertificate(
  arn: string,
  folder: string | null,
): Promise<DeliveryCertificate> {
  const id = certificateName.exec(arn)?.[1];
  if (id === undefined || folder === null) throw new KeyDeliveryError('no such certificate is installed');
  try {
    const place = path.join(folder, id);
    const [certificate, privateKey] = await Promise.all([
      readFile(path.join(place, 'certificate.pem')),
      readFile(path.join(place, 'private-key.pem')),
    ]);
    const found = {
      certificate: new X509Certificate(certificate),
      privateKey: createPrivateKey(privateKey),
    };
    if (!found.certificate.checkPrivateKey(found.privateKey))
      throw new KeyDeliveryError('its private key belongs to another certificate');
    return found;
  } catch (error) {
    if (error instanceof KeyDeliveryError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing ? 'no such certificate is installed' : 'its files cannot be read as PEM';
    throw new KeyDeliveryError(reason, { cause: error });
  }
}

/** The part of the question that asks for encrypted keys. */
export function deliveryRequest({ certificate }: DeliveryCertificate): XmlElement {
  const data = textElement('ds:X509Certificate', certificate.raw.toString('base64'));
  return element('cpix:DeliveryDataList', {}, [
    element('cpix:DeliveryData', { id: 'openconvert' }, [
      element('cpix:DeliveryKey', {}, [element('ds:X509Data', {}, [data])]),
    ]),
  ]);
}

/** What an answer says of its own keys, base64 as it stands there. */
export interface DeliveredSecrets {
  /** Document key and MAC key, both encrypted to the certificate. */
  readonly documentKey: string;
  readonly macKey: string;
}

/** Opens content keys of one answer: IV and AES-256-CBC in one text, after its MAC was compared. */
export function openDelivery(
  { privateKey }: DeliveryCertificate,
  { documentKey, macKey }: DeliveredSecrets,
): (cipherText: string, mac: string) => Buffer {
  const unwrap = (base64: string, what: string): Buffer => {
    try {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      return privateDecrypt({ key: privateKey, padding, oaepHash: 'sha1' }, Buffer.from(base64, 'base64'));
    } catch (error) {
      throw new KeyDeliveryError(`the ${what} of the answer is not encrypted to it`, { cause: error });
    }
  };
  const secret = unwrap(documentKey, 'document key');
  const macSecret = unwrap(macKey, 'MAC key');
  if (secret.length !== 32) throw new KeyDeliveryError('the document key of the answer has a wrong size');
  return (cipherText, mac) => {
    const bytes = Buffer.from(cipherText, 'base64');
    const expected = createHmac('sha512', macSecret).update(bytes).digest();
    const given = Buffer.from(mac, 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new KeyDeliveryError('the MAC of a content key does not fit');
    try {
      const decipher = createDecipheriv('aes-256-cbc', secret, bytes.subarray(0, 16));
      return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    } catch (error) {
      throw new KeyDeliveryError('a content key of the answer does not decrypt', { cause: error });
    }
  };
}
