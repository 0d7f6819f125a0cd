/** What the outputs of a plan come to in bytes: rates of their tracks times how long they last, and what containers add. */
import { rationalToNumber } from '../exact-time.ts';
import type { AudioDraft } from './audio-rendition.ts';
import { audioShare, containerShares, jpegBitsPerPixel, qvbrShare, unknownRates } from './estimate.table.ts';
import type { VideoTrackFacts } from './facts.ts';
import type { PlannedOutputGroup } from './group-plan.ts';
import type { AudioRendition, JobPlan, VideoRendition } from './plan.ts';
import type { ReadInput } from './read-input.ts';
import type { ImageTrackPlan } from './streaming-plan.ts';
import type { VideoDraft } from './video-rendition.ts';

/** Renditions as they were drafted, by which the nominal rates of their codecs are known. */
export interface EstimatedDrafts {
  readonly videos: readonly VideoDraft[];
  readonly audioDrafts: readonly AudioDraft[];
}

/** Bit/s of each rendition, by id, as it is expected on average. */
export type ExpectedRates = ReadonlyMap<string, number>;

type Renditions = Pick<JobPlan, 'videoRenditions' | 'audioRenditions'>;

/** What each rendition is expected to come to. */
export function expectedRates(
  { videoRenditions, audioRenditions }: Renditions,
  { videos, audioDrafts }: EstimatedDrafts,
  inputs: readonly ReadInput[],
): ExpectedRates {
  const nominal = new Map(
    [...videos, ...audioDrafts].map(({ rendition, nominalBitrateBps }) => [rendition.id, nominalBitrateBps]),
  );
  return new Map([
    ...videoRenditions.map((video) => {
      const source = inputs[video.inputIndex];
      return [video.id, videoBps(video, nominal.get(video.id) ?? 0, source)] as const;
    }),
    ...audioRenditions.map((audio) => [audio.id, audioBps(audio, nominal.get(audio.id) ?? 0)] as const),
  ]);
}

function videoBps(video: VideoRendition, nominalBps: number, source: ReadInput | undefined): number {
  const { encoder, widthPx, heightPx, frameRate } = video;
  if (encoder.encoder === 'copy') return copiedBps(source) ?? nominalBps;
  if (encoder.codec === 'FRAME_CAPTURE')
    return widthPx * heightPx * jpegBits(encoder.options) * rationalToNumber(frameRate);
  if (encoder.bitrateBps > 0) return encoder.bitrateBps;
  if (encoder.maxBitrateBps === 0) return nominalBps;
  const share = qvbrShare[encoder.encoder] ?? qvbrShare['libx264'] ?? 1;
  return Math.min(encoder.maxBitrateBps * share, encoder.averageLimitBps ?? Number.POSITIVE_INFINITY);
}

/** Of pictures that pass through; what the file has beside its other tracks where the track does not tell; null: neither does. */
function copiedBps(source: ReadInput | undefined): number | null {
  const track = source?.video?.track;
  if (source === undefined || track === undefined) return null;
  const { facts } = source;
  if (track.bitrateBps !== null || facts.bitrateBps === null) return track.bitrateBps;
  const others: readonly Pick<VideoTrackFacts, 'streamIndex' | 'bitrateBps'>[] = [
    ...facts.videoTracks,
    ...facts.audioTracks,
  ];
  const othersBps = others
    .filter(({ streamIndex }) => streamIndex !== track.streamIndex)
    .reduce((sum, { bitrateBps }) => sum + (bitrateBps ?? 0), 0);
  return facts.bitrateBps > othersBps ? facts.bitrateBps - othersBps : null;
}

/** Quantizers of JPEG are steps of the same tables: twice as coarse a picture takes a little more than half the bits. */
function jpegBits({ qmin }: Readonly<Record<string, string>>): number {
  const { fixed, byStep } = jpegBitsPerPixel;
  return fixed + byStep / Number(qmin ?? jpegBitsPerPixel.sheetQuantizer);
}

function audioBps({ encoder }: AudioRendition, nominalBps: number): number {
  return (
    (encoder.bitrateBps || nominalBps || unknownRates.copiedAudioBps) * (audioShare[encoder.encoder] ?? 1)
  );
}

/** How long a rendition lasts, in seconds. */
export function videoSeconds(
  { encoder, speed, frameRate, frameLimit }: VideoRendition,
  jobSeconds: number,
): number {
  const played = speed === undefined ? jobSeconds : jobSeconds / rationalToNumber(speed);
  if (encoder.codec !== 'FRAME_CAPTURE')
    // `durationControl` decides the frames, also where it fills up.
    return frameLimit === null ? played : frameLimit / rationalToNumber(frameRate);
  // The first picture is taken of whatever there is.
  const rate = rationalToNumber(frameRate);
  return Math.min(Math.ceil(played * rate), frameLimit ?? Number.POSITIVE_INFINITY) / rate;
}

function audioSeconds(
  { speed, exactSamples, endsWithVideo, sampleRateHz }: AudioRendition,
  videos: ReadonlyMap<string, number>,
  jobSeconds: number,
): number {
  if (exactSamples !== undefined) return exactSamples / sampleRateHz;
  const played = speed === undefined ? jobSeconds : jobSeconds / rationalToNumber(speed);
  return videos.get(endsWithVideo ?? '') ?? played;
}

/** Bytes of one thing that is written. */
export interface ExpectedObject {
  readonly bytes: number;
  /** It is made in scratch before it is published. */
  readonly needsScratch: boolean;
}

/** All outputs, one by one; playlists, manifests and tables are too small to count. */
export function expectedObjects(
  plan: Renditions & { readonly outputGroups: readonly PlannedOutputGroup[] },
  rates: ExpectedRates,
  jobSeconds: number,
): readonly ExpectedObject[] {
  const seconds = new Map(
    plan.videoRenditions.map((video) => [video.id, videoSeconds(video, jobSeconds)] as const),
  );
  const lengths = new Map([
    ...seconds,
    ...plan.audioRenditions.map((audio) => [audio.id, audioSeconds(audio, seconds, jobSeconds)] as const),
  ]);
  const bytesOf = (id: string | null): number =>
    ((rates.get(id ?? '') ?? 0) * (lengths.get(id ?? '') ?? 0)) / 8;
  const tracksOf = ({ videoRenditionId, audioRenditionIds }: Carried): number =>
    [videoRenditionId, ...audioRenditionIds].reduce((sum, id) => sum + bytesOf(id), 0);
  return plan.outputGroups.flatMap((group): readonly ExpectedObject[] => {
    switch (group.type) {
      case 'FILE_GROUP':
        return group.outputs.map((output) => {
          const { transport, needsScratch } = output;
          if (transport === null) return { bytes: tracksOf(output) * containerShares.other, needsScratch };
          const longest = Math.max(
            0,
            ...[output.videoRenditionId, ...output.audioRenditionIds].map((id) => lengths.get(id ?? '') ?? 0),
          );
          const bytes = transport.isConstantRate
            ? (transport.rateBps / 8) * longest
            : tracksOf(output) * containerShares.transport + (transport.nullRateBps / 8) * longest;
          return { bytes, needsScratch };
        });
      case 'HLS_GROUP':
        return [
          ...group.outputs.map((output) => {
            const share =
              output.segmentFormat === 'mpegts' ? containerShares.transport : containerShares.other;
            return { bytes: tracksOf(output) * share, needsScratch: false };
          }),
          ...sheets(group.images, bytesOf),
        ];
      default: {
        // An index in front of all fragments is written when they are done.
        const needsScratch = group.segmentControl === 'SINGLE_FILE';
        const images = group.type === 'MS_SMOOTH_GROUP' ? undefined : group.images;
        return [
          ...group.outputs.map((output) => ({
            bytes: tracksOf(output) * containerShares.other,
            needsScratch,
          })),
          ...sheets(images, bytesOf),
        ];
      }
    }
  });
}

interface Carried {
  readonly videoRenditionId: string | null;
  readonly audioRenditionIds: readonly string[];
}

/** Thumbnails, which no output carries. */
function sheets(
  images: readonly ImageTrackPlan[] | undefined,
  bytesOf: (id: string) => number,
): readonly ExpectedObject[] {
  return (images ?? []).map(({ videoRenditionId }) => ({
    bytes: bytesOf(videoRenditionId),
    needsScratch: false,
  }));
}
