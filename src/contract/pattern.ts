/**
 * Patterns of the model, made safe to run on hostile text: several of them need time that grows with the square of
 * the text, so text beyond every documented length does not match without being looked at.
 */

/** Longest text of one line worth matching: twice the documented 2,048 characters of an input URL. */
const MAX_LINE_LENGTH = 4096;
/** Longest XML document (ESAM) worth matching. */
const MAX_XML_LENGTH = 65_536;

/** What ajv asks for instead of RegExp. */
export interface SafePattern {
  test(text: string): boolean;
  toString(): string;
}

/** Compiles one pattern of the model. Throws SyntaxError when the pattern itself is wrong: a stale fact. */
export function safePattern(source: string): SafePattern {
  const expression = new RegExp(source, source.includes('\\p{') ? 'u' : '');
  const maxLength = source.includes('(.|\\n)*') ? MAX_XML_LENGTH : MAX_LINE_LENGTH;
  return {
    test: (text) => text.length <= maxLength && expression.test(text),
    toString: () => String(expression),
  };
}
