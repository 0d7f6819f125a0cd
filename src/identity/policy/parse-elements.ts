/** The elements of a statement that say who, what and on what: principals, actions, resources, and their negations. */
import type { PolicyKind, Report } from './parse-policy.ts';
import type { Patterns, PrincipalPattern, PrincipalRule } from './policy-document.ts';

type Members = Readonly<Record<string, unknown>>;

/** `Action` or `NotAction`; one of them is required. */
export function readActions(members: Members, place: string, report: Report): Patterns {
  const chosen = chooseOne(members, 'Action', 'NotAction', place, report);
  if (chosen === null) {
    report(place, 'must have Action or NotAction');
    return { isNegated: false, patterns: [] };
  }
  return {
    isNegated: chosen.isNegated,
    patterns: readTexts(chosen.value, chosen.place, report, checkAction),
  };
}

/** `Resource` or `NotResource`: required in identity policies, refused in trust policies (null). */
export function readResources(
  members: Members,
  kind: PolicyKind,
  place: string,
  report: Report,
): Patterns | null {
  const chosen = chooseOne(members, 'Resource', 'NotResource', place, report);
  if (kind === 'trust') {
    if (chosen !== null) report(chosen.place, 'has no place in a trust policy: its resource is the role');
    return null;
  }
  if (chosen === null) {
    report(place, 'must have Resource or NotResource');
    return { isNegated: false, patterns: [] };
  }
  return {
    isNegated: chosen.isNegated,
    patterns: readTexts(chosen.value, chosen.place, report, checkResource),
  };
}

/** `Principal` or `NotPrincipal`: required in trust policies, refused in identity policies (null). */
export function readPrincipals(
  members: Members,
  kind: PolicyKind,
  place: string,
  report: Report,
): PrincipalRule | null {
  const chosen = chooseOne(members, 'Principal', 'NotPrincipal', place, report);
  if (kind === 'identity') {
    if (chosen !== null)
      report(chosen.place, 'has no place in a policy that is attached to a caller or a role');
    return null;
  }
  if (chosen === null) {
    report(place, 'must have Principal or NotPrincipal');
    return { isNegated: false, principals: [] };
  }
  return {
    isNegated: chosen.isNegated,
    principals: readPrincipalPatterns(chosen.value, chosen.place, report),
  };
}

function readPrincipalPatterns(given: unknown, place: string, report: Report): readonly PrincipalPattern[] {
  if (given === '*') return [{ kind: 'everyone' }];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    report(place, 'must be \'*\' or an object such as {"Service": "mediaconvert.amazonaws.com"}');
    return [];
  }
  return Object.entries(given).flatMap(([kind, values]) => {
    if (kind !== 'AWS' && kind !== 'Service' && kind !== 'Federated' && kind !== 'CanonicalUser') {
      report(`${place}/${kind}`, 'is no kind of principal; known are AWS, Service, Federated, CanonicalUser');
      return [];
    }
    const texts = readTexts(values, `${place}/${kind}`, report, (text) => checkPrincipal(kind, text));
    return texts.map((value): PrincipalPattern => (value === '*' ? { kind: 'everyone' } : { kind, value }));
  });
}

/** Wildcards name everyone or no one: in other principals they are refused, as the service does. */
function checkPrincipal(kind: string, text: string): string | null {
  if (kind === 'AWS') {
    return /^(\*|\d{12}|arn:aws(-[a-z]+)*:(iam|sts)::\d{12}:[^*?]+)$/.test(text)
      ? null
      : "must be '*', an account, or the ARN of a user, role or session without wildcards";
  }
  if (kind === 'Service' && !/^[a-z0-9.-]+\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com)$/.test(text))
    return 'must be the name of a service such as mediaconvert.amazonaws.com';
  return null;
}

function checkAction(text: string): string | null {
  return /^(\*+|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/.test(text)
    ? null
    : "must be '*' or service:Action, such as mediaconvert:CreateJob";
}

function checkResource(text: string): string | null {
  const isArn = /^arn:[^:]*:[^:]+:[^:]*:[^:]*:./s.test(text) || /^arn:.*\*$/s.test(text);
  return /^\*+$/.test(text) || isArn ? null : "must be '*' or an ARN";
}

interface ChosenElement {
  readonly isNegated: boolean;
  readonly value: unknown;
  readonly place: string;
}

/** The element or its negation, with its place; null when neither is given. */
function chooseOne(
  members: Members,
  name: string,
  negation: string,
  place: string,
  report: Report,
): ChosenElement | null {
  const has = (each: string): boolean => Object.hasOwn(members, each);
  if (has(name) && has(negation)) report(place, `must have ${name} or ${negation}, not both`);
  if (has(name)) return { isNegated: false, value: members[name], place: `${place}/${name}` };
  return has(negation) ? { isNegated: true, value: members[negation], place: `${place}/${negation}` } : null;
}

/** One text or a list of texts, each checked. */
function readTexts(
  given: unknown,
  place: string,
  report: Report,
  check: (text: string) => string | null,
): readonly string[] {
  const list = Array.isArray(given) ? (given as unknown[]) : [given];
  if (list.length === 0) report(place, 'must not be empty');
  return list.flatMap((value, index) => {
    const at = Array.isArray(given) ? `${place}/${index}` : place;
    const mistake = typeof value === 'string' ? check(value) : 'must be a string';
    if (mistake !== null) report(at, mistake);
    return typeof value === 'string' ? [value] : [];
  });
}
