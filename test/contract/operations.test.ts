/** The operations as the HTTP router reads them (spec api.md 3). */
import { describe, expect, it } from 'vitest';
import { declaredFaults } from '../../src/contract/model.generated.ts';
import { operationNamed, operations } from '../../src/contract/operations.ts';

describe('operations', () => {
  it('are 34, with distinct routes', () => {
    expect(operations).toHaveLength(34);
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(34);
  });

  it.each([
    ['CreateJob', 'POST', '/2017-08-29/jobs', 201],
    ['GetJob', 'GET', '/2017-08-29/jobs/{id}', 200],
    ['CancelJob', 'DELETE', '/2017-08-29/jobs/{id}', 202],
    ['DescribeEndpoints', 'POST', '/2017-08-29/endpoints', 200],
    ['UntagResource', 'PUT', '/2017-08-29/tags/{arn}', 200],
    ['DeletePolicy', 'DELETE', '/2017-08-29/policy', 200],
    ['CreateResourceShare', 'POST', '/2017-08-29/resourceShares', 202],
    ['UpdateQueue', 'PUT', '/2017-08-29/queues/{name}', 200],
  ])('%s is %s %s and answers %i', (name, method, path, status) => {
    expect(operationNamed(name)).toMatchObject({ method, path, status });
  });

  it('say where each member travels', () => {
    const places = Object.fromEntries(
      operationNamed('UntagResource').members.map(({ name, location }) => [name, location]),
    );
    expect(places).toEqual({ arn: 'path', tagKeys: 'body' });
    const listing = operationNamed('ListJobs').members.map(({ name, location }) => `${name} ${location}`);
    expect(listing).toEqual([
      'maxResults query',
      'nextToken query',
      'order query',
      'queue query',
      'status query',
    ]);
  });

  it('have a label in the path for every path member', () => {
    for (const { path, members } of operations) {
      const labels = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(members.filter(({ location }) => location === 'path').map(({ name }) => name)).toEqual(labels);
    }
  });

  it('know which requests have a body', () => {
    expect(operations.filter(({ hasBody, method }) => hasBody && method === 'GET')).toEqual([]);
    expect(operationNamed('CreateJob').hasBody).toBe(true);
    expect(operationNamed('CancelJob').hasBody).toBe(false);
  });

  it('say what is required', () => {
    const required = operationNamed('CreateJob').members.filter(({ isRequired }) => isRequired);
    expect(required.map(({ name }) => name)).toEqual(['role', 'settings']);
  });

  it('refuse an unknown name', () => {
    expect(() => operationNamed('MakeCoffee')).toThrow(RangeError);
  });

  it('declare the exceptions with their status (spec api.md 2.1; the newest model adds 422)', () => {
    expect(declaredFaults).toEqual({
      BadRequestException: 400,
      ConflictException: 409,
      ForbiddenException: 403,
      InternalServerErrorException: 500,
      NotFoundException: 404,
      ServiceQuotaExceededException: 402,
      TooManyRequestsException: 429,
      UnprocessableEntityException: 422,
    });
  });
});
