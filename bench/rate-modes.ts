/** Rate controls that are measured: an output of each, and what it promises. */
import type { Mpeg2Settings, Output, VideoCodecSettings } from '../src/contract/types.generated.ts';

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

const bitrate = 400_000;
const maxBitrate = 700_000;
const constantBuffer = 2 * bitrate;
const peakBuffer = 2 * maxBitrate;

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

const askedConstant: AskedRate = { averageBps: bitrate, peakBps: bitrate, bufferBits: constantBuffer };
const askedVariable: AskedRate = { averageBps: bitrate, peakBps: maxBitrate, bufferBits: peakBuffer };
const askedQuality: AskedRate = { averageBps: null, peakBps: maxBitrate, bufferBits: peakBuffer };
/** MPEG-2 needs more, and has the level's buffer, more than a second of the rate. */
const mpeg2Rate = 1_500_000;
const mpeg2Buffer = 1_835_008;

const cbr = { rateControlMode: 'CBR', bitrate } as const;
const vbr = { rateControlMode: 'VBR', bitrate, maxBitrate } as const;
const qvbr = { rateControlMode: 'QVBR', maxBitrate, qvbrSettings: { qvbrQualityLevel: 8 } } as const;
/** The bound bites: cuts and scroll would take more. */
const maxAverageBitrate = 300_000;
const boundedQvbr = { ...qvbr, qvbrSettings: { qvbrQualityLevel: 8, maxAverageBitrate } } as const;
const askedBounded: AskedRate = { ...askedQuality, averageLimitBps: maxAverageBitrate };
const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;

/** All of them. */
export const rateModes: readonly RateMode[] = [
  ...(['H.264', 'H.265'] as const).flatMap((name) => [
    ...levels.map((level) => twin(`${name} CBR ${level}`, askedConstant, cbr, level)),
    ...levels.map((level) => twin(`${name} VBR ${level}`, askedVariable, vbr, level)),
    ...levels.map((level) => twin(`${name} QVBR ${level}`, askedQuality, qvbr, level)),
    twin(`${name} QVBR MULTI_PASS_HQ, bounded average`, askedBounded, boundedQvbr, 'MULTI_PASS_HQ'),
  ]),
  ...(['SINGLE_PASS', 'MULTI_PASS'] as const).flatMap((level) => [
    mpeg2(`MPEG-2 CBR ${level}`, mpeg2Rate, { rateControlMode: 'CBR', qualityTuningLevel: level }),
    mpeg2(`MPEG-2 VBR ${level}`, 2_500_000, { rateControlMode: 'VBR', qualityTuningLevel: level }),
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
];

/** H.264 and H.265 have the same members. */
function twin(
  name: string,
  asked: AskedRate,
  rate: typeof cbr | typeof vbr | typeof qvbr | typeof boundedQvbr,
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

function mpeg2(name: string, peakBps: number, settings: Mpeg2Settings): RateMode {
  const asked = { averageBps: mpeg2Rate, peakBps, bufferBits: mpeg2Buffer };
  const isConstant = settings.rateControlMode === 'CBR';
  const mpeg2Settings = {
    ...settings,
    bitrate: mpeg2Rate,
    hrdBufferSize: mpeg2Buffer,
    ...(isConstant ? {} : { maxBitrate: peakBps }),
  };
  return mode(name, asked, { codec: 'MPEG2', mpeg2Settings }, 'RAW');
}
