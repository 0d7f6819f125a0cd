/** Sends bytes to a server and reads what comes back, without an HTTP client in between. */
import { connect } from 'node:net';

/** An answer as it stood on the wire. */
export interface RawAnswer {
  /** 0 when the server closed without an answer. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends the bytes on a new connection and reads until the server closes it. Fails after 20 seconds. */
export function sendBytes(
  url: string,
  bytes: string | Uint8Array,
  { endsAfterSending = false } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const isHead = bytes.toString().startsWith('HEAD ');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    socket.setTimeout(20_000, () => socket.destroy(new Error('the server neither answered nor closed')));
    // Half-closed after sending, the server learns at once that nothing more will come.
    socket.on('connect', () => (endsAfterSending ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (isWhole(Buffer.concat(chunks).toString('latin1'), isHead)) socket.end();
    });
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('latin1'))));
    socket.on('error', (error: Error & { code?: string }) => {
      // The server may close while we still send.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

/** A request line, headers and body as one text, with what every request needs. */
export function requestText(
  method: string,
  target: string,
  body = '',
  headers: readonly string[] = [],
): string {
  return [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${anyCredentials}`,
    'X-Amz-Date: 20260101T000000Z',
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** A header that looks like a signature; enough for a server without keys. */
export const anyCredentials = `AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/mediaconvert/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;

function isWhole(text: string, isHead: boolean): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (isHead) return end >= 0;
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
  return end >= 0 && length !== undefined && text.length >= end + 4 + Number(length);
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const headers = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  // What stands behind the length is the answer to whatever followed on the connection.
  const length = headers.get('content-length');
  const body = text.slice(end + 4, length === undefined ? undefined : end + 4 + Number(length));
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body };
}
