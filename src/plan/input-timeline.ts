/**
 * The timeline of one input (spec timecode-and-clipping.md 3, 4): which timecode its first frame has, and which
 * frames its clips mean. Everything is counted on the whole file, before any clipping; nothing here depends on the
 * job's `timecodeConfig`.
 */
import type { Input, InputClipping } from '../contract/types.generated.ts';
import { type Rational, rational, rationalToNumber, rescaleTicks } from '../exact-time.ts';
import { formatTimecode, frameNumberOf, framesPerDay, parseTimecode } from '../timecode.ts';
import type { InputFacts, VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import { followableFrameRate } from './frame-rate.ts';
import type { PlannedClip } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** An input timeline, resolved. */
export interface InputTimeline {
  /** Rate of the grid on which frames are counted; hundredths of a second for inputs without video (rule C-8). */
  readonly rate: Rational;
  /** Number of the input's first frame; null when EMBEDDED finds no timecode. */
  readonly firstFrame: number | null;
  readonly isDropFrame: boolean;
  /** What is read of the input, in order; null: the whole of it. Empty, with findings, when clips cannot be found. */
  readonly clips: readonly PlannedClip[] | null;
}

/** Inputs without video count hundredths of a second behind the last colon (spec 1). */
const hundredths = rational(100);
const microseconds = rational(1, 1_000_000);
/** Rule C-6. */
const longestClipSeconds = 12 * 3600;

/** Reads the timecode settings and clips of an input. `video` is the selected track; null for inputs without video. */
export function readInputTimeline(
  input: SettingsReader<Input>,
  facts: InputFacts,
  video: VideoTrackFacts | null,
  inputNumber: number,
  findings: FindingLog,
): InputTimeline {
  const rate = video === null ? hundredths : (followableFrameRate(video) ?? rational(25));
  const clippings = input.children('inputClippings');
  const start = readStart(input, facts, rate, clippings);
  const { firstFrame, isDropFrame } = start;
  if (clippings.length === 0) return { firstFrame, isDropFrame, rate, clips: null };
  const grid: ClipGrid = { ...start, rate, isAudioOnly: video === null, ...countFrames(facts, video, rate) };
  const clips = clippings.flatMap((clipping) => resolveClip(clipping, grid, inputNumber, findings) ?? []);
  refuseOverlaps(clippings, clips, findings);
  return { firstFrame, isDropFrame, rate, clips };
}

interface TimelineStart {
  readonly firstFrame: number | null;
  readonly isDropFrame: boolean;
  /** A first timecode that does not exist at the rate of the input. */
  readonly unusableStart?: string;
}

/** Table of spec 3. ZEROBASED counts drop-frame when the clips are written so (inferred there). */
function readStart(
  input: SettingsReader<Input>,
  facts: InputFacts,
  rate: Rational,
  clippings: readonly SettingsReader<InputClipping>[],
): TimelineStart {
  if (clippings.length === 0) {
    const reason = 'no clip and no overlay refers to the timecode of the input';
    input.withoutEffect('timecodeSource', reason, ['EMBEDDED', 'ZEROBASED', 'SPECIFIEDSTART']);
    input.withoutEffect('timecodeStart', reason);
    return { firstFrame: null, isDropFrame: false };
  }
  const source = input.read('timecodeSource') ?? 'EMBEDDED';
  if (source !== 'SPECIFIEDSTART') {
    input.withoutEffect('timecodeStart', 'timecodeSource is not SPECIFIEDSTART');
  }
  if (source === 'ZEROBASED') {
    const texts = clippings.flatMap((clip) => [
      clip.read('startTimecode') ?? '',
      clip.read('endTimecode') ?? '',
    ]);
    return { firstFrame: 0, isDropFrame: texts.some((text) => text.includes(';')) };
  }
  const written = source === 'EMBEDDED' ? facts.startTimecode : input.require('timecodeStart');
  const timecode = written === null ? null : parseTimecode(written);
  if (timecode === null) return { firstFrame: null, isDropFrame: false };
  const firstFrame = frameNumberOf(timecode, rate, timecode.isDropFrame);
  const unusable = firstFrame === null && written !== null ? { unusableStart: written } : {};
  return { firstFrame, isDropFrame: timecode.isDropFrame, ...unusable };
}

interface ClipGrid extends TimelineStart {
  readonly rate: Rational;
  readonly isAudioOnly: boolean;
  /** Frames of the file on the grid; null when unknown. */
  readonly frames: number | null;
  /** Frames by which `frames` may be too few: 0 where an index counts them. */
  readonly slack: number;
}

function countFrames(
  facts: InputFacts,
  video: VideoTrackFacts | null,
  rate: Rational,
): Pick<ClipGrid, 'frames' | 'slack'> {
  if (video !== null && video.frameCount !== null && !video.isVariableFrameRate) {
    return { frames: video.frameCount, slack: 0 };
  }
  const track = video ?? facts.audioTracks[0];
  const lengthUs =
    track?.durationTicks == null
      ? facts.durationUs
      : Number(rescaleTicks(BigInt(track.durationTicks), track.timeBase, microseconds));
  if (lengthUs === null) return { frames: null, slack: 0 };
  const seconds = lengthUs / 1_000_000;
  const length = seconds * rationalToNumber(rate);
  // The header counts the samples.
  if (facts.container === 'wave') return { frames: Math.ceil(length), slack: 0 };
  const hasIndex = video !== null && video.frameCount !== null;
  // Without an index the length is an estimate: what lies just beyond it is tried.
  return { frames: Math.round(length), slack: hasIndex ? 1 : Math.ceil(rationalToNumber(rate)) };
}

/** Rules C-2, C-3, C-6 to C-8 and error 1060 (spec 4). Null, with a finding, when the clip is not in the input. */
function resolveClip(
  clipping: SettingsReader<InputClipping>,
  grid: ClipGrid,
  inputNumber: number,
  findings: FindingLog,
): PlannedClip | null {
  const start = clipping.read('startTimecode');
  const end = clipping.read('endTimecode');
  const first = start === undefined ? 0 : indexOf(start, grid);
  const last = end === undefined ? null : indexOf(end, grid);
  const isInside = (frame: number | null): boolean =>
    frame !== null && (grid.frames === null || frame < grid.frames + grid.slack);
  const regionStart = start ?? formatTimecode(grid.firstFrame ?? 0, grid.rate, grid.isDropFrame);

  const isFound = isInside(first) && (end === undefined || (last !== null && last >= (first ?? 0)));
  if (first === null || !isFound) {
    const details = { mediaFact: describeTimeline(grid) };
    const isStartAlone = start !== undefined && !isInside(first) && (end === undefined || isInside(last));
    if (isStartAlone) {
      const facts = { timecode: start, input: inputNumber };
      findings.jobError(1060, 'start-not-found', facts, clipping.at('startTimecode'), details);
    } else {
      const facts = { start: regionStart, end: end ?? '', input: inputNumber };
      findings.jobError(1060, 'region-not-found', facts, clipping.pointer, details);
    }
    return null;
  }
  // The end of an audio clip is exclusive at the hundredth (rule C-8); frames are inclusive (rule C-3).
  const lastOnGrid = last !== null && grid.isAudioOnly ? last - 1 : last;
  const isExact = grid.frames !== null && grid.slack === 0;
  const clamped = isExact && lastOnGrid !== null ? Math.min(lastOnGrid, (grid.frames ?? 1) - 1) : lastOnGrid;
  if (clamped !== null && clamped < first) {
    findings.jobError(
      1060,
      'region-not-found',
      { start: regionStart, end: end ?? '', input: inputNumber },
      clipping.pointer,
      { mediaFact: describeTimeline(grid) },
    );
    return null;
  }
  const knownLast = clamped ?? (isExact ? (grid.frames ?? 1) - 1 : null);
  if (knownLast !== null && (knownLast + 1 - first) / rationalToNumber(grid.rate) >= longestClipSeconds) {
    findings.incompatible(clipping.pointer, 'a clip must be shorter than 12 hours');
    return null;
  }
  return {
    firstFrame: first,
    lastFrame: knownLast,
    frameRate: grid.rate,
    startTimecode: regionStart,
    endTimecode: end ?? null,
  };
}

/** Frame of the input, from 0; null when the code does not exist or lies before the first frame. */
function indexOf(text: string, grid: ClipGrid): number | null {
  const timecode = parseTimecode(text);
  if (timecode === null || grid.firstFrame === null) return null;
  const own = timecode.rate ?? grid.rate;
  const number = frameNumberOf(
    timecode,
    own,
    timecode.rate === null ? grid.isDropFrame : timecode.isDropFrame,
  );
  if (number === null) return null;
  const onGrid =
    timecode.rate === null
      ? number
      : Math.round((number / rationalToNumber(timecode.rate)) * rationalToNumber(grid.rate));
  const index = onGrid - grid.firstFrame;
  if (index >= 0) return index;
  // A recording that runs over midnight.
  const wrapped = index + framesPerDay(grid.rate, grid.isDropFrame);
  return grid.frames !== null && wrapped < grid.frames + grid.slack ? wrapped : null;
}

function describeTimeline(grid: ClipGrid): string {
  if (grid.unusableStart !== undefined) {
    return `The input timeline would start at ${grid.unusableStart}, which does not exist at its frame rate.`;
  }
  if (grid.firstFrame === null) return 'The input has no embedded timecode.';
  const first = formatTimecode(grid.firstFrame, grid.rate, grid.isDropFrame);
  if (grid.frames === null) return `The input timeline starts at ${first}.`;
  const last = formatTimecode(grid.firstFrame + grid.frames - 1, grid.rate, grid.isDropFrame);
  return `The input timeline runs from ${first} to ${last}.`;
}

/** Rule C-4 counted in frames: what the texts alone show, the contract has refused. */
function refuseOverlaps(
  clippings: readonly SettingsReader<InputClipping>[],
  clips: readonly PlannedClip[],
  findings: FindingLog,
): void {
  if (clips.length !== clippings.length) return;
  for (const [index, clip] of clips.entries()) {
    const before = clips[index - 1];
    if (before === undefined || (before.lastFrame !== null && clip.firstFrame > before.lastFrame)) continue;
    findings.incompatible(
      clippings[index]?.pointer ?? '',
      'clips follow one another: each starts after the end of the one before it',
    );
  }
}
