/** PASSTHROUGH: coded pictures go from the input into the file as they are (spec video.md 15, rule V-32). */
import type { VideoDescription } from '../contract/types.generated.ts';
import { rational } from '../exact-time.ts';
import { plainEncoder, plainPictures } from './encoder-plan.ts';
import type { FindingLog } from './finding-log.ts';
import {
  assumedBitrateBps,
  passedCodecs,
  proresTags,
  segmentedContainers,
  startCodeContainers,
} from './passthrough.table.ts';
import type { VideoRendition } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoDraft, VideoSurroundings } from './video-rendition.ts';
import type { VideoSource } from './video-source.ts';

/** What the job does to the pictures of its input before an output sees them. */
export interface OriginalVideo {
  /** One input, whose pictures are neither made nor padded. */
  readonly isSingle: boolean;
  /** Clips that are read of it; 0: the whole. */
  readonly clips: number;
  /** What the pictures of the input, or of its first clip, last; null: unknown. */
  readonly pictureSeconds: number | null;
  /** Filters, crop, rotation or another colour than the input's own. */
  readonly isChanged: boolean;
  /** Demuxer of the input. */
  readonly demuxer: string;
}

/** Streams without a container have no times that copied pictures could keep. */
const untimedDemuxers: readonly string[] = ['h264', 'hevc'];
/** Demuxers whose pictures have times in coding order alone: no clip of them can be told. */
const unshownDemuxers: readonly string[] = ['avi'];
/** Codecs whose groups make clips begin and end at some pictures only. */
const groupedCodecs: readonly string[] = ['h264', 'hevc'];

/** Plans the copy; null, with findings of code 1040, where the pictures would have to change. */
export function planPassthrough(
  settings: SettingsReader<VideoDescription>,
  source: VideoSource,
  surroundings: VideoSurroundings,
  findings: FindingLog,
): VideoDraft | null {
  const { track } = source;
  const { container } = surroundings;
  const reasons = [
    ...carrierDefects(source, surroundings),
    ...inputDefects(surroundings),
    ...changesOf(settings, source),
    ...clipDefects(settings, source, surroundings),
  ];
  for (const [pointer, reason] of reasons)
    findings.incompatible(pointer ?? settings.at('codecSettings'), reason);
  declareIdle(settings, source, container);
  const cut = readCut(settings, surroundings);
  const known = passedCodecs[track.codec];
  if (reasons.length > 0 || known === undefined) return null;
  const frameRate = source.followedRate ?? rational(25);
  const bitrateBps = track.bitrateBps ?? assumedBitrateBps;
  return {
    rate: { frameRate, conversion: 'repeat' },
    preparation: null,
    isFrameCapture: false,
    nominalBitrateBps: bitrateBps,
    codingFramesHeld: 0,
    gop: null,
    speed: null,
    rendition: {
      ...plainPictures,
      id: '',
      pointer: settings.pointer,
      ordinal: surroundings.ordinal,
      inputIndex: 0,
      filters: [],
      widthPx: track.widthPx,
      heightPx: track.heightPx,
      frameRate,
      sampleAspectRatio: source.sampleAspectRatio,
      hdr: source.hdr,
      pixelFormat: track.pixelFormat,
      scan: track.scan,
      forcedKeyFrameSeconds: null,
      dropCaptions: false,
      frameLimit: null,
      encoder: plainEncoder(known.codec, 'copy', {
        bitrateBps,
        maxBitrateBps: 2 * bitrateBps,
        codecTag: tagOf(source, container),
        color: source.color,
        options: {
          ...(startCodeContainers.includes(container) ? { form: 'start-codes' } : {}),
          ...(cut === null ? {} : { cut }),
        },
      }),
    },
  };
}

type Defect = readonly [pointer: string | null, reason: string];

function carrierDefects({ track }: VideoSource, { container }: VideoSurroundings): Defect[] {
  const known = passedCodecs[track.codec];
  if (known === undefined) return [[null, `${track.codec} video cannot be passed through`]];
  if (!known.containers.includes(container))
    return [
      [
        null,
        `${track.codec} video is passed through into ${known.containers.join(', ')}, not into ${container}`,
      ],
    ];
  const isIntra = track.profile?.includes('Intra') ?? false;
  if (container === 'MXF' && track.codec === 'h264' && !isIntra)
    return [[null, 'of H.264, MXF takes AVC-Intra alone']];
  return [];
}

function inputDefects({ original }: VideoSurroundings): Defect[] {
  if (original === undefined) return [];
  const { isSingle, clips, isChanged, demuxer } = original;
  return [
    ...(isSingle
      ? []
      : [[null, 'video is passed through of one input: several need not be coded alike'] as const]),
    ...(clips > 0 && unshownDemuxers.includes(demuxer)
      ? [[null, 'pictures of this container have no times at which a clip could begin'] as const]
      : []),
    ...(isChanged
      ? [[null, 'a setting of the input changes its pictures, which pass through as they are'] as const]
      : []),
    ...(untimedDemuxers.includes(demuxer) ? [[null, 'a bare stream has no times to keep'] as const] : []),
  ];
}

/** What clips ask of their first pictures. */
function clipDefects(
  settings: SettingsReader<VideoDescription>,
  { track }: VideoSource,
  { container, original }: VideoSurroundings,
): Defect[] {
  if (original === undefined || original.clips === 0) return [];
  const block = settings.child('codecSettings').child('passthroughSettings');
  const isGrouped = groupedCodecs.includes(track.codec);
  const defects: Defect[] = [];
  if (block.read('frameControl') === 'NEAREST_IFRAME') {
    const at = block.at('frameControl');
    if (!isGrouped) defects.push([at, `it is for H.264 and H.265, and the input is ${track.codec}`]);
    if (segmentedContainers.includes(container))
      defects.push([at, 'segments begin with IDR pictures: use NEAREST_IDRFRAME']);
  }
  // The timecode is planned, and the picture at which the clip really begins is found when it is cut.
  if (isGrouped && settings.read('timecodeTrack') === 'ENABLED')
    defects.push([
      settings.at('timecodeTrack'),
      'a clip that passes through may begin later than asked for, and its timecode with it',
    ]);
  return defects;
}

/** Pictures at which a clip may begin and end; null without clips. */
function readCut(
  settings: SettingsReader<VideoDescription>,
  { original }: VideoSurroundings,
): 'refresh' | 'intra' | null {
  const block = settings.child('codecSettings').child('passthroughSettings');
  if (original === undefined || original.clips === 0) {
    block.withoutEffect('frameControl', 'the input is read whole: no clip begins between key frames');
    return null;
  }
  return block.read('frameControl') === 'NEAREST_IFRAME' ? 'intra' : 'refresh';
}

/**
 * All outputs of a job have the same clips, with the sound that belongs to them: pictures that pass through begin at key
 * frames, so no others can stand beside them.
 */
export function checkPassedClips(renditions: readonly VideoRendition[], findings: FindingLog): void {
  const passed = renditions.filter(({ encoder }) => encoder.options['cut'] !== undefined);
  const [first] = passed;
  if (first === undefined) return;
  const isAlike = ({ encoder }: VideoRendition): boolean =>
    encoder.options['cut'] === first.encoder.options['cut'];
  if (renditions.every(isAlike)) return;
  const reason = passed.every(isAlike)
    ? 'clips of video that passes through begin at other frames than those of the encoded outputs: give them a job of their own'
    : 'clips of all outputs begin alike: use one frameControl';
  findings.incompatible(`${first.pointer}/codecSettings`, reason);
}

/** Settings that ask for other pictures than the input's. */
function changesOf(settings: SettingsReader<VideoDescription>, source: VideoSource): Defect[] {
  const defects: Defect[] = [];
  const reason = 'pictures pass through as they are';
  const sizes = { width: source.track.widthPx, height: source.track.heightPx } as const;
  for (const key of ['width', 'height'] as const) {
    const given = settings.read(key);
    if (given !== undefined && given !== sizes[key])
      defects.push([settings.at(key), `${reason}: the input has ${sizes[key]}`]);
  }
  for (const key of ['crop', 'position', 'videoPreprocessors'] as const) {
    if (!settings.has(key)) continue;
    settings.read(key);
    defects.push([settings.at(key), reason]);
  }
  const usual = { timecodeInsertion: 'DISABLED', afdSignaling: 'NONE', respondToAfd: 'NONE' } as const;
  for (const [key, value] of Object.entries(usual) as [keyof typeof usual, string][]) {
    const given = settings.read(key);
    if (given !== undefined && given !== value) defects.push([settings.at(key), reason]);
  }
  return defects;
}

function declareIdle(
  settings: SettingsReader<VideoDescription>,
  { isOfPackage }: VideoSource,
  container: string,
): void {
  const reason = 'pictures pass through as they are';
  settings.withoutEffect('scalingBehavior', reason, ['DEFAULT']);
  settings.withoutEffect('sharpness', reason, [50]);
  settings.withoutEffect('colorMetadata', reason, ['INSERT']);
  settings.withoutEffect('chromaPositionMode', reason, ['AUTO']);
  settings.withoutEffect('fixedAfd', reason);
  const block = settings.child('codecSettings').child('passthroughSettings');
  if (!segmentedContainers.includes(container)) {
    block.withoutEffect('segmentationMode', 'the output has no segments');
    block.withoutEffect('gopsPerSegment', 'the output has no segments');
  }
  if (isOfPackage) {
    block.accept('videoSelectorMode', ['AUTO'], 'one rendition of a package passes through, not all');
  } else block.withoutEffect('videoSelectorMode', 'the input has one video track to pass through', ['AUTO']);
}

function tagOf({ track }: VideoSource, container: string): string | null {
  if (track.codec === 'hevc' && (container === 'MP4' || container === 'MOV'))
    return container === 'MOV' || track.fourCc === 'hvc1' ? 'hvc1' : 'hev1';
  if (track.codec !== 'prores' || container !== 'MOV') return null;
  if (/^ap(4x|4h|ch|cn|cs|co)$/.test(track.fourCc)) return track.fourCc;
  return proresTags.find(([profile]) => track.profile?.startsWith(profile))?.[1] ?? 'apcn';
}
