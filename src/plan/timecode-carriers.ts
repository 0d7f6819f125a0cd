/** Where the output timeline shows in the picture and in the stream (spec timecode-and-clipping.md 6, 7). */
import type { TimecodeBurnin, VideoDescription } from '../contract/types.generated.ts';
import { equalRational, type Rational } from '../exact-time.ts';
import type { FindingLog } from './finding-log.ts';
import type { TimecodeBurnIn, TimecodeStart } from './picture-plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The first frame's timecode at a rate, drop-frame where asked for and possible. */
export type StartTimecode = (frameRate: Rational, wantsDropFrame: boolean) => string;

/** Codecs whose stream carries timecodes. */
const carriers: ReadonlySet<string> = new Set(['H_264', 'H_265', 'MPEG2', 'PRORES']);

/** Containers with a timecode track. */
const timecodeContainers: readonly string[] = ['MP4', 'MOV', 'MXF'];

/** Timecodes of one output. */
export interface OutputTimecodes {
  /** `timecodeInsertion`: in the stream; null: not wanted. */
  readonly inserted: TimecodeStart | null;
  readonly burnIn: TimecodeBurnIn | null;
  /** For carriers that other settings ask for. */
  start(): TimecodeStart;
}

/** Reads the timecode members of a video description; `followedRate` is the source's. */
export function readTimecodes(
  settings: SettingsReader<VideoDescription>,
  codec: string,
  container: string,
  rates: { readonly output: Rational; readonly followed: Rational | null },
  startTimecode: StartTimecode,
  findings: FindingLog,
): OutputTimecodes {
  const wantsDropFrame = settings.read('dropFrameTimecode') !== 'DISABLED';
  // Asked for only where something carries it: a rate may not have the timecode that the job gives.
  const start = (): TimecodeStart => ({
    timecode: startTimecode(rates.output, wantsDropFrame),
    frameRate: rates.output,
  });
  if (settings.read('timecodeTrack') === 'ENABLED' && !timecodeContainers.includes(container)) {
    settings.accept('timecodeTrack', ['DISABLED'], 'only MP4, MOV and MXF files have timecode tracks');
  }
  const burnIn = settings.child('videoPreprocessors').child('timecodeBurnin');
  if (codec === 'GIF' && burnIn.isPresent)
    findings.notSupported(burnIn.pointer, 'timecodeBurnin', 'nothing is drawn into pictures with palettes');
  const isInserted = settings.read('timecodeInsertion') === 'PIC_TIMING_SEI';
  if (isInserted) checkInsertion(settings, codec, rates, findings);
  return {
    inserted: isInserted ? start() : null,
    burnIn: readBurnIn(burnIn, start),
    start,
  };
}

function checkInsertion(
  settings: SettingsReader<VideoDescription>,
  codec: string,
  rates: { readonly output: Rational; readonly followed: Rational | null },
  findings: FindingLog,
): void {
  const pointer = settings.at('timecodeInsertion');
  if (!carriers.has(codec)) {
    findings.incompatible(pointer, `${codec} streams carry no timecode: H_264, H_265, MPEG2 and PRORES do`);
  } else if (rates.followed !== null && !equalRational(rates.followed, rates.output)) {
    findings.incompatible(pointer, 'timecodes are inserted where output and input have the same frame rate');
  }
}

const sizes = [10, 16, 32, 48] as const;

function readBurnIn(
  settings: SettingsReader<TimecodeBurnin>,
  start: () => TimecodeStart,
): TimecodeBurnIn | null {
  if (!settings.isPresent) return null;
  const size = settings.read('fontSize') ?? 10;
  const [vertical = 'TOP', horizontal = 'CENTER'] = (settings.read('position') ?? 'TOP_CENTER').split('_');
  return {
    start: start(),
    prefix: settings.read('prefix') ?? '',
    // The schema admits numbers between the four sizes: the next smaller one is drawn.
    fontSizePx: sizes.filter((known) => known <= size).at(-1) ?? 10,
    vertical: vertical.toLowerCase() as TimecodeBurnIn['vertical'],
    horizontal: horizontal.toLowerCase() as TimecodeBurnIn['horizontal'],
  };
}
