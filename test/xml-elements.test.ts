/** XML of strangers: names without prefixes, character references, and no nesting without end. */
import { expect, test } from 'vitest';
import { readXmlElements } from '../src/xml-elements.ts';

test('elements have names without prefixes, their attributes, and text with its references resolved', () => {
  const [root] = readXmlElements(
    '<?xml version="1.0"?><a:Root b:id="1">x&#x41;&#10;&amp;<c:Child/></a:Root>',
  );
  expect(root).toMatchObject({ name: 'Root', attributes: { id: '1' }, children: [{ name: 'Child' }] });
  expect(root?.text).toContain('xA\n&');
});

test('elements nested deeper than any real document are refused', () => {
  const nested = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;
  expect(readXmlElements(nested(60))).toHaveLength(1);
  expect(() => readXmlElements(nested(80))).toThrow();
});
