/** Bytes into an object that grows. */
import type { OutputObject } from '../../engine/objects.ts';

/** Bytes between two looks at the object's back-pressure. */
const pieceBytes = 256 * 1024;

/** Writes in pieces, so that the object's bounded buffer never overflows. */
export async function writeAll(object: OutputObject, parts: readonly Uint8Array[]): Promise<void> {
  let undrained = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += pieceBytes) {
      const piece = part.subarray(at, at + pieceBytes);
      object.write(piece);
      undrained += piece.length;
      if (undrained < pieceBytes) continue;
      undrained = 0;
      await object.drained();
    }
  }
}
