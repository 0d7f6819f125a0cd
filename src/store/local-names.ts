/**
 * Bucket and key names as file names. A key segment is its own file name except where the file system would read
 * more into it (`.`, `..`, empty, NUL, backslash, our temp folder); there it is escaped as `%XX`, reversibly, so that
 * two keys never share a file and no key leaves its bucket.
 */

/** Folder inside a bucket where new objects are written before they are published. */
export const partsFolderName = '.openconvert-parts';

const longestNameBytes = 255;
/** The only escapes that exist: NUL, %, ., /, backslash. A `%` is escaped only where it would look like one of them. */
const ambiguousPercent = /%(?=00|25|2E|2F|5C)/g;
const escapeSequence = /%(00|25|2E|2F|5C)/g;

/** True for a name a bucket folder may have: S3's rules (3–63 of a-z 0-9 . -), widened to capitals, `_` and 1–255. */
export function isBucketName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(name) && !name.includes('..');
}

/**
 * The path of a key below its bucket's folder, without leading slash. Null when no file can carry the key: it is
 * empty, a segment is longer than 255 bytes, or it is not valid Unicode (its bytes would be ambiguous).
 */
export function pathOfKey(key: string): string | null {
  if (key === '' || /\p{Surrogate}/u.test(key)) return null;
  const names = key.split('/').map(nameOfSegment);
  if (names.some((name) => Buffer.byteLength(name) > longestNameBytes)) return null;
  return names.join('/');
}

/** The key of a path below a bucket's folder: the inverse of `pathOfKey`. */
export function keyOfPath(path: string): string {
  return path.split('/').map(segmentOfName).join('/');
}

function nameOfSegment(segment: string, index: number): string {
  if (segment === '') return '%2F';
  const name = segment.replace(ambiguousPercent, '%25').replaceAll('\0', '%00').replaceAll('\\', '%5C');
  const isReserved = name === '.' || name === '..' || (index === 0 && name === partsFolderName);
  return isReserved ? name.replaceAll('.', '%2E') : name;
}

function segmentOfName(name: string): string {
  if (name === '%2F') return '';
  return name.replace(escapeSequence, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
