/**
 * Video that passes through into encrypted groups: decrypted by tools that share no code with ours, and its coded pictures
 * are those of the source, byte for byte.
 */
import { createDecipheriv } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nalType, nalUnits } from '../../src/package/annex-b.ts';
import { makeNumberedClip } from '../engine/numbered-media.ts';
import { decryptWithPackager, hasPackager, samplesIn } from '../package/support/decrypt.ts';
import { readHlsFolder } from '../package/support/read-hls-package.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { completeJob, fileOf } from './run-report.ts';

if (!hasPackager)
  console.log('encrypted-passthrough.test.ts: CMAF skipped, shaka-packager has no binary for this machine');

const patient = { timeout: 120_000 };
const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
const iv = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const frames = 75;

const codecs = ['H_264', 'H_265'] as const;
const methods = ['AES_CTR', 'SAMPLE_AES'] as const;
const modes = ['SEGMENTED_FILES', 'SINGLE_FILE'] as const;
type Codec = (typeof codecs)[number];
const sources: Readonly<Record<Codec, string>> = {
  H_264: 's3://media/avc.mp4',
  H_265: 's3://media/hevc.mp4',
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  await openconvert('bucket', 'create', 'media', '--data', data);
  await openconvert('bucket', 'create', 'out', '--data', data);
  for (const codec of codecs) {
    makeNumberedClip(fileOf(data, sources[codec]), {
      frames,
      frameRate: [25, 1],
      muxer: 'mp4',
      audio: null,
      video: {
        size: { widthPx: 256, heightPx: 144 },
        gopFrames: 25,
        ...(codec === 'H_264'
          ? {}
          : { encoder: 'libx265', options: { 'x265-params': 'log-level=none:pools=1:open-gop=0:qp=22' } }),
      },
    });
    await makePackages(codec);
  }
}, 120_000);
afterAll(() => folder?.[Symbol.asyncDispose]());

/** Slices of each picture, without parameter sets, delimiters and SEI, which each form of stream puts elsewhere. */
function slicesOf(pictures: readonly Buffer[], codec: Codec): readonly string[] {
  const isSlice = (type: number): boolean => (codec === 'H_264' ? type === 1 || type === 5 : type < 32);
  return pictures.map((picture) =>
    [...nalUnits(asAnnexB(picture))]
      .filter((unit) => isSlice(nalType(unit, codec)))
      .map((unit) => Buffer.from(unit).toString('base64'))
      .join(' '),
  );
}

/** Units behind lengths of four bytes, as MP4 has them, get start codes. */
function asAnnexB(picture: Buffer): Buffer {
  if (picture.readUInt32BE(0) === 1 || picture.readUInt32BE(0) >> 8 === 1) return picture;
  const parts: Buffer[] = [];
  for (let at = 0; at < picture.length; ) {
    const size = picture.readUInt32BE(at);
    parts.push(Buffer.of(0, 0, 0, 1), picture.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return Buffer.concat(parts);
}

const sourceSlices = (codec: Codec): readonly string[] => {
  const slices = slicesOf(samplesIn(readFileSync(fileOf(data, sources[codec])), 'mp4'), codec);
  expect(slices.length).toBe(frames);
  expect(slices.every((slice) => slice.length > 0)).toBe(true);
  return slices;
};

const fixed = (method: string) => ({
  EncryptionMethod: method,
  Type: 'STATIC_KEY',
  ConstantInitializationVector: iv,
  StaticKeyProvider: { StaticKeyValue: key, Url: 'film.key' },
});
const copied = (name: string, group: 'HLS' | 'CMAF', method: string, settings: object) => ({
  OutputGroupSettings: {
    Type: `${group}_GROUP_SETTINGS`,
    [group === 'HLS' ? 'HlsGroupSettings' : 'CmafGroupSettings']: {
      Destination: `s3://out/${name}/x`,
      SegmentLength: 1,
      Encryption: fixed(method),
      ...settings,
    },
  },
  Outputs: [
    {
      NameModifier: '_v',
      ContainerSettings: { Container: group === 'HLS' ? 'M3U8' : 'CMFC' },
      VideoDescription: { CodecSettings: { Codec: 'PASSTHROUGH' } },
    },
  ],
});

/** All packages of a source, by one job. */
async function makePackages(codec: Codec): Promise<void> {
  const transport = codec === 'H_264' ? ['AES128', 'SAMPLE_AES'] : ['AES128'];
  await completeJob(data, {
    Inputs: [{ FileInput: sources[codec] }],
    OutputGroups: [
      ...methods.flatMap((method) =>
        modes.map((mode) =>
          copied(`${codec}-${method}-${mode}`, 'CMAF', method, { FragmentLength: 1, SegmentControl: mode }),
        ),
      ),
      ...transport.map((method) => copied(`${codec}-hls-${method}`, 'HLS', method, { MinSegmentLength: 0 })),
    ],
  });
}

const filesOf = (name: string): ReadonlyMap<string, Buffer> => {
  const place = fileOf(data, `s3://out/${name}`);
  return new Map(
    readdirSync(place)
      .sort()
      .map((file) => [file, readFileSync(path.join(place, file))]),
  );
};

describe('video that is passed through and encrypted is the source\u2019s', patient, () => {
  const fragmented = codecs.flatMap((codec) =>
    methods.flatMap((method) => modes.map((mode) => [codec, method, mode] as const)),
  );
  test.skipIf(!hasPackager).each(fragmented)('%s in CMAF by %s, %s', (codec, method, mode) => {
    const files = filesOf(`${codec}-${method}-${mode}`);
    const parts = [...files].filter(([name]) => name.endsWith('.cmfv'));
    // The header first, where it is a file of its own.
    const media = Buffer.concat(
      [
        ...parts.filter(([name]) => name === 'x_vinit.cmfv'),
        ...parts.filter(([name]) => name !== 'x_vinit.cmfv'),
      ].map(([, bytes]) => bytes),
    );
    const [, keyId = ''] = /default_KID="([^"]+)"/.exec(`${files.get('x.mpd')}`) ?? [];
    const opened = decryptWithPackager(media, 'video', keyId.replaceAll('-', ''), key);
    const expected = sourceSlices(codec);
    expect(slicesOf(samplesIn(opened, 'mp4'), codec)).toEqual(expected);
    expect(slicesOf(samplesIn(media, 'mp4'), codec)).not.toEqual(expected);
  });

  test.each(codecs)('%s in transport streams by AES128', (codec) => {
    const segments = [...filesOf(`${codec}-hls-AES128`)]
      .filter(([name]) => name.endsWith('.ts'))
      .map(([, bytes]) => {
        const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'hex'), Buffer.from(iv, 'hex'));
        return Buffer.concat([decipher.update(bytes), decipher.final()]);
      });
    expect(segments.length).toBe(3);
    expect(slicesOf(samplesIn(Buffer.concat(segments), 'ts'), codec)).toEqual(sourceSlices(codec));
  });

  test('H_264 in transport streams by SAMPLE_AES', () => {
    const files = new Map([...filesOf('H_264-hls-SAMPLE_AES'), ['film.key', Buffer.from(key, 'hex')]]);
    const [pictures = []] = readHlsFolder(files, 'x_v.m3u8');
    expect(slicesOf(pictures.slice(0, frames), 'H_264')).toEqual(sourceSlices('H_264'));
  });
});
