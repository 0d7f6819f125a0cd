/**
 * VP8 and VP9 settings → libvpx (spec video.md 8). Two passes as the service has them, of what the library's binding leaves:
 * it hands no statistics on. A first pass looks at what each picture takes, and the second gives each its quantizer. Where the
 * job asks for a peak or a buffer, and where the clip is short, one pass of VP8 is steered; of VP9 the first measures what its
 * rate control makes of the pictures, and the second asks for what brings that to the target.
 */
import type { Vp8Settings, Vp9Settings } from '../contract/types.generated.ts';
import { rationalToNumber } from '../exact-time.ts';
import { plainEncoder } from './encoder-plan.ts';
import { readWholeGop } from './gop.ts';
import { vp8Tuning, vp9LookedTuning, vpxEffort } from './quality.table.ts';
import { checkBuffer } from './rate-control.ts';
import {
  leastLookedFrames,
  steeredStretch,
  vp8FirstPicture,
  vp8Quantizers,
  vp9AverageResponse,
  vp9Quantizers,
  vpxBounds,
  vpxConstantRate,
} from './rate-pacing.table.ts';
import type { AverageAim, BoundedEncode, SteeredAverage } from './rate-plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame } from './video-codec-settings.ts';
import { type CodecPlanner, encodedVideo } from './video-encode.ts';

/** Both blocks have the same members. */
type VpxSettings = Pick<Vp8Settings, keyof Vp8Settings & keyof Vp9Settings>;

/** Frames between key frames where the job leaves it open (inferred; libvpx's own is 128). */
const defaultGopSize = 90;

/** Plans a VP8 encode. */
export const planVp8: CodecPlanner<Vp8Settings> = (settings, ...rest) =>
  planVpx('VP8', settings as unknown as SettingsReader<VpxSettings>, ...rest);

/** Plans a VP9 encode. */
export const planVp9: CodecPlanner<Vp9Settings> = (settings, ...rest) =>
  planVpx('VP9', settings as unknown as SettingsReader<VpxSettings>, ...rest);

/** The better level of VP9 answers too differently for one look. */
function vp9AverageAim(isHighQuality: boolean): AverageAim {
  return { response: vp9AverageResponse, looks: isHighQuality ? 2 : 1 };
}

/**
 * Pictures ahead: the encoders make nothing of them without statistics, and steering, and who gives each its quantizer, wants to
 * know of each what it became. What VP9 decides for a buffer by itself it decides by them.
 */
const noneAhead = { 'auto-alt-ref': '0', 'lag-in-frames': '0' } as const;
const someAhead = { 'auto-alt-ref': '1', 'lag-in-frames': '25' } as const;

/**
 * Pictures inside the encoder that holds none back, and that has some ahead: engines took 200 MiB at 1080p and 476 at 2160p with
 * VP8, 340 and 1,156 with VP9.
 */
const framesHeld = { none: 6, some: 30 } as const;

/** How a buffer that a job asks for is kept. */
const bufferKeeping = {
  VP8: 'where the pictures come near to exceeding this one, they are coded',
  VP9: 'where the first pass finds that the pictures would exceed this one, they are coded',
} as const;

/** A picture of the usual size. */
const leastPicturePercent = 100;

/** How the average of VP8 is kept in one pass. */
function steerVp8(gopFrames: number, frame: EncodedFrame, clipSeconds: number | null): SteeredAverage {
  const clipFrames = clipFramesOf(frame, clipSeconds);
  const percent = Math.max(leastPicturePercent, Math.floor(100 * vp8FirstPicture.shareOfClip * clipFrames));
  return {
    everyFrames: steeredFrames(gopFrames, frame, clipSeconds),
    firstPicturePercent:
      (clipSeconds ?? vp8FirstPicture.clipSeconds) < vp8FirstPicture.clipSeconds ? percent : null,
    takeOverPicturePercent: Math.min(vp8FirstPicture.takeOverPercent, percent),
  };
}

function clipFramesOf({ frameRate }: EncodedFrame, clipSeconds: number | null): number {
  return (clipSeconds ?? Number.POSITIVE_INFINITY) * rationalToNumber(frameRate);
}

/**
 * Another rate takes a key frame, so that stretches are whole groups: as many as a stretch is long at least. Where groups are
 * longer than stretches may be, which is a fourth of a short clip, they end in the middle of a group.
 */
function steeredFrames(gopFrames: number, { frameRate }: EncodedFrame, clipSeconds: number | null): number {
  const { least, most, shareOfClip } = steeredStretch;
  const frames = (seconds: number): number => Math.max(1, Math.round(seconds * rationalToNumber(frameRate)));
  const longest = frames(
    Math.max(least, Math.min(most, shareOfClip * (clipSeconds ?? Number.POSITIVE_INFINITY))),
  );
  return gopFrames >= longest ? longest : gopFrames * Math.ceil(frames(least) / gopFrames);
}

function planVpx(
  codec: 'VP8' | 'VP9',
  settings: SettingsReader<VpxSettings>,
  ...[frame, place, segment, findings]: Parameters<CodecPlanner<VpxSettings>> extends [unknown, ...infer Rest]
    ? Rest
    : never
): ReturnType<CodecPlanner<VpxSettings>> {
  settings.withoutEffect('rateControlMode', 'VP8 and VP9 have VBR only', ['VBR']);
  const bitrate = settings.require('bitrate');
  const maxBitrate = settings.read('maxBitrate');
  const buffer = settings.read('hrdBufferSize') ?? 0;
  const gop = readWholeGop(settings, defaultGopSize, frame, segment, findings);
  const level = settings.read('qualityTuningLevel') ?? 'MULTI_PASS';
  const isHighQuality = level === 'MULTI_PASS_HQ';
  for (const name of ['maxBitrate', 'hrdBufferSize'] as const) {
    if ((settings.read(name) ?? 0) === 0) continue;
    findings.notice(
      'substituted',
      settings.at(name),
      `the encoder has no buffer at a variable rate: ${bufferKeeping[codec]} at a constant rate within it`,
    );
  }
  if (bitrate === null) return null;
  const maxBitrateBps = maxBitrate ?? 2 * bitrate;
  const isBounded = (maxBitrate ?? 0) !== 0 || buffer !== 0;
  const bufferSizeBits = buffer === 0 ? 2 * maxBitrateBps : buffer;
  checkBuffer(settings.at('hrdBufferSize'), bufferSizeBits, maxBitrateBps, frame, findings);
  const isLooked = !isBounded && clipFramesOf(frame, place.clipSeconds) >= leastLookedFrames;
  const isAhead = codec === 'VP9' && !isLooked;
  return encodedVideo({
    pixelFormat: 'yuv420p',
    gop,
    codingFramesHeld: framesHeld[isAhead ? 'some' : 'none'],
    encoder: plainEncoder(codec, codec === 'VP8' ? 'libvpx' : 'libvpx-vp9', {
      options: {
        deadline: 'good',
        'cpu-used': vpxEffort[codec][level],
        keyint_min: '0',
        ...(isAhead ? someAhead : noneAhead),
        ...tuningOf(codec, isLooked),
      },
      bitrateBps: bitrate,
      maxBitrateBps,
      bufferSizeBits,
      gopSizeFrames: gop.frames,
      ...(isLooked
        ? { passes: 2, quantizers: { VP8: vp8Quantizers, VP9: vp9Quantizers }[codec] }
        : codec === 'VP8'
          ? { steering: steerVp8(gop.frames, frame, place.clipSeconds) }
          : { passes: 2, averageAim: vp9AverageAim(isHighQuality) }),
      ...(isBounded ? { bounded: boundedVpx(codec, maxBitrateBps, bufferSizeBits) } : {}),
    }),
  });
}

function tuningOf(codec: 'VP8' | 'VP9', isLooked: boolean): Readonly<Record<string, string>> {
  if (codec === 'VP8') return vp8Tuning;
  // Rows are coded in threads.
  return { 'row-mt': '1', ...(isLooked ? vp9LookedTuning : {}) };
}

/** A peak or a buffer that the job asks for is kept, if need be at a constant rate. */
function boundedVpx(codec: 'VP8' | 'VP9', peakBps: number, bufferBits: number): BoundedEncode {
  const { rate, buffer } = vpxBounds[codec];
  return {
    pacing: { rateBps: Math.floor(peakBps * rate), bufferBits: Math.floor(bufferBits * buffer) },
    options: vpxConstantRate,
  };
}
