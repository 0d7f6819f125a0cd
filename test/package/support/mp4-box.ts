/** Fragmented files as mp4box.js, which shares no code with ours, reads them. */
import { createFile, type ISOFile, type MP4BoxBuffer } from 'mp4box';

/** A whole file, or the beginning of one. Throws with the parser's words. */
export function readWithMp4Box(bytes: Uint8Array): ISOFile {
  const file = createFile(true);
  file.onError = (_module, message) => {
    throw new Error(`mp4box: ${message}`);
  };
  const body = new ArrayBuffer(bytes.length);
  new Uint8Array(body).set(bytes);
  file.appendBuffer(Object.assign(body, { fileStart: 0 }) as MP4BoxBuffer);
  file.flush();
  return file;
}

/** Samples of all tracks. */
export function countWithMp4Box(bytes: Uint8Array): number {
  const file = readWithMp4Box(bytes);
  const { tracks } = file.getInfo();
  return tracks.reduce((sum, { id }) => sum + file.getTrackSamplesInfo(id).length, 0);
}
