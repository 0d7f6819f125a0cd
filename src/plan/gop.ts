/** Groups of pictures (spec video.md 4, 5; packaging.md 3): length, closing, and key frames forced for segments. */
import { type Rational, rational, rationalToNumber } from '../exact-time.ts';
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
}

/** What counts where a block leaves it out; frames null: about two seconds. */
interface GopDefaults {
  readonly units: 'AUTO' | 'FRAMES';
  readonly frames: number | null;
}

/** Automatic groups are about this long (AWS recommends 2 s for segmented outputs, spec packaging.md 13.1). */
const automaticGopSeconds = 2;

/** Reads the group settings of a codec block. Findings tell of impossible ones; the result is usable all the same. */
export function readGop(
  settings: SettingsReader<SharedVideoSettings>,
  frame: EncodedFrame,
  segment: SegmentRule | null,
  findings: FindingLog,
  defaults: GopDefaults = { units: 'AUTO', frames: null },
): Gop {
  const frameRate = rational(frame.frameRate.num, frame.frameRate.den);
  const frames = readGopFrames(settings, frameRate, segment, defaults);
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
  if (segment === null) {
    const closing = cadence > 1 ? rational(gopSeconds.num * cadence, gopSeconds.den) : null;
    return { ...shared, forcedKeyFrameSeconds: closing, segmentSeconds: null };
  }
  if (cadence > 1) {
    findings.notice(
      'substituted',
      settings.at('gopClosedCadence'),
      'closed groups of pictures come at segment boundaries',
    );
  }
  const isGiven = (settings.read('gopSize') ?? 0) !== 0 && settings.read('gopSizeUnits') !== 'AUTO';
  if (isGiven) checkFragments(segment, frames, frameRate, settings.at('gopSize'), findings);
  const segmentSeconds =
    segment.control === 'EXACT' ? segment.seconds : wholeGops(segment.seconds, gopSeconds);
  // Fragments begin with key frames too, where they fill the segment; elsewhere groups after the segment's start decide.
  const forced =
    segment.control === 'EXACT' && segment.fragment !== null && isMultiple(segmentSeconds, segment.fragment)
      ? segment.fragment
      : segmentSeconds;
  return { ...shared, forcedKeyFrameSeconds: forced, segmentSeconds };
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
  if (segment === null) return { ...base, forcedKeyFrameSeconds: null, segmentSeconds: null };
  const gopSeconds = rational(frames * frame.frameRate.den, frame.frameRate.num);
  const seconds = segment.control === 'EXACT' ? segment.seconds : wholeGops(segment.seconds, gopSeconds);
  return { ...base, forcedKeyFrameSeconds: seconds, segmentSeconds: seconds };
}

function readGopFrames(
  settings: SettingsReader<SharedVideoSettings>,
  frameRate: Rational,
  segment: SegmentRule | null,
  defaults: GopDefaults,
): number {
  const units = settings.read('gopSizeUnits') ?? defaults.units;
  const rate = rationalToNumber(frameRate);
  if (units === 'AUTO') {
    settings.withoutEffect('gopSize', 'gopSizeUnits is AUTO: the length is chosen by the transcoder', [0]);
    return automaticGopFrames(rate, segment);
  }
  const size = settings.read('gopSize');
  // Documents exported from the console write 0 where they mean nothing.
  if (size === undefined || size === 0) return defaults.frames ?? automaticGopFrames(rate, segment);
  return Math.max(1, Math.round(units === 'FRAMES' ? size : size * rate));
}

/** About two seconds, and a whole part of the segment where there is one. */
function automaticGopFrames(rate: number, segment: SegmentRule | null): number {
  if (segment === null) return Math.max(1, Math.round(automaticGopSeconds * rate));
  const { seconds: whole, fragment } = segment;
  const seconds = rationalToNumber(fragment !== null && isMultiple(whole, fragment) ? fragment : whole);
  const parts = Math.max(1, Math.round(seconds / automaticGopSeconds));
  return Math.max(1, Math.round((seconds / parts) * rate));
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
