/** The documented semantics of IAM policies, row by row (IAM User Guide; the section is named with each table). */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import { describe, expect, it } from 'vitest';
import { evaluate, type Principal } from '../../../src/identity/policy/evaluate.ts';
import { parsePolicy } from '../../../src/identity/policy/parse-policy.ts';
import type { Policy } from '../../../src/identity/policy/policy-document.ts';
import { requestContext } from '../../../src/identity/policy/request-context.ts';

type Values = Parameters<typeof requestContext>[0];

function policy(
  statement: object | readonly object[],
  version = '2012-10-17',
  kind: 'identity' | 'trust' = 'identity',
): Policy {
  const problems: string[] = [];
  const parsed = parsePolicy({ Version: version, Statement: statement }, kind, '', problems);
  expect(problems).toEqual([]);
  return parsed;
}

const anything = { Effect: 'Allow', Action: '*', Resource: '*' };
const request = (action: string, resource = 'arn:aws:s3:::b/k', context: Values = {}) => ({
  principal: null,
  action,
  resource,
  context: requestContext(context),
});

function isAllowed(
  statement: object | readonly object[],
  action: string,
  resource?: string,
  context?: Values,
): boolean {
  return evaluate({ policies: [policy(statement)], boundary: null }, request(action, resource, context))
    .isAllowed;
}

/** Whether a statement with this condition applies. */
function holds(condition: object, context: Values, version?: string): boolean {
  const policies = [policy({ ...anything, Condition: condition }, version)];
  return evaluate({ policies, boundary: null }, request('s3:GetObject', undefined, context)).isAllowed;
}

describe('Policy evaluation logic', () => {
  const allow = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
  const deny = (Action: string) => ({ Effect: 'Deny', Action, Resource: '*', Sid: 'No' });

  it('denies what nothing allows', () => {
    expect(evaluate({ policies: [], boundary: null }, request('s3:GetObject'))).toEqual({
      isAllowed: false,
      isExplicit: false,
      by: 'policies',
      sid: null,
    });
  });

  it.each([
    [[allow('s3:*'), deny('s3:PutObject')], 's3:PutObject', false],
    [[deny('s3:PutObject'), allow('s3:*')], 's3:PutObject', false],
    [[allow('s3:*'), deny('s3:PutObject')], 's3:GetObject', true],
    [[allow('s3:Get*')], 's3:PutObject', false],
  ])('explicit deny wins whatever the order: %j on %s', (statements, action, expected) => {
    expect(isAllowed(statements, action)).toBe(expected);
  });

  it('a deny of one policy outweighs an allow of another, and says which statement it was', () => {
    const decision = evaluate(
      { policies: [policy(allow('*')), policy(deny('s3:*'))], boundary: null },
      request('s3:GetObject'),
    );
    expect(decision).toEqual({ isAllowed: false, isExplicit: true, by: 'policies', sid: 'No' });
  });

  it.each([
    ['s3:*', 's3:GetObject', { isAllowed: true }],
    ['s3:Put*', 's3:GetObject', { isAllowed: false, isExplicit: false, by: 'boundary', sid: null }],
  ])('a boundary of %s must allow as well', (boundary, action, expected) => {
    const set = { policies: [policy(allow('*'))], boundary: policy(allow(boundary)) };
    expect(evaluate(set, request(action))).toEqual(expected);
  });

  it('a boundary grants nothing by itself, and its deny is explicit', () => {
    const all = policy(allow('*'));
    expect(evaluate({ policies: [], boundary: all }, request('s3:GetObject'))).toMatchObject({
      by: 'policies',
    });
    expect(
      evaluate({ policies: [all], boundary: policy([allow('*'), deny('s3:*')]) }, request('s3:GetObject')),
    ).toEqual({
      isAllowed: false,
      isExplicit: true,
      by: 'boundary',
      sid: 'No',
    });
  });
});

describe('Action and NotAction', () => {
  it.each([
    ['mediaconvert:CreateJob', 'mediaconvert:CreateJob', true],
    ['MediaConvert:createjob', 'mediaconvert:CreateJob', true],
    ['mediaconvert:*', 'mediaconvert:CreateJob', true],
    ['mediaconvert:Get*', 'mediaconvert:GetJob', true],
    ['mediaconvert:Get*', 'mediaconvert:ListJobs', false],
    ['mediaconvert:*Job?', 'mediaconvert:ListJobs', true],
    ['mediaconvert:*Job?', 'mediaconvert:ListJob', false],
    ['mediaconvert:CreateJob', 'mediaconvert:CreateJobTemplate', false],
    ['*', 's3:GetObject', true],
  ])('%s and %s: %s', (Action, action, expected) => {
    expect(isAllowed({ Effect: 'Allow', Action, Resource: '*' }, action)).toBe(expected);
    expect(isAllowed({ Effect: 'Allow', NotAction: Action, Resource: '*' }, action)).toBe(!expected);
  });

  it('NotAction names what is left out of all', () => {
    const statement = { Effect: 'Allow', NotAction: ['iam:*', 's3:Put*'], Resource: '*' };
    expect(
      ['iam:PassRole', 's3:PutObject', 's3:GetObject', 'kms:Decrypt'].map((action) =>
        isAllowed(statement, action),
      ),
    ).toEqual([false, false, true, true]);
  });
});

describe('Resource and NotResource', () => {
  it.each([
    ['*', 'arn:aws:s3:::b/k', true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/a/b/c', true],
    ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
    ['arn:aws:s3:::b/*/x.mp4', 'arn:aws:s3:::b/a/b/x.mp4', true],
    ['arn:aws:s3:::b/?', 'arn:aws:s3:::b/kk', false],
    ['arn:aws:s3:::B/k', 'arn:aws:s3:::b/k', false],
    ['arn:aws:mediaconvert:*:*:queues/*', 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default', true],
    ['arn:aws:mediaconvert:*', 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default', true],
    ['arn:aws:s3:::b/a(b)[c]+.$^', 'arn:aws:s3:::b/a(b)[c]+.$^', true],
    ['arn:aws:s3:::b/a.c', 'arn:aws:s3:::b/abc', false],
    [`arn:aws:s3:::b/${'*a'.repeat(40)}`, `arn:aws:s3:::b/${'a'.repeat(2000)}b`, false],
  ])('%s and %s: %s', (Resource, resource, expected) => {
    expect(isAllowed({ Effect: 'Allow', Action: '*', Resource }, 's3:GetObject', resource)).toBe(expected);
    expect(isAllowed({ Effect: 'Allow', Action: '*', NotResource: Resource }, 's3:GetObject', resource)).toBe(
      !expected,
    );
  });
});

describe('Variables and tags', () => {
  const home = { Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::b/home/${aws:username}/*' };
  it.each([
    [{ 'aws:username': 'alice' }, 'arn:aws:s3:::b/home/alice/x', true],
    [{ 'aws:username': 'alice' }, 'arn:aws:s3:::b/home/bob/x', false],
    // A value is text: it cannot bring a wildcard.
    [{ 'aws:username': '*' }, 'arn:aws:s3:::b/home/bob/x', false],
    [{}, 'arn:aws:s3:::b/home//x', false],
    [{ 'aws:username': ['alice', 'bob'] }, 'arn:aws:s3:::b/home/alice/x', false],
  ])('in a resource, with %j on %s: %s', (context, resource, expected) => {
    expect(isAllowed(home, 's3:GetObject', resource, context)).toBe(expected);
  });

  it('are plain text in documents without version, or of 2008', () => {
    const policies = [policy(home, '2008-10-17')];
    const of = (resource: string) => request('s3:GetObject', resource, { 'aws:username': 'alice' });
    expect(evaluate({ policies, boundary: null }, of('arn:aws:s3:::b/home/alice/x')).isAllowed).toBe(false);
    expect(
      evaluate({ policies, boundary: null }, of('arn:aws:s3:::b/home/${aws:username}/x')).isAllowed,
    ).toBe(true);
  });

  it('have defaults and escapes', () => {
    const team = { StringEquals: { 'aws:ResourceTag/team': "${aws:PrincipalTag/team, 'red'}" } };
    expect(holds(team, { 'aws:ResourceTag/team': 'red' })).toBe(true);
    expect(holds(team, { 'aws:ResourceTag/team': 'red', 'aws:PrincipalTag/team': 'blue' })).toBe(false);
    const literal = { StringLike: { k: 'a${*}b${?}c${$}' } };
    expect(holds(literal, { k: 'a*b?c$' })).toBe(true);
    expect(holds(literal, { k: 'axbyc$' })).toBe(false);
  });

  it('without a value match nothing, so negated operators hold', () => {
    expect(holds({ StringEquals: { k: '${aws:username}' } }, { k: 'x' })).toBe(false);
    expect(holds({ StringNotEquals: { k: '${aws:username}' } }, { k: 'x' })).toBe(true);
  });

  it('deny by their value too', () => {
    const statements = [
      anything,
      { Effect: 'Deny', Action: '*', NotResource: 'arn:aws:s3:::b/${aws:username}' },
    ];
    expect(isAllowed(statements, 's3:GetObject', 'arn:aws:s3:::b/al', { 'aws:username': 'al' })).toBe(true);
    expect(isAllowed(statements, 's3:GetObject', 'arn:aws:s3:::b/bo', { 'aws:username': 'al' })).toBe(false);
  });
});

describe('Condition operators', () => {
  it.each([
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', 'a', 'a', false],
    ['StringEqualsIgnoreCase', 'a', 'A', true],
    ['StringNotEqualsIgnoreCase', 'a', 'A', false],
    ['StringLike', 'deny*', 'deny-all', true],
    ['StringLike', 'deny?', 'deny', false],
    ['StringLike', 'Deny*', 'deny', false],
    ['StringNotLike', 'deny*', 'deny-all', false],
    ['NumericEquals', '5', '5.0', true],
    ['NumericNotEquals', '5', '6', true],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '10', '9', false],
    ['NumericGreaterThanEquals', 10, '10', true],
    ['NumericEquals', '5', 'five', false],
    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateLessThanEquals', '2026-01-01', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThan', '1767225600', '2026-01-01T00:00:01Z', true],
    ['DateGreaterThanEquals', '2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z', false],
    ['Bool', 'true', 'true', true],
    ['Bool', true, 'false', false],
    ['Bool', 'False', 'false', true],
    ['BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', true],
    ['BinaryEquals', 'AAAA', 'AAAB', false],
    ['IpAddress', '203.0.113.0/24', '203.0.113.9', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.9', false],
    ['IpAddress', '127.0.0.1', '::ffff:127.0.0.1', true],
    ['IpAddress', '2001:db8::/32', '2001:db8:1::1', true],
    ['IpAddress', '10.0.0.0/8', '2001:db8::1', false],
    ['IpAddress', '0.0.0.0/0', 'no address', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
    ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', true],
    [
      'ArnEquals',
      'arn:aws:mediaconvert:*:000000000000:queues/*',
      'arn:aws:mediaconvert:us-east-1:000000000000:queues/a:b',
      true,
    ],
    [
      'ArnLike',
      'arn:aws:mediaconvert:us-east-1:*',
      'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
      false,
    ],
    [
      'ArnLike',
      'arn:*:mediaconvert:*:*:queues/D?fault',
      'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
      true,
    ],
    [
      'ArnLike',
      'arn:aws:*:queues/Default',
      'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
      false,
    ],
    ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/x', false],
    ['ArnNotLike', 'arn:aws:iam::*:role/x', 'arn:aws:iam::1:role/y', true],
  ])('%s %j against %s: %s', (operator, wanted, given, expected) => {
    expect(holds({ [operator]: { key: wanted } }, { key: given })).toBe(expected);
  });

  it.each([
    ['StringEquals', false],
    ['StringNotEquals', true],
    ['StringLike', false],
    ['StringNotLike', true],
    ['NumericNotEquals', true],
    ['NumericLessThan', false],
    ['Bool', false],
    ['IpAddress', false],
    ['NotIpAddress', true],
    ['ArnLike', false],
    ['ArnNotLike', true],
    ['ForAnyValue:StringEquals', false],
    ['ForAnyValue:StringNotEquals', false],
    ['ForAllValues:StringEquals', true],
    ['ForAllValues:StringNotEquals', true],
    ['StringEqualsIfExists', true],
    ['BoolIfExists', true],
    ['ForAnyValue:StringLikeIfExists', true],
  ])('%s without the key: %s', (operator, expected) => {
    const value =
      { Bool: 'true', BoolIfExists: 'true', NumericNotEquals: '1', NumericLessThan: '1' }[operator] ??
      '10.0.0.0/8';
    expect(holds({ [operator]: { key: value } }, {})).toBe(expected);
  });

  it.each([
    ['true', {}, true],
    ['true', { key: 'x' }, false],
    ['false', { key: 'x' }, true],
    ['false', {}, false],
  ])('Null %s with %j: %s', (wanted, context, expected) => {
    expect(holds({ Null: { key: wanted } }, context)).toBe(expected);
  });

  it('IfExists still compares what is there', () => {
    expect(holds({ StringEqualsIfExists: { key: 'a' } }, { key: 'b' })).toBe(false);
  });
});

describe('Multiple keys and values', () => {
  it('keys are all required, values alternatives; negated, none may match', () => {
    const both = { StringEquals: { a: ['1', '2'], b: '3' } };
    expect(holds(both, { a: '2', b: '3' })).toBe(true);
    expect(holds(both, { a: '2', b: '4' })).toBe(false);
    expect(holds({ StringEquals: { a: '1' }, Bool: { c: 'true' } }, { a: '1', c: 'false' })).toBe(false);
    expect(holds({ StringNotEquals: { a: ['1', '2'] } }, { a: '2' })).toBe(false);
    expect(holds({ StringNotEquals: { a: ['1', '2'] } }, { a: '3' })).toBe(true);
  });

  it.each([
    ['ForAllValues:StringEquals', ['team', 'cost'], ['team'], true],
    ['ForAllValues:StringEquals', ['team', 'cost'], ['team', 'owner'], false],
    ['ForAnyValue:StringEquals', ['team', 'cost'], ['team', 'owner'], true],
    ['ForAnyValue:StringEquals', ['team', 'cost'], ['owner'], false],
    ['ForAllValues:StringNotEquals', ['team'], ['owner', 'cost'], true],
    ['ForAllValues:StringNotEquals', ['team'], ['owner', 'team'], false],
    ['ForAnyValue:StringNotEquals', ['team'], ['owner', 'team'], true],
    ['ForAnyValue:StringNotEquals', ['team'], ['team'], false],
    ['ForAnyValue:StringLike', ['t*'], ['x', 'team'], true],
    ['StringEquals', ['team'], ['owner', 'team'], true],
    ['StringNotEquals', ['team'], ['owner', 'team'], false],
  ])('%s %j against %j: %s', (operator, wanted, given, expected) => {
    expect(holds({ [operator]: { 'aws:TagKeys': wanted } }, { 'aws:TagKeys': given })).toBe(expected);
  });

  it('names of keys have no case, values have', () => {
    expect(
      holds({ StringEquals: { 'AWS:resourcetag/Team': 'red' } }, { 'aws:ResourceTag/team': 'red' }),
    ).toBe(true);
    expect(
      holds({ StringEquals: { 'aws:ResourceTag/team': 'Red' } }, { 'aws:ResourceTag/team': 'red' }),
    ).toBe(false);
  });
});

describe('Principal and NotPrincipal', () => {
  const service: Principal = { kind: 'Service', name: 'mediaconvert.amazonaws.com' };
  const user: Principal = {
    kind: 'AWS',
    arn: 'arn:aws:iam::123456789012:user/al',
    accountId: '123456789012',
  };
  it.each([
    ['*', service, true],
    ['*', user, true],
    [{ Service: 'mediaconvert.amazonaws.com' }, service, true],
    [{ Service: ['ec2.amazonaws.com', 'mediaconvert.amazonaws.com'] }, service, true],
    [{ Service: 'ec2.amazonaws.com' }, service, false],
    [{ AWS: '*' }, user, true],
    [{ AWS: '123456789012' }, user, true],
    [{ AWS: '123456789012' }, service, false],
    [{ AWS: 'arn:aws:iam::123456789012:root' }, user, true],
    [{ AWS: 'arn:aws:iam::123456789012:user/al' }, user, true],
    [{ AWS: 'arn:aws:iam::123456789012:user/alice' }, user, false],
    [{ AWS: 'arn:aws:iam::210987654321:root' }, user, false],
  ])('%j and %j: %s', (named, principal, expected) => {
    const of = (element: object) =>
      evaluate(
        {
          policies: [policy({ Effect: 'Allow', Action: 'sts:AssumeRole', ...element }, undefined, 'trust')],
          boundary: null,
        },
        { ...request('sts:AssumeRole', 'arn:aws:iam::123456789012:role/r'), principal },
      ).isAllowed;
    expect(of({ Principal: named })).toBe(expected);
    expect(of({ NotPrincipal: named })).toBe(!expected);
  });
});
