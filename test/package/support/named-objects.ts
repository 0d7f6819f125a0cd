/** The objects that a manifest tells players to fetch, read as text: playlists, MPDs, Smooth manifests. */
import { locate } from './read-playlists.ts';

/** Locations named by the manifest at `location`; keys of encrypted media are none. */
export function namedBy(location: string, text: string): readonly string[] {
  if (location.endsWith('.m3u8')) return uris(text).map((uri) => locate(location, uri));
  if (location.endsWith('.mpd')) return mpdNames(text).map((uri) => locate(location, uri));
  if (location.endsWith('.ism'))
    return [...text.matchAll(/(?:src|content)="([^"]+\.(?:ismv|isma|ismc))"/g)].map(([, uri]) =>
      locate(location, uri ?? ''),
    );
  return [];
}

function uris(playlist: string): readonly string[] {
  const lines = playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#EXT-X-KEY'));
  return lines.flatMap((line) => {
    if (!line.startsWith('#')) return [line];
    const uri = /URI="([^"]+)"/.exec(line)?.[1];
    return uri === undefined ? [] : [uri];
  });
}

/** Templates with timelines, one per representation, and files with byte ranges. */
function mpdNames(mpd: string): readonly string[] {
  const templates = [...mpd.matchAll(/<SegmentTemplate media="([^"]+)"([^>]*)>(.*?)<\/SegmentTemplate>/gs)];
  const files = [...mpd.matchAll(/<BaseURL>([^<]+)<\/BaseURL>/g)].map(([, uri]) => uri ?? '');
  return templates
    .flatMap(([, media = '', attributes = '', timeline = '']) => {
      const initialization = /initialization="([^"]+)"/.exec(attributes)?.[1];
      const count = [...timeline.matchAll(/<S [^>]*?(?: r="(\d+)")?\/>/g)].reduce(
        (sum, [, repeats]) => sum + 1 + Number(repeats ?? 0),
        0,
      );
      const numbered = Array.from({ length: count }, (_, index) =>
        media.replace(/\$Number%0(\d+)d\$/, (_, digits) => String(index + 1).padStart(Number(digits), '0')),
      );
      return initialization === undefined ? numbered : [initialization, ...numbered];
    })
    .concat(files);
}
