/**
 * The wire between an engine child and its worker's object gateway (design D3): a private stream socket, requests
 * from the child, exactly one reply each, in any order. A message is 8 bytes of lengths, a JSON header and raw
 * bytes. Both ends use this file; neither trusts lengths beyond the limits below.
 *
 * The child numbers the objects it opens, so that it need not wait for an answer before it goes on. Requests for
 * one object are served in the order they were sent.
 */
import type { Duplex } from 'node:stream';
import type { FaultRecord } from '../catalogue/fault.ts';
import type { WriteOptions } from '../store/store.ts';

/** Longest byte payload of one message. Reads and writes are cut to it. */
export const maxPayloadBytes = 4 * 1024 * 1024;
const maxHeaderBytes = 64 * 1024;
const lengthsBytes = 8;

/** What the child asks for. `object` is the child's number for an open object. */
export type ObjectRequest =
  | { readonly op: 'open'; readonly object: number; readonly location: string }
  | { readonly op: 'read'; readonly object: number; readonly offset: number; readonly length: number }
  | { readonly op: 'close'; readonly object: number }
  | {
      readonly op: 'create';
      readonly object: number;
      readonly location: string;
      readonly options: WriteOptions;
    }
  | { readonly op: 'write'; readonly object: number }
  | { readonly op: 'publish'; readonly object: number }
  | { readonly op: 'abort'; readonly object: number }
  | {
      readonly op: 'publish-file';
      readonly object: number;
      readonly path: string;
      readonly location: string;
      readonly options: WriteOptions;
    };

/** A request with its number; the reply carries the same. */
export type NumberedRequest = ObjectRequest & { readonly request: number };

/** What the gateway answers; a read's bytes follow as payload. */
export type ObjectReply =
  | { readonly request: number; readonly sizeBytes: number }
  | { readonly request: number; readonly fault: FaultRecord }
  /** Not a fault of the job: the gateway was told to stop, or the child broke the protocol. */
  | { readonly request: number; readonly refused: string };

/** A socket that sends and receives whole messages. */
export interface MessageSocket<Sent> {
  /** Hands a message to the socket. `onFlushed` is called when the payload's memory is no longer needed. */
  send(header: Sent, payload: Uint8Array, onFlushed?: () => void): void;
  /** Stops and restarts receiving: back-pressure for the other end. */
  pause(): void;
  resume(): void;
  /** Ends the socket at once. */
  destroy(): void;
}

/**
 * Speaks messages over `socket`. `received` is called once per message, with bytes it may keep; `closed` once,
 * with the reason, when no more will come (peer gone, protocol broken, destroyed).
 */
export function openMessageSocket<Sent, Received>(
  socket: Duplex,
  received: (header: Received, payload: Buffer) => void,
  closed: (reason: Error) => void,
): MessageSocket<Sent> {
  let reason: Error | null = null;
  const end = (error: Error): void => {
    if (reason !== null) return;
    reason = error;
    socket.destroy();
    closed(error);
  };
  const parse = createMessageParser(received as (header: unknown, payload: Buffer) => void);
  socket.on('data', (bytes: Buffer) => {
    try {
      parse(bytes);
    } catch (error) {
      end(error as Error);
    }
  });
  socket.on('error', (error: Error) => end(error));
  socket.on('close', () => end(new Error('the object channel is closed')));
  // A socket whose other end went away while nobody listened emits nothing more.
  if (socket.destroyed || socket.readableEnded) {
    queueMicrotask(() => end(new Error('the object channel is closed')));
  }

  return {
    send(header, payload, onFlushed) {
      if (reason !== null || socket.destroyed) return onFlushed?.();
      const text = Buffer.from(JSON.stringify(header));
      const lengths = Buffer.allocUnsafe(lengthsBytes);
      lengths.writeUInt32BE(text.length, 0);
      lengths.writeUInt32BE(payload.length, 4);
      socket.cork();
      socket.write(lengths);
      socket.write(text);
      socket.write(payload, () => onFlushed?.());
      socket.uncork();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => end(new Error('the object channel is closed')),
  };
}

/** Collects stream chunks into messages. The returned function throws RangeError or SyntaxError on a broken peer. */
function createMessageParser(received: (header: unknown, payload: Buffer) => void): (bytes: Buffer) => void {
  let stage: 'lengths' | 'header' | 'payload' = 'lengths';
  let target: Buffer = Buffer.allocUnsafe(lengthsBytes);
  let filled = 0;
  let payloadBytes = 0;
  let header: unknown;

  const expect = (next: typeof stage, length: number): void => {
    stage = next;
    target = Buffer.allocUnsafe(length);
    filled = 0;
  };
  const advance = (): void => {
    switch (stage) {
      case 'lengths': {
        const headerBytes = target.readUInt32BE(0);
        payloadBytes = target.readUInt32BE(4);
        if (headerBytes > maxHeaderBytes || payloadBytes > maxPayloadBytes) {
          throw new RangeError(`a message of ${headerBytes} + ${payloadBytes} bytes is longer than allowed`);
        }
        expect('header', headerBytes);
        return;
      }
      case 'header':
        header = JSON.parse(target.toString('utf8'));
        expect('payload', payloadBytes);
        return;
      case 'payload': {
        const payload = target;
        expect('lengths', lengthsBytes);
        received(header, payload);
      }
    }
  };

  return (bytes) => {
    let position = 0;
    for (;;) {
      const taken = Math.min(target.length - filled, bytes.length - position);
      bytes.copy(target, filled, position, position + taken);
      filled += taken;
      position += taken;
      if (filled < target.length) return;
      advance();
      // Empty payloads complete without further bytes.
      if (position === bytes.length && target.length > 0) return;
    }
  };
}
