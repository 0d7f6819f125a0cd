/** XML of ESAM documents (CableLabs OC-SP-ESAM-API-I03), read without regard to prefixes. */
import { XMLValidator } from 'fast-xml-parser';
import { readXmlElements, type XmlElement } from '../xml-elements.ts';

/** An element as it was written. */
export type EsamElement = XmlElement;

/** A document that does not say what it must; `message` is a clause for people, without full stop. */
export class EsamError extends Error {
  override readonly name = 'EsamError';
}

/** The root of a document. Throws EsamError when the text is no XML, or its root has another name. */
export function parseEsam(text: string, rootName: string): EsamElement {
  const verdict = XMLValidator.validate(text.trim());
  if (verdict !== true)
    throw new EsamError(`line ${verdict.err.line} of the XML: ${lowered(verdict.err.msg)}`);
  const [root] = parse(text.trim());
  if (root?.name !== rootName)
    throw new EsamError(`the XML begins with ${root?.name ?? 'nothing'}, not with ${rootName}`);
  return root;
}

function parse(text: string): readonly EsamElement[] {
  try {
    return readXmlElements(text);
  } catch (error) {
    // What passed as XML and still is not read: entities of a document type, elements nested without end.
    throw new EsamError(`the XML is not read: ${lowered((error as Error).message)}`);
  }
}

/** Elements of a name, wherever they stand below `element`. */
export function descendants(element: EsamElement, name: string): readonly EsamElement[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...descendants(child, name),
  ]);
}

/** A duration such as `PT1M30.5S` in ticks of 90 kHz. Throws EsamError. */
export function durationTicks(text: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text.trim());
  if (match === null || text.trim().length < 3) throw new EsamError(`${text} is no duration such as PT30S`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 90_000);
}

function lowered(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`.replace(/\.$/, '');
}
