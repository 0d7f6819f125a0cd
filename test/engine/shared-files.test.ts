/** One encode in files of different containers: each file has what its container does not keep for it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerType, VideoDescription } from '../../src/contract/types.generated.ts';
import { runVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 2 });
}, 120_000);
afterAll(() => workshop?.close());

const size = { width: 320, height: 180 };
const h264: VideoDescription = {
  ...size,
  codecSettings: {
    codec: 'H_264',
    h264Settings: { rateControlMode: 'QVBR', maxBitrate: 500_000, gopSize: 1, gopSizeUnits: 'SECONDS' },
  },
};
const mpeg2: VideoDescription = {
  ...size,
  codecSettings: {
    codec: 'MPEG2',
    mpeg2Settings: { rateControlMode: 'VBR', bitrate: 1_000_000, maxBitrate: 2_000_000, codecLevel: 'MAIN' },
  },
};

/** Paths of outputs of the same video, in the order of the containers. */
async function filesOf(video: VideoDescription, containers: readonly ContainerType[]): Promise<string[]> {
  const name = `${video.codecSettings?.codec}`;
  const outputs = containers.map((container) => ({
    nameModifier: `_${container}`,
    containerSettings: {
      container,
      ...(container === 'MXF' && video === mpeg2 ? { mxfSettings: { profile: 'OP1A' } as const } : {}),
    },
    videoDescription: video,
  }));
  const outputGroupSettings = {
    type: 'FILE_GROUP_SETTINGS',
    fileGroupSettings: { destination: `s3://outputs/${name}` },
  } as const;
  const { plan } = await runVideoJob(workshop, {
    key: 'clip.mp4',
    video,
    changes: { outputGroups: [{ outputGroupSettings, outputs }] },
  });
  expect(plan.videoRenditions).toHaveLength(1);
  const extensions: Partial<Record<ContainerType, string>> = {
    MP4: 'mp4',
    MOV: 'mov',
    MXF: 'mxf',
    M2TS: 'm2ts',
  };
  const raw = video === h264 ? 'h264' : 'mpg';
  return containers.map((container) =>
    workshop.outputPath(`${name}_${container}.${extensions[container] ?? raw}`),
  );
}

test('H.264 of one encode lies in MP4, MXF and a stream alone, and every one of them decodes', async () => {
  const [mp4 = '', mxf = '', raw = ''] = await filesOf(h264, ['MP4', 'MXF', 'RAW']);
  const shown = watchPictures(mp4).times.length;
  expect(shown).toBeGreaterThan(40);
  expect(watchPictures(mxf).times).toHaveLength(shown);
  expect(watchPictures(raw).times).toHaveLength(shown);
  expect(watchPictures(mxf).keys).toBe(2);
}, 60_000);

test('so does MPEG-2 in MOV, MXF and a stream alone', async () => {
  const [mov = '', mxf = '', raw = ''] = await filesOf(mpeg2, ['MOV', 'MXF', 'RAW']);
  const shown = watchPictures(mov).times.length;
  expect(shown).toBeGreaterThan(40);
  expect(watchPictures(mxf).times).toHaveLength(shown);
  expect(watchPictures(raw).times).toHaveLength(shown);
  expect(readFileSync(raw).subarray(0, 4).toString('hex')).toBe('000001b3');
}, 60_000);
