/** Objects that another object names by their place beside it: segments of playlists, assets of packages. */

/**
 * Where `reference` leads from `base`, as URLs do. Keys of `s3:` locations are plain text: what the reference escapes is
 * unescaped, once, and a query, which no object has, is dropped. A whole URL is taken as it stands.
 */
export function relativeLocation(reference: string, base: string): string {
  if (/^[a-z0-9]+:\/\//i.test(reference)) return reference;
  if (!base.startsWith('s3:')) return new URL(reference, base).href;
  const bucket = /^s3:\/\/[^/]+\//.exec(base)?.[0] ?? '';
  const folder = reference.startsWith('/') ? '' : base.slice(bucket.length, base.lastIndexOf('/') + 1);
  const steps = folder === '' ? [] : folder.slice(0, -1).split('/');
  const [path = ''] = reference.replace(/^\//, '').split(/[?#]/);
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(unescaped(step));
  }
  return bucket + steps.join('/');
}

/** A playlist that names its segments without escaping means what it says. */
function unescaped(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
