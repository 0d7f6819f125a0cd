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
      { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-of-key', sessionToken: null, expiresAtMs: null },
      {
        accessKeyId: 'ASIAEXAMPLE',
        secretAccessKey: 'secret-of-key',
        sessionToken: 'token',
        expiresAtMs: Date.UTC(2026, 0, 31, 12),
      },
    ]);
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
