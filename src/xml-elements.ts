/** XML of strangers as a tree of elements, read without regard to prefixes. Nested no deeper than real documents are. */
import { XMLParser } from 'fast-xml-parser';

/** An element as it was written, without prefixes. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** The deepest element of a real composition playlist lies in a descriptor, about twelve levels down. */
const deepestElement = 64;

/** What stands at the top of a document, declarations left out. Throws what the parser throws. */
export function readXmlElements(text: string): readonly XmlElement[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    // Character references such as `&#10;`.
    htmlEntities: true,
    maxNestedTags: deepestElement,
  });
  return elementsOf(parser.parse(text)).filter(({ name }) => !name.startsWith('?'));
}

/** Attributes stand beside the children, under `:@`. */
type OrderedNode = Readonly<Record<string, unknown>>;

function elementsOf(nodes: readonly OrderedNode[]): readonly XmlElement[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@' && key !== '#text');
    if (name === undefined) return [];
    const content = (node[name] ?? []) as readonly OrderedNode[];
    const attributes = (node[':@'] ?? {}) as Readonly<Record<string, string>>;
    const text = content.map((child) => String(child['#text'] ?? '')).join('');
    return [{ name, attributes, children: elementsOf(content), text }];
  });
}
