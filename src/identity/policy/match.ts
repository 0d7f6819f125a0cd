/** How patterns of policies match: `*` is any run of characters, `?` any single one. */

/** A part of a pattern: text that is meant literally, or a wildcard. Values of policy variables are always literal. */
export type PatternPart = { readonly literal: string } | '*' | '?';

/** The parts of a pattern without policy variables. */
export function patternParts(pattern: string): readonly PatternPart[] {
  return (pattern.match(/[*?]|[^*?]+/g) ?? []).map((part) =>
    part === '*' || part === '?' ? part : { literal: part },
  );
}

/**
 * True when the whole text matches. Time is the product of both lengths at worst, which a regular expression made from
 * a pattern with many `*` does not promise.
 */
export function matchesParts(parts: readonly PatternPart[], text: string): boolean {
  const tokens: readonly string[] = parts.flatMap((part) =>
    typeof part === 'string' ? [part === '*' ? anyRun : anyCharacter] : [...part.literal],
  );
  const characters = [...text];
  let token = 0;
  let retryToken = -1;
  let retryAt = 0;
  for (let at = 0; at < characters.length; ) {
    if (tokens[token] === anyRun) {
      retryToken = token + 1;
      retryAt = at;
      token = retryToken;
    } else if (
      token < tokens.length &&
      (tokens[token] === anyCharacter || tokens[token] === characters[at])
    ) {
      token += 1;
      at += 1;
    } else if (retryToken >= 0) {
      retryAt += 1;
      at = retryAt;
      token = retryToken;
    } else {
      return false;
    }
  }
  while (tokens[token] === anyRun) token += 1;
  return token === tokens.length;
}

/** Longer than one character, so that no character of a literal is taken for them. */
const anyRun = '**';
const anyCharacter = '??';

/** True when the whole text matches a pattern without policy variables. */
export function matchesPattern(pattern: string, text: string): boolean {
  return matchesParts(patternParts(pattern), text);
}

/**
 * ARNs in conditions: each of the six parts between colons is matched by itself, so a `*` does not reach over a colon
 * except in the last part (IAM User Guide, "Amazon Resource Name (ARN) condition operators").
 */
export function matchesArn(parts: readonly PatternPart[], arn: string): boolean {
  const wanted = splitAtColons(parts);
  const given = arn.split(':');
  const found = [...given.slice(0, 5), given.slice(5).join(':')];
  return (
    given.length >= 6 &&
    wanted.length === 6 &&
    wanted.every((part, index) => matchesParts(part, found[index] ?? ''))
  );
}

/** The first five colons separate; later ones belong to the resource. */
function splitAtColons(parts: readonly PatternPart[]): readonly (readonly PatternPart[])[] {
  const sections: PatternPart[][] = [[]];
  for (const part of parts) {
    if (typeof part === 'string') {
      sections.at(-1)?.push(part);
      continue;
    }
    let rest = part.literal;
    while (sections.length < 6 && rest.includes(':')) {
      sections.at(-1)?.push({ literal: rest.slice(0, rest.indexOf(':')) });
      sections.push([]);
      rest = rest.slice(rest.indexOf(':') + 1);
    }
    sections.at(-1)?.push({ literal: rest });
  }
  return sections;
}
