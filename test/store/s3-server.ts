/** A real S3 protocol server for tests: `moto_server` on a free loopback port, ended with `close`. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from '../../src/store/s3-client.ts';

export const testCredentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

export interface S3Server {
  readonly endpoint: string;
  /** An SDK client of the test's own, to prepare and to check. */
  readonly client: S3Client;
  createBucket(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Null, with the reason printed, where moto is not installed. */
export async function startS3Server(): Promise<S3Server | null> {
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill());
  const ended = new Promise<null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', () => resolve(null));
  });
  const ready = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        const endpoint = /Running on (http:\/\/\S+)/.exec(line)?.[1];
        if (endpoint !== undefined) resolve(endpoint);
      });
    }
  });
  const endpoint = await Promise.race([ready, ended]);
  if (endpoint === null) {
    console.log("skipped: S3 tests need moto_server (pip install 'moto[server,s3]')");
    return null;
  }
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: testCredentials,
  });
  return {
    endpoint,
    client,
    async createBucket(name) {
      await client.send(new CreateBucketCommand({ Bucket: name }));
    },
    async close() {
      client.destroy();
      child.kill();
      await ended;
    },
  };
}

/** Settings of our store for a server or a proxy in front of it: quick to give up. */
export function settingsFor(endpoint: string, more: Partial<S3Settings> = {}): S3Settings {
  const limits = { connectMs: 5_000, stallMs: 10_000, attempts: 3 };
  return {
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: testCredentials,
    limits,
    ...more,
  };
}

/** An object of several ranges. */
export const movie = {
  bytes: Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251)),
  url: 's3://media/in/movie.mp4',
} as const;
