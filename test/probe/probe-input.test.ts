import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobFault } from '../../src/catalogue/fault.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { adpcmWave } from './adpcm-wave.ts';
import { appendToBox, box, listBoxes, placeOf, renameCode } from './box-surgery.ts';
import { location, probeByRanges, probeFile } from './objects.ts';
import { type ClipRecipe, makeClip } from './tiny-media.ts';

let folder: string;
let clip: Buffer;
let faststart: Buffer;
let fragmented: Buffer;
let transport: Buffer;

const video: NonNullable<ClipRecipe['video']> = { encoder: 'libx264', frames: 60, frameRate: [30, 1] };
const audio = { encoder: 'aac', seconds: 2 } as const;

beforeAll(() => {
  quietLibraryLog();
  folder = mkdtempSync(path.join(os.tmpdir(), 'openconvert-probe-'));
  clip = made('clip.mp4', { muxer: 'mp4', video, audio });
  faststart = made('faststart.mp4', { muxer: 'mp4', muxerOptions: { movflags: 'faststart' }, video, audio });
  fragmented = made('fragmented.mp4', {
    muxer: 'mp4',
    muxerOptions: { movflags: 'frag_keyframe+empty_moov+default_base_moof' },
    video,
    audio,
  });
  transport = made('clip.ts', { muxer: 'mpegts', video, audio });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('facts', () => {
  test('an MP4 file gives its tracks, rate, length and picture', async () => {
    const facts = await probeFile(path.join(folder, 'clip.mp4'));
    expect(facts).toMatchObject({ location, container: 'mp4', sizeBytes: clip.length, programs: [] });
    expect(facts.warnings).toBeUndefined();
    expect(facts.videoTracks).toMatchObject([
      {
        codec: 'h264',
        fourCc: 'avc1',
        trackId: 1,
        widthPx: 128,
        heightPx: 96,
        frameRate: { num: 30, den: 1 },
        isVariableFrameRate: false,
        frameCount: 60,
        bitDepth: 8,
        chroma: '4:2:0',
        scan: 'progressive',
        rotationDegrees: 0,
        sampleAspectRatio: { num: 1, den: 1 },
        colorPrimaries: null,
        colorRange: null,
        hasEmbeddedCaptions: false,
      },
    ]);
    expect(facts.audioTracks).toMatchObject([
      { codec: 'aac', trackId: 2, channels: 2, channelLayout: 'stereo', sampleRateHz: 48000, bitDepth: 16 },
    ]);
    expect(facts.durationUs).toBeGreaterThan(1_990_000);
    expect(facts.durationUs).toBeLessThan(2_100_000);
  });

  test.each([
    ['ger', 'deu'],
    ['fr-CA', 'fra'],
    ['und', null],
    ['no language', null],
  ])('a track tagged %s has the language %s', async (language, told) => {
    made('tagged.mkv', { muxer: 'matroska', audio: { ...audio, language } });
    const { audioTracks } = await probeFile(path.join(folder, 'tagged.mkv'));
    expect(audioTracks.map((track) => track.language)).toEqual([told]);
  });

  test('an object read by ranges gives the same facts as one read by path', async () => {
    for (const name of ['clip.mp4', 'faststart.mp4', 'fragmented.mp4', 'clip.ts']) {
      expect(await probeByRanges(path.join(folder, name)), name).toEqual(
        await probeFile(path.join(folder, name)),
      );
    }
  });

  test('the bytes decide on the container, not the name', async () => {
    expect(await probeFile(put('really-mp4.mxf', clip))).toMatchObject({ container: 'mp4' });
  });

  test('a 29.97 fps track of a container with a millisecond clock snaps to 30000/1001', async () => {
    const file = make('ntsc.mkv', { muxer: 'matroska', video: { ...video, frameRate: [30000, 1001] } });
    const facts = await probeFile(file);
    expect(facts.container).toBe('matroska');
    expect(facts.videoTracks[0]).toMatchObject({
      frameRate: { num: 30000, den: 1001 },
      isVariableFrameRate: false,
    });
  });

  test('uneven frame durations make a variable frame rate with the true average', async () => {
    const tickOf = (frame: number) => 2 * frame + (frame % 3 === 1 ? 1 : 0);
    for (const muxer of ['mp4', 'matroska']) {
      const file = make(`uneven.${muxer}`, { muxer, video: { ...video, ticksPerFrame: 2, tickOf } });
      const [track] = (await probeFile(file)).videoTracks;
      expect(track?.isVariableFrameRate, muxer).toBe(true);
      const { num, den } = track?.frameRate ?? { num: 0, den: 1 };
      expect(num / den, muxer).toBeCloseTo(30, 0);
    }
  });

  test('interlaced pictures are told from the decoded frames', async () => {
    const file = make('interlaced.mp4', { muxer: 'mp4', video: { ...video, isInterlaced: true } });
    expect((await probeFile(file)).videoTracks[0]?.scan).toBe('top-field-first');
  });

  test('a timecode track gives the start timecode', async () => {
    const file = make('timecode.mov', { muxer: 'mov', video, metadata: { timecode: '01:02:03:04' } });
    expect(await probeFile(file)).toMatchObject({ container: 'quicktime', startTimecode: '01:02:03:04' });
  });

  test('a transport stream gives its program and PIDs', async () => {
    const facts = await probeFile(path.join(folder, 'clip.ts'));
    expect(facts.container).toBe('mpegts');
    const service = { providerName: 'FFmpeg', serviceName: 'Service01' };
    expect(facts.programs).toEqual([{ programNumber: 1, service, streamIndexes: [0, 1] }]);
    expect(facts.videoTracks[0]?.trackId).toBe(0x100);
    expect(facts.audioTracks[0]?.trackId).toBe(0x101);
  });

  test('a fragmented file does not take the frames of its index for all of them', async () => {
    const facts = await probeFile(path.join(folder, 'fragmented.mp4'));
    expect(facts.videoTracks[0]).toMatchObject({ frameCount: null, frameRate: { num: 30, den: 1 } });
  });

  test('sound beside good video that is not listed for the container is refused on its track only', async () => {
    const file = make('alac.mp4', { muxer: 'mp4', video, audio: { encoder: 'alac', seconds: 1 } });
    const facts = await probeFile(file);
    expect(facts.videoTracks[0]?.refusal).toBeUndefined();
    expect(facts.audioTracks[0]?.refusal).toMatchObject({
      code: 1030,
      message: 'Audio codec [alac] for track [1] is not a supported input audio codec',
    });
  });
});

describe('what cannot be opened', () => {
  test('a text file named .mp4 provokes 1010', async () => {
    const text = put('notes.mp4', Buffer.from('This is not a film.\n'.repeat(200)));
    await expect(probeFile(text)).rejects.toMatchObject({
      code: 1010,
      message: `Unable to open input file [${location}]: [Failed probe/open: [No parser found for container]]`,
    });
  });

  test('an empty object has no parser', async () => {
    await expect(probeFile(put('empty.mov', Buffer.alloc(0)))).rejects.toMatchObject({
      code: 1010,
      record: { template: 'no-parser', mediaFact: 'the object is empty' },
    });
  });

  test('an HLS playlist is refused by name', async () => {
    const playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n';
    await expect(probeFile(put('playlist.mp4', Buffer.from(playlist)))).rejects.toMatchObject({
      code: 1010,
      record: { template: 'open-failed', mediaFact: 'the object is an HLS playlist' },
    });
  });

  test('encrypted sample entries are refused', async () => {
    const encrypted = put('encrypted.mp4', renameCode(clip, placeOf(clip, 'moov').start, 'avc1', 'encv'));
    await expect(probeFile(encrypted)).rejects.toMatchObject({
      code: 1010,
      record: { mediaFact: 'track 1 is encrypted (sample entry encv)' },
    });
  });

  test('samples in another file are refused', async () => {
    const reference = placeOf(clip, 'moov', 'trak', 'mdia', 'minf', 'dinf', 'dref');
    const entry = Buffer.concat([Buffer.alloc(4), Buffer.from('file:///tmp/other.mov\0')]);
    const external = appendToBox(clip, ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref'], box('url ', entry));
    // The sample entry refers to entry 2 now.
    const description = placeOf(external, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd');
    external.writeUInt16BE(2, description.contentStart + 8 + 14);
    external.writeUInt32BE(2, reference.contentStart + 4);
    await expect(probeFile(put('external.mp4', external))).rejects.toMatchObject({
      code: 1010,
      record: { mediaFact: 'the samples of track 1 are in another file' },
    });
  });

  test('a media fragment without its initialization segment is refused', async () => {
    const moof = placeOf(fragmented, 'moof');
    await expect(probeFile(put('bare.m4s', fragmented.subarray(moof.start)))).rejects.toMatchObject({
      code: 1010,
      record: { mediaFact: 'the file is a media fragment without its initialization segment' },
    });
  });

  test('the fault of an object that fails while it is read is passed on', async () => {
    const fault = jobFault(3450, 'server-error', { url: location });
    const copies = Math.ceil((2 * 1024 * 1024) / transport.length);
    const long = put('long.ts', Buffer.concat(Array.from({ length: copies }, () => transport)));
    // In the head that is looked at first, where only the library reads, and where it looks for the last timestamp.
    for (const failAt of [0, 1024 * 1024, copies * transport.length - 1]) {
      const failing = probeByRanges(long, { failAt, fault });
      await expect(failing, `failing at byte ${failAt}`).rejects.toBe(fault);
    }
  });
});

describe('broken structure', () => {
  test('an MP4 file cut before its index provokes 1075', async () => {
    const cut = put('cut.mp4', clip.subarray(0, placeOf(clip, 'moov').start));
    await expect(probeFile(cut)).rejects.toMatchObject({
      code: 1075,
      message: `Unable to open input file [${location}]: [Failed probe/open: [no moov box found in file]]`,
    });
  });

  test('an initialization segment alone is refused', async () => {
    const moof = placeOf(fragmented, 'moof');
    await expect(probeFile(put('init.mp4', fragmented.subarray(0, moof.start)))).rejects.toMatchObject({
      code: 1075,
      record: { template: 'broken-structure' },
    });
  });

  test('an edit list outside its track is refused', async () => {
    const edits = box('edts', box('elst', Buffer.alloc(20)));
    await expect(probeFile(put('elst.mp4', appendToBox(clip, ['moov'], edits)))).rejects.toMatchObject({
      code: 1075,
      message: 'Demuxer: [elst box outside of track]',
    });
  });

  test('an avcC record without parameter sets is refused', async () => {
    const broken = Buffer.from(clip);
    const record = broken.indexOf('avcC', 0, 'latin1') + 4;
    broken[record + 5] = 0xe0;
    await expect(probeFile(put('avcc.mp4', broken))).rejects.toMatchObject({
      code: 1075,
      message: 'Demuxer: [invalid AVC header]',
    });
  });

  test('a faststart MP4 file cut to 60 % of its bytes provokes 1076', async () => {
    const length = Math.floor(faststart.length * 0.6);
    await expect(probeFile(put('60.mp4', faststart.subarray(0, length)))).rejects.toMatchObject({
      code: 1076,
      message: `Demuxer: [ReadPacketData File read failed - end of file hit at length [${length}]. Is file truncated?]`,
    });
  });

  test('video alone that ends before its last group of pictures is truncated, inside it incomplete', async () => {
    const file = make('video.mp4', { muxer: 'mp4', muxerOptions: { movflags: 'faststart' }, video });
    const bytes = readFileSync(file);
    const data = placeOf(bytes, 'mdat');
    const cutAt = (share: number) =>
      bytes.subarray(0, Math.floor(data.start + share * (data.end - data.start)));
    await expect(probeFile(put('half.mp4', cutAt(0.5)))).rejects.toMatchObject({ code: 1076 });
    expect((await probeFile(put('last-group.mp4', cutAt(0.99)))).warnings).toMatchObject([{ code: 220000 }]);
  });

  test('a faststart MP4 file that lacks its last bytes only is incomplete, not truncated', async () => {
    const facts = await probeFile(put('tail.mp4', faststart.subarray(0, faststart.length - 20)));
    expect(facts.warnings).toMatchObject([{ code: 220000 }]);
  });
});

describe('unusable tracks', () => {
  test('an MP4 file whose video samples are zeroed provokes 1020', async () => {
    const silent = make('silent.mp4', { muxer: 'mp4', video });
    const zeroed = readFileSync(silent);
    const data = placeOf(zeroed, 'mdat');
    zeroed.fill(0, data.contentStart, data.end);
    await expect(probeFile(put('zeroed.mp4', zeroed))).rejects.toMatchObject({
      code: 1020,
      record: { template: 'no-usable-video' },
    });
  });

  test('a container without video and sound is refused', async () => {
    const moov = box('moov', box('mvhd', Buffer.alloc(100)));
    const empty = Buffer.concat([clip.subarray(0, placeOf(clip, 'ftyp').end), moov]);
    await expect(probeFile(put('no-tracks.mp4', empty))).rejects.toMatchObject({ code: 1020 });
  });

  test('ADPCM sound in a WAV file provokes 1030', async () => {
    await expect(probeFile(put('adpcm.wav', adpcmWave()))).rejects.toMatchObject({
      code: 1030,
      message: 'Audio codec [adpcm_ms] for track [1] is not a supported input audio codec',
    });
  });

  test('H.264 High 4:4:4 Predictive is refused', async () => {
    const file = make('444.mp4', { muxer: 'mp4', video: { ...video, chroma: '4:4:4' } });
    await expect(probeFile(file)).rejects.toMatchObject({
      code: 1030,
      message: 'Unsupported video input: [High 4:4:4 Predictive profile is unsupported]',
    });
  });

  test('a codec that only other containers may carry is refused', async () => {
    const file = make('vp8.mkv', { muxer: 'matroska', video: { ...video, encoder: 'libvpx' } });
    await expect(probeFile(file)).rejects.toMatchObject({
      code: 1030,
      message: 'Video codec [vp8] is not a supported input video codec',
    });
    const webm = make('vp8.webm', { muxer: 'webm', video: { ...video, encoder: 'libvpx' } });
    expect(await probeFile(webm)).toMatchObject({ container: 'webm' });
  });
});

describe('warnings', () => {
  test('a transport stream cut inside a packet provokes 220000', async () => {
    const facts = await probeFile(put('cut.ts', transport.subarray(0, transport.length - 100)));
    expect(facts.warnings).toEqual([
      { code: 220000, detail: 'the object ends inside a transport stream packet' },
    ]);
  });

  test('a media header of an unknown size provokes 230004', async () => {
    const grown = appendToBox(clip, ['moov', 'trak', 'mdia', 'mdhd'], Buffer.alloc(4));
    expect((await probeFile(put('mdhd.mp4', grown))).warnings).toMatchObject([{ code: 230004 }]);
  });

  test('a file with swapped fragments provokes 230007', async () => {
    const boxes = listBoxes(fragmented);
    const first = boxes.findIndex(({ type }) => type === 'moof');
    const at = (index: number) => boxes[first + index]?.start ?? fragmented.length;
    const swapped = Buffer.concat([
      fragmented.subarray(0, at(0)),
      fragmented.subarray(at(2), at(4)),
      fragmented.subarray(at(0), at(2)),
      fragmented.subarray(at(4)),
    ]);
    expect(swapped).toHaveLength(fragmented.length);
    expect((await probeFile(put('swapped.mp4', swapped))).warnings).toMatchObject([{ code: 230007 }]);
  });
});

function make(name: string, recipe: ClipRecipe): string {
  const file = path.join(folder, name);
  makeClip(file, recipe);
  return file;
}

function made(name: string, recipe: ClipRecipe): Buffer {
  return readFileSync(make(name, recipe));
}

function put(name: string, bytes: Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}
