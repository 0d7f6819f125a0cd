/** What a Smooth Streaming server does: finds a fragment by bit rate, stream and time through server manifest and index. */
import { readFile, readServerManifest } from '../../package/support/read-smooth.ts';

const address = /^QualityLevels\((\d+)\)\/Fragments\(([^=]+)=(\d+)\)$/;

/** The bytes of a fragment; undefined for other addresses, and where there is none. */
export function smoothFragment(
  objects: ReadonlyMap<string, Uint8Array> | undefined,
  path: string,
): Uint8Array | undefined {
  const [, bitrate, stream, time] = address.exec(path) ?? [];
  const manifest = objects?.get('s3://out/vod/clip.ism');
  if (manifest === undefined || bitrate === undefined) return undefined;
  const { tracks } = readServerManifest(Buffer.from(manifest).toString());
  const [file, trackId] =
    tracks.map((track) => track.split(' ')).find(([, , name, rate]) => name === stream && rate === bitrate) ??
    [];
  const bytes = Buffer.from(objects?.get(`s3://out/vod/${file}`) ?? []);
  const { indexed } = readFile(bytes);
  const found = indexed.find((entry) => entry.trackId === Number(trackId) && entry.start === Number(time));
  if (found === undefined) return undefined;
  // The fragment and its data, one box behind the other.
  const dataAt = found.at + bytes.readUInt32BE(found.at);
  return bytes.subarray(found.at, dataAt + bytes.readUInt32BE(dataAt));
}
