/**
 * `EngineObjects` of an engine child: everything goes through the worker's gateway over the inherited socket,
 * except what was granted by path. The child holds no credentials and names nothing that was not granted.
 */
import { Socket } from 'node:net';
import { faultFromRecord, jobFault } from '../catalogue/fault.ts';
import type { RangeSource } from './block-cache.ts';
import {
  maxPayloadBytes,
  type NumberedRequest,
  type ObjectReply,
  type ObjectRequest,
  openMessageSocket,
} from './object-channel.ts';
import { openPathInput, openRangeInput } from './object-input.ts';
import type { ObjectSink } from './object-output.ts';
import type { EngineObjects } from './objects.ts';
import { collectOpenObjects, type ObjectTransport } from './open-objects.ts';
import type { SourceGrant } from './protocol.ts';

/** Descriptor the worker passes to every engine child (the fifth entry of `stdio`). */
export const channelDescriptor = 4;

/** The child's end of the object channel; one per process. */
export interface ObjectChannel {
  /** Sends a request and resolves with its reply. Rejects with the fault the gateway answered. */
  ask(
    request: ObjectRequest,
    payload?: Uint8Array,
  ): Promise<{ readonly sizeBytes: number; readonly payload: Buffer }>;
  /** A number for a new object, unique in this process. */
  nextObject(): number;
}

/** Opens the inherited descriptor. Called once, at start, before any task. */
export function openInheritedChannel(): ObjectChannel {
  const socket = new Socket({ fd: channelDescriptor, readable: true, writable: true });
  // The control channel decides how long the child lives.
  socket.unref();
  return openObjectChannel(socket);
}

/** Speaks the channel's protocol over any connected socket. */
export function openObjectChannel(socket: Socket): ObjectChannel {
  const noPayload = Buffer.alloc(0);
  const open = new Map<
    number,
    { resolve(reply: { sizeBytes: number; payload: Buffer }): void; reject(error: Error): void }
  >();
  let lastRequest = 0;
  let lastObject = 0;
  let closedBecause: Error | null = null;
  const messages = openMessageSocket<NumberedRequest, ObjectReply>(
    socket,
    (reply, payload) => {
      const asked = open.get(reply.request);
      if (asked === undefined) return;
      open.delete(reply.request);
      if ('fault' in reply) asked.reject(faultFromRecord(reply.fault));
      else if ('refused' in reply) asked.reject(new Error(`the object gateway refused: ${reply.refused}`));
      else asked.resolve({ sizeBytes: reply.sizeBytes, payload });
    },
    (reason) => {
      closedBecause = jobFault(1999, 'unknown', {}, { component: 'gateway', mediaFact: reason.message });
      for (const { reject } of open.values()) reject(closedBecause);
      open.clear();
    },
  );
  return {
    ask(request, payload = noPayload) {
      if (closedBecause !== null) return Promise.reject(closedBecause);
      lastRequest += 1;
      const number = lastRequest;
      return new Promise((resolve, reject) => {
        open.set(number, { resolve, reject });
        messages.send({ ...request, request: number }, payload);
      });
    },
    nextObject() {
      lastObject += 1;
      return lastObject;
    },
  };
}

/** Objects of one task, with what the worker granted it. */
export function createChannelObjects(channel: ObjectChannel, sources: readonly SourceGrant[]): EngineObjects {
  return collectOpenObjects(channelTransport(channel, sources));
}

function channelTransport(channel: ObjectChannel, sources: readonly SourceGrant[]): ObjectTransport {
  let stopWaiting = (): void => {};
  const canceled = new Promise<void>((resolve) => {
    stopWaiting = resolve;
  });
  /**
   * Closing and dropping wait for the requests before them. After a cancel nobody has time for that, and whether they
   * fail interests nobody: the worker cleans up what a child leaves.
   */
  const unlessCanceled = (work: Promise<unknown>): Promise<void> =>
    Promise.race([
      work.then(
        () => {},
        () => {},
      ),
      canceled,
    ]);

  const openSource = async (location: string): Promise<RangeSource> => {
    const object = channel.nextObject();
    const { sizeBytes } = await channel.ask({ op: 'open', object, location });
    return {
      sizeBytes,
      async fetch(offset, length) {
        const { payload } = await channel.ask({
          op: 'read',
          object,
          offset,
          length: Math.min(length, maxPayloadBytes),
        });
        return payload;
      },
      close: () => unlessCanceled(channel.ask({ op: 'close', object })),
    };
  };
  return {
    async openInput(location, onClosed) {
      const grant = sources.find((each) => each.location === location);
      if (grant !== undefined && grant.path !== null)
        return openPathInput(location, grant.path, grant.sizeBytes, onClosed);
      return openRangeInput(location, await openSource(location), onClosed);
    },
    createSink(location, options): ObjectSink {
      const object = channel.nextObject();
      // Created with its first request; a refusal comes back with whatever is asked next.
      const created = channel.ask({ op: 'create', object, location, options });
      created.catch(() => {});
      return {
        async write(bytes) {
          const written = channel.ask({ op: 'write', object }, bytes);
          written.catch(() => {});
          await created;
          await written;
        },
        async publish() {
          await created;
          const { sizeBytes } = await channel.ask({ op: 'publish', object });
          return { sizeBytes };
        },
        abort: () => unlessCanceled(channel.ask({ op: 'abort', object })),
      };
    },
    async publishFile(path, location, options) {
      const { sizeBytes } = await channel.ask({
        op: 'publish-file',
        object: channel.nextObject(),
        path,
        location,
        options,
      });
      return { sizeBytes };
    },
    cancel: () => stopWaiting(),
  };
}
