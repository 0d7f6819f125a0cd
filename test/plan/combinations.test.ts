/** Combinations that an encoder or a muxer would refuse while the job runs are refused by name before, or made ones it takes. */
import { describe, expect, test } from 'vitest';
import type { ContainerType, JobSettings, Output } from '../../src/contract/types.generated.ts';
import { validateJobSettings } from '../../src/contract/validate-job.ts';
import { rational } from '../../src/exact-time.ts';
import { conversionToFollowed, withWholeChroma } from '../../src/plan/color-conversion.ts';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  encoderParameters,
  fileGroup,
  hlsGroup,
  jobWith,
  mustPlan,
  noticesOf,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

const at25 = hdFacts({ videoTracks: [videoTrack({ frameRate: rational(25) })] });

function videoJob(
  codec: string,
  settings: object,
  changes: { readonly container?: ContainerType; readonly video?: object; readonly block?: object } = {},
): JobSettings {
  const { container = 'MP4', video = {}, block = {} } = changes;
  const member = `${codec.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}Settings`;

  return jobWith([
    fileGroup([
      {
        containerSettings: { container, ...block },
        videoDescription: { ...video, codecSettings: { codec, [member]: settings } },
      } as Output,
    ]),
  ]);
}

function soundJob(codec: string, settings: object): JobSettings {
  return jobWith([
    fileGroup([
      {
        containerSettings: { container: 'RAW' },
        audioDescriptions: [
          {
            audioSourceName: 'Audio Selector 1',
            codecSettings: { codec, [`${codec.toLowerCase()}Settings`]: settings },
          },
        ],
      } as Output,
    ]),
  ]);
}

/** Pointers below the output, and reasons. */
function refusals(job: JobSettings): string[] {
  const { findings } = planOf(job, at25);
  return findings.flatMap(({ severity, pointer, message }) =>
    severity === 'error' ? [`${pointer.split('/').at(-1)}: ${message}`] : [],
  );
}

const intra = { avcIntraClass: 'CLASS_100', interlaceMode: 'BOTTOM_FIELD' };
const xavcIntra = {
  profile: 'XAVC_HD_INTRA_CBG',
  xavcHdIntraCbgProfileSettings: { xavcClass: 'CLASS_200', interlaceMode: 'BOTTOM_FIELD' },
};

test.each([
  [
    'AV1 without adaptive quantization at a constant rate',
    videoJob('AV1', { rateControlMode: 'CBR', bitrate: 500_000, adaptiveQuantization: 'OFF' }),
    /^adaptiveQuantization: .*constant rate/,
  ],
  [
    'AV1 without spatial adaptive quantization at a constant rate',
    videoJob('AV1', { rateControlMode: 'CBR', bitrate: 500_000, spatialAdaptiveQuantization: 'DISABLED' }),
    /^spatialAdaptiveQuantization: .*constant rate/,
  ],
  [
    'a window of less than some frames',
    videoJob('AV1', {
      rateControlMode: 'QVBR',
      maxBitrate: 500_000,
      slidingWindowPeakBitrate: 800_000,
      slidingWindowMs: -5,
    }),
    /^slidingWindowMs: .*at least 4 frames \(160 ms\)/,
  ],
  [
    'lower fields first in AVC-Intra',
    videoJob('AVC_INTRA', intra, { container: 'MXF' }),
    /^interlaceMode: .*upper field/,
  ],
  [
    'lower fields first in XAVC Intra',
    videoJob('XAVC', xavcIntra, { container: 'RAW' }),
    /^interlaceMode: .*upper field/,
  ],
  [
    'MPEG-2 of Low level in MXF',
    videoJob(
      'MPEG2',
      { bitrate: 2_000_000, codecLevel: 'LOW' },
      { container: 'MXF', video: { width: 320, height: 240 }, block: { mxfSettings: { profile: 'OP1A' } } },
    ),
    /^codecLevel: .*no label/,
  ],
  [
    'a timecode burnt into GIF pictures',
    videoJob(
      'GIF',
      {},
      { container: 'GIF', video: { width: 320, height: 180, videoPreprocessors: { timecodeBurnin: {} } } },
    ),
    /^timecodeBurnin: .*palettes/,
  ],
  [
    'a buffer of less than a frame of XAVC',
    videoJob(
      'XAVC',
      {
        profile: 'XAVC_HD',
        xavcHdProfileSettings: { bitrateClass: 'BITRATE_CLASS_50', hrdBufferSize: 999_999 },
      },
      { container: 'RAW' },
    ),
    /^hrdBufferSize: .*less than one frame \(2000000 bits\)/,
  ],
  ['samples of 17 bits', soundJob('WAV', { bitDepth: 17 }), /^bitDepth: .*16 or 24 bits/],
])('%s: refused', (_, job, expected) => {
  expect(refusals(job)).toEqual([expect.stringMatching(expected)]);
});

describe('made what the library takes', () => {
  test('the buffer of AV1 stays within ten seconds, however long the window', () => {
    const job = (slidingWindowMs: number) =>
      onlyVideo(
        mustPlan(
          videoJob('AV1', {
            rateControlMode: 'QVBR',
            maxBitrate: 64_000,
            slidingWindowPeakBitrate: 26_000_000,
            slidingWindowMs,
          }),
          at25,
        ),
      ).encoder;
    const { rateBps = 0, bufferBits = 0 } = job(2_000_000_000).pacing ?? {};
    expect(bufferBits / rateBps).toBeCloseTo(10, 1);
    expect(bufferBits / rateBps).toBeLessThanOrEqual(10);
  });

  test('more pictures of GIF than its hundredths of a second hold are told', () => {
    const job = (framerateNumerator: number) => {
      const settings = { framerateControl: 'SPECIFIED', framerateNumerator, framerateDenominator: 1 };
      return noticesOf(planOf(videoJob('GIF', settings, { container: 'GIF' }), at25).findings);
    };
    expect(job(50)).toEqual([]);
    expect(job(60)).toEqual([expect.stringMatching(/^substituted .*gifSettings\/framerateControl$/)]);
  });

  test('small MPEG-2 pictures count as Main level in MXF, and as Low elsewhere', () => {
    const level = (container: ContainerType) =>
      onlyVideo(
        mustPlan(
          videoJob(
            'MPEG2',
            { bitrate: 2_000_000 },
            {
              container,
              video: { width: 320, height: 240 },
              block: container === 'MXF' ? { mxfSettings: { profile: 'OP1A' } } : {},
            },
          ),
          at25,
        ),
      ).encoder.options['level'];
    expect(level('MXF')).toBe('8');
    expect(level('MOV')).toBe('10');
  });
});

test.each(['M2TS', 'M3U8'])('program 0 of %s is none', (container) => {
  const output = {
    nameModifier: '-v',
    containerSettings: {
      container,
      [container === 'M2TS' ? 'm2tsSettings' : 'm3u8Settings']: { programNumber: 0 },
    },
    videoDescription: {
      codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'CBR', bitrate: 1_000_000 } },
    },
  } as Output;
  const group = container === 'M2TS' ? fileGroup([output]) : hlsGroup([output]);
  expect(refusals(jobWith([group]))).toEqual([expect.stringMatching(/^programNumber: .*network/)]);
});

test('a remix without gains is told at its own place', () => {
  const job = soundJob('WAV', {});
  const [group] = job.outputGroups ?? [];
  const description = group?.outputs?.[0]?.audioDescriptions?.[0];
  Object.assign(description ?? {}, { remixSettings: { channelsIn: 2, channelsOut: 2 } });
  const { findings } = validateJobSettings(job);
  expect(findings.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
    '/outputGroups/0/outputs/0/audioDescriptions/0/remixSettings channelMapping is a required property',
  ]);
});

test.each([
  [1, '2'],
  [3, '3'],
  [7, '3'],
])(
  'temporal layers of H.265 leave %i B pictures in a row at most',
  (numberBFramesBetweenReferenceFrames, layers) => {
    const h265 = videoJob('H_265', {
      rateControlMode: 'CBR',
      bitrate: 1_000_000,
      temporalIds: 'ENABLED',
      gopBReference: 'ENABLED',
      numberBFramesBetweenReferenceFrames,
    });
    expect(encoderParameters(onlyVideo(mustPlan(h265, at25)))['temporal-layers']).toBe(layers);
  },
);

test('pictures of D-10 leave room for the description of their active format', () => {
  const d10 = videoJob(
    'MPEG2',
    {
      syntax: 'D_10',
      rateControlMode: 'CBR',
      bitrate: 50_000_000,
      codecProfile: 'PROFILE_422',
      interlaceMode: 'TOP_FIELD',
      gopSize: 1,
    },
    {
      container: 'MXF',
      video: { width: 720, height: 576, afdSignaling: 'FIXED', fixedAfd: 10 },
      block: { mxfSettings: { profile: 'D_10' } },
    },
  );
  const { encoder, streamData } = onlyVideo(mustPlan(d10, at25));
  expect(streamData?.pictureBytes).toBe(250_000);
  expect(encoder.bufferSizeBits).toBe((250_000 - 10) * 8);
});

describe('colours of a further input', () => {
  const hdr10 = { primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc', range: 'limited' } as const;
  const bt709 = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'limited' } as const;
  const steps = conversionToFollowed({ color: hdr10, hdr: null, givenLuminance: null }, bt709) ?? [];

  test('pictures that do not tell their colour are told it', () => {
    expect(steps[0]?.options).toMatchObject({ pin: 'bt2020', p: 'bt709' });
  });

  test('pictures of an odd size keep whole planes of chroma all the way', () => {
    const odd = withWholeChroma(steps, { widthPx: 333, heightPx: 187, bitDepth: 8 });
    const formats = odd.flatMap(({ name, options }) => (name === 'format' ? [options['pix_fmts']] : []));
    expect(formats).toEqual(['yuv444p', 'gbrpf32le', 'yuv444p10le']);
    const plain = withWholeChroma([{ name: 'zscale', options: {} }], {
      widthPx: 333,
      heightPx: 188,
      bitDepth: 8,
    });
    expect(plain.map(({ name }) => name)).toEqual(['format', 'zscale', 'format']);
    expect(withWholeChroma(steps, { widthPx: 334, heightPx: 188, bitDepth: 8 })).toBe(steps);
    expect(withWholeChroma([], { widthPx: 333, heightPx: 187, bitDepth: 8 })).toEqual([]);
  });
});
