/** Jobs whose settings and inputs meet in ways that a library does not take by itself come out as asked. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContainerType, JobSettings } from '../../src/contract/types.generated.ts';
import { countFixedBits } from '../../src/engine/least-rate.ts';
import { temporalOffsets } from '../../src/engine/mxf-reordering.ts';
import { withStreamId } from '../../src/package/stream-identity.ts';
import { sectionChecksum } from '../../src/signals/section-checksum.ts';
import { probeFile } from '../probe/objects.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { type MadeMedia, readMade } from './read-made.ts';
import { planOnce } from './setting-mending.ts';
import { type SourceName, sources } from './setting-sources.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  workshop = openWorkshop();
});
afterAll(() => workshop?.close());

const pathOf = (location: string): string => workshop.outputPath(location.replace('s3://outputs/', ''));

/** Runs a job over clips; paths of the media of its output. */
async function run(
  name: string,
  clips: readonly SourceName[],
  output: object,
  group: object = { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination: `s3://outputs/${name}` } },
): Promise<string[]> {
  const facts = await Promise.all(
    clips.map(async (clip) => {
      makeClip(workshop.inputPath(`${clip}.mov`), sources[clip]);
      return {
        ...(await probeFile(workshop.inputPath(`${clip}.mov`))),
        location: `s3://inputs/${clip}.mov`,
      };
    }),
  );
  const settings = {
    timecodeConfig: { source: 'ZEROBASED' },
    inputs: clips.map((clip) => ({ fileInput: `s3://inputs/${clip}.mov`, timecodeSource: 'ZEROBASED' })),
    outputGroups: [{ outputGroupSettings: group, outputs: [{ nameModifier: '-made', ...output }] }],
  } as JobSettings;
  const { plan, errors } = planOnce(settings, facts);
  if (plan === null) throw new Error(errors.map(({ message }) => message).join('\n'));
  const { groups } = await workshop.run(plan, { byPath: true });
  return (groups[0]?.outputs[0]?.objects ?? [])
    .map(({ location }) => pathOf(location))
    .filter((path) => !path.endsWith('.m3u8'));
}

function read(paths: readonly string[]): MadeMedia {
  return readMade(paths, `${workshop.scratchFolder}/put-together`);
}

const film = (container: ContainerType, h264Settings: object, containerBlock: object = {}) => ({
  containerSettings: { container, ...containerBlock },
  videoDescription: { codecSettings: { codec: 'H_264', h264Settings } },
});

describe('long groups of H.264 in MXF', () => {
  test('are shown in their order', async () => {
    const output = film('MXF', {
      rateControlMode: 'CBR',
      bitrate: 500_000,
      numberBFramesBetweenReferenceFrames: 3,
      gopBReference: 'ENABLED',
    });
    const { video, defects } = read(await run('reordered', ['small'], output));
    expect(defects).toEqual([]);
    expect(video).toMatchObject({ codec: 'h264', frames: 10, backwardSteps: 0 });
    expect(video?.longestBRun).toBeGreaterThan(0);
    expect((video?.lastSeconds ?? 0) - (video?.firstSeconds ?? 0)).toBeCloseTo(9 / 25, 6);
  });

  test('by how far each picture is coded from where it is shown', () => {
    // I0 P3 B1 B2 are coded in this order.
    expect(temporalOffsets([0, 3, 1, 2])).toEqual([0, 1, 1, -2]);
    expect(() => temporalOffsets([200, ...Array.from({ length: 200 }, (_, at) => at)])).toThrow(RangeError);
  });
});

test.each<[string, SourceName[]]>([
  ['HDR that only its container tells of', ['small', 'hdr']],
  ['HDR before pictures of an odd size', ['hdr', 'odd']],
])('%s joins another input', async (_, clips) => {
  const output = film('MP4', { rateControlMode: 'CBR', bitrate: 500_000, codecProfile: 'HIGH' });
  const frames = clips.reduce((sum, clip) => sum + (sources[clip].video?.frames ?? 0), 0);
  const { video, defects } = read(await run(clips.join('-'), clips, output));
  expect(defects).toEqual([]);
  expect(video).toMatchObject({ frames, widthPx: 320, heightPx: 180 });
});

test('an average that headers alone exceed takes as little as it can in two passes', async () => {
  const output = film('MP4', {
    rateControlMode: 'QVBR',
    maxBitrate: 2_000_000,
    qvbrSettings: { qvbrQualityLevel: 1, maxAverageBitrate: 1000 },
    qualityTuningLevel: 'MULTI_PASS_HQ',
  });
  const { video } = read(await run('least', ['double'], output));
  expect(video).toMatchObject({ codec: 'h264', frames: 12 });
});

test('the bits that no quantizer changes are those of the statistics', () => {
  const lines = [
    '#options: 320x180',
    'in:0 out:0 type:I dur:2 q:12.00 tex:900 mv:20 misc:80 imb:9;',
    'in:2 out:1 type:P dur:2 q:14.00 tex:90 mv:4 misc:21 imb:0;',
  ];
  expect(countFixedBits(lines.join('\n'))).toEqual({ pictures: 2, bits: 101 });
});

describe('stream 0 in HLS segments', () => {
  test('is what the tables name, with a checksum that holds', async () => {
    const output = film(
      'M3U8',
      { rateControlMode: 'CBR', bitrate: 500_000 },
      { m3u8Settings: { transportStreamId: 0 } },
    );
    const group = {
      type: 'HLS_GROUP_SETTINGS',
      hlsGroupSettings: { segmentLength: 2, minSegmentLength: 0, destination: 's3://outputs/zero' },
    };
    const [segment = ''] = await run('zero', ['small'], output, group);
    const bytes = readFileSync(segment);
    const tables = sectionsOf(bytes);
    expect(tables.map(({ pid }) => pid)).toEqual(expect.arrayContaining([0, 0x11]));
    for (const { section } of tables) {
      expect(section.readUInt16BE(3)).toBe(0);
      expect(section.readUInt32BE(section.length - 4)).toBe(sectionChecksum(section.subarray(0, -4)));
    }
    expect(read([segment]).video).toMatchObject({ frames: 10 });
    expect(sectionsOf(withStreamId(bytes, 7)).map(({ section }) => section.readUInt16BE(3))).toContain(7);
  });
});

/** Association and service description of a stream. */
function sectionsOf(bytes: Uint8Array): { pid: number; section: Buffer }[] {
  const found: { pid: number; section: Buffer }[] = [];
  const all = Buffer.from(bytes);
  for (let at = 0; at + 188 <= all.length; at += 188) {
    const pid = all.readUInt16BE(at + 1) & 0x1fff;
    if (pid !== 0 && pid !== 0x11) continue;
    const start = at + 5 + (all[at + 4] ?? 0);
    found.push({ pid, section: all.subarray(start, start + 3 + (all.readUInt16BE(start + 1) & 0xfff)) });
  }
  return found;
}
