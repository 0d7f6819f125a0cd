/** Decodes the video of a file and measures what a viewer or an analyser would. */
import {
  AV_FRAME_DATA_AFD,
  AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
  AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
  AV_FRAME_DATA_S12M_TIMECODE,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
} from 'node-av/constants';
import { avGetPixFmtName, Frame, Packet } from 'node-av/lib';
import { openVideo } from './open-video.ts';

export interface WatchedPictures {
  readonly times: readonly number[];
  readonly keys: number;
  readonly bytes: number;
  readonly interlaced: number;
  readonly topFieldFirst: number;
  /** Fields each picture is shown for beyond its own two. */
  readonly repeated: readonly number[];
  /** Frames a second as the coded stream tells them; 0: it does not. */
  readonly codedRate: number;
  readonly format: string;
  readonly color: { readonly primaries: number; readonly transfer: number; readonly matrix: number };
  /** Of luma in the first picture, without the few samples that coding bent. */
  readonly mean: number;
  readonly darkest: number;
  readonly brightest: number;
  readonly mastering: { readonly maxLuminance: number } | null;
  readonly lightLevel: readonly number[] | null;
  readonly timecodes: readonly string[];
  readonly activeFormats: readonly number[];
  /** Luma of the rectangle in each picture. */
  readonly regions: readonly (readonly number[])[];
}

/** Coding rings: so many samples lie outside of what the picture had. */
const strayShare = 0.004;

interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Reads and decodes the whole file. */
export function watchPictures(path: string, region: Region | null = null): WatchedPictures {
  const { context, stream, decoder } = openVideo(path);
  const seen = {
    times: [] as number[],
    keys: 0,
    bytes: 0,
    interlaced: 0,
    topFieldFirst: 0,
    repeated: [] as number[],
    codedRate: 0,
    format: '',
    color: { primaries: 0, transfer: 0, matrix: 0 },
    mean: 0,
    darkest: 0,
    brightest: 0,
    mastering: null as WatchedPictures['mastering'],
    lightLevel: null as WatchedPictures['lightLevel'],
    timecodes: [] as string[],
    activeFormats: [] as number[],
    regions: [] as number[][],
  };
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  const drain = (): void => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      if (seen.times.length === 0) Object.assign(seen, firstPicture(frame));
      seen.times.push(Number(frame.bestEffortTimestamp));
      if (frame.hasFlags(AV_FRAME_FLAG_INTERLACED)) seen.interlaced += 1;
      if (frame.hasFlags(AV_FRAME_FLAG_TOP_FIELD_FIRST)) seen.topFieldFirst += 1;
      seen.repeated.push(frame.repeatPict);
      const timecode = frame.getSideData(AV_FRAME_DATA_S12M_TIMECODE);
      if (timecode !== null) seen.timecodes.push(formatPacked(timecode.readUInt32LE(4)));
      const format = frame.getSideData(AV_FRAME_DATA_AFD);
      if (format !== null) seen.activeFormats.push((format[0] ?? 0) & 15);
      if (region !== null) seen.regions.push(lumaOf(frame, region));
      frame.unref();
    }
  };
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      if (packet.isKeyframe) seen.keys += 1;
      seen.bytes += packet.size;
      if (decoder.sendPacketSync(packet) < 0) throw new Error(`${path} does not decode`);
      drain();
    }
    packet.unref();
  }
  decoder.sendPacketSync(null);
  drain();
  const { num, den } = decoder.framerate;
  seen.codedRate = den === 0 ? 0 : num / den;
  decoder.freeContext();
  packet.free();
  frame.free();
  context.closeInputSync();
  return seen;
}

function firstPicture(frame: Frame): Partial<WatchedPictures> {
  const luma = lumaOf(frame, { x: 0, y: 0, width: frame.width, height: frame.height });
  const sorted = [...luma].sort((a, b) => a - b);
  const mastering = frame.getSideData(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
  const light = frame.getSideData(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
  return {
    format: avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '',
    color: { primaries: frame.colorPrimaries, transfer: frame.colorTrc, matrix: frame.colorSpace },
    mean: luma.reduce((sum, value) => sum + value, 0) / luma.length,
    darkest: sorted[Math.floor(sorted.length * strayShare)] ?? 0,
    brightest: sorted[Math.floor(sorted.length * (1 - strayShare))] ?? 0,
    // AVMasteringDisplayMetadata: six rationals of primaries, two of white, minimum, maximum.
    mastering:
      mastering === null ? null : { maxLuminance: mastering.readInt32LE(72) / mastering.readInt32LE(76) },
    lightLevel: light === null ? null : [light.readUInt32LE(0), light.readUInt32LE(4)],
  };
}

function lumaOf(frame: Frame, { x, y, width, height }: Region): number[] {
  const data = frame.data?.[0];
  const stride = frame.linesize[0] ?? 0;
  const isDeep = (avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '').endsWith(
    'le',
  );
  const values: number[] = [];
  if (data === undefined) return values;
  for (let row = y; row < y + height; row += 1) {
    for (let column = x; column < x + width; column += 1) {
      values.push(isDeep ? data.readUInt16LE(row * stride + 2 * column) : (data[row * stride + column] ?? 0));
    }
  }
  return values;
}

/** SMPTE ST 12-1 packed decimals, as the library gives them. */
function formatPacked(packed: number): string {
  const digits = (shift: number, tens: number): string =>
    `${(packed >> (shift + 4)) & tens}${(packed >> shift) & 15}`;
  return [digits(0, 3), digits(8, 7), digits(16, 7), digits(24, 3)].join(':');
}
