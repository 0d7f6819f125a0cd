/** HTTP servers that misbehave in one way each; real sockets on free loopback ports. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface TestServer {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** Longer than what opening fetches. */
export const content = Buffer.from(
  Array.from({ length: 1_000_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff),
);

/** Serves `content` as a well-behaved server does. */
export function serveContent(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer = content,
): void {
  response.setHeader('etag', '"v1"');
  response.setHeader('accept-ranges', 'bytes');
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (request.method === 'HEAD' || first === undefined) {
    response.setHeader('content-length', bytes.length);
    return void response.end(request.method === 'HEAD' ? undefined : bytes);
  }
  const body = bytes.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, {
    'content-length': body.length,
    'content-range': `bytes ${first}-${Number(first) + body.length - 1}/${bytes.length}`,
  });
  response.end(body);
}

export async function startServer(
  listener: RequestListener,
  tls?: { key: Buffer; cert: Buffer },
): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const counted: RequestListener = (request, response) => {
    requests.push(request);
    listener(request, response);
  };
  const server = tls === undefined ? createServer(counted) : createSecureServer(tls, counted);
  return listen(server, requests);
}

/** A server that handles raw connections. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      onConnection(socket);
    }),
    [],
  );
}

/** A port where nothing listens. */
export async function closedPort(): Promise<string> {
  const server = await startTcpServer(() => {});
  await server.close();
  return server.host;
}

async function listen(server: Server, requests: IncomingMessage[]): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
