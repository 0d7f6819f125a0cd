/**
 * The embedded engine as a socket: bytes of the PostgreSQL wire protocol go to the engine's thread and come back,
 * so the driver of the server implementation works unchanged. One request is under way at a time; the driver
 * writes a whole request (parse, bind, execute, sync) in one go.
 */
import { Duplex } from 'node:stream';
import type { EngineThread } from './engine-thread.ts';

/** A stream with the parts of net.Socket that `pg` calls. */
export class EmbeddedStream extends Duplex {
  readonly #thread: EngineThread;

  constructor(thread: EngineThread) {
    super({ allowHalfOpen: false });
    this.#thread = thread;
  }

  /** There is nothing to dial: the engine is up before the pool is made. */
  connect(): this {
    queueMicrotask(() => this.emit('connect'));
    return this;
  }

  override _read(): void {}

  override _write(request: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#thread.exchange(request).then(
      (response) => {
        if (response.byteLength > 0) this.push(response);
        done();
      },
      (error: Error) => done(error),
    );
  }

  override _writev(
    chunks: readonly { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.push(null);
    done();
  }

  /** Socket options mean nothing here. */
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
