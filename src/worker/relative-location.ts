/** Objects that another object names by their place beside it: segments of playlists, assets of packages. */

/** A reference that leads to no object. The message is a sentence for people. */
export class ReferenceRefusedError extends Error {
  override readonly name = 'ReferenceRefusedError';
}

/**
 * Where `reference` leads from `base`, as URLs do. Keys of `s3:` locations are plain text: what the reference escapes is
 * unescaped, once, and a query, which no object has, is dropped. A whole URL is taken as it stands. Throws
 * ReferenceRefusedError for what is no URL, or has steps or control characters that only unescaping shows.
 */
export function relativeLocation(reference: string, base: string): string {
  if (/^[a-z0-9]+:\/\//i.test(reference)) return reference;
  if (!base.startsWith('s3:')) {
    if (!URL.canParse(reference, base)) throw new ReferenceRefusedError(`'${reference}' is no URL.`);
    return new URL(reference, base).href;
  }
  const bucket = /^s3:\/\/[^/]+\//.exec(base)?.[0] ?? '';
  const folder = reference.startsWith('/') ? '' : base.slice(bucket.length, base.lastIndexOf('/') + 1);
  const steps = folder === '' ? [] : folder.slice(0, -1).split('/');
  const [path = ''] = reference.replace(/^\//, '').split(/[?#]/);
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(nameOf(step, reference));
  }
  return bucket + steps.join('/');
}

function nameOf(step: string, reference: string): string {
  const name = unescaped(step);
  const isHidden = name !== step && /(^|\/)\.\.?(\/|$)|\p{Cc}/u.test(name);
  if (isHidden) throw new ReferenceRefusedError(`'${reference}' escapes what no name may have.`);
  return name;
}

/** A playlist that names its segments without escaping means what it says. */
function unescaped(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
