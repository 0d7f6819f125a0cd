/** What only folders can do wrong: links, special files, rights, full disks, dead processes. */
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type LocalBucketSettings,
  type LocalBuckets,
  openLocalBuckets,
} from '../../src/store/local-buckets.ts';
import { isBucketName, keyOfPath, partsFolderName, pathOfKey } from '../../src/store/local-names.ts';

const signal = new AbortController().signal;
const options = { contentType: 'video/mp4' };
let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'openconvert-buckets-')));
  await mkdir(path.join(folder, 'buckets/media'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openBuckets = (more: Partial<LocalBucketSettings> = {}): Promise<LocalBuckets> =>
  openLocalBuckets({
    bucketsFolder: path.join(folder, 'buckets'),
    named: {},
    createMissingBuckets: false,
    ...more,
  });
const inBucket = (name: string): string => path.join(folder, 'buckets/media', name);
const put = async (buckets: LocalBuckets, location: string, text: string): Promise<void> => {
  const writer = await buckets.create(location, options, signal);
  try {
    await writer.write(Buffer.from(text));
    await writer.publish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
};

describe('names', () => {
  test('every key has its own path below the bucket, and the path gives the key back', () => {
    const segment = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom('.', '%', '0', '2', '5', 'E', 'F', 'C', '\\', '\0', 'a'),
        maxLength: 8,
      }),
      fc.constantFrom('.', '..', '', '%2E', '%252E', '%2F', partsFolderName, '%2Eopenconvert-parts'),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const key = segments.join('/');
        const name = pathOfKey(key);
        if (name === null) return;
        expect(keyOfPath(name)).toBe(key);
        expect(name).not.toMatch(/\0|\\/);
        for (const each of name.split('/')) expect(['', '.', '..']).not.toContain(each);
        expect(path.normalize(name)).toBe(name);
        expect(name.split('/')[0]).not.toBe(partsFolderName);
      }),
      { numRuns: 3000 },
    );
  });

  test.each(['movie.mp4', 'a/b c/ü.mp4', '100%.mp4', '%41', '...', '.hidden', '-'])(
    'the everyday key %j is its own path',
    (key) => {
      expect(pathOfKey(key)).toBe(key);
    },
  );

  test.each(['', 'x'.repeat(256), '\ud800'])('no file can carry key %j', (key) => {
    expect(pathOfKey(key)).toBeNull();
  });

  test.each(['..', '.', '', 'a/b', '-a', 'a..b', '.a', 'a\0', 'a\\b', 'x'.repeat(256)])(
    '%j is no bucket name',
    (name) => {
      expect(isBucketName(name)).toBe(false);
    },
  );

  test('a bucket name cannot leave the folder of buckets', async () => {
    await writeFile(path.join(folder, 'secret.txt'), 'secret');
    const buckets = await openBuckets({ createMissingBuckets: true });
    for (const location of [
      's3://../secret.txt',
      's3://./media/x',
      's3://%2e%2e/secret.txt',
      's3:///secret.txt',
    ]) {
      await expect(buckets.open(location, signal)).rejects.toMatchObject({ record: { code: 1404 } });
      await expect(buckets.create(location, options, signal)).rejects.toMatchObject({
        record: { code: 1404 },
      });
    }
  });
});

describe('links and special files', () => {
  test('a link to a file inside the bucket is an object, one that leads out is fault 1401', async () => {
    await writeFile(inBucket('real.mp4'), 'inside');
    await writeFile(path.join(folder, 'secret'), 'secret');
    await symlink('real.mp4', inBucket('link.mp4'));
    await symlink(path.join(folder, 'secret'), inBucket('leak.mp4'));
    await symlink(folder, inBucket('up'));
    const buckets = await openBuckets();
    const reader = await buckets.open('s3://media/link.mp4', signal);
    expect(reader.head.path).toBe(inBucket('real.mp4'));
    await reader.close();
    for (const key of ['leak.mp4', 'up/secret']) {
      await expect(buckets.open(`s3://media/${key}`, signal)).rejects.toMatchObject({
        record: { code: 1401 },
      });
    }
    await expect(put(buckets, 's3://media/up/new.mp4', 'x')).rejects.toMatchObject({
      record: { code: 1401, template: 'write-denied' },
    });
    await expect(put(buckets, 's3://media/up/deep/er/new.mp4', 'x')).rejects.toMatchObject({
      record: { code: 1401 },
    });
    await put(buckets, 's3://media/leak.mp4', 'replaced');
    expect(await readFile(path.join(folder, 'secret'), 'utf8')).toBe('secret');
    expect(await readdir(folder)).toEqual(['buckets', 'secret']);
  });

  test('a link in a circle is fault 1401', async () => {
    await symlink('loop', inBucket('loop'));
    await expect((await openBuckets()).open('s3://media/loop', signal)).rejects.toMatchObject({
      record: { code: 1401 },
    });
  });

  test('a pipe is no object and does not keep the reader waiting', async () => {
    execFileSync('mkfifo', [inBucket('pipe')]);
    await expect((await openBuckets()).open('s3://media/pipe', signal)).rejects.toMatchObject({
      record: { code: 1404 },
    });
  });

  test('a key cannot be an object and a folder: fault 1056 says so', async () => {
    const buckets = await openBuckets();
    await put(buckets, 's3://media/a', 'x');
    await expect(put(buckets, 's3://media/a/b', 'x')).rejects.toMatchObject({
      record: { code: 1056, message: expect.stringContaining('both an object and a folder') },
    });
    await put(buckets, 's3://media/c/d', 'x');
    await expect(put(buckets, 's3://media/c', 'x')).rejects.toMatchObject({ record: { code: 1056 } });
    expect((await readdir(inBucket(''))).sort()).toEqual(['a', 'c']);
  });

  test('what no file can store is told before anything is written, and nothing is made for the question', async () => {
    const buckets = await openBuckets();
    await put(buckets, 's3://media/f', 'x');
    await put(buckets, 's3://media/folder/a', 'x');
    const unstorable = [
      's3://media/f/x',
      's3://media/f/deep/er/x',
      's3://media/folder',
      `s3://media/new/${'n'.repeat(300)}.mp4`,
      `s3://media/${'deep/'.repeat(1000)}x`,
    ];
    for (const location of unstorable) {
      await expect(buckets.checkWritable(location, signal), location.slice(0, 40)).rejects.toMatchObject({
        record: { code: 1056, template: 'output-open', location },
      });
    }
    for (const key of ['f', 'new/deep/x', 'folder/b', '', 'prefix/'])
      await buckets.checkWritable(`s3://media/${key}`, signal);
    expect((await readdir(inBucket(''))).sort()).toEqual(['f', 'folder']);
  });

  test('asking whether a missing bucket could be written makes none', async () => {
    const buckets = await openBuckets({ createMissingBuckets: true });
    await buckets.checkWritable('s3://fresh/a', signal);
    expect(await buckets.bucketNames()).toEqual(['media']);
    expect(await readdir(path.join(folder, 'buckets'))).toEqual(['media']);
    await expect(buckets.checkWritable('s3://-no-name/a', signal)).rejects.toMatchObject({
      record: { code: 1404 },
    });
  });

  test('a file that is cut while it is read is fault 1076 with the length that was reached', async () => {
    await writeFile(inBucket('movie.mp4'), Buffer.alloc(10_000));
    const reader = await (await openBuckets()).open('s3://media/movie.mp4', signal);
    await truncate(inBucket('movie.mp4'), 6_000);
    await expect(reader.read(5_000, 5_000, signal)).rejects.toMatchObject({
      record: { code: 1076, parameters: { bytes: 6_000 } },
    });
    await reader.close();
  });
});

describe('rights and space', () => {
  const isRoot = process.geteuid?.() === 0;
  const asNobody = async (work: () => Promise<void>): Promise<void> => {
    if (isRoot) process.seteuid?.(65_534);
    try {
      await work();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  };

  test('what may not be read is fault 1401, what may not be written too', async () => {
    for (const each of [folder, path.join(folder, 'buckets')]) await chmod(each, 0o755);
    await writeFile(inBucket('secret.mp4'), 'x', { mode: 0o000 });
    await writeFile(path.join(folder, 'finished.mp4'), 'x', { mode: 0o644 });
    await chmod(inBucket(''), 0o555);
    const buckets = await openBuckets({ createMissingBuckets: true });
    await chmod(path.join(folder, 'buckets'), 0o555);
    await asNobody(async () => {
      await expect(buckets.open('s3://media/secret.mp4', signal)).rejects.toMatchObject({
        record: { code: 1401, message: expect.stringContaining('Access denied to [s3://media/secret.mp4]') },
      });
      const denied = {
        record: {
          code: 1401,
          message: 'Unable to write to output file [s3://media/a]: [Failed to write data: Access Denied]',
        },
      };
      await expect(buckets.checkWritable('s3://media/a', signal)).rejects.toMatchObject(denied);
      await expect(put(buckets, 's3://media/a', 'x')).rejects.toMatchObject(denied);
      await expect(
        buckets.publishFile(path.join(folder, 'finished.mp4'), 's3://media/a', options, signal),
      ).rejects.toMatchObject(denied);
      await expect(buckets.checkWritable('s3://newer/a', signal)).rejects.toMatchObject({
        record: { code: 1401 },
      });
    });
    await chmod(inBucket(''), 0o755);
  });

  test('a bucket that is removed while an object is written is not made again', async () => {
    const buckets = await openBuckets();
    const writer = await buckets.create('s3://media/a.mp4', options, signal);
    await writer.write(Buffer.from('x'));
    await writeFile(path.join(folder, 'finished.mp4'), 'x');
    await rm(inBucket(''), { recursive: true });
    await expect(writer.publish()).rejects.toMatchObject({ record: { code: 1517 } });
    await writer.abort();
    await expect(readdir(inBucket(''))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('nothing stays beside objects that are written together', async () => {
    const buckets = await openBuckets();
    const [one, other] = await Promise.all(
      ['a', 'b'].map((key) => buckets.create(`s3://media/${key}`, options, signal)),
    );
    await one?.publish();
    expect(await readdir(inBucket(''))).toContain('.openconvert-parts');
    await other?.abort();
    expect(await readdir(inBucket(''))).toEqual(['a']);
  });

  test('a full target volume is fault 1507 and nothing of the object stays', async () => {
    const mounted = mountSmallVolume(inBucket(''));
    if (!mounted) return console.log('skipped: a full disk needs the right to mount a tmpfs (run as root)');
    try {
      const buckets = await openBuckets();
      const writer = await buckets.create('s3://media/big.mp4', options, signal);
      const full = { record: { code: 1507, message: 'Write error, disk full s3://media/big.mp4' } };
      await expect(writer.write(Buffer.alloc(2_000_000))).rejects.toMatchObject(full);
      await expect(writer.publish()).rejects.toMatchObject(full);
      await writer.abort();
      expect(await readdir(inBucket(''))).toEqual([]);
      const file = path.join(folder, 'finished.mp4');
      await writeFile(file, Buffer.alloc(2_000_000));
      await expect(buckets.publishFile(file, 's3://media/big.mp4', options, signal)).rejects.toMatchObject(
        full,
      );
      expect(await readdir(inBucket(''))).toEqual([]);
      // Another object still fits, and a finished file of another file system is copied in.
      await put(buckets, 's3://media/small', 'x');
      await writeFile(file, 'whole');
      await buckets.publishFile(file, 's3://media/whole.mp4', options, signal);
      expect(await readFile(inBucket('whole.mp4'), 'utf8')).toBe('whole');
      expect(await readdir(folder)).toEqual(['buckets']);
    } finally {
      execFileSync('umount', [inBucket('')]);
    }
  });
});

describe('buckets', () => {
  test('what a dead process left is removed at start, what a living one writes stays', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    const living = await (await openBuckets()).create('s3://media/growing', options, signal);
    await living.write(Buffer.from('whole'));
    const [own = ''] = await readdir(inBucket(partsFolderName));
    const [, , startedAt] = own.split('~');
    const host = hostname()
      .replaceAll(/[^A-Za-z0-9.-]/g, '_')
      .slice(0, 64);
    const left = [
      `${host}~${child.pid}~12345~a`,
      `${host}~${process.pid}~1~of-an-earlier-process-with-my-number`,
    ];
    const foreign = `another-machine~${child.pid}~12345~a`;
    for (const name of [...left, foreign])
      await appendFile(path.join(inBucket(partsFolderName), name), 'half');
    expect(startedAt).toMatch(/^\d+$/);
    await openBuckets();
    expect((await readdir(inBucket(partsFolderName))).sort()).toEqual([own, foreign].sort());
    await living.publish();
    expect(await readFile(inBucket('growing'), 'utf8')).toBe('whole');
  });

  test('many objects at once leave nothing of ours in the folder', async () => {
    const buckets = await openBuckets();
    await Promise.all(Array.from({ length: 100 }, (_, index) => put(buckets, `s3://media/${index}`, 'x')));
    expect(await readdir(inBucket(''))).toHaveLength(100);
  });

  test('a given folder comes first; a name in both places, a missing folder and an illegal name are refused at start', async () => {
    const given = path.join(folder, 'elsewhere');
    await mkdir(given);
    await writeFile(path.join(given, 'a.mp4'), 'given');
    const buckets = await openBuckets({ named: { inputs: given } });
    expect(await buckets.bucketNames()).toEqual(['inputs', 'media']);
    const reader = await buckets.open('s3://inputs/a.mp4', signal);
    expect(reader.head.path).toBe(path.join(given, 'a.mp4'));
    await reader.close();
    await expect(openBuckets({ named: { media: given } })).rejects.toThrow(
      /bucket media is given as .* exists too/,
    );
    await expect(openBuckets({ named: { other: path.join(folder, 'absent') } })).rejects.toThrow(
      /is not a folder/,
    );
    await expect(openBuckets({ named: { 'a/b': given } })).rejects.toThrow(/is not a bucket name/);
  });

  test('a missing output bucket is made only where that is the rule', async () => {
    await expect(put(await openBuckets(), 's3://fresh/a', 'x')).rejects.toMatchObject({
      record: { code: 1404 },
    });
    await put(await openBuckets({ createMissingBuckets: true }), 's3://fresh/deep/a', 'x');
    expect(await readFile(path.join(folder, 'buckets/fresh/deep/a'), 'utf8')).toBe('x');
  });

  test('a bucket that is taken away is fault 1517 for what is being written', async () => {
    const buckets = await openBuckets();
    const writer = await buckets.create('s3://media/a', options, signal);
    await rename(inBucket(''), path.join(folder, 'gone'));
    await expect(writer.publish()).rejects.toMatchObject({ record: { code: 1517 } });
    await writer.abort();
  });
});

function mountSmallVolume(place: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
