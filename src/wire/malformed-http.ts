/**
 * Bytes that are no HTTP request never reach a handler: the answer is written to the socket itself, and the
 * connection ends.
 */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** Answers a request that the HTTP parser refused, in the service's error format. */
export function answerMalformedHttp(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { status, type, message } = refusalFor(error.code);
  const body = JSON.stringify({ message });
  if (socket.writable) {
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `x-amzn-RequestId: ${randomUUID()}`,
        `x-amzn-ErrorType: ${type}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}

function refusalFor(code: string | undefined): { status: number; type: string; message: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        type: 'RequestTimeoutException',
        message: 'The request was not received in time.',
      };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, type: 'BadRequestException', message: 'The request headers are too large.' };
    default:
      return { status: 400, type: 'BadRequestException', message: 'The request is not well-formed HTTP.' };
  }
}
