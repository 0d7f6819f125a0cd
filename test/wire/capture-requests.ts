/** A plain HTTP server that records what real clients send, byte for byte, and answers `{}`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignedRequest } from '../../src/wire/signature-claim.ts';

/** A running recorder. */
export interface RequestRecorder extends AsyncDisposable {
  readonly url: string;
  /** The newest request. Throws when there was none. */
  last(): SignedRequest;
}

/** Starts a recorder on a free port. */
export async function recordRequests(): Promise<RequestRecorder> {
  const requests: SignedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({
        method: request.method ?? '',
        rawUrl: request.url ?? '',
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks),
      });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    last() {
      const request = requests.at(-1);
      if (request === undefined) throw new Error('no request was recorded');
      return request;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
