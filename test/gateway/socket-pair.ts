/** Two connected sockets in one process, as a parent and its child share them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export async function openSocketPair(): Promise<{ parent: Socket; child: Socket }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'openconvert-pair-'));
  const server = createServer();
  try {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(path.join(folder, 's'), resolve));
    const child = connect(path.join(folder, 's'));
    return { parent: await accepted, child };
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}
