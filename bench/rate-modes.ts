/** Rate controls that are measured: an output of each, and what it promises. */
import type { Output, VideoCodecSettings } from '../src/contract/types.generated.ts';

/** One rate control of one codec. */
export interface RateMode {
  readonly name: string;
  readonly kind: 'CBR' | 'VBR' | 'QVBR';
  readonly output: Output;
}

const bitrate = 400_000;
const maxBitrate = 700_000;

function mode(
  name: string,
  kind: RateMode['kind'],
  codecSettings: VideoCodecSettings,
  container: 'MP4' | 'RAW' | 'WEBM' = 'MP4',
): RateMode {
  return { name, kind, output: { containerSettings: { container }, videoDescription: { codecSettings } } };
}

const cbr = { rateControlMode: 'CBR', bitrate } as const;
const vbr = { rateControlMode: 'VBR', bitrate, maxBitrate } as const;
const qvbr = { rateControlMode: 'QVBR', maxBitrate, qvbrSettings: { qvbrQualityLevel: 8 } } as const;

/** All of them. */
export const rateModes: readonly RateMode[] = [
  mode('H.264 CBR', 'CBR', {
    codec: 'H_264',
    h264Settings: { ...cbr, qualityTuningLevel: 'SINGLE_PASS_HQ' },
  }),
  mode('H.264 VBR', 'VBR', {
    codec: 'H_264',
    h264Settings: { ...vbr, qualityTuningLevel: 'SINGLE_PASS_HQ' },
  }),
  mode('H.264 VBR, two passes', 'VBR', {
    codec: 'H_264',
    h264Settings: { ...vbr, qualityTuningLevel: 'MULTI_PASS_HQ' },
  }),
  mode('H.264 QVBR', 'QVBR', {
    codec: 'H_264',
    h264Settings: { ...qvbr, qualityTuningLevel: 'SINGLE_PASS_HQ' },
  }),
  mode('H.265 CBR', 'CBR', { codec: 'H_265', h265Settings: cbr }),
  mode('H.265 VBR', 'VBR', { codec: 'H_265', h265Settings: vbr }),
  mode('H.265 QVBR', 'QVBR', { codec: 'H_265', h265Settings: qvbr }),
  mode('MPEG-2 CBR', 'CBR', { codec: 'MPEG2', mpeg2Settings: { ...cbr, bitrate: 1_500_000 } }, 'RAW'),
  mode(
    'MPEG-2 VBR',
    'VBR',
    { codec: 'MPEG2', mpeg2Settings: { ...vbr, bitrate: 1_500_000, maxBitrate: 2_500_000 } },
    'RAW',
  ),
  mode('AV1 CBR', 'CBR', { codec: 'AV1', av1Settings: cbr }),
  mode('AV1 QVBR', 'QVBR', { codec: 'AV1', av1Settings: qvbr }),
  mode(
    'VP9 VBR',
    'VBR',
    { codec: 'VP9', vp9Settings: { rateControlMode: 'VBR', bitrate, maxBitrate } },
    'WEBM',
  ),
];
