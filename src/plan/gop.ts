/** Groups of pictures (spec video.md 4, 5; packaging.md 3): length, closing, and key frames forced for segments. */
import { equalRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EncodedFrame, SharedVideoSettings } from './video-codec-settings.ts';

/** Where segments of the output group begin; null for outputs in one piece. */
export interface SegmentRule {
  readonly seconds: Rational;
  readonly control: 'EXACT' | 'GOP_MULTIPLE';
  /** Length of the fragments inside segments; null for segments in one piece. */
  readonly fragment: Rational | null;
  /** The document gives the length of fragments; absent: it is the default. */
  readonly isFragmentGiven?: boolean;
  /** What all groups that ask for the same pictures can be cut at; absent: the rule's own period. */
  readonly sharedPeriod?: Rational;
}

/** Groups of pictures as an encoder is told of them. */
export interface Gop {
  readonly frames: number;
  /** Groups may refer to the one before, except where a key frame is forced. */
  readonly isOpen: boolean;
  readonly forcedKeyFrameSeconds: Rational | null;
  /** Segment length that results; null without segments. */
  readonly segmentSeconds: Rational | null;
  /** Fewest frames between key frames; 0: key frames at group starts only; null: the encoder's choice. */
  readonly minKeyInterval: number | null;
  /** Something counts on groups of just this length: one shorter by a frame would not do. */
  readonly isExactLength: boolean;
}

/** What counts where a block leaves it out; frames null: about two seconds. */
interface GopDefaults {
  readonly units: 'AUTO' | 'FRAMES';
  readonly frames: number | null;
}

/** Automatic groups are about this long (AWS recommends 2 s for segmented outputs, spec packaging.md 13.1). */
const automaticGopSeconds = 2;
/** Days at any rate: whoever asks for more means something else. */
const mostGopFrames = 10_000_000;

/** Reads the group settings of a codec block. Findings tell of impossible ones; the result is usable all the same. */
export function readGop(
  settings: SettingsReader<SharedVideoSettings>,
  frame: EncodedFrame,
  segment: SegmentRule | null,
  findings: FindingLog,
  defaults: GopDefaults = { units: 'AUTO', frames: null },
): Gop {
  const frameRate = rational(frame.frameRate.num, frame.frameRate.den);
  const frames = readGopFrames(settings, frameRate, segment, defaults, findings);
  const cadence = settings.read('gopClosedCadence') ?? 1;
  if (cadence === 0 && segment !== null) {
    findings.incompatible(
      settings.at('gopClosedCadence'),
      'segments begin with a closed group of pictures: 0 leaves all of them open',
    );
  }
  const minKeyInterval = settings.read('minIInterval') ?? null;
  const shared = { frames, isOpen: cadence !== 1, minKeyInterval };
  const gopSeconds = rational(frames * frameRate.den, frameRate.num);
  const isGiven = (settings.read('gopSize') ?? 0) !== 0 && settings.read('gopSizeUnits') !== 'AUTO';
  if (segment === null) {
    const closing = closingPeriod(gopSeconds, cadence);
    const isExactLength = isGiven && settings.read('gopSizeUnits') !== 'SECONDS';
    return { ...shared, forcedKeyFrameSeconds: closing, segmentSeconds: null, isExactLength };
  }
  if (cadence > 1) {
    findings.notice(
      'substituted',
      settings.at('gopClosedCadence'),
      'closed groups of pictures come at segment boundaries',
    );
  }
  if (isGiven) checkFragments(segment, frames, frameRate, settings.at('gopSize'), findings);
  return { ...shared, ...segmentedGop(segment, gopSeconds) };
}

/** Distance of closed groups, in seconds; null where every group is closed, or none before the end of any file. */
function closingPeriod(gop: Rational, cadence: number): Rational | null {
  const isCountable = Number.isSafeInteger(gop.num * cadence);
  return cadence > 1 && isCountable ? rational(gop.num * cadence, gop.den) : null;
}

/** Length of segments, and the key frames that are forced for them. */
function segmentedGop(
  segment: SegmentRule,
  gopSeconds: Rational,
): Pick<Gop, 'forcedKeyFrameSeconds' | 'segmentSeconds' | 'isExactLength'> {
  const period = keyFramePeriod(segment);
  if (segment.control === 'GOP_MULTIPLE') {
    const whole = wholeGops(segment.seconds, gopSeconds);
    return { forcedKeyFrameSeconds: whole, segmentSeconds: whole, isExactLength: true };
  }
  return {
    forcedKeyFrameSeconds: period,
    segmentSeconds: segment.seconds,
    // Fragments off the grid last as many groups as their length asks for.
    isExactLength: segment.fragment !== null && !equalRational(period, segment.fragment),
  };
}

/**
 * Distance of the key frames that segments ask for: fragments begin with key frames too, where they fill the segment;
 * elsewhere groups after the segment's start decide.
 */
export function keyFramePeriod({ seconds, control, fragment }: SegmentRule): Rational {
  return control === 'EXACT' && fragment !== null && isMultiple(seconds, fragment) ? fragment : seconds;
}

/** Fragments begin with key frames: with EXACT some are added, with GOP_MULTIPLE none are (spec packaging.md 3.1). */
function checkFragments(
  { control, fragment, isFragmentGiven = false }: SegmentRule,
  frames: number,
  frameRate: Rational,
  pointer: string,
  findings: FindingLog,
): void {
  if (fragment === null) return;
  const wanted = rationalToNumber(fragment) * rationalToNumber(frameRate);
  const groups = Math.max(1, Math.round(wanted / frames));
  // Less than a frame apart: seconds are no whole number of frames at 29.97.
  if (Math.abs(wanted - groups * frames) < 1) return;
  const gop = rational(frames * frameRate.den, frameRate.num);
  const lengths = `fragments of ${secondsText(fragment)} s are no multiple of a group of pictures of ${secondsText(gop)} s`;
  if (control === 'GOP_MULTIPLE' && isFragmentGiven)
    findings.incompatible(pointer, `${lengths}, and GOP_MULTIPLE adds no key frames`);
  else
    findings.notice(
      'substituted',
      pointer,
      control === 'EXACT'
        ? `${lengths}: key frames are added where fragments or segments begin`
        : `${lengths}: fragments last whole groups`,
    );
}

function secondsText(seconds: Rational): string {
  return String(Number(rationalToNumber(seconds).toFixed(3)));
}

/** Groups of a fixed length, all closed; segments force key frames of their own. */
export function fixedGop(frames: number, frame: EncodedFrame, segment: SegmentRule | null): Gop {
  const base = { frames, isOpen: false, minKeyInterval: null };
  if (segment === null)
    return { ...base, forcedKeyFrameSeconds: null, segmentSeconds: null, isExactLength: true };
  const gopSeconds = rational(frames * frame.frameRate.den, frame.frameRate.num);
  return { ...base, ...segmentedGop(segment, gopSeconds) };
}

function readGopFrames(
  settings: SettingsReader<SharedVideoSettings>,
  frameRate: Rational,
  segment: SegmentRule | null,
  defaults: GopDefaults,
  findings: FindingLog,
): number {
  const units = settings.read('gopSizeUnits') ?? defaults.units;
  if (units === 'AUTO') {
    settings.withoutEffect('gopSize', 'gopSizeUnits is AUTO: the length is chosen by the transcoder', [0]);
    return automaticGopFrames(frameRate, segment);
  }
  const size = settings.read('gopSize');
  // Documents exported from the console write 0 where they mean nothing.
  if (size === undefined || size === 0) return defaults.frames ?? automaticGopFrames(frameRate, segment);
  const frames = Math.max(1, Math.round(units === 'FRAMES' ? size : size * rationalToNumber(frameRate)));
  return boundedFrames(frames, settings.at('gopSize'), findings);
}

function boundedFrames(frames: number, pointer: string, findings: FindingLog): number {
  if (frames <= mostGopFrames) return frames;
  findings.notSupported(pointer, frames, `groups of pictures have up to ${mostGopFrames} frames`);
  return mostGopFrames;
}

/** Groups of a codec that counts them in whole frames (AV1, VP8, VP9); 0 and nothing are `usual` frames. */
export function readWholeGop(
  settings: SettingsReader<{ gopSize?: number | null | undefined }>,
  usual: number,
  frame: EncodedFrame,
  segment: SegmentRule | null,
  findings: FindingLog,
): Gop {
  const size = settings.read('gopSize') ?? 0;
  const pointer = settings.at('gopSize');
  if (!Number.isInteger(size)) findings.incompatible(pointer, 'groups are counted in whole frames');
  const frames = size === 0 ? usual : boundedFrames(Math.max(1, Math.round(size)), pointer, findings);
  return fixedGop(frames, frame, segment);
}

/** About two seconds, and a whole part of the segment where there is one: rounded up, so that no frame is left over. */
function automaticGopFrames(frameRate: Rational, segment: SegmentRule | null): number {
  if (segment === null) return Math.max(1, Math.round(automaticGopSeconds * rationalToNumber(frameRate)));
  const { num, den } = segment.sharedPeriod ?? keyFramePeriod({ ...segment, control: 'EXACT' });
  const parts = Math.max(1, Math.round(num / den / automaticGopSeconds));
  const perGop = rational(num * frameRate.num, den * frameRate.den * parts);
  return Math.max(1, Math.ceil(rationalToNumber(perGop)));
}

/** True when `whole` is a whole number of `part`. */
function isMultiple(whole: Rational, part: Rational): boolean {
  return (whole.num * part.den) % (whole.den * part.num) === 0;
}

/** GOP_MULTIPLE rounds the segment up to the next group boundary (spec packaging.md 3.4). */
function wholeGops(segment: Rational, gop: Rational): Rational {
  const count = Math.ceil((segment.num * gop.den) / (segment.den * gop.num));
  return rational(gop.num * count, gop.den);
}
