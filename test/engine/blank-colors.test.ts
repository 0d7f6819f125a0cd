/** The picture of blanked ad avails in the colours of each output: as bright as the white of the programme, within its limits. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ColorCorrector, Output } from '../../src/contract/types.generated.ts';
import { breaksDocument } from '../signals/support/esam-documents.ts';
import { whitePng } from '../signals/support/png.ts';
import { planVideoJob } from './video-job.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 0.4, frameRate: { num: 25, den: 1 } });
  writeFileSync(workshop.inputPath('white.png'), whitePng({ widthPx: 96, heightPx: 64 }));
}, 120_000);
afterAll(() => workshop?.close());

const quality = { rateControlMode: 'VBR', bitrate: 4_000_000, qualityTuningLevel: 'SINGLE_PASS' } as const;

function output(nameModifier: string, colorCorrector: ColorCorrector, isDeep: boolean): Output {
  const codecSettings = isDeep
    ? { codec: 'H_265' as const, h265Settings: { ...quality, codecProfile: 'MAIN10_MAIN' as const } }
    : { codec: 'H_264' as const, h264Settings: quality };
  return {
    nameModifier,
    containerSettings: { container: 'MP4' },
    videoDescription: {
      width: 192,
      height: 128,
      codecSettings,
      videoPreprocessors: { colorCorrector },
    },
  };
}

const hdr10Metadata = { maxContentLightLevel: 1000, maxFrameAverageLightLevel: 400 };

it('has white where the programme has it, in PQ and in HLG, and keeps clip limits', async () => {
  const outputs = [
    output('_pq', { colorSpaceConversion: 'FORCE_HDR10', hdr10Metadata }, true),
    output('_203', { colorSpaceConversion: 'FORCE_HDR10', hdr10Metadata, sdrReferenceWhiteLevel: 203 }, true),
    output('_hlg', { colorSpaceConversion: 'FORCE_HLG_2020', sdrReferenceWhiteLevel: 203 }, true),
    output(
      '_lim',
      { sampleRangeConversion: 'LIMITED_RANGE_CLIP', clipLimits: { minimumYUV: 100, maximumYUV: 920 } },
      false,
    ),
    output('_sdr', {}, false),
  ];
  const { plan } = await planVideoJob(workshop, {
    key: 'clip.mp4',
    video: {},
    changes: {
      availBlanking: { availBlankingImage: 's3://inputs/white.png' },
      esam: { signalProcessingNotification: { sccXml: breaksDocument([[0, 1]]) } },
      outputGroups: [
        {
          outputGroupSettings: {
            type: 'FILE_GROUP_SETTINGS',
            fileGroupSettings: { destination: 's3://outputs/blank' },
          },
          outputs,
        },
      ],
    },
  });
  const { groups } = await workshop.run(plan);
  const paths = (groups[0]?.outputs ?? []).map(({ locations }) =>
    workshop.outputPath((locations[0] ?? '').replace('s3://outputs/', '')),
  );
  const luma = (x: number, y: number): readonly number[] =>
    paths.map((path) => {
      const picture = watchPictures(path, { x, y, width: 8, height: 8 }).regions[2] ?? [];
      return picture.reduce((sum, value) => sum + value, 0) / picture.length;
    });
  // White of 100 and of 203 cd/m² in PQ, 203 in HLG (ITU-R BT.2408 table 1), in ten bits; then in eight.
  const [pq = 0, pq203 = 0, hlg = 0, limited = 0, plain = 0] = luma(92, 60);
  expect(Math.abs(pq - 509)).toBeLessThanOrEqual(3);
  expect(Math.abs(pq203 - 573)).toBeLessThanOrEqual(3);
  expect(Math.abs(hlg - 721)).toBeLessThanOrEqual(3);
  expect(Math.abs(limited - 230)).toBeLessThanOrEqual(1);
  expect(Math.abs(plain - 235)).toBeLessThanOrEqual(1);
  const black = luma(8, 8);
  for (const [index, expected] of [64, 64, 64, 25, 16].entries())
    expect(Math.abs((black[index] ?? 0) - expected), `black ${index}`).toBeLessThanOrEqual(1);
}, 120_000);
