/** What a Smooth Streaming server does: finds a fragment by bit rate, stream and time through server manifest and index. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readFile, readServerManifest } from '../../package/support/read-smooth.ts';

const address = /^(.*)\/QualityLevels\((\d+)\)\/Fragments\(([^=]+)=(\d+)\)$/;

/** The bytes of a fragment; undefined for other addresses, and where there is none. */
export function smoothFragment(bucket: string, place: string): Buffer | undefined {
  const [, folder = '', bitrate, stream, time] = address.exec(place) ?? [];
  const manifest = path.join(bucket, folder, 'film.ism');
  if (bitrate === undefined || !existsSync(manifest)) return undefined;
  const { tracks } = readServerManifest(readFileSync(manifest).toString());
  const [file = '', trackId] =
    tracks.map((track) => track.split(' ')).find(([, , name, rate]) => name === stream && rate === bitrate) ??
    [];
  const bytes = readFileSync(path.join(bucket, folder, file));
  const { indexed } = readFile(bytes);
  const found = indexed.find((entry) => entry.trackId === Number(trackId) && entry.start === Number(time));
  if (found === undefined) return undefined;
  // The fragment and its data, one box behind the other.
  const dataAt = found.at + bytes.readUInt32BE(found.at);
  return bytes.subarray(found.at, dataAt + bytes.readUInt32BE(dataAt));
}
