/** Thumbnails and full pictures beside a streaming group (spec packaging.md 8.4): which, how often, how large. */
import type {
  HlsGroupSettings,
  HlsImageBasedTrickPlaySettings,
  HlsImageBasedTrickPlayVariant,
} from '../contract/types.generated.ts';
import { compareRational, type Rational, rational, rationalToNumber } from '../exact-time.ts';
import { deinterlacePicture } from './deinterlacer.ts';
import { plainEncoder } from './encoder-plan.ts';
import { templateText } from './fragment-names.ts';
import { pixelAspectStep } from './geometry.ts';
import type { JobScope } from './job-scope.ts';
import { folderOf } from './naming.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { ImageTrackPlan } from './streaming-plan.ts';
import { formatStep } from './video-picture.ts';
import type { VideoDraft } from './video-rendition.ts';

/** What the three kinds of groups say of images, by name and by value. */
type ImageSettings = Pick<
  HlsGroupSettings,
  'imageBasedTrickPlay' | 'imageBasedTrickPlaySettings' | 'imageBasedTrickPlayVariants'
>;
type SheetSettings = HlsImageBasedTrickPlaySettings | HlsImageBasedTrickPlayVariant;

/** What the group decides for its images. */
export interface ImageRule {
  /** Name of the group without extension. */
  readonly base: string;
  readonly writesPlaylists: boolean;
  readonly segmentSeconds: Rational;
  /** The group's first output with video; null when it has none that could be planned. */
  readonly leader: VideoDraft | null;
}

/** Defaults of the service: width of a thumbnail, and thumbnails on a side of the sheet. */
const defaults = { widthPx: 312, tiles: 3 };
/** Largest side of a JPEG picture (ITU-T T.81 B.2.2). */
const largestSheetPx = 65_535;
/** Tallest sheet of the service. */
const tallestSheetPx = 4096;

/** The image tracks of a group; empty when it asks for none. */
export function planImageTracks(
  settings: SettingsReader<ImageSettings>,
  rule: ImageRule,
  scope: JobScope,
): readonly ImageTrackPlan[] {
  const mode = settings.read('imageBasedTrickPlay') ?? 'NONE';
  if (mode !== 'ADVANCED')
    settings.withoutEffect('imageBasedTrickPlaySettings', 'imageBasedTrickPlay is not ADVANCED');
  if (mode !== 'VARIANTS')
    settings.withoutEffect('imageBasedTrickPlayVariants', 'imageBasedTrickPlay is not VARIANTS');
  if (mode === 'NONE' || rule.leader === null) return [];
  const { leader } = rule;
  const pointer = settings.at('imageBasedTrickPlay');
  const usual = readSheet(settings.child('imageBasedTrickPlaySettings'), leader, rule, scope);
  switch (mode) {
    case 'THUMBNAIL':
    case 'ADVANCED':
      return [track('Thumbnail', usual, pointer, leader, rule, scope)];
    case 'THUMBNAIL_AND_FULLFRAME': {
      const { widthPx, heightPx } = leader.rendition;
      const whole = { ...usual, widthPx, heightPx, columns: 1, rows: 1 };
      return [
        track('Thumbnail', usual, pointer, leader, rule, scope),
        track('FullImage', whole, pointer, leader, rule, scope),
      ];
    }
    case 'VARIANTS': {
      const names = new Set<string>();
      return settings.children('imageBasedTrickPlayVariants').map((variant) => {
        const sheet = readSheet(variant, leader, rule, scope);
        const sized = `Thumbnail_${sheet.widthPx}x${sheet.heightPx}`;
        let name = sized;
        for (let n = 2; names.has(name); n += 1) name = `${sized}_${n}`;
        names.add(name);
        return track(name, sheet, variant.pointer, leader, rule, scope);
      });
    }
  }
}

type Sheet = Pick<ImageTrackPlan, 'widthPx' | 'heightPx' | 'columns' | 'rows' | 'intervalSeconds'>;

function readSheet(
  settings: SettingsReader<SheetSettings>,
  leader: VideoDraft,
  rule: ImageRule,
  scope: JobScope,
): Sheet {
  const { rendition } = leader;
  const widthPx = settings.read('thumbnailWidth') ?? defaults.widthPx;
  const shownWidthPx =
    (rendition.widthPx * rendition.sampleAspectRatio.num) / rendition.sampleAspectRatio.den;
  const heightPx =
    settings.read('thumbnailHeight') ??
    Math.max(2, 2 * Math.round((widthPx * rendition.heightPx) / shownWidthPx / 2));
  const follows = settings.read('intervalCadence') ?? 'FOLLOW_IFRAME';
  const tiles = follows === 'FOLLOW_SEGMENTATION' ? 1 : defaults.tiles;
  const columns = settings.read('tileWidth') ?? tiles;
  const rows = settings.read('tileHeight') ?? tiles;
  if (follows !== 'FOLLOW_CUSTOM')
    settings.withoutEffect('thumbnailInterval', 'it acts with intervalCadence FOLLOW_CUSTOM only');
  if (columns * widthPx > largestSheetPx)
    scope.findings.incompatible(
      settings.at('tileWidth'),
      `${columns} pictures of ${widthPx} pixels are wider than JPEG allows (${largestSheetPx})`,
    );
  if (rows * heightPx > tallestSheetPx)
    scope.findings.incompatible(
      settings.at('tileHeight'),
      `${rows} pictures of ${heightPx} lines are taller than ${tallestSheetPx}`,
    );
  return { widthPx, heightPx, columns, rows, intervalSeconds: intervalOf(settings, follows, leader, rule) };
}

function intervalOf(
  settings: SettingsReader<SheetSettings>,
  follows: NonNullable<SheetSettings['intervalCadence']>,
  { rendition }: VideoDraft,
  { segmentSeconds }: ImageRule,
): Rational {
  const { frameRate, forcedKeyFrameSeconds: forced } = rendition;
  const seconds = (frames: number): Rational => rational(frames * frameRate.den, frameRate.num);
  switch (follows) {
    case 'FOLLOW_SEGMENTATION':
      return segmentSeconds;
    case 'FOLLOW_CUSTOM':
      return seconds(
        Math.max(1, Math.round((settings.read('thumbnailInterval') ?? 0) * rationalToNumber(frameRate))),
      );
    case 'FOLLOW_IFRAME': {
      const { gopSizeFrames } = rendition.encoder;
      if (gopSizeFrames === null) return forced ?? segmentSeconds;
      // A group that is cut by forced key frames after all its pictures, but for rounding, is as long as their distance.
      const cut = forced !== null && compareRational(forced, seconds(gopSizeFrames + 1)) < 0;
      return cut ? forced : seconds(gopSizeFrames);
    }
  }
}

function track(
  name: string,
  sheet: Sheet,
  pointer: string,
  leader: VideoDraft,
  { base, writesPlaylists }: ImageRule,
  scope: JobScope,
): ImageTrackPlan {
  return {
    videoRenditionId: scope.renditions.addVideo(imageDraft(sheet, pointer, leader, hasFields(leader, scope))),
    pointer,
    // Without the name of the group (observed).
    location: `${templateText(folderOf(base))}${name}_%09d.jpg`,
    playlistLocation: writesPlaylists ? `${base}_${name}_I-Frame.m3u8` : null,
    ...sheet,
  };
}

/** Filters that make pictures of fields of different instants. */
const weavingFilters: ReadonlySet<string> = new Set(['interlace', 'telecine']);

/** Whether pictures may hold two instants: those of an input, or of the leading output. */
function hasFields({ rendition }: VideoDraft, { inputs }: JobScope): boolean {
  return (
    inputs.some(({ video }) => (video?.track.scan ?? 'progressive') !== 'progressive') ||
    rendition.filters.some(({ name }) => weavingFilters.has(name))
  );
}

/** Raw pictures of the leading output, at the thumbnails' size and instants. */
function imageDraft(sheet: Sheet, pointer: string, leader: VideoDraft, isFielded: boolean): VideoDraft {
  const { intervalSeconds, widthPx, heightPx, columns, rows } = sheet;
  const { num, den } = intervalSeconds;
  const { rendition, speed } = leader;
  const square = rational(1);
  // The first picture, then the one at or after each multiple of the interval.
  const pick: FilterStep = {
    name: 'fps',
    options: { fps: `${den}/${num}`, start_time: '0', round: 'up' },
  };
  const pace: readonly FilterStep[] =
    speed === null ? [] : [{ name: 'setpts', options: { expr: `PTS*${speed.den}/${speed.num}` } }];
  const shrink: readonly FilterStep[] = [
    { name: 'scale', options: { width: String(widthPx), height: String(heightPx) } },
    pixelAspectStep(square),
    formatStep('yuvj420p'),
  ];
  // Shrunk as they are, the fields of two instants would blend.
  const picked = isFielded ? [pick, deinterlacePicture] : [pick];
  // Fields are woven from neighbours: only whole pictures are picked before the other filters, which then work less.
  const chosen = (filters: readonly FilterStep[]): readonly FilterStep[] =>
    rendition.scan === 'progressive'
      ? [...pace, ...picked, ...filters, ...shrink]
      : [...pace, ...filters, ...picked, ...shrink];
  const { otherInputs, ...own } = rendition;
  return {
    ...leader,
    isFrameCapture: true,
    rate: { frameRate: rational(den, num), conversion: 'repeat' },
    nominalBitrateBps: 0,
    codingFramesHeld: 2 * columns * rows,
    gop: null,
    speed: null,
    rendition: {
      ...own,
      pointer,
      filters: chosen(rendition.filters),
      ...(otherInputs === undefined
        ? {}
        : { otherInputs: otherInputs.map((other) => ({ ...other, filters: chosen(other.filters) })) }),
      widthPx,
      heightPx,
      frameRate: rational(den, num),
      sampleAspectRatio: square,
      pixelFormat: 'yuvj420p',
      scan: 'progressive',
      encoder: plainEncoder('FRAME_CAPTURE', 'rawvideo'),
      burnIn: null,
      streamData: null,
      hdr: null,
      frameMetrics: [],
      qualityScale: null,
      forcedKeyFrameSeconds: null,
    },
  };
}
