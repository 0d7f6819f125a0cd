/** Rate controls that are measured: an output of each, and what it promises. */
import type {
  H264Settings,
  H265Settings,
  Mpeg2Settings,
  Output,
  VideoCodecSettings,
} from '../src/contract/types.generated.ts';

/** One rate control of one codec. */
export interface RateMode {
  readonly name: string;
  readonly kind: 'CBR' | 'VBR' | 'QVBR';
  readonly output: Output;
  readonly asked: AskedRate;
}

/** What the job asks for; the plan's own figures are not looked at. */
export interface AskedRate {
  /** null with QVBR. */
  readonly averageBps: number | null;
  readonly peakBps: number;
  readonly bufferBits: number;
  /** Bound of the average, QVBR only; absent: the peak. */
  readonly averageLimitBps?: number;
}

/** All of them, at rates for pictures of 320×180 times a factor. */
export function rateModesAt(factor: number): readonly RateMode[] {
  const bitrate = 400_000 * factor;
  const maxBitrate = 700_000 * factor;
  /** The bound bites: cuts and scroll would take more. */
  const maxAverageBitrate = 300_000 * factor;
  const peakBuffer = 2 * maxBitrate;
  const askedConstant: AskedRate = { averageBps: bitrate, peakBps: bitrate, bufferBits: 2 * bitrate };
  const askedVariable: AskedRate = { averageBps: bitrate, peakBps: maxBitrate, bufferBits: peakBuffer };
  const askedQuality: AskedRate = { averageBps: null, peakBps: maxBitrate, bufferBits: peakBuffer };
  const askedBounded: AskedRate = { ...askedQuality, averageLimitBps: maxAverageBitrate };
  const askedSmall: AskedRate = { ...askedQuality, bufferBits: maxBitrate / 5 };
  /** Nothing but the average is asked for; the peak and the buffer are those that libvpx has by default here. */
  const askedAverage: AskedRate = { averageBps: bitrate, peakBps: 2 * bitrate, bufferBits: 4 * bitrate };
  const cbr = { rateControlMode: 'CBR', bitrate } as const;
  const vbr = { rateControlMode: 'VBR', bitrate, maxBitrate } as const;
  const qvbr = { rateControlMode: 'QVBR', maxBitrate, qvbrSettings: { qvbrQualityLevel: 8 } } as const;
  const bounded = { ...qvbr, qvbrSettings: { qvbrQualityLevel: 8, maxAverageBitrate } } as const;
  return [
    ...(['H.264', 'H.265'] as const).flatMap((name) => [
      ...levels.map((level) => twin(`${name} CBR ${level}`, askedConstant, cbr, level)),
      ...levels.map((level) => twin(`${name} VBR ${level}`, askedVariable, vbr, level)),
      ...levels.map((level) => twin(`${name} QVBR ${level}`, askedQuality, qvbr, level)),
      twin(`${name} QVBR MULTI_PASS_HQ, bounded average`, askedBounded, bounded, 'MULTI_PASS_HQ'),
      twin(`${name} QVBR, five pictures of buffer`, askedSmall, qvbr, 'MULTI_PASS_HQ'),
    ]),
    ...(['SINGLE_PASS', 'MULTI_PASS'] as const).flatMap((level) => [
      mpeg2(`MPEG-2 CBR ${level}`, factor, 'CBR', level),
      mpeg2(`MPEG-2 VBR ${level}`, factor, 'VBR', level),
    ]),
    mode('AV1 CBR', askedConstant, { codec: 'AV1', av1Settings: cbr }),
    mode('AV1 QVBR', askedQuality, { codec: 'AV1', av1Settings: qvbr }),
    ...(['MULTI_PASS', 'MULTI_PASS_HQ'] as const).flatMap((qualityTuningLevel) => {
      const settings = { ...vbr, hrdBufferSize: peakBuffer, qualityTuningLevel };
      return [
        mode(`VP8 VBR ${qualityTuningLevel}`, askedVariable, { codec: 'VP8', vp8Settings: settings }, 'WEBM'),
        mode(`VP9 VBR ${qualityTuningLevel}`, askedVariable, { codec: 'VP9', vp9Settings: settings }, 'WEBM'),
      ];
    }),
    ...(['MULTI_PASS', 'MULTI_PASS_HQ'] as const).flatMap((qualityTuningLevel) => {
      const settings = { bitrate, qualityTuningLevel };
      return [
        mode(
          `VP8 average alone ${qualityTuningLevel}`,
          askedAverage,
          { codec: 'VP8', vp8Settings: settings },
          'WEBM',
        ),
        mode(
          `VP9 average alone ${qualityTuningLevel}`,
          askedAverage,
          { codec: 'VP9', vp9Settings: settings },
          'WEBM',
        ),
      ];
    }),
  ];
}

const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;

/** H.264 and H.265 have the same members. */
function twin(
  name: string,
  asked: AskedRate,
  rate: H264Settings & H265Settings,
  qualityTuningLevel: (typeof levels)[number],
): RateMode {
  const settings = { ...rate, hrdBufferSize: asked.bufferBits, qualityTuningLevel };
  return mode(
    name,
    asked,
    name.startsWith('H.264')
      ? { codec: 'H_264', h264Settings: settings }
      : { codec: 'H_265', h265Settings: settings },
    'RAW',
  );
}

/** MPEG-2 needs more, and has the level's buffer, more than a second of the rate. */
function mpeg2(
  name: string,
  factor: number,
  rateControlMode: 'CBR' | 'VBR',
  qualityTuningLevel: 'SINGLE_PASS' | 'MULTI_PASS',
): RateMode {
  const bitrate = 1_500_000 * factor;
  const peakBps = rateControlMode === 'CBR' ? bitrate : 2_500_000 * factor;
  const mpeg2Settings: Mpeg2Settings = {
    rateControlMode,
    qualityTuningLevel,
    bitrate,
    hrdBufferSize: mpeg2Buffer,
    ...(rateControlMode === 'CBR' ? {} : { maxBitrate: peakBps }),
  };
  const asked = { averageBps: bitrate, peakBps, bufferBits: mpeg2Buffer };
  return mode(name, asked, { codec: 'MPEG2', mpeg2Settings }, 'RAW');
}

const mpeg2Buffer = 1_835_008;

type Container = 'MP4' | 'RAW' | 'WEBM';

function mode(
  name: string,
  asked: AskedRate,
  codecSettings: VideoCodecSettings,
  container: Container = 'MP4',
): RateMode {
  const isConstant = asked.averageBps === asked.peakBps;
  return {
    name,
    kind: isConstant ? 'CBR' : asked.averageBps === null ? 'QVBR' : 'VBR',
    output: { containerSettings: { container }, videoDescription: { codecSettings } },
    asked,
  };
}
