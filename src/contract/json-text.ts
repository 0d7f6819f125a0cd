/**
 * A JSON reader that says where: line and column of a mistake, members given twice, nesting too deep. It never
 * touches a prototype: a member named `__proto__` is a member like any other (RFC 8259).
 */

/** A JSON value. Objects have no prototype. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A mistake in the text, with its place counted from 1. */
export interface JsonMistake {
  readonly line: number;
  readonly column: number;
  /** One sentence without the place, e.g. `expected a comma or ] after a list item, found }`. */
  readonly text: string;
}

/** Nothing the service accepts nests deeper than about a dozen levels. */
export const MAX_JSON_DEPTH = 64;

/** Parses one JSON text; a leading byte order mark is skipped. Never throws. */
export function parseJsonText(
  text: string,
):
  | { readonly value: JsonValue; readonly mistake?: never }
  | { readonly mistake: JsonMistake; readonly value?: never } {
  const reader: Reader = { text, at: text.startsWith('\uFEFF') ? 1 : 0 };
  try {
    const value = readValue(reader, 0);
    skipSpace(reader);
    if (reader.at < text.length)
      throw mistakeAt(reader, `expected the end of the text, found ${found(reader)}`);
    return { value };
  } catch (error) {
    if (error instanceof PlacedMistake) return { mistake: place(text, error) };
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

class PlacedMistake extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

function readValue(reader: Reader, depth: number): JsonValue {
  if (depth > MAX_JSON_DEPTH) throw mistakeAt(reader, `nested deeper than ${MAX_JSON_DEPTH} levels`);
  skipSpace(reader);
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader, depth);
    case '[':
      return readList(reader, depth);
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return readNumber(reader);
  }
}

function readObject(reader: Reader, depth: number): JsonValue {
  const object: Record<string, JsonValue> = Object.create(null);
  reader.at += 1;
  skipSpace(reader);
  if (takeIf(reader, '}')) return object;
  for (;;) {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"')
      throw mistakeAt(reader, `expected a member name in quotes, found ${found(reader)}`);
    const nameAt = reader.at;
    const name = readString(reader);
    if (Object.hasOwn(object, name))
      throw new PlacedMistake(nameAt, `the member ${JSON.stringify(name)} is given twice`);
    skipSpace(reader);
    if (!takeIf(reader, ':'))
      throw mistakeAt(reader, `expected a colon after a member name, found ${found(reader)}`);
    object[name] = readValue(reader, depth + 1);
    skipSpace(reader);
    if (takeIf(reader, '}')) return object;
    if (!takeIf(reader, ','))
      throw mistakeAt(reader, `expected a comma or } after a member, found ${found(reader)}`);
  }
}

function readList(reader: Reader, depth: number): JsonValue {
  const list: JsonValue[] = [];
  reader.at += 1;
  skipSpace(reader);
  if (takeIf(reader, ']')) return list;
  for (;;) {
    list.push(readValue(reader, depth + 1));
    skipSpace(reader);
    if (takeIf(reader, ']')) return list;
    if (!takeIf(reader, ','))
      throw mistakeAt(reader, `expected a comma or ] after a list item, found ${found(reader)}`);
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 forbids exactly these in a string
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;

function readString(reader: Reader): string {
  STRING.lastIndex = reader.at;
  const token = STRING.exec(reader.text)?.[0];
  if (token === undefined) {
    throw mistakeAt(
      reader,
      'the string that begins here has no end, or holds a raw control character or a wrong escape',
    );
  }
  reader.at += token.length;
  return token.includes('\\') ? JSON.parse(token) : token.slice(1, -1);
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(reader: Reader): number {
  NUMBER.lastIndex = reader.at;
  const token = NUMBER.exec(reader.text)?.[0];
  if (token === undefined) throw mistakeAt(reader, `expected a value, found ${found(reader)}`);
  reader.at += token.length;
  return Number(token);
}

function readWord<Value>(reader: Reader, word: string, value: Value): Value {
  if (!reader.text.startsWith(word, reader.at))
    throw mistakeAt(reader, `expected a value, found ${found(reader)}`);
  reader.at += word.length;
  return value;
}

const SPACE = /[ \t\n\r]*/y;

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at;
  SPACE.test(reader.text);
  reader.at = SPACE.lastIndex;
}

function takeIf(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function found(reader: Reader): string {
  const character = reader.text[reader.at];
  return character === undefined ? 'the end of the text' : JSON.stringify(character);
}

function mistakeAt(reader: Reader, text: string): PlacedMistake {
  return new PlacedMistake(reader.at, text);
}

function place(text: string, mistake: PlacedMistake): JsonMistake {
  const before = text.slice(0, mistake.at).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, text: mistake.message };
}
