/** Rate controls that are measured: an output of each, and what it promises. */
import type { Output, VideoCodecSettings } from '../src/contract/types.generated.ts';

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
/** The level's buffer, more than a second of the rate. */
const mpeg2Buffer = 1_835_008;

const cbr = { rateControlMode: 'CBR', bitrate } as const;
const vbr = { rateControlMode: 'VBR', bitrate, maxBitrate } as const;
const qvbr = { rateControlMode: 'QVBR', maxBitrate, qvbrSettings: { qvbrQualityLevel: 8 } } as const;
const levels = ['SINGLE_PASS', 'SINGLE_PASS_HQ', 'MULTI_PASS_HQ'] as const;

/** All of them. */
export const rateModes: readonly RateMode[] = [
  ...(['H.264', 'H.265'] as const).flatMap((name) => [
    ...levels.slice(0, 2).map((level) => twin(`${name} CBR ${level}`, askedConstant, cbr, level)),
    ...levels.map((level) => twin(`${name} VBR ${level}`, askedVariable, vbr, level)),
    ...levels.slice(0, 2).map((level) => twin(`${name} QVBR ${level}`, askedQuality, qvbr, level)),
  ]),
  mode(
    'MPEG-2 CBR',
    { averageBps: 1_500_000, peakBps: 1_500_000, bufferBits: mpeg2Buffer },
    { codec: 'MPEG2', mpeg2Settings: { ...cbr, bitrate: 1_500_000, hrdBufferSize: mpeg2Buffer } },
    'RAW',
  ),
  mode(
    'MPEG-2 VBR',
    { averageBps: 1_500_000, peakBps: 2_500_000, bufferBits: mpeg2Buffer },
    {
      codec: 'MPEG2',
      mpeg2Settings: { ...vbr, bitrate: 1_500_000, maxBitrate: 2_500_000, hrdBufferSize: mpeg2Buffer },
    },
    'RAW',
  ),
  mode('AV1 CBR', askedConstant, { codec: 'AV1', av1Settings: cbr }),
  mode('AV1 QVBR', askedQuality, { codec: 'AV1', av1Settings: qvbr }),
  mode(
    'VP8 VBR',
    askedVariable,
    { codec: 'VP8', vp8Settings: { ...vbr, hrdBufferSize: peakBuffer } },
    'WEBM',
  ),
  mode(
    'VP9 VBR',
    askedVariable,
    { codec: 'VP9', vp9Settings: { ...vbr, hrdBufferSize: peakBuffer } },
    'WEBM',
  ),
];

/** H.264 and H.265 have the same members. */
function twin(
  name: string,
  asked: AskedRate,
  rate: typeof cbr | typeof vbr | typeof qvbr,
  qualityTuningLevel: (typeof levels)[number],
): RateMode {
  const settings = { ...rate, hrdBufferSize: asked.bufferBits, qualityTuningLevel };
  return mode(
    name,
    asked,
    name.startsWith('H.264')
      ? { codec: 'H_264', h264Settings: settings }
      : { codec: 'H_265', h265Settings: settings },
  );
}
