/** A proxy in front of an S3 server that does to chosen requests what networks and stores do. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to a request. `pass` hands it on. */
export type Fate =
  | { readonly kind: 'pass' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code: string;
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The server's answer, cut after so many bytes of body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Handed on with other headers (undefined takes one away), and the answer too. */
  | { readonly kind: 'altered'; readonly ask?: Headers; readonly answer?: Headers }
  /** A body of the proxy's own, without a length unless `headers` has one. */
  | {
      readonly kind: 'body';
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'reset' }
  | { readonly kind: 'stall' };

type Headers = Readonly<Record<string, string | undefined>>;

/** Nothing is done to a request. */
export const pass: Fate = { kind: 'pass' };

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface FaultProxy {
  readonly endpoint: string;
  readonly seen: SeenRequest[];
  /** Decides from now on; the number counts calls of this rule from 1. A request waits for a promised fate. */
  rule(decide: Decide): void;
  close(): Promise<void>;
}

type Decide = (request: SeenRequest, nth: number) => Fate | Promise<Fate>;

export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let decide: Decide = () => ({ kind: 'pass' });
  let count = 0;
  const server = createServer((request, response) => {
    const seenRequest = { method: request.method ?? '', url: request.url ?? '', headers: request.headers };
    seen.push(seenRequest);
    count += 1;
    const fate = decide(seenRequest, count);
    if (!(fate instanceof Promise)) return inflict(fate, request, response, upstream);
    void fate.then((decided) => inflict(decided, request, response, upstream));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    rule(next) {
      decide = next;
      count = 0;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function inflict(fate: Fate, request: IncomingMessage, response: ServerResponse, upstream: string): void {
  switch (fate.kind) {
    case 'reset':
      return void request.socket.destroy();
    case 'stall':
      return void request.resume();
    case 'answer': {
      const xml = `<?xml version="1.0"?><Error><Code>${fate.code}</Code><Message>${fate.text ?? fate.code}</Message></Error>`;
      request.resume();
      return void request.on('end', () => {
        response
          .writeHead(fate.status, { 'content-type': 'application/xml', ...fate.headers })
          .end(request.method === 'HEAD' ? undefined : xml);
      });
    }
    case 'body':
      request.resume();
      return void request.on('end', () => {
        response
          .writeHead(fate.status, { 'content-type': 'application/xml', ...fate.headers })
          .write(fate.body);
        response.end();
      });
    case 'pass':
    case 'altered':
    case 'cut': {
      const { hostname, port } = new URL(upstream);
      const { method, url } = request;
      const { ask = {}, answer: told = {} } = fate.kind === 'altered' ? fate : {};
      const headers = overlaid(request.headers, ask);
      const onward = httpRequest({ hostname, port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, overlaid(answer.headers, told));
        if (fate.kind !== 'cut') return void answer.pipe(response);
        answer.once('data', (bytes: Buffer) =>
          response.write(bytes.subarray(0, fate.afterBytes), () => response.destroy()),
        );
      });
      onward.on('error', () => response.destroy());
      return void request.pipe(onward);
    }
  }
}

function overlaid(headers: IncomingMessage['headers'], others: Headers): IncomingMessage['headers'] {
  const all = Object.entries({ ...headers, ...others });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}
