/** A finished file against the settings that made it: headers of its coded pictures, boxes of its container, its sound. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { H264Settings, H265Settings, Output } from '../../src/contract/types.generated.ts';
import {
  type CodedPicture,
  type CodedStream,
  formatPictures,
  groupLengths,
  readCodedStream,
} from '../engine/coded-pictures.ts';
import { measureLoudness } from '../engine/measure-loudness.ts';
import { headersNamed } from '../engine/read-headers.ts';
import { readSound } from '../engine/read-sound.ts';
import { watchMedia } from '../engine/watch-media.ts';

/** Whatever the container: every picture and every sample decodes, in the tracks, sizes and rates asked for. */
export async function checkDecoded(path: string, output: Output, seconds: number): Promise<void> {
  const { videoDescription: video, audioDescriptions: sounds = [] } = output;
  const { tracks } = await watchMedia(path);
  const pictures = tracks.filter(({ kind }) => kind === 'video');
  const audio = tracks.filter(({ kind }) => kind === 'audio');
  expect([pictures.length, audio.length]).toEqual([video === undefined ? 0 : 1, sounds.length]);
  for (const track of tracks) expect(track.decodeErrors).toBe(0);
  const [picture] = pictures;
  if (picture !== undefined && video?.width !== undefined && video.height !== undefined)
    expect([picture.widthPx, picture.heightPx]).toEqual([video.width, video.height]);
  if (picture !== undefined) {
    const rate = picture.times.length / seconds;
    expect(rate).toBeGreaterThan(20);
    const asked = video?.codecSettings?.h264Settings ?? video?.codecSettings?.h265Settings;
    if (asked?.framerateControl === 'SPECIFIED')
      expect(
        Math.abs(rate - (asked.framerateNumerator ?? 0) / (asked.framerateDenominator ?? 1)),
      ).toBeLessThan(1.1);
  }
  for (const [place, sound] of sounds.entries()) checkSound(path, place, sound, seconds);
}

function checkSound(
  path: string,
  place: number,
  sound: NonNullable<Output['audioDescriptions']>[number],
  seconds: number,
): void {
  const read = readSound(path, place);
  const { aacSettings, vorbisSettings } = sound.codecSettings ?? {};
  const channels = aacSettings?.codingMode === 'CODING_MODE_1_0' ? 1 : (vorbisSettings?.channels ?? 2);
  expect(read.channels).toHaveLength(channels);
  const sampleRateHz = aacSettings?.sampleRate ?? vorbisSettings?.sampleRate;
  if (sampleRateHz !== undefined) expect(read.sampleRateHz).toBe(sampleRateHz);
  const lengthSeconds = (read.channels[0]?.length ?? 0) / read.sampleRateHz;
  // Frames of encoders are filled at the end, and some begin with one of priming.
  expect(Math.abs(lengthSeconds - seconds)).toBeLessThan(0.15);
  const { algorithm, algorithmControl, targetLkfs = -23 } = sound.audioNormalizationSettings ?? {};
  if (algorithm === undefined || algorithmControl === 'MEASURE_ONLY' || read.sampleRateHz !== 48_000) return;
  expect(Math.abs(measureLoudness(read, algorithm !== 'ITU_BS_1770_1') - targetLkfs)).toBeLessThan(1);
}

/** Groups, slices, references, entropy coding and the sample aspect ratio of H.264 and H.265, from their headers. */
export async function checkCodedPictures(path: string, output: Output, rate: number): Promise<void> {
  const { codec, h264Settings, h265Settings } = output.videoDescription?.codecSettings ?? {};
  if (codec === 'H_264' && h264Settings !== undefined) {
    const stream = await readCodedStream(path, codec);
    checkStructure(stream, h264Settings, rate);
    checkH264(stream, h264Settings);
  }
  if (codec === 'H_265' && h265Settings !== undefined) {
    const stream = await readCodedStream(path, codec);
    checkStructure(stream, h265Settings, rate);
    checkH265(stream, h265Settings);
  }
}

type Shared = Pick<
  H264Settings & H265Settings,
  | 'gopSize'
  | 'minIInterval'
  | 'numberBFramesBetweenReferenceFrames'
  | 'dynamicSubGop'
  | 'gopBReference'
  | 'slices'
  | 'parControl'
> & { readonly gopSizeUnits?: string | undefined; readonly sceneChangeDetect?: string | undefined };

function checkStructure({ headers, pictures }: CodedStream, settings: Shared, rate: number): void {
  expect(new Set(pictures.map(({ slices }) => slices))).toEqual(new Set([settings.slices ?? 1]));
  checkGroups(pictures, settings, rate);
  const asked = settings.numberBFramesBetweenReferenceFrames;
  const runs = (formatPictures(pictures).match(/[Bb]+/g) ?? []).map((run) => run.length);
  if (asked !== undefined) expect(Math.max(0, ...runs)).toBeLessThanOrEqual(asked);
  if (asked !== undefined && settings.dynamicSubGop === 'STATIC') expect(Math.max(0, ...runs)).toBe(asked);
  if (settings.gopBReference === 'DISABLED')
    expect(pictures.some(({ kind, isReference }) => kind === 'B' && isReference)).toBe(false);
  const [set] = headersNamed(headers, 'Sequence Parameter Set');
  expect(set?.['aspect_ratio_idc']).toBe(1);
}

/** Where nothing but the length of groups places key frames, each group but the last is as long as asked. */
function checkGroups(pictures: readonly CodedPicture[], settings: Shared, rate: number): void {
  const { gopSize = 0, gopSizeUnits = 'AUTO' } = settings;
  if (gopSize === 0 || gopSizeUnits === 'AUTO') return;
  if (settings.minIInterval !== 0 && settings.sceneChangeDetect !== 'DISABLED') return;
  const length = Math.round(gopSizeUnits === 'SECONDS' ? gopSize * rate : gopSize);
  const groups = groupLengths(pictures);
  for (const group of groups.slice(0, -1)) expect(group).toBe(length);
  expect(groups.at(-1)).toBeLessThanOrEqual(length);
}

function checkH264({ headers }: CodedStream, settings: H264Settings): void {
  const [set] = headersNamed(headers, 'Sequence Parameter Set');
  const [pictureSet] = headersNamed(headers, 'Picture Parameter Set');
  if (settings.codecProfile !== 'BASELINE')
    expect(pictureSet?.['entropy_coding_mode_flag']).toBe(settings.entropyEncoding === 'CAVLC' ? 0 : 1);
  expect(set?.['frame_mbs_only_flag']).toBe(
    (settings.interlaceMode ?? 'PROGRESSIVE') === 'PROGRESSIVE' ? 1 : 0,
  );
  // More than asked for where B pictures are referred to, as the service says of it.
  expect(set?.['max_num_ref_frames']).toBeGreaterThanOrEqual(settings.numberReferenceFrames ?? 1);
  if (settings.rateControlMode === 'CBR')
    expect([set?.['nal_hrd_parameters_present_flag'], set?.['cbr_flag[0]']]).toEqual([1, 1]);
}

function checkH265({ headers }: CodedStream, settings: H265Settings): void {
  const [set] = headersNamed(headers, 'Sequence Parameter Set');
  const profile = settings.codecProfile ?? 'MAIN_MAIN';
  expect(set?.['general_profile_idc']).toBe(
    profile.startsWith('MAIN10') ? 2 : profile.startsWith('MAIN_422') ? 4 : 1,
  );
  const hasTiers = (set?.['general_level_idc'] ?? 0) >= 120;
  expect(set?.['general_tier_flag']).toBe(profile.endsWith('_HIGH') && hasTiers ? 1 : 0);
  const references = set?.['sps_max_dec_pic_buffering_minus1[0]'];
  expect(references).toBeGreaterThanOrEqual(settings.numberReferenceFrames ?? 1);
}

/** Boxes that settings of MP4 and QuickTime files ask for or leave out, and where the index stands. */
export function checkBoxes(path: string, { containerSettings = {} }: Output): void {
  const { mp4Settings, movSettings } = containerSettings;
  const file = readFileSync(path);
  const at = (box: string): number => file.indexOf(box, 0, 'latin1');
  const place = mp4Settings?.moovPlacement ?? 'PROGRESSIVE_DOWNLOAD';
  if (containerSettings.container === 'MP4')
    expect(at('moov') < at('mdat')).toBe(place === 'PROGRESSIVE_DOWNLOAD');
  if (mp4Settings?.mp4MajorBrand !== undefined)
    expect(file.toString('latin1', 8, 12)).toBe(mp4Settings.mp4MajorBrand);
  const asked = mp4Settings?.cslgAtom ?? movSettings?.cslgAtom;
  if (asked === 'EXCLUDE') expect(at('cslg')).toBe(-1);
  if (movSettings?.clapAtom === 'EXCLUDE') expect(at('clap')).toBe(-1);
  if (movSettings?.paddingControl === 'OMNEON') expect(at('free') + at('wide')).toBeGreaterThan(0);
}
