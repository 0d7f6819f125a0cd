/** What a configuration file may say about the server. */
import { describe, expect, it } from 'vitest';
import { ConfigurationError, parseServerConfiguration } from '../../src/wire/server-configuration.ts';

const problemsOf = (document: unknown, pointer?: string): readonly string[] => {
  try {
    parseServerConfiguration(document, pointer);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-of-key' };
const role = {
  arn: 'arn:aws:iam::000000000000:role/service-role/Jobs',
  trustPolicy: { Statement: [] },
  policies: [{ Statement: [] }],
};

describe('a server configuration', () => {
  it('may be empty', () => {
    expect(parseServerConfiguration({})).toEqual({
      host: '127.0.0.1',
      port: 8420,
      accountId: '000000000000',
      region: 'us-east-1',
      accessKeys: [],
      strictArns: false,
      bodyLimitBytes: 4_000_000,
      publicUrl: null,
      allowedOrigins: [],
      limits: {},
      accountConcurrentJobs: 2000,
      retentionDays: 90,
      quotas: null,
      throttling: null,
      roles: null,
      foreignRoles: null,
      sts: null,
    });
    expect(parseServerConfiguration({ region: 'eu-central-1' }).accountConcurrentJobs).toBe(1000);
  });

  it('keeps every member it is given', () => {
    const configuration = parseServerConfiguration({
      host: '0.0.0.0',
      port: 0,
      accountId: '111122223333',
      region: 'us-gov-west-1',
      accessKeys: [
        { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-of-key' },
        {
          accessKeyId: 'ASIAEXAMPLE',
          secretAccessKey: 'secret-of-key',
          sessionToken: 'token',
          expiresAt: '2026-01-31T12:00:00Z',
        },
      ],
      strictArns: true,
      bodyLimitBytes: 2048,
      publicUrl: 'https://mediaconvert.example/',
      allowedOrigins: ['https://console.example:8443'],
      accountConcurrentJobs: 7,
    });
    expect(configuration).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      strictArns: true,
      publicUrl: 'https://mediaconvert.example',
      accountConcurrentJobs: 7,
    });
    expect(configuration.accessKeys).toEqual([
      {
        accessKeyId: 'AKIAEXAMPLE',
        secretAccessKey: 'secret-of-key',
        sessionToken: null,
        expiresAtMs: null,
        callerArn: null,
        permissions: null,
      },
      {
        accessKeyId: 'ASIAEXAMPLE',
        secretAccessKey: 'secret-of-key',
        sessionToken: 'token',
        expiresAtMs: Date.UTC(2026, 0, 31, 12),
        callerArn: null,
        permissions: null,
      },
    ]);
  });

  it("turns the service's quotas and rates on, whole or with some numbers replaced", () => {
    const { quotas, throttling } = parseServerConfiguration({ quotas: true, throttling: true });
    expect(quotas).toMatchObject({ queues: 10, presets: 100, jobsQueries: 10, concurrentJobsPerQueue: 500 });
    expect(throttling?.get('CreateJob')).toEqual({ perSecond: 5, burst: 100 });
    expect(throttling?.get('GetJob')).toEqual({ perSecond: 2, burst: 100 });
    expect(throttling?.size).toBe(33);
    const some = parseServerConfiguration({
      region: 'eu-central-1',
      quotas: { queues: 0 },
      throttling: { GetJob: { perSecond: 0.5, burst: 1 } },
    });
    expect(some.quotas).toMatchObject({ queues: 0, concurrentJobsPerQueue: 100 });
    expect(some.throttling?.get('GetJob')).toEqual({ perSecond: 0.5, burst: 1 });
    expect(some.throttling?.get('CreateJob')).toEqual({ perSecond: 5, burst: 100 });
    expect(parseServerConfiguration({ quotas: false, throttling: false })).toMatchObject({
      quotas: null,
      retentionDays: 90,
      throttling: null,
    });
  });

  it('is refused with everything that is wrong, by name and place', () => {
    const problems = problemsOf(
      {
        prot: 1,
        port: 70_000,
        strictArns: 'yes',
        accessKeys: [{ accessKeyId: 'AKIAEXAMPLE' }, { secret: 'x' }],
        __proto__: null,
      },
      '/server',
    );
    expect(problems).toEqual([
      expect.stringMatching(/^\/server\/prot is not known; known are host, port,/),
      '/server/port must be an integer from 0 to 65535',
      '/server/strictArns must be true or false',
      '/server/accessKeys/0/secretAccessKey is required',
      expect.stringMatching(/^\/server\/accessKeys\/1\/secret is not known/),
      '/server/accessKeys/1/accessKeyId is required',
      '/server/accessKeys/1/secretAccessKey is required',
    ]);
  });

  it.each([
    [null, 'the server configuration must be an object'],
    [[], 'the server configuration must be an object'],
    [{ host: '0.0.0.0' }, expect.stringContaining('refusing to listen on 0.0.0.0 without access keys')],
    [{ accountId: '123' }, '/accountId must be twelve digits, as a string'],
    [{ accountId: 111122223333 }, '/accountId must be twelve digits, as a string'],
    [{ region: 'Frankfurt' }, '/region must be a region such as us-east-1'],
    [
      { publicUrl: 'https://a.example/path' },
      '/publicUrl must be an http or https URL of scheme, host and port only',
    ],
    [
      { allowedOrigins: ['*'] },
      '/allowedOrigins/0 must be an http or https URL of scheme, host and port only',
    ],
    [{ accessKeys: {} }, '/accessKeys must be a list'],
    [
      {
        accessKeys: [
          { ...key, policies: [{ Statement: [{ Effect: 'Maybe', Action: '*', Resource: '*' }] }] },
        ],
      },
      "/accessKeys/0/policies/0/Statement/0/Effect must be 'Allow' or 'Deny'",
    ],
    [
      { accessKeys: [{ ...key, permissionsBoundary: { Statement: [] } }] },
      '/accessKeys/0/permissionsBoundary bounds nothing without policies',
    ],
    [
      { accessKeys: [{ ...key, arn: 'alice' }] },
      '/accessKeys/0/arn must be the ARN of a user or of an assumed role',
    ],
    [{ quotas: { queues: -1 } }, '/quotas/queues must be an integer from 0 to 1000000'],
    [{ quotas: 10 }, '/quotas must be an object'],
    [{ throttling: { CreateJob: { perSecond: 5 } } }, '/throttling/CreateJob/burst is required'],
    [
      { throttling: { DescribeEndpoints: { perSecond: 5, burst: 5 } } },
      expect.stringContaining('/throttling/DescribeEndpoints is not known'),
    ],
    [{ foreignRoles: 'allow' }, "/foreignRoles must be 'default-role' or 'refuse'"],
    [
      { roles: [{ ...role, trustPolicy: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] } }] },
      '/roles/0/trustPolicy/Statement/0 must have Principal or NotPrincipal',
    ],
    [{ roles: [role, role] }, `/roles defines ${role.arn} twice`],
    [
      { roles: [{ ...role, arn: 'MediaConvert_Default_Role' }] },
      '/roles/0/arn must be the ARN of a role, arn:aws:iam::<12 digits>:role/<name>',
    ],
    [{ sts: { sessionSeconds: 60 } }, '/sts/sessionSeconds must be an integer from 900 to 43200'],
    [{ toString: 1 }, expect.stringContaining('/toString is not known')],
  ])('%j is refused', (document, problem) => {
    expect(problemsOf(document)).toEqual([problem]);
  });

  it('never repeats a secret in a message', () => {
    expect(
      problemsOf({ accessKeys: [{ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'has a space' }] }).join(),
    ).not.toContain('has a space');
  });
});
