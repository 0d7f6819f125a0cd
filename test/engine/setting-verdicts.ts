/** What a job asked for, held against what was made. Asked for is what stands in the settings; the plan is believed in nothing but what settings leave open. */
import type { VideoDescription } from '../../src/contract/types.generated.ts';
import type { VideoRendition } from '../../src/plan/plan.ts';
import type { MadeMedia, MadePictures } from './read-made.ts';
import { type AnyBlock, type AskedOutput, blockOf, differs } from './setting-asked.ts';
import { colorDefects, groupDefects, profileDefects, scanDefects } from './setting-coding-verdicts.ts';
import { soundDefects } from './setting-sound-verdicts.ts';
import { type SourceName, sources } from './setting-sources.ts';

/** One sentence for each difference. */
export function verdictsOn(asked: AskedOutput, made: MadeMedia): string[] {
  const { videoDescription: video, audioDescriptions = [] } = asked.output;
  const defects = [...made.defects];
  if (video !== undefined) {
    if (made.video === null) defects.push('there is no video track');
    else if (asked.video !== null) defects.push(...pictureDefects(asked, video, asked.video, made.video));
  }
  const [description] = audioDescriptions;
  if (description === undefined) {
    if (made.sounds.length > 0) defects.push(`${made.sounds.length} sound tracks, none was asked for`);
    return defects;
  }
  if (made.sounds.length < audioDescriptions.length)
    defects.push(`${made.sounds.length} sound tracks of ${audioDescriptions.length}`);
  for (const [index, each] of audioDescriptions.entries()) {
    const [sound, rendition] = [made.sounds[index], asked.audios[index]];
    if (sound !== undefined && rendition !== undefined && made.sounds.length === audioDescriptions.length)
      defects.push(...soundDefects(asked, each, rendition, sound, made.video));
  }
  return defects;
}

function pictureDefects(
  asked: AskedOutput,
  video: VideoDescription,
  planned: VideoRendition,
  made: MadePictures,
): string[] {
  const block = blockOf(video.codecSettings);
  const codec = video.codecSettings?.codec ?? '';
  return [
    ...differs('codec', videoCodecs[codec] ?? '', made.codec),
    ...sizeDefects(asked, video, planned, made),
    ...rateDefects(asked, codec, block, planned, made),
    ...profileDefects(codec, block, made),
    ...scanDefects(asked, codec, block, planned, made),
    ...groupDefects(codec, block, planned, made),
    ...shapeDefects(asked, codec, block, video, made),
    ...colorDefects(codec, video, made),
  ];
}

/** Names of the libraries' decoders. */
const videoCodecs: Readonly<Record<string, string>> = {
  H_264: 'h264',
  H_265: 'hevc',
  AV1: 'libdav1d',
  VP8: 'vp8',
  VP9: 'vp9',
  MPEG2: 'mpeg2video',
  PRORES: 'prores',
  VC3: 'dnxhd',
  AVC_INTRA: 'h264',
  XAVC: 'h264',
  FRAME_CAPTURE: 'mjpeg',
  GIF: 'gif',
  UNCOMPRESSED: 'rawvideo',
};

function sizeDefects(
  asked: AskedOutput,
  { width, height, scalingBehavior = 'DEFAULT', crop, position, respondToAfd = 'NONE' }: VideoDescription,
  planned: VideoRendition,
  made: MadePictures,
): string[] {
  const found = `${made.widthPx}x${made.heightPx}`;
  const defects = differs('size as planned', `${planned.widthPx}x${planned.heightPx}`, found);
  const source = sources[asked.sources[0] as SourceName].video?.size ?? { widthPx: 0, heightPx: 0 };
  const isFitted = scalingBehavior.startsWith('FIT');
  if (width !== undefined && height !== undefined) {
    if (!isFitted) return [...defects, ...differs('size', `${width}x${height}`, found)];
    const isInside = made.widthPx <= width && made.heightPx <= height;
    return isInside ? defects : [...defects, `size ${found} does not fit in ${width}x${height}`];
  }
  if (width !== undefined && made.widthPx !== width && !isFitted)
    defects.push(`width ${made.widthPx} instead of ${width}`);
  if (height !== undefined && made.heightPx !== height && !isFitted)
    defects.push(`height ${made.heightPx} instead of ${height}`);
  const isFollowed = width === undefined && height === undefined;
  const isWhole =
    crop === undefined && position === undefined && respondToAfd !== 'RESPOND' && !asked.hasInputGeometry;
  const follows = asked.sources.every((name) => sources[name].video !== undefined);
  if (!isFollowed || !isWhole || !follows) return defects;
  const [wide, high] = [even(source.widthPx), even(source.heightPx)];
  const isNear = Math.abs(made.widthPx - wide) <= 2 && Math.abs(made.heightPx - high) <= 2;
  const isD10 = high === 480 || high === 576;
  return isNear || isD10
    ? defects
    : [...defects, `size ${found} of a source of ${source.widthPx}x${source.heightPx}`];
}

function even(value: number): number {
  return value - (value % 2);
}

/** Frames of the parts of an input that are read. */
function readFrames(name: SourceName, clippings: readonly object[] | undefined): number | null {
  const { video } = sources[name];
  if (video === undefined) return null;
  if (clippings === undefined) return video.frames;
  const last = video.frames - 1;
  const frameOf = (timecode: string | undefined, whole: number): number =>
    timecode === undefined ? whole : Math.min(last, Number(timecode.slice(-2)));
  return (clippings as { startTimecode?: string; endTimecode?: string }[]).reduce(
    (sum, { startTimecode, endTimecode }) =>
      sum + Math.max(0, frameOf(endTimecode, last) - frameOf(startTimecode, 0) + 1),
    0,
  );
}

/** Seconds of the source that are shown; null where an input has no pictures. */
function shownSeconds({ sources: names, clippings }: AskedOutput): number | null {
  let seconds = 0;
  for (const [index, name] of names.entries()) {
    const frames = readFrames(name, clippings[index]);
    const rate = sources[name].video?.frameRate;
    if (frames === null || rate === undefined) return null;
    seconds += (frames * rate[1]) / rate[0];
  }
  return seconds;
}

function rateDefects(
  asked: AskedOutput,
  codec: string,
  block: AnyBlock,
  planned: VideoRendition,
  made: MadePictures,
): string[] {
  const defects: string[] = [];
  const plannedRate = planned.frameRate.num / planned.frameRate.den;
  const { framerateNumerator: num, framerateDenominator: den } = block;
  const isGiven = block.framerateControl === 'SPECIFIED' && num !== undefined && den !== undefined;
  if (isGiven && Math.abs(plannedRate - num / den) > 0.001 && codec !== 'GIF')
    defects.push(`a rate of ${plannedRate} is planned instead of ${num / den}`);
  // Elementary streams have no times.
  const hasTimes = asked.output.containerSettings?.container !== 'RAW';
  if (made.backwardSteps > 0 && hasTimes) defects.push(`${made.backwardSteps} pictures go back in time`);
  if (codec === 'FRAME_CAPTURE') return made.frames >= 1 ? defects : [...defects, 'no captures'];
  const seconds = shownSeconds(asked);
  if (seconds === null || block.telecine === 'SOFT')
    return made.frames >= 1 ? defects : [...defects, 'no frames'];
  if (made.frames > 3 && hasTimes && !Number.isNaN(made.lastSeconds) && codec !== 'GIF') {
    const measured = (made.frames - 1) / (made.lastSeconds - made.firstSeconds);
    if (Math.abs(measured / plannedRate - 1) > 0.02)
      defects.push(`${measured.toFixed(3)} pictures a second instead of ${plannedRate.toFixed(3)}`);
  }
  const source = asked.sources.reduce(
    (sum, name, index) => sum + (readFrames(name, asked.clippings[index]) ?? 0),
    0,
  );
  const isKept = block.slowPal === 'ENABLED' || block.framerateConversionAlgorithm === 'MAINTAIN_FRAME_COUNT';
  const wanted = seconds * plannedRate;
  const least = isKept ? Math.min(source, wanted) : wanted;
  const most = isKept ? Math.max(source, wanted) : wanted;
  // Each input may end within a frame of the output.
  const slack = asked.sources.length + 0.01;
  const isShort = made.frames < least - slack;
  const isLong = made.frames > most + slack;
  return isShort || isLong ? [...defects, `${made.frames} frames instead of ${wanted.toFixed(2)}`] : defects;
}

function shapeDefects(
  asked: AskedOutput,
  codec: string,
  block: AnyBlock,
  { width, height, scalingBehavior = 'DEFAULT', crop, position, respondToAfd }: VideoDescription,
  made: MadePictures,
): string[] {
  const [num, den] = made.sampleAspectRatio;
  const { parControl, parNumerator, parDenominator } = block;
  const isNone = num === 0;
  if (parControl === 'SPECIFIED' && parNumerator !== undefined && parDenominator !== undefined) {
    const wanted = parNumerator / parDenominator;
    const isSquare = wanted === 1 && isNone;
    const isSame = isSquare || (!isNone && Math.abs(num / den / wanted - 1) < 0.01);
    const isCarried = codec !== 'VP8' && codec !== 'VP9' && codec !== 'MPEG2';
    return isSame || !isCarried
      ? []
      : [`pixels of ${num}:${den} instead of ${parNumerator}:${parDenominator}`];
  }
  const isPlain =
    width === undefined &&
    height === undefined &&
    crop === undefined &&
    position === undefined &&
    respondToAfd !== 'RESPOND' &&
    scalingBehavior === 'DEFAULT' &&
    !asked.hasInputGeometry;
  if (!isPlain || asked.sources.length > 1 || codec === 'MPEG2' || codec === 'VC3' || codec === 'GIF')
    return [];
  return isNone || Math.abs(num / den - 1) < 0.02
    ? []
    : [`pixels of ${num}:${den} of a source of square ones`];
}
