/**
 * The file outputs of documents people really use, made of a real clip: each file has what its settings ask for, as an
 * independent parser sees it: codec, profile and level, size, rate, groups of pictures, bit rate, and the channels, rate
 * and bit rate of its sound (../shared; skipped where it is absent).
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createFile, type ISOFile, MP4BoxBuffer } from 'mp4box';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobSettings, Output, OutputGroup } from '../../src/contract/types.generated.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { checkBoxes, checkCodedPictures, checkDecoded } from './check-file-output.ts';
import { openconvert, temporaryFolder } from './openconvert-process.ts';
import { readRealJobs } from './real-jobs.ts';
import { completeJob, fileOf } from './run-report.ts';

/** One second of 1080p at 23.976, stereo. */
const clip = path.resolve(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'shared',
  'media',
  'video',
  'mp4_h264_1080p23.976_aac_stereo_1s.mp4',
);
const hasClip = existsSync(clip);
if (!hasClip) console.log(`skipped: no real clip at ${clip}`);
const clipSeconds = 0.96;
const location = 's3://media/Real Clip.mp4';
const jobs = hasClip
  ? distinct(
      readRealJobs(location).flatMap(({ id, settings }) =>
        settings === null ? [] : filesOnly(id, settings),
      ),
    )
  : [];

/** Of the collection in its state of 2026-11, documents with file outputs that plan. It may grow, not shrink. */
const plannedAtLeast = 12;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let facts: InputFacts;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = folder.path;
  if (!hasClip) return;
  mkdirSync(path.dirname(fileOf(data, location)), { recursive: true });
  copyFileSync(clip, fileOf(data, location));
  facts = JSON.parse((await openconvert('probe', location, '--data', data, '--json')).stdout) as InputFacts;
}, 120_000);

afterAll(() => folder?.[Symbol.asyncDispose]());

describe.skipIf(jobs.length === 0)('file outputs of real documents', { timeout: 300_000 }, () => {
  let planned = 0;

  test.each(jobs)('$id', async ({ id, settings }) => {
    const refusal = refusalOf(settings);
    if (refusal !== null) {
      console.log(`${id}: refused: ${refusal}`);
      return;
    }
    planned += 1;
    const { outputGroupDetails } = await completeJob(data, { Settings: settings });
    for (const [groupIndex, group] of (settings.outputGroups ?? []).entries()) {
      const written = outputGroupDetails[groupIndex]?.outputDetails ?? [];
      expect(written).toHaveLength(group.outputs?.length ?? 0);
      for (const [index, output] of (group.outputs ?? []).entries()) {
        const [file = ''] = written[index]?.outputFilePaths ?? [];
        expect(file).toContain(output.nameModifier?.replace(/\$.*/, '') ?? '');
        if (output.extension !== undefined) expect(file.endsWith(`.${output.extension}`)).toBe(true);
        const { container } = output.containerSettings ?? {};
        if (output.videoDescription?.codecSettings?.codec === 'FRAME_CAPTURE') {
          checkCaptures(written[index]?.outputFilePaths ?? [], output);
          continue;
        }
        await checkDecoded(fileOf(data, file), output, clipSeconds);
        if (container !== 'MP4' && container !== 'MOV' && container !== 'F4V') continue;
        checkMovie(file, output);
        checkBoxes(fileOf(data, file), output);
        await checkCodedPictures(fileOf(data, file), output, rateOf(output));
      }
    }
  });

  test('enough of them plan', () => {
    console.log(`${planned} of ${jobs.length} documents with file outputs plan`);
    expect(planned).toBeGreaterThanOrEqual(plannedAtLeast);
  });
});

/** Tracks, codecs, sizes, rates and length of a movie against what its output asks for. */
function checkMovie(file: string, { videoDescription: video, audioDescriptions: sounds = [] }: Output): void {
  const boxes = boxesOf(file);
  const { tracks } = boxes.getInfo();
  const pictures = tracks.filter(({ type }) => type === 'video');
  const audio = tracks.filter(({ type }) => type === 'audio');
  expect(pictures).toHaveLength(video === undefined ? 0 : 1);
  expect(audio).toHaveLength(sounds.length);
  const [picture] = pictures;
  const codec = video?.codecSettings?.codec;
  if (picture !== undefined) {
    expect(picture.codec).toMatch(codec === 'H_265' ? /^(hev1|hvc1)/ : codec === 'AV1' ? /^av01/ : /^avc1/);
    if (video?.width !== undefined && video.height !== undefined && video.crop === undefined)
      expect([picture.video?.width, picture.video?.height]).toEqual([video.width, video.height]);
    const rate = rateOf({ videoDescription: video });
    const seconds = mediaSeconds(boxes);
    expect(Math.abs(picture.nb_samples / seconds - rate)).toBeLessThan(0.1);
    expect(Math.abs(seconds - 0.96)).toBeLessThan(0.1);
    checkCoding(boxes, picture.codec, rate, video);
  }
  for (const [index, sound] of sounds.entries()) {
    const track = audio[index];
    const aac = sound.codecSettings?.aacSettings;
    const mono = aac?.codingMode === 'CODING_MODE_1_0';
    expect(track?.codec).toMatch(/^mp4a/);
    if (aac !== undefined) {
      expect([track?.audio?.channel_count, track?.audio?.sample_rate]).toEqual([
        mono ? 1 : 2,
        aac.sampleRate,
      ]);
      // A second is short for an average; silence and lead-in lower it.
      expect(track?.bitrate).toBeLessThan(1.3 * Math.max(aac.bitrate ?? 0, 64_000));
    }
  }
}

/** Pictures a second: those asked for, or the clip's. */
function rateOf({ videoDescription: video }: Output): number {
  const block = video?.codecSettings?.h264Settings ?? video?.codecSettings?.h265Settings;
  const { framerateControl, framerateNumerator, framerateDenominator = 1 } = block ?? {};
  return framerateControl === 'SPECIFIED' && framerateNumerator !== undefined
    ? framerateNumerator / framerateDenominator
    : 24_000 / 1001;
}

/** One picture every so often, the first included, and no more than asked for; each is a whole JPEG of the size asked for. */
function checkCaptures(files: readonly string[], { videoDescription: video }: Output): void {
  const settings = video?.codecSettings?.frameCaptureSettings ?? {};
  const { framerateNumerator = 1, framerateDenominator = 1, maxCaptures = 10_000_000 } = settings;
  const due = Math.ceil((clipSeconds * framerateNumerator) / framerateDenominator);
  const pictures = files.map((file) => readFileSync(fileOf(data, file)));
  expect(files.length).toBeGreaterThanOrEqual(Math.min(due, maxCaptures, 1));
  expect(files.length).toBeLessThanOrEqual(Math.min(due + 1, maxCaptures));
  for (const [index, file] of files.entries()) {
    expect(file).toMatch(new RegExp(`\\.${String(index).padStart(7, '0')}\\.jpg$`));
    const picture = pictures[index] ?? Buffer.alloc(0);
    expect([picture.readUInt16BE(0), picture.readUInt16BE(picture.length - 2)]).toEqual([0xffd8, 0xffd9]);
    const frame = picture.indexOf(Buffer.from([0xff, 0xc0]));
    if (video?.width !== undefined && video.height !== undefined)
      expect([picture.readUInt16BE(frame + 7), picture.readUInt16BE(frame + 5)]).toEqual([
        video.width,
        video.height,
      ]);
  }
}

/** What the coded pictures themselves must be, whatever the container says. */
function checkCoding(boxes: ISOFile, codec: string, rate: number, video: Output['videoDescription']): void {
  const { h264Settings: h264, h265Settings: h265 } = video?.codecSettings ?? {};
  const block = h264 ?? h265;
  if (block === undefined) return;
  if (h264 !== undefined) {
    const [profile, , level] = (codec.split('.')[1] ?? '').match(/../g) ?? [];
    // CAVLC of MAIN stays MAIN; the profile is never another than the one asked for (H.264 A.2).
    expect(profile).toBe(h264Profiles[h264.codecProfile ?? 'MAIN']);
    if (h264.codecLevel !== undefined && h264.codecLevel !== 'AUTO')
      expect(Number.parseInt(level ?? '', 16)).toBe(levelNumber(h264.codecLevel));
  } else
    expect(codec.split('.')[1]).toMatch(
      h265?.codecProfile?.startsWith('MAIN10') === true ? /^2$/ : /^[124]$/,
    );
  const samples = boxes.getTrackSamplesInfo(boxes.getInfo().videoTracks[0]?.id ?? 0);
  const keys = samples.flatMap(({ is_sync: isKey }, index) => (isKey ? [index] : []));
  expect(keys[0]).toBe(0);
  const { gopSize, gopSizeUnits } = block;
  if (gopSize !== undefined && gopSize > 0 && gopSizeUnits !== undefined && gopSizeUnits !== 'AUTO') {
    const longest = gopSizeUnits === 'SECONDS' ? Math.round(gopSize * rate) : gopSize;
    for (const [place, key] of keys.entries())
      expect((keys[place + 1] ?? samples.length) - key).toBeLessThanOrEqual(longest);
  }
  if (block.numberBFramesBetweenReferenceFrames === 0)
    for (const { cts, dts } of samples)
      expect(cts - dts).toBe((samples[0]?.cts ?? 0) - (samples[0]?.dts ?? 0));
  // In a second the buffer may give its fill on top of the peak rate.
  const peak = block.maxBitrate ?? 2 * (block.bitrate ?? 0);
  const buffer =
    block.hrdBufferSize === undefined || block.hrdBufferSize === 0 ? 2 * peak : block.hrdBufferSize;
  const bits = samples.reduce((sum, { size }) => sum + size * 8, 0);
  expect(bits).toBeLessThan((peak * samples.length) / rate + buffer);
}

/** `profile_idc` in hexadecimal (H.264 A.2). */
const h264Profiles: Readonly<Record<string, string>> = {
  BASELINE: '42',
  MAIN: '4d',
  HIGH: '64',
  HIGH_10BIT: '6e',
  HIGH_422: '7a',
  HIGH_422_10BIT: '7a',
};

/** `LEVEL_4_1` is 41. */
function levelNumber(level: string): number {
  const [whole = '0', part = '0'] = level.replace('LEVEL_', '').split('_');
  return Number(whole) * 10 + Number(part);
}

/** Length of the first track, from the table of its sample durations. */
function mediaSeconds(boxes: ISOFile): number {
  const [track] = boxes.moov.traks;
  const table = track?.mdia.minf.stbl.stts;
  const ticks = (table?.sample_counts ?? []).reduce(
    (sum, count, index) => sum + count * (table?.sample_deltas[index] ?? 0),
    0,
  );
  return ticks / (track?.mdia.mdhd.timescale ?? 1);
}

function boxesOf(file: string): ISOFile {
  const bytes = readFileSync(fileOf(data, file));
  const boxes = createFile();
  boxes.appendBuffer(
    MP4BoxBuffer.fromArrayBuffer(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      0,
    ),
  );
  boxes.flush();
  return boxes;
}

interface FileJob {
  readonly id: string;
  readonly settings: JobSettings;
}

/** The document with its file groups alone, each in a folder of its own; nothing when it has none. */
function filesOnly(id: string, settings: JobSettings): readonly FileJob[] {
  const groups: readonly OutputGroup[] = (settings.outputGroups ?? [])
    .filter(({ outputGroupSettings }) => outputGroupSettings?.type === 'FILE_GROUP_SETTINGS')
    .map((group, index) => ({
      ...group,
      outputGroupSettings: {
        ...group.outputGroupSettings,
        fileGroupSettings: {
          ...group.outputGroupSettings?.fileGroupSettings,
          destination: `s3://real-jobs/${id}/${index}/`,
        },
      },
    }));
  // Pictures alone are no job (400): the movies beside them were in a group of another kind.
  const hasMovie = groups.some(({ outputs = [] }) =>
    outputs.some(
      ({ videoDescription, audioDescriptions }) =>
        videoDescription?.codecSettings?.codec !== 'FRAME_CAPTURE' || audioDescriptions !== undefined,
    ),
  );
  return !hasMovie ? [] : [{ id, settings: { ...settings, outputGroups: groups } }];
}

/** Documents that differ in more than their names. */
function distinct(all: readonly FileJob[]): readonly FileJob[] {
  const seen = new Set<string>();
  return all.filter(({ id, settings }) => {
    const text = JSON.stringify([settings.inputs, settings.outputGroups]).replaceAll(`/${id}/`, '/');
    return !seen.has(text) && seen.add(text) !== null;
  });
}

function refusalOf(settings: JobSettings): string | null {
  const { plan, findings } = planJob({
    settings,
    facts: (settings.inputs ?? []).map(() => facts),
    capacity: { cores: 2, memoryBytes: 8 * 1024 ** 3 },
    job: { startTimeMs: 0 },
  });
  if (plan !== null) return null;
  const errors = findings.filter(({ severity }) => severity === 'error');
  for (const { pointer, message } of errors) expect(pointer, message).toMatch(/^\//);
  expect(errors.length).toBeGreaterThan(0);
  return errors.map(({ message }) => message).join('; ');
}
