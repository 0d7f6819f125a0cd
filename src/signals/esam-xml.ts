/** XML of ESAM documents (CableLabs OC-SP-ESAM-API-I03), read without regard to prefixes. */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element as it was written. */
export interface EsamElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly EsamElement[];
  readonly text: string;
}

/** A document that does not say what it must; `message` is a clause for people, without full stop. */
export class EsamError extends Error {
  override readonly name = 'EsamError';
}

/** The root of a document. Throws EsamError when the text is no XML, or its root has another name. */
export function parseEsam(text: string, rootName: string): EsamElement {
  const verdict = XMLValidator.validate(text.trim());
  if (verdict !== true)
    throw new EsamError(`line ${verdict.err.line} of the XML: ${lowered(verdict.err.msg)}`);
  const parsed = parse(text.trim());
  const root = elementsOf(parsed).find(({ name }) => name !== '?xml');
  if (root?.name !== rootName)
    throw new EsamError(`the XML begins with ${root?.name ?? 'nothing'}, not with ${rootName}`);
  return root;
}

function parse(text: string): readonly OrderedNode[] {
  try {
    return new XMLParser({
      preserveOrder: true,
      ignoreAttributes: false,
      attributeNamePrefix: '',
      removeNSPrefix: true,
      parseTagValue: false,
      parseAttributeValue: false,
      trimValues: true,
      // Character references such as `&#10;`.
      htmlEntities: true,
    }).parse(text);
  } catch (error) {
    // What passed as XML and still is not read: entities of a document type.
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

/** Attributes stand beside the children, under `:@`. */
type OrderedNode = Readonly<Record<string, unknown>>;

function elementsOf(nodes: readonly OrderedNode[]): readonly EsamElement[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
    if (name === undefined) return [];
    const content = (node[name] ?? []) as readonly OrderedNode[];
    const attributes = (node[':@'] ?? {}) as Readonly<Record<string, string>>;
    const text = content.map((child) => String(child['#text'] ?? '')).join('');
    return [{ name, attributes, children: elementsOf(content), text }];
  });
}

function lowered(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`.replace(/\.$/, '');
}
