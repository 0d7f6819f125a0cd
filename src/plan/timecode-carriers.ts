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

/** What the timecodes of an output depend on. */
interface TimecodePicture {
  readonly frameRate: Rational;
  /** The source's; null: it has none. */
  readonly followedRate: Rational | null;
  readonly widthPx: number;
}

/** Reads the timecode members of a video description. */
export function readTimecodes(
  settings: SettingsReader<VideoDescription>,
  codec: string,
  container: string,
  picture: TimecodePicture,
  startTimecode: StartTimecode,
  findings: FindingLog,
): OutputTimecodes {
  const wantsDropFrame = settings.read('dropFrameTimecode') !== 'DISABLED';
  // Asked for only where something carries it: a rate may not have the timecode that the job gives.
  const start = (): TimecodeStart => ({
    timecode: startTimecode(picture.frameRate, wantsDropFrame),
    frameRate: picture.frameRate,
  });
  if (settings.read('timecodeTrack') === 'ENABLED' && !timecodeContainers.includes(container)) {
    settings.accept('timecodeTrack', ['DISABLED'], 'only MP4, MOV and MXF files have timecode tracks');
  }
  const burnIn = settings.child('videoPreprocessors').child('timecodeBurnin');
  if (codec === 'GIF' && burnIn.isPresent)
    findings.notSupported(burnIn.pointer, 'timecodeBurnin', 'nothing is drawn into pictures with palettes');
  const isInserted = settings.read('timecodeInsertion') === 'PIC_TIMING_SEI';
  if (isInserted) checkInsertion(settings, codec, picture, findings);
  return {
    inserted: isInserted ? start() : null,
    burnIn: readBurnIn(burnIn, start, picture.widthPx, findings),
    start,
  };
}

function checkInsertion(
  settings: SettingsReader<VideoDescription>,
  codec: string,
  { frameRate, followedRate }: TimecodePicture,
  findings: FindingLog,
): void {
  const pointer = settings.at('timecodeInsertion');
  if (!carriers.has(codec)) {
    findings.incompatible(pointer, `${codec} streams carry no timecode: H_264, H_265, MPEG2 and PRORES do`);
  } else if (followedRate !== null && !equalRational(followedRate, frameRate)) {
    findings.incompatible(pointer, 'timecodes are inserted where output and input have the same frame rate');
  }
}

const sizes = [10, 16, 32, 48] as const;

/** Width of a glyph by size, in pixels: those of the face that is drawn (engine/burn-in-font.generated.ts). */
const glyphWidthsPx = { 10: 7, 16: 10, 32: 20, 48: 30 } as const;
const timecodeGlyphs = 'hh:mm:ss:ff'.length;

function readBurnIn(
  settings: SettingsReader<TimecodeBurnin>,
  start: () => TimecodeStart,
  pictureWidthPx: number,
  findings: FindingLog,
): TimecodeBurnIn | null {
  if (!settings.isPresent) return null;
  const size = settings.read('fontSize') ?? 10;
  // The schema admits numbers between the four sizes: the next smaller one is drawn.
  const fontSizePx = sizes.filter((known) => known <= size).at(-1) ?? 10;
  const prefix = settings.read('prefix') ?? '';
  const textWidthPx = (prefix.length + timecodeGlyphs) * glyphWidthsPx[fontSizePx];
  if (textWidthPx > pictureWidthPx) {
    findings.notice(
      'left-out',
      settings.at(prefix === '' ? 'fontSize' : 'prefix'),
      `prefix and timecode are ${textWidthPx} pixels wide at size ${fontSizePx} and the picture is ${pictureWidthPx}: what is beyond its edge is cut`,
    );
  }
  const [vertical = 'TOP', horizontal = 'CENTER'] = (settings.read('position') ?? 'TOP_CENTER').split('_');
  return {
    start: start(),
    prefix,
    fontSizePx,
    vertical: vertical.toLowerCase() as TimecodeBurnIn['vertical'],
    horizontal: horizontal.toLowerCase() as TimecodeBurnIn['horizontal'],
  };
}
