/** Objects that another object names by their place beside it: segments of playlists, assets of packages. */

/** Relative to `base`, as URLs are; keys of `s3:` locations keep their characters. */
export function relativeLocation(reference: string, base: string): string {
  if (/^[a-z0-9]+:\/\//i.test(reference)) return reference;
  if (!base.startsWith('s3:')) return new URL(reference, base).href;
  const bucket = /^s3:\/\/[^/]+\//.exec(base)?.[0] ?? '';
  const folder = reference.startsWith('/') ? '' : base.slice(bucket.length, base.lastIndexOf('/') + 1);
  const steps: string[] = [];
  for (const step of `${folder}${reference.replace(/^\//, '')}`.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return bucket + steps.join('/');
}
