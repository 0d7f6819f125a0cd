/** What players hand to the browser: the fragments that they made of transport streams and of Smooth Streaming. */
import { readWithMp4Box } from '../../package/support/mp4-box.ts';

/** First bytes of one source buffer. */
export interface Appended {
  readonly mime: string;
  readonly bytes: Buffer;
  /** What the player has the browser add to all times of the fragments, seconds. */
  readonly offsetSeconds: number;
}

/** Runs in the browser before the players: keeps the first half megabyte of each source buffer. */
export function keepAppended(): void {
  // biome-ignore lint/suspicious/noExplicitAny: the browser's globals have no types here
  const scope = globalThis as any;
  const limit = 512 * 1024;
  const kept: { mime: string; base64: string; size: number; offset: number }[] = [];
  scope.appended = kept;
  const { addSourceBuffer } = scope.MediaSource.prototype;
  scope.MediaSource.prototype.addSourceBuffer = function add(mime: string) {
    const buffer = addSourceBuffer.call(this, mime);
    const own = { mime, base64: '', size: 0, offset: 0 };
    const parts: Uint8Array[] = [];
    kept.push(own);
    const append = buffer.appendBuffer;
    buffer.appendBuffer = (data: ArrayBuffer | ArrayBufferView) => {
      const bytes = ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data);
      if (own.size < limit) {
        own.size += bytes.length;
        own.offset = buffer.timestampOffset;
        parts.push(bytes.slice());
        let text = '';
        for (const part of parts) for (const byte of part) text += String.fromCharCode(byte);
        own.base64 = scope.btoa(text);
      }
      append.call(buffer, data);
    };
    return buffer;
  };
}

/** When the first sample of a source buffer is presented, in seconds. */
export function firstPresentation({ bytes, offsetSeconds }: Appended): number {
  const file = readWithMp4Box(bytes);
  const [track] = file.getInfo().tracks;
  if (track === undefined) return Number.NaN;
  const samples = file.getTrackSamplesInfo(track.id);
  return offsetSeconds + Math.min(...samples.map(({ cts, timescale }) => cts / timescale));
}
