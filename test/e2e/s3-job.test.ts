/** Jobs from and to an S3 endpoint, spoken with over the real protocol. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CreateJobCommand, GetJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';
import {
  GetObjectAclCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { watchMedia } from '../engine/watch-media.ts';
import { locate, readMediaPlaylist, readMultivariantPlaylist } from '../package/support/read-playlists.ts';
import { startS3Server, testCredentials } from '../store/s3-server.ts';
import { startServer, temporaryFolder } from './openconvert-process.ts';
import { changed, completeJob, fileOf, filesBelow, runJob } from './run-report.ts';
import { clip, hlsSettings, mp4Settings, prepareData, role } from './tiny-jobs.ts';

const patient = { timeout: 180_000 };
const source = 's3://remote-in/films/clip one.mp4';
// Prints how to install it where it is missing.
const s3 = await startS3Server();
afterAll(() => s3?.close());

describe.skipIf(s3 === null)('a job on S3', patient, () => {
  if (s3 === null) return;
  const { client, endpoint } = s3;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let data: string;

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', testCredentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', testCredentials.secretAccessKey);
    folder = await temporaryFolder();
    data = folder.path;
    await prepareData(data);
    await s3.createBucket('remote-in');
    await s3.createBucket('remote-out');
    const Body = await readFile(fileOf(data, clip.location));
    await client.send(new PutObjectCommand({ Bucket: 'remote-in', Key: 'films/clip one.mp4', Body }));
  }, 120_000);

  afterAll(async () => {
    vi.unstubAllEnvs();
    await folder?.[Symbol.asyncDispose]();
  });

  test('reads its input there and leaves whole objects with type, ACL, class and encryption of the job', async () => {
    const s3Settings = {
      AccessControl: { CannedAcl: 'PUBLIC_READ' },
      Encryption: { EncryptionType: 'SERVER_SIDE_ENCRYPTION_S3' },
      StorageClass: 'STANDARD_IA',
    };
    const [hls] = (hlsSettings('s3://remote-out/hls/main') as { OutputGroups: object[] }).OutputGroups;
    const settings = changed(mp4Settings('s3://remote-out/film'), {
      '/Inputs/0/FileInput': source,
      '/OutputGroups/0/OutputGroupSettings/FileGroupSettings/DestinationSettings': { S3Settings: s3Settings },
      '/OutputGroups/1': changed(hls ?? {}, {
        '/OutputGroupSettings/HlsGroupSettings/DestinationSettings': { S3Settings: s3Settings },
      }),
    });
    await completeJob(data, settings, '--s3-endpoint', endpoint);

    await writeFile(path.join(data, 'film.mp4'), await bytesOf('film.mp4'));
    const { video } = await watchMedia(path.join(data, 'film.mp4'));
    expect(video).toMatchObject({ widthPx: 160, heightPx: 90, decodeErrors: 0 });
    expect(video.times).toHaveLength(clip.frames);

    const main = 's3://remote-out/hls/main.m3u8';
    const children = readMultivariantPlaylist(String(await bytesOf('hls/main.m3u8'))).map((uri) =>
      locate(main, uri),
    );
    const named = [main, 's3://remote-out/film.mp4', ...children];
    for (const child of children)
      for (const { uri } of readMediaPlaylist(String(await bytesOf(keyOf(child)))))
        named.push(locate(child, uri));
    const keys = await keysIn('remote-out');
    expect(keys).toEqual(named.map(keyOf).sort());
    const types: Record<string, string> = {
      mp4: 'video/mp4',
      m3u8: 'application/vnd.apple.mpegurl',
      ts: 'video/MP2T',
      aac: 'audio/aac',
    };
    for (const Key of keys) {
      const head = await client.send(new HeadObjectCommand({ Bucket: 'remote-out', Key }));
      expect(head, Key).toMatchObject({
        ContentType: types[path.extname(Key).slice(1)],
        StorageClass: 'STANDARD_IA',
        ServerSideEncryption: 'AES256',
      });
      const { Grants = [] } = await client.send(new GetObjectAclCommand({ Bucket: 'remote-out', Key }));
      const everyone = Grants.filter(({ Grantee }) => Grantee?.URI?.endsWith('/global/AllUsers'));
      expect(
        everyone.map(({ Permission }) => Permission),
        Key,
      ).toEqual(['READ']);
    }
    // Nothing of it went into a local folder.
    expect(await filesBelow(path.join(data, 'buckets'))).toEqual(['media/clip.mp4']);
  });

  test('whose input key is missing is 1404', async () => {
    const settings = changed(mp4Settings('s3://remote-out/never'), {
      '/Inputs/0/FileInput': 's3://remote-in/none.mp4',
    });
    const { exitCode, report } = await runJob(data, settings, '--s3-endpoint', endpoint);
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      errorCode: 1404,
      errorMessage: expect.stringContaining(
        "[s3://remote-in/none.mp4]: [Failed probe/open: [Can't read input stream",
      ),
    });
  });

  test('whose bucket name is a local folder too is refused at start', async () => {
    const settings = changed(mp4Settings('s3://remote-out/x'), { '/Inputs/0/FileInput': source });
    await expect(
      runJob(data, settings, '--s3-endpoint', endpoint, '--bucket', `remote-in=${data}`),
    ).rejects.toThrow(/exit code 2.*remote-in exists as a local folder and on the S3 endpoint/s);
  });

  test('under serve runs too, and a missing output bucket is 1404', async () => {
    await using server = await startServer(data, '--s3-endpoint', endpoint);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const mediaConvert = new MediaConvertClient({ endpoint: server.url, region: 'us-east-1', credentials });
    const endedJob = async (destination: string) => {
      const settings = changed(mp4Settings(destination), { '/Inputs/0/FileInput': source });
      const { Job } = await mediaConvert.send(
        new CreateJobCommand({ Role: role, Settings: settings as never }),
      );
      await server.logged('attempt ended', ({ jobId }) => jobId === Job?.Id);
      return (await mediaConvert.send(new GetJobCommand({ Id: Job?.Id }))).Job;
    };
    expect(await endedJob('s3://remote-out/served')).toMatchObject({ Status: 'COMPLETE' });
    expect(await keysIn('remote-out')).toContain('served.mp4');
    expect(await endedJob('s3://remote-none/x')).toMatchObject({
      Status: 'ERROR',
      ErrorCode: 1404,
      ErrorMessage: expect.stringContaining('Unable to write to output file [s3://remote-none/x.mp4]'),
    });
    mediaConvert.destroy();
  });

  async function bytesOf(Key: string): Promise<Buffer> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'remote-out', Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  async function keysIn(Bucket: string): Promise<string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key }) => Key ?? '').sort();
  }
});

function keyOf(location: string): string {
  return location.replace('s3://remote-out/', '');
}
