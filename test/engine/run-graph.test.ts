import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import {
  audioRendition,
  audioSource,
  encoderPlan,
  fileGroup,
  fileOutput,
  hlsGroup,
  jobPlan,
  videoRendition,
} from './plans.ts';
import { watchMedia } from './watch-media.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4');
  await workshop.makeClip('film.mp4', { frameRate: rational(24000, 1001), durationSeconds: 3 });
  await workshop.makeClip('mute.mp4', { hasAudio: false });
});
afterAll(() => workshop.close());

const video = videoRendition('v');
const audio = audioRendition('a');
const mp4 = (key: string, parts = {}) =>
  fileOutput(key, { videoRenditionId: 'v', audioRenditionIds: ['a'], ...parts });

describe('a file output', () => {
  it('has as many frames as the source and starts picture and sound together', async () => {
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [video],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('plain.mp4')])],
    });
    const { groups, warnings, progress } = await workshop.run(plan);
    const output = groups[0]?.outputs[0];
    expect(output).toMatchObject({
      locations: ['s3://outputs/plain.mp4'],
      durationMs: 2000,
      video: { frames: 60, widthPx: 320 },
    });
    const media = await watchMedia(workshop.outputPath('plain.mp4'));
    expect(media.video.times).toHaveLength(60);
    expect(media.video.times[0]).toBe(0);
    expect(media.video.times.at(-1)).toBeCloseTo(59 / 30, 5);
    expect(Math.abs(media.audio.times[0] ?? 9)).toBeLessThan(0.04);
    expect(media.audio.samples / 48_000).toBeCloseTo(2, 1);
    expect([media.video.decodeErrors, media.audio.decodeErrors]).toEqual([0, 0]);
    expect(media.audio.language).toBe('eng');
    expect(warnings.size).toBe(0);
    expect(progress.at(-1)).toMatchObject({ phase: 'UPLOADING', percent: 100, framesDecoded: 60 });
    expect(workshop.scratchFiles()).toEqual([]);
  });

  it('keeps beep and flash together', async () => {
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [video],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('sync.mp4')])],
    });
    await workshop.run(plan);
    const { audio: sound } = await watchMedia(workshop.outputPath('sync.mp4'));
    const beep = sound.loudness.find(({ time, power }) => time > 0.5 && power > 0.05);
    expect(beep?.time).toBeGreaterThan(0.95);
    expect(beep?.time).toBeLessThan(1.04);
  });

  it('is the same when the input is read through callbacks', async () => {
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [video],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('io.mp4')])],
    });
    await workshop.run(plan, { byPath: false });
    const media = await watchMedia(workshop.outputPath('io.mp4'));
    expect(media.video.times).toHaveLength(60);
    expect(media.audio.decodeErrors + media.video.decodeErrors).toBe(0);
  });

  it('follows a fractional frame rate exactly', async () => {
    const rate = rational(24000, 1001);
    const plan = jobPlan({
      key: 'film.mp4',
      video: { frameRate: rate },
      videoRenditions: [videoRendition('v', { frameRate: rate })],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('film.mp4')])],
    });
    await workshop.run(plan);
    const { video: pictures } = await watchMedia(workshop.outputPath('film.mp4'));
    expect(pictures.times).toHaveLength(72);
    expect(pictures.times.at(-1)).toBeCloseTo((71 * 1001) / 24000, 4);
  });

  it('changes the frame rate within one frame of the duration', async () => {
    const rate = rational(25);
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [
        videoRendition('v', { frameRate: rate, filters: [{ name: 'fps', options: { fps: '25' } }] }),
      ],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('rate.mp4')])],
    });
    await workshop.run(plan);
    const { video: pictures } = await watchMedia(workshop.outputPath('rate.mp4'));
    expect(Math.abs(pictures.times.length - 50)).toBeLessThanOrEqual(1);
  });

  it('turns and scales pictures as planned', async () => {
    const upright = await watchMedia(workshop.inputPath('clip.mp4'));
    const plan = jobPlan({
      key: 'clip.mp4',
      video: { sharedFilters: [{ name: 'transpose', options: { dir: 'clock' } }] },
      videoRenditions: [
        videoRendition('v', {
          widthPx: 90,
          heightPx: 160,
          filters: [{ name: 'scale', options: { w: '90', h: '160', flags: 'bicubic' } }],
        }),
      ],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('turned.mp4')])],
    });
    await workshop.run(plan);
    const { video: turned } = await watchMedia(workshop.outputPath('turned.mp4'));
    expect([turned.widthPx, turned.heightPx]).toEqual([90, 160]);
    const [topLeft, topRight, bottomLeft, bottomRight] = upright.video.quarters ?? [];
    // A quarter turn clockwise: what was at the bottom left is at the top left.
    const wanted = [bottomLeft, topLeft, bottomRight, topRight];
    for (const [index, value] of (turned.quarters ?? []).entries())
      expect(Math.abs(value - (wanted[index] ?? 0))).toBeLessThan(8);
  });

  it('puts the index in front, adds cslg and free space, and still plays', async () => {
    const options = { movflags: '+faststart', cslg: '1', free_space_box: '1', timecode: '10:00:00:00' };
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [video],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('boxes.mp4', { muxerOptions: options })])],
    });
    await workshop.run(plan);
    const { parseBoxes, findBoxes } = await import('../../src/engine/mp4-boxes.ts');
    const { readFileSync } = await import('node:fs');
    const boxes = parseBoxes(readFileSync(workshop.outputPath('boxes.mp4')));
    expect(boxes.map(({ type }) => type)).toEqual(['ftyp', 'moov', 'free', 'mdat']);
    const shift = [...findBoxes(boxes, ['moov', 'trak', 'mdia', 'minf', 'stbl', 'cslg'])];
    expect(shift).toHaveLength(1);
    const media = await watchMedia(workshop.outputPath('boxes.mp4'));
    expect(media.video.times).toHaveLength(60);
    expect(media.video.decodeErrors + media.audio.decodeErrors).toBe(0);
    expect(media.tracks.map(({ kind }) => kind)).toEqual(['video', 'audio', 'data']);
  });

  it('starts with a key frame at each forced instant and only needs one encode for two outputs', async () => {
    const forced = videoRendition('v', {
      forcedKeyFrameSeconds: rational(1, 2),
      encoder: encoderPlan({ gopSizeFrames: 250 }),
    });
    const raw = fileOutput('raw.h264', {
      container: 'RAW',
      muxer: 'h264',
      muxerOptions: {},
      needsScratch: false,
      videoRenditionId: 'v',
    });
    const adts = fileOutput('raw.aac', {
      container: 'RAW',
      muxer: 'adts',
      muxerOptions: {},
      needsScratch: false,
      audioRenditionIds: ['a'],
    });
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [{ ...forced, encoder: { ...forced.encoder, endOfStreamMarkers: true } }],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('forced.mp4'), raw, adts])],
    });
    const { groups } = await workshop.run(plan);
    expect(groups[0]?.outputs).toHaveLength(3);
    const media = await watchMedia(workshop.outputPath('forced.mp4'));
    for (const at of [0, 0.5, 1, 1.5])
      expect(media.video.keyTimes.some((time) => Math.abs(time - at) < 0.001)).toBe(true);
    const elementary = await watchMedia(workshop.outputPath('raw.h264'));
    expect(elementary.video.times).toHaveLength(60);
    expect(elementary.video.decodeErrors).toBe(0);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(workshop.outputPath('raw.h264')).subarray(-10)).toEqual(
      Buffer.from([0, 0, 0, 1, 10, 0, 0, 0, 1, 11]),
    );
    expect((await watchMedia(workshop.outputPath('raw.aac'))).audio.samples).toBeGreaterThan(95_000);
  });

  it('makes HEVC with a chosen tag, and two passes', async () => {
    const hevc = videoRendition('v', {
      encoder: encoderPlan({
        codec: 'H_265',
        encoder: 'libx265',
        options: { preset: 'ultrafast', 'x265-params': 'log-level=error' },
        codecTag: 'hvc1',
      }),
    });
    const twoPass = videoRendition('w', {
      encoder: encoderPlan({ passes: 2, bitrateBps: 300_000 }),
    });
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [hevc, twoPass],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('hevc.mp4'), mp4('two-pass.mp4', { videoRenditionId: 'w' })])],
    });
    const { progress } = await workshop.run(plan);
    const media = await watchMedia(workshop.outputPath('hevc.mp4'));
    expect(media.video.codecTag).toBe('hvc1');
    expect(media.video.times).toHaveLength(60);
    expect((await watchMedia(workshop.outputPath('two-pass.mp4'))).video.times).toHaveLength(60);
    expect(workshop.scratchFiles()).toEqual([]);
    // Both passes decode the source.
    expect(progress.at(-1)?.framesDecoded).toBe(120);
  });

  it('captures numbered pictures, no more than asked, and names the last', async () => {
    const jpeg = videoRendition('j', {
      frameRate: rational(5),
      pixelFormat: 'yuvj420p',
      filters: [
        { name: 'fps', options: { fps: '5', start_time: '0', round: 'up' } },
        { name: 'format', options: { pix_fmts: 'yuvj420p' } },
      ],
      encoder: encoderPlan({
        codec: 'FRAME_CAPTURE',
        encoder: 'mjpeg',
        options: { flags: '+qscale', global_quality: '590' },
        gopSizeFrames: null,
        maxBFrames: null,
      }),
      frameLimit: 3,
    });
    const capture = fileOutput('still.%07d.jpg', {
      container: 'FRAME_CAPTURE',
      muxer: null,
      muxerOptions: {},
      needsScratch: false,
      videoRenditionId: 'j',
    });
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [video, jpeg],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('beside.mp4'), capture])],
    });
    const { groups } = await workshop.run(plan);
    expect(groups[0]?.outputs[1]?.locations).toEqual(['s3://outputs/still.0000002.jpg']);
    expect(workshop.outputKeys().filter((key) => key.startsWith('still'))).toEqual([
      'still.0000000.jpg',
      'still.0000001.jpg',
      'still.0000002.jpg',
    ]);
    expect((await watchMedia(workshop.outputPath('still.0000001.jpg'))).video.widthPx).toBe(320);
  });

  it('gives silence as long as the picture when the input has no sound', async () => {
    const plan = jobPlan({
      key: 'mute.mp4',
      audio: [audioSource([])],
      videoRenditions: [video],
      audioRenditions: [audio],
      groups: [fileGroup([mp4('silence.mp4')])],
    });
    await workshop.run(plan);
    const { audio: sound } = await watchMedia(workshop.outputPath('silence.mp4'));
    expect(sound.samples / 48_000).toBeCloseTo(2, 1);
    expect(Math.max(...sound.loudness.map(({ power }) => power))).toBe(0);
  });

  it('joins tracks channel by channel', async () => {
    const quad = audioRendition('a', { channelLayout: 'quad' });
    const plan = jobPlan({
      key: 'clip.mp4',
      audio: [audioSource([1, 1])],
      audioRenditions: [
        {
          ...quad,
          channelLayout: 'stereo',
          filters: [{ name: 'pan', options: { args: 'stereo|c0=c0|c1=c3' } }],
        },
      ],
      videoRenditions: [video],
      groups: [fileGroup([mp4('joined.mp4')])],
    });
    await workshop.run(plan);
    const { audio: sound } = await watchMedia(workshop.outputPath('joined.mp4'));
    expect(sound.samples / 48_000).toBeCloseTo(2, 1);
  });
});

describe('an HLS group', () => {
  it('is made from one decode, every rendition playable', async () => {
    const small = videoRendition('small', {
      widthPx: 160,
      heightPx: 90,
      filters: [{ name: 'scale', options: { w: '160', h: '90', flags: 'bicubic' } }],
      forcedKeyFrameSeconds: rational(1),
    });
    const large = videoRendition('large', { forcedKeyFrameSeconds: rational(1) });
    const plan = jobPlan({
      key: 'clip.mp4',
      videoRenditions: [large, small],
      audioRenditions: [audio],
      groups: [hlsGroup('ladder', ['large', 'small'], 'a', 1)],
    });
    const { groups, progress } = await workshop.run(plan);
    expect(groups[0]?.playlistLocations).toEqual(['s3://outputs/ladder.m3u8']);
    expect(progress.at(-1)?.framesDecoded).toBe(60);
    const keys = workshop.outputKeys().filter((key) => key.startsWith('ladder'));
    expect(keys).toContain('ladder_small_00002.ts');
    const segment = await watchMedia(workshop.outputPath('ladder_small_00001.ts'));
    expect(segment.video.times).toHaveLength(30);
    expect(segment.video.decodeErrors + segment.audio.decodeErrors).toBe(0);
  });

  it('with sound in an output of its own keeps picture and sound going', async () => {
    await workshop.makeClip('longer.mp4', { durationSeconds: 12 });
    const group = hlsGroup('apart', ['v'], 'a', 4);
    const [withVideo] = group.outputs;
    if (withVideo === undefined) throw new Error('no output');
    const soundOutput: typeof withVideo = {
      ...withVideo,
      outputIndex: 1,
      pointer: '/outputGroups/0/outputs/1',
      videoRenditionId: null,
      playlistLocation: 's3://outputs/apart_sound.m3u8',
      segmentLocation: 's3://outputs/apart_sound_%05d.aac',
      segmentFormat: 'adts',
      pids: { video: 0, audio: [], pmt: 0, pcr: 0 },
      audioTrackType: 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT',
      audioGroupId: 'program_audio',
      timedId3Header: true,
    };
    const plan = jobPlan({
      key: 'longer.mp4',
      videoRenditions: [videoRendition('v', { forcedKeyFrameSeconds: rational(4) })],
      audioRenditions: [audio],
      // The sound first: it must not wait for a picture that waits for it.
      groups: [
        {
          ...group,
          outputs: [
            { ...soundOutput, outputIndex: 0 },
            { ...withVideo, outputIndex: 1, audioRenditionIds: [] },
          ],
        },
      ],
    });
    await workshop.run(plan);
    const keys = workshop.outputKeys().filter((key) => key.startsWith('apart'));
    expect(keys.filter((key) => key.endsWith('.aac'))).toHaveLength(3);
    expect(keys.filter((key) => key.endsWith('.ts'))).toHaveLength(3);
  });
});
