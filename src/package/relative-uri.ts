/** URIs in playlists: relative to the playlist, so that a package can be moved (spec naming.md 12.6). */

/**
 * The URI by which the object at `playlist` names the one at `target`, both full locations. Characters that mean
 * something in URIs are escaped; the object keys themselves are never escaped.
 */
export function relativeUri(playlist: string, target: string): string {
  const from = playlist.split('/').slice(0, -1);
  const to = target.split('/');
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared += 1;
  // Another bucket: `s3:`, '', bucket are the first three parts.
  if (shared < 3) return target;
  const steps = [...from.slice(shared).map(() => '..'), ...to.slice(shared).map(escapeUriPart)];
  const uri = steps.join('/');
  return steps.length > 0 && steps[0]?.includes(':') ? `./${uri}` : uri;
}

function escapeUriPart(part: string): string {
  return encodeURI(part).replaceAll('#', '%23').replaceAll('?', '%3F');
}
