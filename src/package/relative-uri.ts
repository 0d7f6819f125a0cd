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
  // What begins with an empty step would be another host or begin at the top.
  return steps[0] === '' || steps[0]?.includes(':') ? `./${uri}` : uri;
}

/** Where the objects of a group are read from: `baseUrl` is the address of the folder of `root`; empty: none is told. */
export interface GroupAddress {
  readonly baseUrl: string;
  /** The group's main manifest; null: it is not written. */
  readonly root: string | null;
}

/**
 * The URI by which a manifest names media. One base address serves all outputs of a group, so what follows it counts
 * from the group's folder, also where playlists and segments lie in folders of their own.
 */
export function mediaUri({ baseUrl, root }: GroupAddress, manifest: string, target: string): string {
  return baseUrl === '' ? relativeUri(manifest, target) : baseUrl + relativeUri(root ?? manifest, target);
}

function escapeUriPart(part: string): string {
  return encodeURI(part).replaceAll('#', '%23').replaceAll('?', '%3F');
}
