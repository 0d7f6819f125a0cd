/**
 * What accelerated transcoding can do (spec acceleration.md A.4–A.6, queues-and-lifecycle.md 7). ESAM and SCTE-35
 * passthrough come from the 2023 list alone and are allowed (README, "ESAM or SCTE-35 passthrough").
 */
import type { ContainerFormat } from './facts.ts';

/** A setting that forbids acceleration: path with `*` for any member, and the values that forbid it. */
export interface ForbiddingSetting {
  readonly path: string;
  /** `present`: any value. */
  readonly values: readonly string[] | 'present';
  /** What the user should do, a sentence without full stop. */
  readonly advice: string;
}

/** Settings of the job, below `settings` (A.6). */
export const forbiddingJobSettings: readonly ForbiddingSetting[] = [
  { path: '/availBlanking', values: 'present', advice: 'Remove avail blanking' },
  { path: '/motionImageInserter', values: 'present', advice: 'Remove the motion image' },
  { path: '/timecodeConfig/anchor', values: 'present', advice: 'Remove the timecode anchor' },
  {
    path: '/inputs/*/videoGenerator',
    values: 'present',
    advice: 'Use a file as input instead of generated video',
  },
  {
    path: '/inputs/*/videoSelector/padVideo',
    values: ['BLACK'],
    advice: 'Set padVideo to DISABLED',
  },
];

/** Settings of an output, below the output (A.5, A.6). */
export const forbiddingOutputSettings: readonly ForbiddingSetting[] = [
  {
    path: '/audioDescriptions/*/codecSettings/codec',
    values: ['EAC3_ATMOS'],
    advice: 'Use another audio codec than Dolby Atmos',
  },
  {
    path: '/captionDescriptions/*/destinationSettings/destinationType',
    values: ['BURN_IN', 'SCTE20_PLUS_EMBEDDED', 'EMBEDDED_PLUS_SCTE20'],
    advice: 'Use other captions than burn-in and SCTE-20',
  },
  {
    path: '/videoDescription/codecSettings/*/framerateConversionAlgorithm',
    values: ['INTERPOLATE', 'FRAMEFORMER', 'MAINTAIN_FRAME_COUNT'],
    advice: 'Set the frame rate conversion to DUPLICATE_DROP',
  },
  {
    path: '/videoDescription/codecSettings/*/telecine',
    values: ['HARD', 'SOFT'],
    advice: 'Set telecine to NONE',
  },
  {
    path: '/videoDescription/codecSettings/xavcSettings/*/telecine',
    values: ['HARD', 'SOFT'],
    advice: 'Set telecine to NONE',
  },
  {
    path: '/videoDescription/codecSettings/*/unregisteredSeiTimecode',
    values: ['ENABLED'],
    advice: 'Set unregisteredSeiTimecode to DISABLED',
  },
  {
    path: '/videoDescription/timecodeInsertion',
    values: ['PIC_TIMING_SEI'],
    advice: 'Set timecodeInsertion to DISABLED',
  },
  {
    path: '/videoDescription/videoPreprocessors/deinterlacer/mode',
    values: ['INVERSE_TELECINE', 'ADAPTIVE'],
    advice: 'Set the deinterlacer to DEINTERLACE',
  },
  {
    path: '/containerSettings/m2tsSettings/rateMode',
    values: ['CBR'],
    advice: 'Set the rate mode of the transport stream to VBR',
  },
];

const avc = 'H_264';
const hevc = 'H_265';
const av1 = 'AV1';

/** Output containers and the video codecs they may carry (A.5). Frame capture is allowed besides. */
export const acceleratedOutputs: Readonly<Record<string, readonly string[]>> = {
  CMFC: [av1, avc, hevc],
  F4V: [avc],
  ISMV: [avc],
  M2TS: [avc, hevc],
  M3U8: [avc, hevc],
  MOV: [avc],
  MP4: [av1, avc, hevc],
  MPD: [av1, avc, hevc],
  MXF: [avc],
  RAW: [avc, hevc],
  WEBM: ['VP8', 'VP9'],
};

/** Input containers and the video codecs, by FFmpeg's short names, that can be split (A.4). */
export const acceleratedInputs: Partial<Record<ContainerFormat, readonly string[]>> = {
  hls: ['h264', 'hevc'],
  imf: ['jpeg2000'],
  matroska: ['h264', 'mpeg2video', 'mpeg4', 'vc1'],
  mp4: ['h264', 'hevc', 'mpeg2video'],
  mpegts: ['h264', 'hevc', 'mpeg2video', 'vc1'],
  mxf: ['prores', 'h264', 'jpeg2000', 'mpeg2video', 'dvvideo', 'dnxhd'],
  quicktime: ['prores', 'h264', 'jpeg2000', 'mpeg2video'],
};

/** Containers whose index gives each frame its duration, so that a variable rate can be split (A.4). */
export const variableRateContainers: ReadonlySet<ContainerFormat> = new Set(['mp4', 'quicktime']);
