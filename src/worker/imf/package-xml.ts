/**
 * XML of IMF packages: small documents of strangers. Size and depth are bounded, and a document type is refused before
 * anything is parsed, so that there are no entities but the five of XML itself and character references.
 */
import { XMLValidator } from 'fast-xml-parser';
import { readXmlElements, type XmlElement } from '../../xml-elements.ts';

/** An element, without prefixes. */
export type PackageElement = XmlElement;

/** A document that is not what it should be; `message` is a sentence for people. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
}

/** Composition playlists of feature films stay below 1 MB. */
export const largestDocumentBytes = 16 * 1024 * 1024;
/** Elements of a document; a playlist of a thousand resources has some ten thousand. */
const mostElements = 500_000;

/** The root element. Throws PackageError. */
export function parsePackageXml(bytes: Uint8Array): PackageElement {
  const text = decode(bytes);
  if (/<!DOCTYPE/i.test(text)) throw new PackageError('It has a document type, which is not read.');
  if ((text.match(/<[^/!?]/g) ?? []).length > mostElements)
    throw new PackageError(`It has more than ${mostElements} elements.`);
  const verdict = XMLValidator.validate(text);
  if (verdict !== true)
    throw new PackageError(`It is no XML: ${verdict.err.msg} (line ${verdict.err.line}).`);
  const [root, ...others] = parse(text);
  if (root === undefined || others.length > 0) throw new PackageError('It has no root element of its own.');
  return root;
}

/** The name of the root element, from the beginning of a document; null when it does not begin as XML. */
export function rootNameOf(head: Uint8Array): string | null {
  const text = decode(head).replace(/<!--.*?-->|<!DOCTYPE[^[>]*(?:\[.*?\]\s*)?>/gs, '');
  return /^\s*(?:<\?.*?\?>\s*)*<(?:[\w.-]+:)?([\w.-]+)/s.exec(text)?.[1] ?? null;
}

/** The first child of a name; null when there is none. */
export function childOf(element: PackageElement, name: string): PackageElement | null {
  return element.children.find((child) => child.name === name) ?? null;
}

/** All children of a name. */
export function childrenOf(element: PackageElement, name: string): readonly PackageElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Text of a child; null when there is no such child, or nothing in it. */
export function textOf(element: PackageElement, name: string): string | null {
  return childOf(element, name)?.text.trim() || null;
}

/** The identifier of an element (`urn:uuid:…`), lower case. Throws PackageError. */
export function identifierOf(element: PackageElement, name = 'Id'): string {
  const text = textOf(element, name) ?? '';
  if (!/^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new PackageError(`${name} of ${element.name} is '${text}', and must be a urn:uuid.`);
  return text.toLowerCase();
}

/** Bytes of UTF-8 or, with its mark in front, UTF-16. */
function decode(bytes: Uint8Array): string {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes).trim();
}

function parse(text: string): readonly XmlElement[] {
  try {
    return readXmlElements(text);
  } catch (error) {
    throw new PackageError(`It is not read: ${(error as Error).message}.`);
  }
}
