/**
 * The object gateway: the worker's end of an engine child's object channel (design D3). It holds the rights of the
 * job's role and lends the child ranges of granted sources and writers at planned places, nothing else. Every
 * request has a deadline; what the child leaves unpublished is aborted, so that a dead engine leaves no trace.
 */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { JobFault } from '../catalogue/fault.ts';
import {
  maxPayloadBytes,
  type NumberedRequest,
  type ObjectReply,
  openMessageSocket,
} from '../engine/object-channel.ts';
import type { ObjectReader, ObjectStore, ObjectWriter, WriteOptions } from '../store/store.ts';
import { createDeadline } from './gateway-deadline.ts';
import { closeOpenObject, type OpenReader, type OpenWriter, trackOpenObjects } from './gateway-objects.ts';
import { type GatewayRights, mayWrite, noRights } from './gateway-rights.ts';

/** Payload bytes under way in both directions; above it the gateway stops listening until some have gone. */
const maxBytesUnderWay = 64 * 1024 * 1024;
const noPayload = Buffer.alloc(0);

/** How long requests may take, in milliseconds. The stores' own deadlines are shorter and explain more. */
export interface GatewayDeadlines {
  /** Open, read, create, write. */
  readonly requestMs: number;
  /** Publish: on top of the time the object needs at `slowestBytesPerSecond`. */
  readonly publishMs: number;
  readonly slowestBytesPerSecond: number;
}

/** One minute for a request; publishing at 256 KiB/s or faster, and two minutes. */
export const defaultGatewayDeadlines: GatewayDeadlines = {
  requestMs: 60_000,
  publishMs: 120_000,
  slowestBytesPerSecond: 256 * 1024,
};

/** What a gateway serves. */
export interface GatewayService {
  /** The worker's end of the child's descriptor 4. */
  readonly socket: Duplex;
  readonly stores: ObjectStore;
  /** When it fires, requests under way are stopped and new ones refused. */
  readonly signal: AbortSignal;
  readonly deadlines?: GatewayDeadlines;
}

/** A running gateway. */
export interface Gateway {
  /** Replaces the rights of the child: before each task, and `noRights` after it. */
  grant(rights: GatewayRights): void;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Refuses everything from now on and waits until all unpublished objects are aborted. Tolerates being called twice. */
  close(): Promise<void>;
}

/** Serves a child until `close`, the child's death or `signal`. It has no rights until `grant` is called. */
export function serveObjects(service: GatewayService): Gateway {
  const { stores } = service;
  const deadlines = service.deadlines ?? defaultGatewayDeadlines;
  const deadline = createDeadline();
  const objects = trackOpenObjects();
  let rights = noRights;
  let bytesUnderWay = 0;
  let bytesRead = 0;
  let bytesWritten = 0;
  let closing: Promise<void> | null = null;

  const close = (): Promise<void> => {
    // In a later turn: ending the socket calls this function again, and both calls must wait for the same end.
    closing ??= Promise.resolve().then(async () => {
      service.signal.removeEventListener('abort', onAbort);
      deadline.stop(new Error('the object gateway is closed'));
      messages.destroy();
      await objects.closeAll();
      await deadline.settled();
    });
    return closing;
  };
  const messages = openMessageSocket<ObjectReply, NumberedRequest>(
    service.socket,
    receive,
    () => void close(),
  );
  const onAbort = (): void => void close();
  service.signal.addEventListener('abort', onAbort);
  if (service.signal.aborted) onAbort();

  function receive(request: NumberedRequest, payload: Buffer): void {
    account(payload.length);
    const answer = (reply: ObjectReply, bytes: Uint8Array): void => {
      account(bytes.length - payload.length);
      messages.send(reply, bytes, () => account(-bytes.length));
    };
    objects
      .inOrder(request.object, () => serve(request, payload))
      .then(
        ({ sizeBytes, bytes }) => answer({ request: request.request, sizeBytes }, bytes),
        (error: unknown) => answer(refusal(request.request, error), noPayload),
      );
  }

  function account(bytes: number): void {
    bytesUnderWay += bytes;
    if (bytesUnderWay > maxBytesUnderWay) messages.pause();
    else messages.resume();
  }

  async function serve(
    request: NumberedRequest,
    payload: Buffer,
  ): Promise<{ sizeBytes: number; bytes: Uint8Array }> {
    const { requestMs, publishMs } = deadlines;
    switch (request.op) {
      case 'open': {
        const { object, location } = request;
        assertReadable(location);
        const { reader } = await objects.open(object, () => openReader(location));
        return { sizeBytes: reader.head.sizeBytes, bytes: noPayload };
      }
      case 'read': {
        const { location, reader } = objects.reader(request.object);
        const length = Math.min(request.length, maxPayloadBytes);
        const bytes = await deadline.within(requestMs, location, 'read', (signal) =>
          reader.read(request.offset, length, signal),
        );
        bytesRead += bytes.length;
        return { sizeBytes: bytes.length, bytes };
      }
      case 'create': {
        const { object, location, options } = request;
        assertWritable(location);
        await objects.open(object, () => openWriter(location, options));
        return { sizeBytes: 0, bytes: noPayload };
      }
      case 'write': {
        const { location, writer } = objects.writer(request.object);
        await deadline.within(requestMs, location, 'write', () => writer.write(payload));
        bytesWritten += payload.length;
        return { sizeBytes: payload.length, bytes: noPayload };
      }
      case 'publish': {
        const { location, writer } = objects.writer(request.object);
        const { sizeBytes } = await deadline.within(publishMs, location, 'write', () => writer.publish());
        objects.take(request.object);
        return { sizeBytes, bytes: noPayload };
      }
      case 'close':
      case 'abort': {
        const opened = objects.take(request.object);
        if (opened !== null) await closeOpenObject(opened);
        return { sizeBytes: 0, bytes: noPayload };
      }
      case 'publish-file': {
        const { location, options } = request;
        assertWritable(location);
        const file = await scratchFile(request.path);
        const limitMs = publishMs + (file.sizeBytes * 1000) / deadlines.slowestBytesPerSecond;
        const publish = (signal: AbortSignal): Promise<{ readonly sizeBytes: number }> =>
          stores.publishFile(file.path, location, options, signal);
        const { sizeBytes } = await deadline.within(limitMs, location, 'write', publish);
        bytesWritten += sizeBytes;
        return { sizeBytes, bytes: noPayload };
      }
      default:
        throw new RangeError(`unknown request '${String((request as { op: unknown }).op)}'`);
    }
  }

  async function openReader(location: string): Promise<OpenReader> {
    const open = (signal: AbortSignal): Promise<ObjectReader> => stores.open(location, signal);
    const reader = await deadline.within(deadlines.requestMs, location, 'read', open, (late) => late.close());
    return { kind: 'reader', location, reader };
  }

  async function openWriter(location: string, options: WriteOptions): Promise<OpenWriter> {
    const create = (signal: AbortSignal): Promise<ObjectWriter> => stores.create(location, options, signal);
    const writer = await deadline.within(deadlines.requestMs, location, 'write', create, (late) =>
      late.abort(),
    );
    return { kind: 'writer', location, writer };
  }

  function assertReadable(location: string): void {
    if (rights.sources.some((source) => source.location === location)) return;
    throw new RangeError(`${location} is not granted for reading`);
  }

  function assertWritable(location: string): void {
    if (!mayWrite(rights.outputs, location)) throw new RangeError(`${location} is not granted for writing`);
  }

  /** A child may publish regular files of its own scratch folder; links could name anything. */
  async function scratchFile(given: string): Promise<{ path: string; sizeBytes: number }> {
    if (rights.scratchFolder === null) throw new RangeError('no scratch folder is granted');
    const folder = await realpath(rights.scratchFolder);
    const real = await realpath(given);
    const stats = await lstat(given);
    if (!stats.isFile() || !real.startsWith(folder + path.sep))
      throw new RangeError(`${given} is not a scratch file`);
    return { path: real, sizeBytes: stats.size };
  }

  return {
    grant(next) {
      rights = next;
    },
    get bytesRead() {
      return bytesRead;
    },
    get bytesWritten() {
      return bytesWritten;
    },
    close,
  };
}

/** Faults cross as records; everything else is a stop or a broken child and crosses as a sentence. */
function refusal(request: number, error: unknown): ObjectReply {
  if (error instanceof JobFault) return { request, fault: error.record };
  return { request, refused: error instanceof Error ? error.message : String(error) };
}
