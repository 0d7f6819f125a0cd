/** A child as small as can be: opens the inherited channel and does what the test sends over IPC. */
import { createHash } from 'node:crypto';
import { FormatContext, Packet } from 'node-av/lib';
import { createChannelObjects, openInheritedChannel } from '../../src/engine/channel-objects.ts';
import type { SourceGrant } from '../../src/engine/protocol.ts';

/** What the test sends. */
export type ChildOrder =
  | { readonly kind: 'hash-packets'; readonly source: SourceGrant }
  | { readonly kind: 'read-through'; readonly source: SourceGrant }
  | { readonly kind: 'write-and-wait'; readonly location: string };

const channel = openInheritedChannel();
process.on('message', (order: ChildOrder) => void obey(order).then((answer) => process.send?.(answer)));
process.send?.('ready');

async function obey(order: ChildOrder): Promise<unknown> {
  switch (order.kind) {
    case 'hash-packets':
      return hashPackets(order.source);
    case 'read-through':
      return readThrough(order.source);
    case 'write-and-wait': {
      const output = createChannelObjects(channel, []).create(order.location, { contentType: 'video/mp4' });
      for (let piece = 0; piece < 30; piece += 1) {
        output.write(Buffer.alloc(1_000_000, piece));
        await output.drained();
      }
      return 'written';
    }
  }
}

async function hashPackets(source: SourceGrant): Promise<string> {
  const input = await createChannelObjects(channel, [source]).openInput(source.location);
  const hash = createHash('sha256');
  const context = new FormatContext();
  context.allocContext();
  context.pb = input.io;
  const packet = new Packet();
  packet.alloc();
  await context.openInput('', null, null);
  while ((await context.readFrame(packet)) >= 0) {
    hash.update(packet.data as Buffer);
    packet.unref();
  }
  packet.free();
  await context.closeInput();
  await input.close();
  return hash.digest('hex');
}

/** Milliseconds that the library needs to pull the whole object through its IO context. */
async function readThrough(source: SourceGrant): Promise<{ bytes: number; milliseconds: number }> {
  const input = await createChannelObjects(channel, [source]).openInput(source.location);
  const startedAt = performance.now();
  let bytes = 0;
  for (;;) {
    const piece = await input.io?.read(1024 * 1024);
    if (piece === undefined || typeof piece === 'number' || piece.length === 0) break;
    bytes += piece.length;
  }
  const milliseconds = performance.now() - startedAt;
  await input.close();
  return { bytes, milliseconds };
}
