/** Certificates of an authority of the test's own, each wrong in one known way. Made with the openssl command. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A key and its certificate, PEM. */
export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** All certificates, and the file of the authority that clients shall trust. */
export interface Certificates {
  readonly authorityFile: string;
  /** For 127.0.0.1, by the authority. */
  readonly good: Certificate;
  /** The same, its time is over. */
  readonly expired: Certificate;
  /** By the authority, for another host. */
  readonly foreign: Certificate;
  /** For 127.0.0.1, by nobody. */
  readonly selfSigned: Certificate;
}

/** Makes them in a folder. Null, with the reason printed, where there is no openssl. */
export function makeCertificates(folder: string): Certificates | null {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { stdio: 'ignore' });
  const selfSign = (name: string, subject: string, alternative: string): void =>
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${subject}`],
      ...[
        '-addext',
        `subjectAltName=${alternative}`,
        '-keyout',
        at(`${name}.key`),
        '-out',
        at(`${name}.pem`),
      ],
    );
  const sign = (name: string, alternative: string, days: number): void => {
    writeFileSync(at(`${name}.ext`), `subjectAltName=${alternative}\n`);
    openssl(
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test'],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
    );
    openssl(
      ...['x509', '-req', '-in', at(`${name}.csr`), '-days', String(days), '-extfile', at(`${name}.ext`)],
      ...[
        '-CA',
        at('authority.pem'),
        '-CAkey',
        at('authority.key'),
        '-CAcreateserial',
        '-out',
        at(`${name}.pem`),
      ],
    );
  };
  const read = (name: string): Certificate => ({
    key: readFileSync(at(`${name}.key`)),
    cert: readFileSync(at(`${name}.pem`)),
  });
  try {
    selfSign('authority', 'authority of a test', 'DNS:authority.invalid');
    selfSign('self-signed', 'test', 'IP:127.0.0.1');
    sign('good', 'IP:127.0.0.1', 2);
    sign('expired', 'IP:127.0.0.1', -1);
    sign('foreign', 'DNS:elsewhere.invalid', 2);
  } catch {
    console.log('skipped: TLS certificates need the openssl command (apt-get install openssl)');
    return null;
  }
  return {
    authorityFile: at('authority.pem'),
    good: read('good'),
    expired: read('expired'),
    foreign: read('foreign'),
    selfSigned: read('self-signed'),
  };
}
