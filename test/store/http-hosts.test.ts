/** Which hosts HTTP(S) inputs may come from, and what is said about those that cannot (spec errors.md 5). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HttpStoreSettings } from '../../src/store/http.ts';
import { ForbiddenAddressError, isPrivateAddress, lookupAllowed } from '../../src/store/http-address.ts';
import { closeLater, failure, readAll, server } from './http-place.ts';
import { closedPort, content, serveContent, startServer } from './http-servers.ts';

describe('hosts', () => {
  test('a closed port is fault 3451', async () => {
    const url = `http://${await closedPort()}/a`;
    expect(await failure(url)).toEqual({
      code: 3451,
      message: `3451: Server could not be reached when accessing: '${url}'.`,
    });
  });

  test('a name that does not resolve is fault 3454', async () => {
    const url = 'http://nonexistent.invalid/a';
    expect(await failure(url)).toEqual({
      code: 3454,
      message: `3454: Name resolution failed when accessing: '${url}'.`,
    });
  });

  test.each([
    'http://h/a b.mp4',
    'ftp://h/a',
    'http:/h/a',
    'http://h\\a',
    'http://user:pass@h/a',
    'http://h/a\n',
  ])('%j is fault 3452', async (url) => {
    expect(await failure(url)).toEqual({ code: 3452, message: `3452: URL '${url}' is malformed.` });
  });

  test.each([
    'http://ex_ample..com/',
    'http://h:99999/',
    'http://h:0/',
    'http://h:x/',
    'http:///a',
    'http://[::zz]/',
    'http://999.1.1.1/',
    'http://a%b/',
  ])('%s is fault 3456', async (url) => {
    expect((await failure(url)).code).toBe(3456);
  });
});

describe('private addresses', () => {
  const strict: HttpStoreSettings = { allowedPrivateHosts: [] };

  test.each([
    '127.0.0.1',
    'localhost',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '10.0.0.1',
    '0.0.0.0',
  ])('%s is fault 3456 and is not connected to', async (name) => {
    const { host, requests } = await server(serveContent);
    const url = `http://${name}:${host.split(':')[1]}/a`;
    expect((await failure(url, strict)).code).toBe(3456);
    expect(requests).toHaveLength(0);
  });

  test('a name is judged by the lookup that is connected to', async () => {
    const answer = (mayBePrivate: boolean): Promise<unknown> =>
      new Promise((resolve) =>
        lookupAllowed(mayBePrivate)('localhost', { all: true }, (error, addresses) =>
          resolve(error ?? addresses),
        ),
      );
    expect(await answer(false)).toBeInstanceOf(ForbiddenAddressError);
    expect(await answer(true)).toContainEqual(expect.objectContaining({ address: expect.any(String) }));
  });

  test('a redirect to one is refused although the first host is allowed', async () => {
    const target = await server(serveContent);
    const { host } = await server((_, response) =>
      response.writeHead(302, { location: `http://${target.host}/b` }).end(),
    );
    expect((await failure(`http://${host}/a`, { allowedPrivateHosts: [host] })).code).toBe(3456);
    expect(target.requests).toHaveLength(0);
    expect(
      (await readAll(`http://${host}/a`, { allowedPrivateHosts: [host, target.host] })).equals(content),
    ).toBe(true);
  });

  test.each([
    ['8.8.8.8', false],
    ['2606:4700::1111', false],
    ['172.15.255.255', false],
    ['172.16.0.1', true],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['100.64.0.1', true],
    ['fe80::1', true],
    ['fd12::1', true],
    ['::ffff:10.0.0.1', true],
    ['::ffff:8.8.8.8', false],
    ['::ffff:7f00:1', true],
    ['64:ff9b::7f00:1', true],
    ['2002:7f00:1::', true],
    ['255.255.255.255', true],
    ['not an address', true],
  ])('%s is private: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });
});

describe('TLS', () => {
  const certificate = makeCertificate();
  test.skipIf(certificate === null)(
    'an untrusted certificate is fault 3455; a trusted one is read',
    async () => {
      if (certificate === null) return;
      const secure = closeLater(await startServer(serveContent, certificate));
      const url = `https://${secure.host}/a`;
      expect(await failure(url)).toEqual({
        code: 3455,
        message: `3455: SSL failures encountered when accessing: '${url}'.`,
      });
      const trusted = await readAll(url, { certificateAuthorities: [certificate.cert.toString()] });
      expect(trusted.equals(content)).toBe(true);
    },
  );

  test.skipIf(certificate === null)('a certificate of another host is fault 3455', async () => {
    if (certificate === null) return;
    const secure = closeLater(await startServer(serveContent, certificate));
    const url = `https://localhost:${secure.host.split(':')[1]}/a`;
    expect((await failure(url, { certificateAuthorities: [certificate.cert.toString()] })).code).toBe(3455);
  });

  test('a server that does not speak TLS is fault 3455', async () => {
    const { host } = await server(serveContent);
    expect((await failure(`https://${host}/a`)).code).toBe(3455);
  });
});

/** A self-signed certificate for 127.0.0.1; null, with the reason printed, where there is no openssl. */
function makeCertificate(): { key: Buffer; cert: Buffer } | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'openconvert-tls-'));
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=127.0.0.1',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    console.log('skipped: TLS certificates need the openssl command (apt-get install openssl)');
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
