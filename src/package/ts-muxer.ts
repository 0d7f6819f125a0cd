/**
 * Transport stream segments through libav's mpegts muxer: one muxer for the whole output, so that continuity counters
 * and timestamps run on; its tables are sent again at each segment start, and put into the order PAT, PMT, SDT that
 * players and RFC 8216 3.2 expect (the muxer writes SDT first).
 */
import { AV_OPT_SEARCH_CHILDREN, AV_OPT_TYPE_STRING, AV_PKT_FLAG_KEY, AVERROR_EIO } from 'node-av/constants';
import { Dictionary, FormatContext, IOContext, Rational as LibraryRational, Packet } from 'node-av/lib';
import type { EncodedTrack } from '../engine/output-writer.ts';
import { describeDataStreams, noDataStreams } from '../engine/transport/data-streams.ts';
import { createPacketizer } from '../engine/transport/packetizer.ts';
import type { HlsOutput } from '../plan/group-plan.ts';
import { type AacConfiguration, adtsHeader, parseAacConfiguration } from './adts.ts';
import { createClockFiller } from './clock-intervals.ts';
import { createClockMover, packetBytes } from './clock-packets.ts';
import { compareInstants, type Instant } from './instant.ts';
import { assertMuxed } from './muxer-fault.ts';
import { withDataStreams } from './program-map.ts';
import { audioSetup, protectedSounds } from './sample-aes/audio-setup.ts';
import { type ProtectedStream, withProtectedMaps } from './sample-aes/program-map.ts';
import type { SampleEncryption } from './sample-aes/sample-encryption.ts';
import {
  type AudioFrame,
  type ByteSink,
  type SegmentMuxer,
  toTransportTicks,
  transportOffset,
} from './segment-muxer.ts';
import { withStreamId } from './stream-identity.ts';

/** 64 KiB of whole packets. */
const bufferBytes = packetBytes * 348;
/** How far the clock reference runs ahead of decoding times: what FFmpeg's command uses, half of it for audio. */
const clockLeadUs = 700_000;
/** A PES packet can name 65,535 bytes; groups of audio frames stay below. */
const pesPayloadLimit = 60_000;
/** Tables are sent at segment starts only, unless the plan sets a period (spec containers.md 8, `patInterval` 0). */
const oncePerSegment = '1000000000';

/** Opens the muxer of one output. Throws fault 1999 when the library refuses it; the plan has checked PIDs and codecs. */
export function openTsMuxer(
  output: HlsOutput,
  tracks: readonly EncodedTrack[],
  sink: ByteSink,
  encryption: SampleEncryption | null = null,
): SegmentMuxer {
  const offset90k = transportOffset(output.timestampOffsetMs);
  const soundDelay90k = BigInt(output.audioOffsetMs ?? 0) * 90n;
  const format = new FormatContext();
  const io = new IOContext();
  const packet = new Packet();
  packet.alloc();
  /** The first frame of each track, by which Dolby sound describes itself. */
  const firstFrames = new Map<number, Uint8Array>();
  // Read now: encoders may be gone when the last map is written.
  const extraData = tracks.map(({ encoder }) => encoder.extraData);
  const protectedStreams = () => describeProtection(output, tracks, extraData, firstFrames);
  const data =
    output.data === undefined
      ? noDataStreams
      : describeDataStreams(output.data, Number(output.muxerOptions.mpegts_service_id ?? 1), true);
  const clocked = clockSink(output, tracks, sink);
  const dataPackets = createPacketizer(clocked.write);
  const moveClock = clockMover(output);
  let failure: unknown = null;
  let tablesExpected = false;
  let isClosed = false;

  io.allocContextWithCallbacks(bufferBytes, 1, null, (bytes) => {
    // A throw must not cross the library: it is kept, and thrown again when the call returns.
    try {
      const named = hasLibraryId(output) ? bytes : withStreamId(bytes, 0);
      const ordered = tablesExpected ? tablesFirst(named, output.pids.pmt) : named;
      const mapped = data === noDataStreams ? ordered : withDataStreams(ordered, output.pids.pmt, data);
      const told =
        encryption === null ? mapped : withProtectedMaps(mapped, output.pids.pmt, protectedStreams);
      clocked.write(moveClock(told));
      tablesExpected = false;
      return bytes.length;
    } catch (error) {
      failure ??= error;
      return AVERROR_EIO;
    }
  });
  assertMuxed(format.allocOutputContext2(null, 'mpegts', null), 'open mpegts muxer');
  format.pb = io;
  const audioGroups = tracks.map((track, index) => addStream(format, output, track, index));
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    // The library would free an IO context that it still holds, and so would we.
    format.pb = null;
    format.freeContext();
    io.freeContext();
    packet.free();
  };
  try {
    writeHeader(format, output, tracks);
  } catch (error) {
    close();
    throw error;
  }

  const write = (source: Packet | null, call: string): void => {
    const result = format.writeFrameSync(source);
    if (failure !== null) throw failure;
    assertMuxed(result, call);
  };
  const writeGroup = (group: AudioGroup): void => {
    if (group.first === null) return;
    const ticks = toTransportTicks(group.first, offset90k) + soundDelay90k;
    packet.data = Buffer.concat(group.parts);
    packet.streamIndex = group.streamIndex;
    packet.pts = ticks;
    packet.dts = ticks;
    packet.duration = 0n;
    packet.flags = AV_PKT_FLAG_KEY;
    group.parts = [];
    group.bytes = 0;
    group.frames = 0;
    group.first = null;
    write(packet, 'write audio');
    packet.unref();
    // The muxer keeps small payloads back to join them; grouping is ours (`audioFramesPerPes`).
    write(null, 'flush audio');
  };
  const flush = (): void => {
    for (const group of audioGroups) if (group !== null) writeGroup(group);
    write(null, 'flush');
    io.flushSync();
    if (failure !== null) throw failure;
    clocked.flush();
  };
  const repeatTables = (): void => {
    flush();
    assertMuxed(format.setOption('mpegts_flags', '+resend_headers'), 'repeat tables');
    tablesExpected = true;
  };

  return {
    beginSegment: repeatTables,
    repeatTables,
    writeVideo(source) {
      const base = videoBase(tracks);
      assertMuxed(packet.ref(source), 'reference packet');
      if (encryption !== null) packet.data = encryption.picture(source.data ?? Buffer.alloc(0));
      packet.streamIndex = 0;
      packet.pts = toTransportTicks({ ticks: source.pts, base }, offset90k);
      packet.dts = toTransportTicks({ ticks: source.dts, base }, offset90k);
      packet.duration = 0n;
      write(packet, 'write video');
      packet.unref();
    },
    writeAudio(trackIndex, frame) {
      const group = audioGroups[trackIndex];
      if (group === null || group === undefined)
        throw new RangeError(`track ${trackIndex} is no audio track`);
      const framed =
        group.aac === null ? [frame.bytes] : [adtsHeader(group.aac, frame.bytes.length), frame.bytes];
      if (!firstFrames.has(trackIndex)) firstFrames.set(trackIndex, Buffer.from(frame.bytes));
      const headerBytes = group.aac === null ? 0 : (framed[0]?.length ?? 0);
      const parts = encryption === null ? framed : [encryption.sound(Buffer.concat(framed), headerBytes)];
      const size = parts.reduce((sum, part) => sum + part.length, 0);
      if (group.bytes + size > pesPayloadLimit) writeGroup(group);
      group.first ??= frame.start;
      group.parts.push(...parts);
      group.bytes += size;
      group.frames += 1;
      if (group.frames >= output.pesAudioFrames || isOverdue(group, frame)) writeGroup(group);
    },
    writeData(signal) {
      // What the library holds comes before it; grouped sound may follow.
      write(null, 'flush');
      io.flushSync();
      if (failure !== null) throw failure;
      const { pid, payload } = data.payloadOf(signal, Number(offset90k));
      for (let at = 0; at < payload.length; ) at = dataPackets.write(pid, payload, at, {});
      dataPackets.flush();
    },
    flush,
    close,
  };
}

/** The library's clock travels with the first track. */
function clockMover({ pids, videoRenditionId }: HlsOutput): (bytes: Uint8Array) => Uint8Array {
  const carrier = videoRenditionId === null ? pids.audio[0] : pids.video;
  if (carrier === undefined || carrier === pids.pcr) return (bytes) => bytes;
  return createClockMover({ carrier, clock: pids.pcr, map: pids.pmt });
}

/** Where packets go: through what keeps the clock's interval, if there is one to keep. */
function clockSink(
  output: HlsOutput,
  tracks: readonly EncodedTrack[],
  sink: ByteSink,
): { write: ByteSink; flush: () => void } {
  const { clockIntervalMs: intervalMs, pids, videoRenditionId } = output;
  if (intervalMs === undefined) return { write: sink, flush: () => {} };
  const soundPids = videoRenditionId === null ? [] : pids.audio;
  const leadMs = clockLeadUs / 1000;
  const pictureMs = Math.max(...tracks.map(pictureMsOf));
  return createClockFiller({ pid: pids.pcr, intervalMs, soundPids, leadMs, pictureMs }, sink);
}

/** What the program map says of encrypted tracks, by PID. */
function describeProtection(
  { pids, videoRenditionId }: HlsOutput,
  tracks: readonly EncodedTrack[],
  extraData: readonly (Uint8Array | null)[],
  firstFrames: ReadonlyMap<number, Uint8Array>,
): ReadonlyMap<number, ProtectedStream> {
  const streams = new Map<number, ProtectedStream>();
  for (const [index, track] of tracks.entries()) {
    if (track.kind === 'video')
      streams.set(pids.video, { streamType: 0xdb, descriptor: 'zavc', setup: null });
    else {
      const { codec } = track.rendition.encoder;
      const known = protectedSounds[codec];
      const pid = pids.audio[videoRenditionId === null ? index : index - 1];
      if (known === undefined || pid === undefined) continue;
      const { streamType, descriptor } = known;
      const setup = audioSetup(codec, extraData[index] ?? null, firstFrames.get(index) ?? null);
      streams.set(pid, { streamType, descriptor, setup });
    }
  }
  return streams;
}

/** Audio frames that will leave in one PES packet. */
interface AudioGroup {
  readonly streamIndex: number;
  /** Null for codecs whose frames stand alone. */
  readonly aac: AacConfiguration | null;
  parts: Uint8Array[];
  bytes: number;
  frames: number;
  first: Instant | null;
}

/** Adds the track's stream; returns the frame group of audio tracks. */
function addStream(
  format: FormatContext,
  output: HlsOutput,
  track: EncodedTrack,
  index: number,
): AudioGroup | null {
  const stream = format.newStream();
  assertMuxed(stream.codecpar.fromContext(track.encoder), 'copy codec parameters');
  stream.codecpar.codecTag = 0;
  stream.timeBase = new LibraryRational(1, 90_000);
  if (track.kind === 'video') {
    stream.id = output.pids.video;
    return null;
  }
  const audioIndex = output.videoRenditionId === null ? index : index - 1;
  const pid = output.pids.audio[audioIndex];
  if (pid === undefined) throw new RangeError(`no PID for audio track ${audioIndex} of ${output.pointer}`);
  stream.id = pid;
  if (track.rendition.language !== null) {
    const metadata = Dictionary.fromObject({ language: track.rendition.language });
    stream.metadata = metadata;
    metadata.free();
  }
  const { codec } = track.rendition.encoder;
  const aac = codec === 'AAC' ? parseAacConfiguration(track.encoder.extraData ?? new Uint8Array()) : null;
  return { streamIndex: index, aac, parts: [], bytes: 0, frames: 0, first: null };
}

function writeHeader(format: FormatContext, output: HlsOutput, tracks: readonly EncodedTrack[]): void {
  const options: Readonly<Record<string, string>> = {
    mpegts_pmt_start_pid: String(output.pids.pmt),
    pat_period: oncePerSegment,
    sdt_period: oncePerSegment,
    // Our timestamps are written as they are.
    mpegts_copyts: '1',
    avoid_negative_ts: 'disabled',
    max_delay: String(clockLeadUs),
    // Bytes leave when the buffer is full or we ask, not after every packet.
    flush_packets: '0',
    pes_payload_size: '0',
    ...output.muxerOptions,
    ...clockPeriod(output, tracks),
    ...(hasLibraryId(output) ? {} : { mpegts_transport_stream_id: '1' }),
  };
  for (const [name, value] of Object.entries(options)) {
    assertMuxed(
      format.setOption(name, value, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN),
      `mpegts option ${name}=${value}`,
    );
  }
  assertMuxed(format.writeHeaderSync(null), 'write mpegts header');
}

/**
 * The library writes a reference with the first picture behind its period, which may be longer than asked: as many
 * pictures as fit into the interval make the period, in whole milliseconds.
 */
function clockPeriod(
  { clockIntervalMs }: HlsOutput,
  tracks: readonly EncodedTrack[],
): Readonly<Record<string, string>> {
  if (clockIntervalMs === undefined) return {};
  const pictureMs = Math.max(1, ...tracks.map(pictureMsOf));
  const period = Math.floor(Math.floor(clockIntervalMs / pictureMs + 1e-6) * pictureMs);
  return { pcr_period: String(Math.max(1, period)) };
}

/** How long a picture is shown; 0 for sound. */
function pictureMsOf(track: EncodedTrack): number {
  if (track.kind !== 'video') return 0;
  const { num, den } = track.rendition.frameRate;
  return (1000 * den) / num;
}

/** The library has no stream of id 0. */
function hasLibraryId({ muxerOptions }: HlsOutput): boolean {
  return muxerOptions.mpegts_transport_stream_id !== '0';
}

function videoBase(tracks: readonly EncodedTrack[]): Instant['base'] {
  const video = tracks[0];
  if (video?.kind !== 'video') throw new TypeError('this output has no video track');
  return video.timeBase;
}

/** A group never spans half a second, whatever the setting: the clock runs only 0.7 s ahead. */
function isOverdue(group: AudioGroup, frame: AudioFrame): boolean {
  if (group.first === null) return false;
  const { ticks, base } = group.first;
  const limit = {
    ticks: ticks * 2n * BigInt(base.num) + BigInt(base.den),
    base: { num: 1, den: base.den * 2 },
  };
  return compareInstants(frame.start, limit) >= 0;
}

/** The leading tables of a segment in the order PAT, PMT, others; what follows them stays. */
export function tablesFirst(bytes: Uint8Array, pmtPid: number): Uint8Array {
  const tables: Uint8Array[] = [];
  let end = 0;
  while (end + packetBytes <= bytes.length) {
    const packet = bytes.subarray(end, end + packetBytes);
    if (!isTable(pidOf(packet), pmtPid)) break;
    tables.push(packet);
    end += packetBytes;
  }
  const rank = (packet: Uint8Array): number => (pidOf(packet) === 0 ? 0 : pidOf(packet) === pmtPid ? 1 : 2);
  const ordered = Buffer.concat([...tables.sort((a, b) => rank(a) - rank(b)), bytes.subarray(end)]);
  return ordered;
}

/** PAT 0, NIT 0x10, SDT 0x11 (EN 300 468 table 1), and the program's map. */
function isTable(pid: number, pmtPid: number): boolean {
  return pid === 0 || pid === 0x10 || pid === 0x11 || pid === pmtPid;
}

function pidOf(packet: Uint8Array): number {
  return (((packet[1] ?? 0) & 0x1f) << 8) | (packet[2] ?? 0);
}
