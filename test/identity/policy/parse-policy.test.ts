/** Malformed policy documents are refused with their place. */
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/identity/policy/parse-policy.ts';

const good = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const one = (changes: object) => ({ Version: '2012-10-17', Statement: [{ ...good, ...changes }] });
const without = (name: keyof typeof good) => {
  const { [name]: _, ...rest } = good;
  return { Statement: [rest] };
};

function problemsOf(document: unknown, kind: 'identity' | 'trust' = 'identity'): readonly string[] {
  const problems: string[] = [];
  parsePolicy(document, kind, '/p', problems);
  return problems;
}

describe('a policy document', () => {
  it.each([
    [one({})],
    [{ Statement: good }],
    [{ Version: '2008-10-17', Id: 'x', Statement: [] }],
    [one({ Sid: '', Condition: { Bool: { 'mediaconvert:HttpInputsAllowed': false }, Null: { a: 'true' } } })],
    [one({ Action: ['*', 'MediaConvert:Get*'], Resource: ['arn:aws:s3:::b/*', 'arn:aws:mediaconvert:*'] })],
    [one({ Condition: { 'ForAllValues:StringLikeIfExists': { 'aws:TagKeys': ['a*'] } } })],
  ])('may be %j', (document) => {
    expect(problemsOf(document)).toEqual([]);
  });

  it.each<[unknown, string | RegExp]>([
    [null, '/p must be a policy document'],
    ['{}', '/p must be a policy document'],
    [[], '/p must be a policy document'],
    [{}, '/p/Statement is required'],
    [{ Version: '2012-10-18', Statement: [] }, '/p/Version must be 2012-10-17 or 2008-10-17'],
    [{ statement: [], Statement: [] }, '/p/statement is no element of a policy'],
    [{ Statement: ['x'] }, '/p/Statement/0 must be an object'],
    [one({ Effect: 'allow' }), "/p/Statement/0/Effect must be 'Allow' or 'Deny'"],
    [without('Effect'), "/p/Statement/0/Effect must be 'Allow' or 'Deny'"],
    [without('Action'), '/p/Statement/0 must have Action or NotAction'],
    [without('Resource'), '/p/Statement/0 must have Resource or NotResource'],
    [one({ NotAction: 's3:*' }), '/p/Statement/0 must have Action or NotAction, not both'],
    [one({ Resources: '*' }), '/p/Statement/0/Resources is no element of a statement'],
    [one({ Action: 'GetObject' }), "/p/Statement/0/Action must be '*' or service:Action"],
    [one({ Action: ['s3:GetObject', 5] }), '/p/Statement/0/Action/1 must be a string'],
    [one({ Action: [] }), '/p/Statement/0/Action must not be empty'],
    [one({ Resource: 's3://b/k' }), "/p/Statement/0/Resource must be '*' or an ARN"],
    [one({ Principal: '*' }), '/p/Statement/0/Principal has no place in a policy that is attached'],
    [one({ Condition: [] }), '/p/Statement/0/Condition must be an object of operators'],
    [
      one({ Condition: { StringMatches: {} } }),
      '/p/Statement/0/Condition/StringMatches is no condition operator',
    ],
    [one({ Condition: { toString: {} } }), '/p/Statement/0/Condition/toString is no condition operator'],
    [
      one({ Condition: { 'ForSomeValues:StringLike': {} } }),
      '/ForSomeValues:StringLike is no condition operator',
    ],
    [one({ Condition: { NullIfExists: {} } }), '/NullIfExists is no condition operator'],
    [one({ Condition: { StringLike: 'x' } }), '/StringLike must be an object of condition keys'],
    [one({ Condition: { StringLike: { a: [] } } }), '/StringLike/a must have at least one value'],
    [
      one({ Condition: { StringLike: { a: [{}] } } }),
      '/StringLike/a/0 must be a string, a number, true or false',
    ],
    [one({ Condition: { NumericEquals: { a: 'x' } } }), "/NumericEquals/a must be a number, not 'x'"],
    [one({ Condition: { DateLessThan: { a: 'tomorrow' } } }), '/DateLessThan/a must be an ISO 8601 time'],
    [one({ Condition: { Bool: { a: 'yes' } } }), '/Bool/a must be true or false'],
    [one({ Condition: { Null: { a: 1 } } }), '/Null/a must be true or false'],
    [one({ Condition: { IpAddress: { a: '10.0.0.0/33' } } }), '/IpAddress/a must be an address or a range'],
    [
      {
        Statement: [
          { ...good, Sid: 'a' },
          { ...good, Sid: 'a' },
        ],
      },
      "/p/Statement has two statements with the Sid 'a'",
    ],
  ])('is not %j', (document, expected) => {
    const problems = problemsOf(document);
    expect(problems.join('\n')).toContain(expected);
  });

  it('names all mistakes at once', () => {
    expect(problemsOf({ Statement: [{ Effect: 'x', Action: 'y', Resource: 'z' }] })).toHaveLength(3);
  });
});

describe('a trust policy', () => {
  const trust = (changes: object) => ({
    Statement: {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'mediaconvert.amazonaws.com' },
      ...changes,
    },
  });

  it.each([
    [trust({})],
    [trust({ Principal: '*' })],
    [trust({ Principal: { AWS: ['123456789012', 'arn:aws:iam::123456789012:role/a/b'], Federated: 'x' } })],
  ])('may be %j', (document) => {
    expect(problemsOf(document, 'trust')).toEqual([]);
  });

  it.each([
    [trust({ Resource: '*' }), '/p/Statement/Resource has no place in a trust policy'],
    [
      { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole' } },
      '/p/Statement must have Principal or NotPrincipal',
    ],
    [trust({ Principal: 'mediaconvert.amazonaws.com' }), "/p/Statement/Principal must be '*' or an object"],
    [trust({ Principal: { service: 'x' } }), '/p/Statement/Principal/service is no kind of principal'],
    [
      trust({ Principal: { Service: 'mediaconvert' } }),
      '/p/Statement/Principal/Service must be the name of a service',
    ],
    [trust({ Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } }), 'without wildcards'],
  ])('is not %j', (document, expected) => {
    expect(problemsOf(document, 'trust').join('\n')).toContain(expected);
  });
});
