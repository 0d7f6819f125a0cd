/** MPEG-2 settings → mpeg2video (spec video.md 9). */
import type { Mpeg2Settings } from '../contract/types.generated.ts';
import { equalRational, formatRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import { plainEncoder } from './encoder-plan.ts';
import type { FindingLog } from './finding-log.ts';
import { readFrameMetrics } from './frame-metrics.ts';
import { type Gop, readGop, type SegmentRule } from './gop.ts';
import {
  d10Heights,
  mpeg2Allocation,
  mpeg2Effort,
  mpeg2Finest,
  mpeg2Masking,
  mpeg2Opening,
  mpeg2PictureRoom,
  mpeg2Rates,
  mpeg2SameBounds,
  mpeg2Search,
  mpeg2Sparing,
  mpeg2ToleranceSeconds,
} from './mpeg2.table.ts';
import { type AskedRate, type Mpeg2Level, readMpeg2Level } from './mpeg2-level.ts';
import type { EncoderPlan } from './plan.ts';
import { checkBuffer, limitedWindow, readInitialFill } from './rate-control.ts';
import { assumedClipSeconds } from './rate-pacing.table.ts';
import { paceConstant, shareOfWay } from './rate-pacing.ts';
import type { OpeningOptions } from './rate-plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import {
  type EncodedFrame,
  fieldOptions,
  pulldownMarks,
  type SharedVideoSettings,
} from './video-codec-settings.ts';
import { type CodecPlanner, type EncodedVideo, encodedVideo } from './video-encode.ts';

/** Where the job says nothing (spec video.md 9). */
const defaults = { gopSize: 12, bFrames: 2 };

/** Plans an MPEG-2 encode. */
export const planMpeg2: CodecPlanner<Mpeg2Settings> = (settings, frame, place, segment, findings) => {
  checkRate(settings, frame, findings);
  const is422 = settings.read('codecProfile') === 'PROFILE_422';
  const asked = readAskedRate(settings);
  const profile = { is422, isMxf: place.container === 'MXF' };
  const level = readMpeg2Level(settings, frame, profile, asked, findings);
  const rate = readRates(settings, asked, frame, level, findings);
  const gop = readMpeg2Gop(settings, frame, segment, findings);
  const isD10 = settings.read('syntax') === 'D_10';
  const bFrames =
    settings.read('numberBFramesBetweenReferenceFrames') ??
    (isD10 || gop.frames === 1 ? 0 : defaults.bFrames);
  const fields = fieldOptions(frame.scan);
  const flags = `${fields.flags ?? ''}${gop.isOpen ? '' : '+cgop'}`;
  const precision = settings.read('intraDcPrecision') ?? 'AUTO';
  settings.accept('softness', [0], 'the encoder takes no quantization matrices');
  if (isD10 && bFrames > 0)
    findings.incompatible(
      settings.at('numberBFramesBetweenReferenceFrames'),
      'D-10 has intra pictures alone: use 0',
    );
  if (isD10 && place.container !== 'MXF')
    findings.incompatible(settings.at('syntax'), 'D-10 streams belong to MXF files of that profile');
  if (isD10 && rate !== null && !rate.isConstant)
    findings.incompatible(settings.at('rateControlMode'), 'pictures of D-10 all have one size: use CBR');
  checkPulldown(settings, frame, findings);
  const isMultiPass = settings.read('qualityTuningLevel') === 'MULTI_PASS';
  const frameMetrics = readFrameMetrics(settings, false, findings);
  if (rate === null) return null;
  const { bitrateBps, maxBitrateBps, bufferSizeBits, isConstant } = rate;
  const picture = isD10 ? d10Picture(bitrateBps, frame) : null;
  const pacing =
    isConstant && picture === null ? paceConstant(bitrateBps, bufferSizeBits, place.clipSeconds) : null;
  const kept = pacing ?? { rateBps: maxBitrateBps, bufferBits: bufferSizeBits };
  const isLooked = isMultiPass && !isConstant;
  if (isMultiPass && isConstant) tellOfOnePass(settings, findings);
  const initialBits = Math.round(kept.bufferBits * readInitialFill(settings, kept, frame));
  return encodedVideo({
    pixelFormat: is422 ? 'yuv422p' : 'yuv420p',
    gop,
    ...readSceneChanges(settings, gop),
    codingFramesHeld: bFrames + 2,
    frameMetrics,
    ...streamMarks(frame, gop, picture),
    ...(picture === null ? {} : blankingLines(frame)),
    encoder: plainEncoder('MPEG2', 'mpeg2video', {
      options: {
        ...fields,
        ...(flags === '' ? {} : { flags }),
        profile: is422 ? '0' : '4',
        level: `${level.code}`,
        b_strategy: settings.read('dynamicSubGop') === 'ADAPTIVE' ? '1' : '0',
        // The encoder's own detection makes intra pictures and no groups, and does not go with closed ones.
        sc_threshold: '1000000000',
        // Without it a closed group ends where its B pictures would reach beyond it, short of its length.
        mpv_flags: '+strict_gop',
        ...(isConstant ? { minrate: `${bitrateBps}` } : {}),
        ...(bufferSizeBits === 0 ? {} : { rc_init_occupancy: `${initialBits}` }),
        ...(precision === 'AUTO' ? {} : { intra_dc_precision: `${Number(precision.split('_').at(-1)) - 8}` }),
        ...mpeg2Finest[isMultiPass ? 'thorough' : 'quick'],
        ...mpeg2Search,
        ...(picture === null && !isLooked ? { bt: `${mpeg2ToleranceSeconds * bitrateBps}` } : {}),
        ...readMasking(settings),
        ...(isMultiPass ? mpeg2Effort : {}),
        ...(isLooked ? mpeg2SameBounds : {}),
        ...timecodeOptions(place.timecode),
        ...(picture === null ? {} : d10Options(picture, fields.flags ?? '')),
      },
      ...(picture === null && !isLooked ? { opening: openingOf(frame, place.clipSeconds) } : {}),
      ...(picture === null && !isLooked && !isConstant ? sparingOf(bitrateBps, place.clipSeconds) : {}),
      ...(isLooked ? { passes: 2, allocation: mpeg2Allocation } : {}),
      bitrateBps: picture?.bitrateBps ?? bitrateBps,
      maxBitrateBps: picture?.bitrateBps ?? maxBitrateBps,
      bufferSizeBits: picture?.bits ?? bufferSizeBits,
      ...(pacing === null ? {} : { pacing }),
      gopSizeFrames: gop.frames,
      maxBFrames: bFrames,
    }),
  });
};

function openingOf({ frameRate }: EncodedFrame, clipSeconds: number | null): OpeningOptions {
  const { seconds, shareOfClip, options } = mpeg2Opening;
  const length = Math.min(seconds, shareOfClip * (clipSeconds ?? Number.POSITIVE_INFINITY));
  return { frames: Math.round(length * rationalToNumber(frameRate)), options };
}

function sparingOf(bitrateBps: number, clipSeconds: number | null): Pick<EncoderPlan, 'sparing'> {
  const { options, behindSeconds, briefSeconds, minuteSeconds, shareOfClip, leastClipSeconds } = mpeg2Sparing;
  const length = clipSeconds ?? assumedClipSeconds;
  if (length < leastClipSeconds) return {};
  const brevity = shareOfWay(length, minuteSeconds, briefSeconds);
  const usual = behindSeconds.minute + brevity * (behindSeconds.brief - behindSeconds.minute);
  const mostBehindBits = Math.round(Math.min(usual, shareOfClip * length) * bitrateBps);
  return { sparing: { options, mostBehindBits } };
}

/** What is written behind the encoder. */
function streamMarks(frame: EncodedFrame, gop: Gop, picture: D10Picture | null): Pick<EncodedVideo, 'marks'> {
  const marks = {
    ...pulldownMarks(frame).marks,
    ...(gop.isOpen ? { tellsClosedGroups: true as const } : {}),
    ...(picture === null ? {} : { pictureBytes: picture.bytes }),
  };
  return Object.keys(marks).length === 0 ? {} : { marks };
}

/** MPEG-2 has a code for eight rates only (rule V-29). */
function checkRate(settings: SettingsReader<Mpeg2Settings>, frame: EncodedFrame, findings: FindingLog): void {
  const rate: Rational = rational(frame.frameRate.num, frame.frameRate.den);
  if (mpeg2Rates.some((known) => equalRational(known, rate))) return;
  findings.incompatible(
    settings.at('framerateNumerator'),
    `MPEG-2 has no code for ${formatRational(rate)} frames a second; it has ${mpeg2Rates.map(formatRational).join(', ')}`,
  );
}

/** Marked as fields, a picture has an even number of macroblock rows, coded or not (H.262 6.3.3). */
function checkPulldown(
  settings: SettingsReader<Mpeg2Settings>,
  { heightPx, pulldown }: EncodedFrame,
  findings: FindingLog,
): void {
  if (pulldown === undefined || Math.ceil(heightPx / 16) % 2 === 0) return;
  findings.notSupported(
    settings.at('telecine'),
    'SOFT',
    `the encoder codes ${heightPx} lines of film in an odd number of macroblock rows, and pictures shown as fields have an even number; HARD makes coded fields`,
  );
}

/** The rate as the job names it; a constant one has no other maximum. */
function readAskedRate(
  settings: SettingsReader<Mpeg2Settings>,
): AskedRate & { readonly isConstant: boolean } {
  const isConstant = settings.read('rateControlMode') === 'CBR';
  if (isConstant) settings.withoutEffect('maxBitrate', 'the rate control mode is CBR');
  return {
    isConstant,
    bitrateBps: settings.require('bitrate'),
    maxBitrateBps: isConstant ? null : (settings.read('maxBitrate') ?? null),
    bufferBits: settings.read('hrdBufferSize') ?? 0,
  };
}

interface Mpeg2Rate {
  readonly isConstant: boolean;
  readonly bitrateBps: number;
  readonly maxBitrateBps: number;
  readonly bufferSizeBits: number;
}

function readRates(
  settings: SettingsReader<Mpeg2Settings>,
  asked: ReturnType<typeof readAskedRate>,
  frame: EncodedFrame,
  level: Mpeg2Level,
  findings: FindingLog,
): Mpeg2Rate | null {
  const { isConstant, bitrateBps: bitrate } = asked;
  const maxBitrate = isConstant ? (bitrate ?? 0) : (asked.maxBitrateBps ?? 2 * (bitrate ?? 0));
  const window = limitedWindow(
    settings,
    { averageBps: isConstant ? 0 : (bitrate ?? 0), maxBitrateBps: maxBitrate },
    frame,
    findings,
  );
  settings.leftOut('hrdBufferFinalFillPercentage', 'the encoder cannot aim at a final fill', [0]);
  if (bitrate === null) return null;
  const bufferBits = asked.bufferBits === 0 ? level.bufferBits : Math.min(asked.bufferBits, level.bufferBits);
  checkBuffer(settings.at('hrdBufferSize'), bufferBits, bitrate, frame, findings);
  if (isConstant) checkStuffing(settings, bitrate, frame, findings);
  return {
    isConstant,
    bitrateBps: bitrate,
    maxBitrateBps: isConstant ? bitrate : Math.min(window.peakBps, Math.max(level.bitrateBps, bitrate)),
    bufferSizeBits: isConstant ? bufferBits : Math.min(bufferBits, window.bufferBits ?? bufferBits),
  };
}

/** A constant rate is kept by stuffing pictures, and the encoder has room for so much of it. */
function checkStuffing(
  settings: SettingsReader<Mpeg2Settings>,
  bitrateBps: number,
  { widthPx, heightPx, frameRate, scan }: EncodedFrame,
  findings: FindingLog,
): void {
  // Pictures of two fields have an even number of rows.
  const rows = scan === 'progressive' ? Math.ceil(heightPx / 16) : 2 * Math.ceil(heightPx / 32);
  const macroblocks = Math.ceil(widthPx / 16) * rows;
  const pictureBytes = mpeg2PictureRoom.bytes + mpeg2PictureRoom.macroblockBytes * macroblocks;
  const mostBps = Math.floor(8 * pictureBytes * rationalToNumber(frameRate));
  if (bitrateBps <= mostBps) return;
  findings.incompatible(
    settings.at('bitrate'),
    `pictures of ${widthPx} x ${heightPx} cannot be filled to a constant rate of ${bitrateBps} bit/s; the most is ${mostBps}`,
  );
}

/** Groups as in H.264, in frames and 12 long where the job says nothing. */
function readMpeg2Gop(
  settings: SettingsReader<Mpeg2Settings>,
  frame: EncodedFrame,
  segment: SegmentRule | null,
  findings: FindingLog,
): Gop {
  const shared = settings as unknown as SettingsReader<SharedVideoSettings>;
  return readGop(shared, frame, segment, findings, { units: 'FRAMES', frames: defaults.gopSize });
}

/**
 * Scene changes begin groups where the job lets group lengths vary: by `minIInterval` above 0, or by naming detection and
 * no interval. By default groups are of one length (spec video.md 9).
 */
function readSceneChanges(
  settings: SettingsReader<Mpeg2Settings>,
  gop: Gop,
): Pick<EncodedVideo, 'sceneChanges'> {
  const detection = settings.read('sceneChangeDetect');
  if (gop.frames === 1) {
    const reason = 'every picture is a key frame';
    settings.withoutEffect('minIInterval', reason, [0]);
    settings.withoutEffect('sceneChangeDetect', reason, ['DISABLED']);
    return {};
  }
  if (detection === 'DISABLED') {
    settings.withoutEffect('minIInterval', 'scene changes are not looked for', [0]);
    return {};
  }
  if (gop.minKeyInterval === 0) {
    settings.withoutEffect('sceneChangeDetect', 'minIInterval 0 keeps all groups at one length', [
      'DISABLED',
    ]);
    return {};
  }
  const isWanted = detection === 'ENABLED' || gop.minKeyInterval !== null;
  return isWanted ? { sceneChanges: { leastFrames: gop.minKeyInterval ?? 1 } } : {};
}

/** Masking weights take bits from what the eye sees least. */
function readMasking(settings: SettingsReader<Mpeg2Settings>): Readonly<Record<string, string>> {
  const { luma, complexity, temporal } = mpeg2Masking[settings.read('adaptiveQuantization') ?? 'HIGH'];
  const isSpatial = settings.read('spatialAdaptiveQuantization') !== 'DISABLED';
  const isTemporal = settings.read('temporalAdaptiveQuantization') !== 'DISABLED';
  return {
    ...(isSpatial ? { lumi_mask: luma, scplx_mask: complexity } : {}),
    ...(isTemporal ? { tcplx_mask: temporal } : {}),
  };
}

/** D-10 carries lines of the vertical blanking above the picture (SMPTE ST 356 5.2); frames without them get black ones. */
function blankingLines({ widthPx, heightPx }: EncodedFrame): Partial<EncodedVideo> {
  const codedHeightPx = d10Heights[heightPx];
  if (codedHeightPx === undefined) return {};
  const y = `${codedHeightPx - heightPx}`;
  const pad = { w: `${widthPx}`, h: `${codedHeightPx}`, x: '0', y, color: 'black' };
  return { codedHeightPx, finishing: [{ name: 'pad', options: pad }] };
}

/** Bytes of an active format description, which is written into the picture afterwards. */
const formatBytes = 10;

interface D10Picture {
  readonly bytes: number;
  /** What the encoder has of it. */
  readonly bits: number;
  /** What such pictures come to: at 29.97 a little below the nominal rate, because they are whole bytes. */
  readonly bitrateBps: number;
}

/** Every picture of D-10 has the size that the rate gives it: the buffer holds one. */
function d10Picture(nominalBps: number, { frameRate: { num, den } }: EncodedFrame): D10Picture {
  const bytes = Math.floor((nominalBps * den) / num / 8);
  const bits = (bytes - formatBytes) * 8;
  return { bytes, bits, bitrateBps: Math.floor((bits * num) / den) };
}

/** Intra pictures as SMPTE ST 356 has them: the second table of levels, alternate scan, ten bits of DC. */
function d10Options(picture: D10Picture, fieldFlags: string): Readonly<Record<string, string>> {
  return {
    flags: `${fieldFlags}+low_delay`,
    minrate: `${picture.bitrateBps}`,
    intra_vlc: '1',
    non_linear_quant: '1',
    alternate_scan: '1',
    intra_dc_precision: '2',
    // Coarser quantizers are for the picture that would not fit its size otherwise.
    qmax: '28',
    rc_init_occupancy: `${picture.bits}`,
    rc_max_vbv_use: '1',
    rc_min_vbv_use: '1',
    lumi_mask: '0',
    scplx_mask: '0',
    tcplx_mask: '0',
  };
}

function timecodeOptions(timecode: string | null): Readonly<Record<string, string>> {
  if (timecode === null) return {};
  const isDropFrame = timecode.includes(';');
  return { gop_timecode: timecode, ...(isDropFrame ? { drop_frame_timecode: '1' } : {}) };
}

/** A constant rate is kept by filling pictures up, of which a budget for all of them would know nothing. */
function tellOfOnePass(settings: SettingsReader<Mpeg2Settings>, findings: FindingLog): void {
  findings.notice(
    'substituted',
    settings.at('qualityTuningLevel'),
    'at a constant rate one pass that decides by rate and distortion takes the place of two passes',
  );
}
