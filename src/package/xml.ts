/** XML text from elements: enough for manifests and key requests, nothing is left unescaped. */

/** One element. Attributes without a value are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | null>>;
  readonly children: readonly XmlElement[];
  /** Character data, instead of children. */
  readonly text: string | null;
}

/** An element with children. */
export function element(
  name: string,
  attributes: XmlElement['attributes'] = {},
  children: readonly XmlElement[] = [],
): XmlElement {
  return { name, attributes, children, text: null };
}

/** An element with text. */
export function textElement(
  name: string,
  text: string,
  attributes: XmlElement['attributes'] = {},
): XmlElement {
  return { name, attributes, children: [], text };
}

/** A document: declaration, then the root, two spaces a level, a line feed behind every line. */
export function formatXml(root: XmlElement, encoding: 'UTF-8' | 'UTF-16' = 'UTF-8'): string {
  return `<?xml version="1.0" encoding="${encoding}"?>\n${lines(root, '').join('\n')}\n`;
}

function lines({ name, attributes, children, text }: XmlElement, indent: string): string[] {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === null ? [] : [` ${key}="${escaped(String(value))}"`]))
    .join('');
  if (text !== null) return [`${indent}<${name}${written}>${escaped(text)}</${name}>`];
  if (children.length === 0) return [`${indent}<${name}${written}/>`];
  return [
    `${indent}<${name}${written}>`,
    ...children.flatMap((child) => lines(child, `${indent}  `)),
    `${indent}</${name}>`,
  ];
}

/** Markup, quotes, and characters XML cannot hold (XML 1.0 section 2.2). */
function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
