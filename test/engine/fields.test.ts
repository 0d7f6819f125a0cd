/** Pictures of two fields that lie at other instants, measured behind the steps of plans: each field keeps what is its own. */
import type { AVPixelFormat } from 'node-av/constants';
import { avGetPixFmtName, Frame, Packet } from 'node-av/lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeClip } from '../../bench/engine-bench.ts';
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import { captureLibraryLog } from '../../src/engine/library-log.ts';
import { rational } from '../../src/exact-time.ts';
import type { VideoTrackFacts } from '../../src/plan/facts.ts';
import type { FilterStep } from '../../src/plan/plan.ts';
import { hdFacts, videoTrack } from '../plan/facts-fixtures.ts';
import { h264Video, mp4Job, mustPlan, onlyVideo } from '../plan/plan-fixtures.ts';
import { picturesOf } from './generated-pictures.ts';
import { openVideo } from './open-video.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

captureLibraryLog();

const size = { widthPx: 256, heightPx: 192 };
/** Bars that move sixteen pixels a field, of luma or of the first colour difference. */
const bar = 'if(lt(mod(X+16*N\\,64)\\,32)\\,80\\,176)';
const moving = (plane: 'lum' | 'cb', format: string): string => {
  const drawn = { lum: '128', cb: '128', cr: '128', [plane]: bar };
  const planes = Object.entries(drawn).map(([name, value]) => `${name}=${value}`);
  return `color=c=gray:s=256x192:r=50:d=0.4,format=yuv444p,geq=${planes.join(':')},format=${format}`;
};
const named = 'setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=limited';
const bars = (plane: 'lum' | 'cb', format: string): string =>
  `${moving(plane, format)},interlace=scan=tff:lowpass=off,${named}`;

const plane = (planes: 'u' | 'y'): readonly FilterStep[] => [
  { name: 'extractplanes', options: { planes } },
  { name: 'format', options: { pix_fmts: 'gray' } },
];

/** Everything that a plan does to pictures in front of the encoder. */
function stepsOf(video: VideoDescription, track: Partial<VideoTrackFacts> = {}): readonly FilterStep[] {
  const source = { scan: 'top-field-first', frameRate: rational(25), ...size, ...track } as const;
  const plan = mustPlan(mp4Job(video), hdFacts({ videoTracks: [videoTrack(source)] }));
  const { preparation, filters } = onlyVideo(plan);
  return [...(plan.inputs[0]?.video?.sharedFilters ?? []), ...(preparation?.steps ?? []), ...filters];
}

/** The two fields of a picture, each as the mean of its lines, and how much the lines of one field differ. */
interface Fields {
  readonly top: readonly number[];
  readonly bottom: readonly number[];
  /** Greatest difference between two lines of a field. */
  readonly unevenness: number;
}

/** Of the lines in the middle, where no filter sees the edge. */
function fieldsOf(samples: Uint8Array, widthPx: number): Fields {
  const lines = samples.length / widthPx;
  const first = 4 * Math.floor(lines / 3 / 4);
  const field = (parity: number) => {
    const own = Array.from({ length: Math.floor(lines / 6) }, (_, n) => {
      const start = (first + 2 * n + parity) * widthPx;
      return samples.subarray(start, start + widthPx);
    });
    const mean = Array.from(
      { length: widthPx },
      (_, x) => own.reduce((sum, one) => sum + (one[x] ?? 0), 0) / own.length,
    );
    const spread = own.flatMap((one) => [...one].map((value, x) => Math.abs(value - (mean[x] ?? 0))));
    return { mean, spread: Math.max(...spread) };
  };
  const [top, bottom] = [field(0), field(1)];
  return { top: top.mean, bottom: bottom.mean, unevenness: Math.max(top.spread, bottom.spread) };
}

function distance(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;
}

async function measure(source: string, steps: readonly FilterStep[], of: 'u' | 'y'): Promise<Fields> {
  const picture = (await picturesOf(source, [...steps, ...plane(of)]))[5];
  if (picture === undefined) throw new Error('there are no pictures');
  return fieldsOf(picture.luma, picture.widthPx);
}

const kept = { interlaceMode: 'FOLLOW_TOP_FIELD' } as const;
const h264 = (video: Partial<VideoDescription>, settings: object = {}) =>
  h264Video({ ...kept, ...settings }, video);
const proRes = (settings: object, video: Partial<VideoDescription> = {}): VideoDescription => ({
  ...video,
  codecSettings: { codec: 'PRORES', proresSettings: { ...kept, ...settings } },
});

/** Half of it is an odd number of lines, as of the 486 of North America. */
const uneven = { width: 256, height: 186, scalingBehavior: 'STRETCH_TO_OUTPUT' } as const;

const of420 = { chroma: '4:2:0', bitDepth: 8, pixelFormat: 'yuv420p' } as const;
const of422 = { chroma: '4:2:2', bitDepth: 8, pixelFormat: 'yuv422p' } as const;

describe('colour of fields', () => {
  const cases: readonly (readonly [string, VideoDescription, Partial<VideoTrackFacts>])[] = [
    ['4:2:0 that stays', h264({}), of420],
    ['4:2:2 to 4:2:0', h264({}), of422],
    ['4:2:0 to 4:2:2', h264({}, { codecProfile: 'HIGH_422' }), of420],
    ['4:2:0 to 4:2:2 of ten bits', proRes({ codecProfile: 'APPLE_PRORES_422' }), of420],
    ['a range clip of 4:2:0', h264(corrected({ sampleRangeConversion: 'LIMITED_RANGE_CLIP' })), of420],
    ['a range clip of 4:2:2', h264(corrected({ sampleRangeConversion: 'LIMITED_RANGE_CLIP' })), of422],
    ['a crop at line 2', h264({ crop: { x: 0, y: 2, width: 256, height: 160 } }), of420],
    ['a crop at line 6', h264({ crop: { x: 0, y: 6, width: 256, height: 160 } }), of420],
    [
      'a position at line 2',
      h264({ position: { x: 0, y: 2, width: 256, height: 192 }, height: 208, width: 256 }),
      of420,
    ],
    [
      'a position of a height between fours',
      h264({ position: { x: 0, y: 6, width: 256, height: 130 }, width: 256, height: 192 }),
      of420,
    ],
    ['a frame that is filled', h264({ width: 256, height: 180, scalingBehavior: 'FILL' }), of420],
    ['bars above and below', h264({ width: 256, height: 204 }), of420],
    ['4:2:2 of an odd number of lines a field', h264(uneven, { codecProfile: 'HIGH_422' }), of420],
  ];

  function corrected(colorCorrector: object): Partial<VideoDescription> {
    return { videoPreprocessors: { colorCorrector } };
  }

  it.each(cases)('%s is that of the field', async (_name, video, track) => {
    const source = bars('cb', track.pixelFormat ?? '');
    const before = await measure(source, [], 'u');
    expect(distance(before.top, before.bottom)).toBeGreaterThan(20);
    const after = await measure(source, stepsOf(video, track), 'u');
    expect(distance(after.top, before.top)).toBeLessThan(3);
    expect(distance(after.bottom, before.bottom)).toBeLessThan(3);
    expect(after.unevenness).toBeLessThan(3);
  });

  it.each([
    ['P3', {}],
    ['601', {}],
    ['709', { colorPrimaries: 'bt2020', colorTransfer: 'smpte2084', colorMatrix: 'bt2020nc' }],
  ] as const)('converted to %s changes, and stays apart', async (target, colors) => {
    const named = { P3: 'FORCE_P3D65_SDR', 601: 'FORCE_601', 709: 'FORCE_709' } as const;
    const video = h264(corrected({ colorSpaceConversion: named[target] }));
    const after = await measure(bars('cb', 'yuv420p'), stepsOf(video, { ...of420, ...colors }), 'u');
    const levels = [...new Set([...after.top, ...after.bottom].map((value) => Math.round(value / 4)))];
    expect(distance(after.top, after.bottom)).toBeGreaterThan(15);
    expect(after.unevenness).toBeLessThan(3);
    // Two colours and nothing between them, but for their edges.
    expect(levels.length).toBeLessThan(8);
  });

  it('turned in their order is a field later or earlier, with its luma', async () => {
    const steps = stepsOf(h264({}, { interlaceMode: 'BOTTOM_FIELD' }), of420);
    const [before, after] = [
      await measure(bars('cb', 'yuv420p'), [], 'u'),
      await measure(bars('cb', 'yuv420p'), steps, 'u'),
    ];
    expect(distance(after.bottom, before.top)).toBeLessThan(3);
    expect(distance(after.top, before.bottom)).toBeLessThan(3);
  });
});

describe('noise reducers leave the motion between fields', () => {
  const reduced = (noiseReducer: object) =>
    h264({ videoPreprocessors: { noiseReducer } } as Partial<VideoDescription>);
  const kernels = ['BILATERAL', 'CONSERVE', 'GAUSSIAN', 'LANCZOS', 'MEAN', 'SHARPEN'].map(
    (filter) => [filter, reduced({ filter, filterSettings: { strength: 3 } })] as const,
  );
  const spatial = [-2, -1, 0, 3].map(
    (speed) =>
      [
        `SPATIAL of speed ${speed}`,
        reduced({ filter: 'SPATIAL', spatialFilterSettings: { strength: 16, speed } }),
      ] as const,
  );
  const bandwidth = { bandwidthReductionFilter: { strength: 'HIGH', sharpening: 'HIGH' } };

  it.each([...kernels, ...spatial, ['the bandwidth reduction filter', h264({}, bandwidth)] as const])(
    '%s',
    async (_name, video) => {
      const source = bars('lum', 'yuv420p');
      const [before, after] = [await measure(source, [], 'y'), await measure(source, stepsOf(video), 'y')];
      expect(distance(after.top, after.bottom)).toBeGreaterThan(0.9 * distance(before.top, before.bottom));
      expect(distance(after.top, before.top)).toBeLessThan(0.25 * distance(before.top, before.bottom));
      expect(after.unevenness).toBeLessThan(4);
    },
  );

  it('and every picture with its time', async () => {
    const source = bars('lum', 'yuv420p');
    const [before, after] = [
      await picturesOf(source, []),
      await picturesOf(source, stepsOf(kernels[4]?.[1] ?? h264({}))),
    ];
    expect(after).toHaveLength(before.length);
    after.forEach(({ luma }, index) => {
      const own = fieldsOf(before[index]?.luma ?? new Uint8Array(), size.widthPx);
      expect(distance(fieldsOf(luma, size.widthPx).top, own.top)).toBeLessThan(16);
    });
  });
});

describe('an interlaced file', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = openWorkshop();
    await encodeClip(workshop.inputPath('moving.mp4'), moving('cb', 'yuv420p'), 50);
    const optimized = { interlaceMode: 'TOP_FIELD', scanTypeConversionMode: 'INTERLACED_OPTIMIZE' } as const;
    const rate = { framerateControl: 'SPECIFIED', framerateNumerator: 25, framerateDenominator: 1 } as const;
    const video = h264Video({ ...optimized, ...rate, bitrate: 5_000_000 });
    const { path } = await runVideoJob(workshop, { key: 'moving.mp4', video });
    workshop.adopt(path, 'fields.mp4');
  });
  afterAll(() => workshop.close());

  it.each<[string, VideoDescription]>([
    ['ProRes 422', proRes({ codecProfile: 'APPLE_PRORES_422' })],
    [
      'H.264 that is cut at line 2',
      h264({ crop: { x: 0, y: 2, width: 256, height: 160 } }, { bitrate: 5_000_000 }),
    ],
    ['ProRes 422 of 186 lines', proRes({ codecProfile: 'APPLE_PRORES_422' }, uneven)],
    [
      'H.264 4:2:2 of 186 lines',
      h264(uneven, { bitrate: 5_000_000, codecProfile: 'HIGH_422', codecLevel: 'LEVEL_3' }),
    ],
    [
      'MPEG-2 4:2:2 of 186 lines',
      {
        ...uneven,
        codecSettings: {
          codec: 'MPEG2',
          mpeg2Settings: { ...kept, rateControlMode: 'CBR', bitrate: 8_000_000, codecProfile: 'PROFILE_422' },
        },
      },
    ],
  ])('has the colours of its fields in %s', async (_name, video) => {
    const { facts, path } = await runVideoJob(workshop, { key: 'fields.mp4', video, container: 'MOV' });
    expect(facts.videoTracks[0]?.scan).toBe('top-field-first');
    const [before, after] = [colorsOf(workshop.inputPath('fields.mp4')), colorsOf(path)];
    expect(distance(before.top, before.bottom)).toBeGreaterThan(20);
    expect(distance(after.top, before.top)).toBeLessThan(4);
    expect(distance(after.bottom, before.bottom)).toBeLessThan(4);
  });
});

/** Fields of the first colour difference of the sixth picture of a file. */
function colorsOf(path: string): Fields {
  const { context, decoder, stream } = openVideo(path);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  let seen = 0;
  while (seen < 6) {
    const isRead = context.readFrameSync(packet) >= 0;
    if (isRead && packet.streamIndex === stream.index) decoder.sendPacketSync(packet);
    if (!isRead) decoder.sendPacketSync(null);
    packet.unref();
    while (seen < 6 && decoder.receiveFrameSync(frame) >= 0) seen += 1;
  }
  const format = avGetPixFmtName(frame.format as AVPixelFormat) ?? '';
  const [width, height] = [frame.width / 2, format.includes('420') ? frame.height / 2 : frame.height];
  const [data, stride] = [frame.data?.[1] ?? Buffer.alloc(0), frame.linesize[1] ?? 0];
  const samples = Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return format.endsWith('10le') ? data.readUInt16LE(y * stride + 2 * x) >> 2 : (data[y * stride + x] ?? 0);
  });
  decoder.freeContext();
  packet.free();
  frame.free();
  context.closeInputSync();
  return fieldsOf(samples, width);
}
