/**
 * OutputWriter for one media file made by a library muxer: into the scratch folder where the container seeks back
 * (MP4), straight into the object otherwise (elementary streams). The library interleaves by time.
 */
import { rm } from 'node:fs';
import { FormatContext, type IOContext, Packet, type Stream } from 'node-av/lib';
import { JobFault, jobFault } from '../catalogue/fault.ts';
import type { NalCodec } from '../package/annex-b.ts';
import type { FileOutput } from '../plan/group-plan.ts';
import type { WriteOptions } from '../store/store.ts';
import { assertDone, isDiskFull, LibraryError } from './library-error.ts';
import { recentLibraryLog } from './library-log.ts';
import { setLibraryOptions } from './library-options.ts';
import { finishMp4, type Mp4Finish, splitMp4Options } from './mp4-finish.ts';
import { addStream, openObjectIo, repeatedParameterSets } from './muxer-parts.ts';
import { finishMxf, type MxfFinish, splitMxfOptions } from './mxf-finish.ts';
import { missingSilence } from './mxf-silence.ts';
import type { EngineObjects, OutputObject } from './objects.ts';
import type { EncodedTrack, OutputWriter } from './output-writer.ts';
import { withParameterSets } from './packet-bytes.ts';
import type { OutputResult } from './protocol.ts';
import type { RunCounters } from './run-counters.ts';
import { createTrackTally, resultOfTracks, type TrackTally } from './track-tally.ts';

/** Where a file is made and how its object is written. */
export interface FileWriterPlace {
  readonly objects: Pick<EngineObjects, 'create' | 'publishFile'>;
  /** Path of the file in the scratch folder, used when the container seeks back. */
  readonly scratchPath: string;
  readonly writeOptions: WriteOptions;
  /** What the writer notices of its own output. */
  readonly counters: Pick<RunCounters, 'transportRateExceeded'>;
}

/** Containers with a movie index. */
const isoContainers: readonly FileOutput['container'][] = ['MP4', 'MOV', 'F4V'];
/** `kAudioChannelLabel_Center` (Core Audio). */
const centreLabel = 3;

/** Muxers that keep no parameter sets, so that the stream must repeat them: MXF has none in its header either. */
const muxersWithoutParameterSets: ReadonlySet<string> = new Set(['h264', 'hevc', 'mxf']);

/** Makes the writer. Faults: 1050 when the scratch folder is full, 1056 when the muxer refuses the output. */
export function createMediaFileWriter(output: FileOutput, place: FileWriterPlace): OutputWriter {
  const { library, finish: mxfFinish } = splitMxfOptions(output.muxerOptions);
  const { library: muxerOptions, finish } = splitMp4Options(library);
  let muxer: OpenMuxer | null = null;
  let tallies: readonly TrackTally[] = [];
  /** When the pictures of an MXF file are shown, in coded order. */
  const shownTicks: number[] = [];

  const guard = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw writeFault(error, output.location, place.scratchPath);
    }
  };

  return {
    async start(tracks) {
      tallies = tracks.map(createTrackTally);
      muxer = guard(() => openMuxer(output, place, tracks, muxerOptions));
    },
    writePacket(trackIndex, packet) {
      const open = started(muxer);
      guard(() => open.write(trackIndex, packet));
      const tally = tallies[trackIndex];
      if (output.container === 'MXF' && tally?.track.kind === 'video') shownTicks.push(Number(packet.pts));
      tally?.count(packet);
      return open.target?.drained();
    },
    endTrack() {},
    async finish() {
      const open = started(muxer);
      if (output.container === 'MXF') guard(() => fillWithSilence(open, tallies));
      guard(() => open.end());
      const channelLabels = tallies.map(({ track }) => labelsOf(track, output));
      const setsInStream = tallies.some(({ track }) => keepsSetsInStream(track));
      const languages = tallies.map(({ track }) =>
        track.kind === 'audio' ? track.rendition.language : null,
      );
      const { sizeBytes } = await publish(
        open,
        output,
        place,
        // Without sound there is nothing to label.
        { ...mxfFinish, hasWaveSound: mxfFinish.hasWaveSound && hasSound(tallies), shownTicks },
        {
          ...finish,
          channelLabels,
          languages: output.container === 'MOV' ? languages : [],
          setsInStream,
        },
      );
      muxer = null;
      const { outputIndex, location } = output;
      return {
        outputIndex,
        locations: [location],
        objects: [{ location, sizeBytes }],
        ...resultOfTracks(tallies, output.container === 'MXF'),
      } satisfies OutputResult;
    },
    async abort() {
      const open = muxer;
      muxer = null;
      open?.close();
      await open?.target?.abort();
      if (output.needsScratch) await removeFile(place.scratchPath);
    },
  };
}

function hasSound(tallies: readonly TrackTally[]): boolean {
  return tallies.some(({ track }) => track.kind === 'audio');
}

function fillWithSilence(open: OpenMuxer, tallies: readonly TrackTally[]): void {
  for (const { trackIndex, packet } of missingSilence(tallies)) {
    try {
      open.write(trackIndex, packet);
      tallies[trackIndex]?.count(packet);
    } finally {
      packet.free();
    }
  }
}

/** Of QuickTime, a single channel that the job does not tag is the centre (spec audio.md 6). */
function labelsOf(track: EncodedTrack, { container }: FileOutput): readonly number[] | null {
  if (track.kind !== 'audio') return null;
  const { channelLabels, channelLayout } = track.rendition;
  return channelLabels ?? (container === 'MOV' && channelLayout === 'mono' ? [centreLabel] : null);
}

async function publish(
  open: OpenMuxer,
  output: FileOutput,
  place: FileWriterPlace,
  mxfFinish: MxfFinish,
  mp4Finish: Mp4Finish,
): Promise<{ readonly sizeBytes: number }> {
  if (open.target !== null) return open.target.publish();
  try {
    if (isoContainers.includes(output.container)) await finishMp4(place.scratchPath, mp4Finish);
    if (output.container === 'MXF') finishMxf(place.scratchPath, mxfFinish);
  } catch (error) {
    throw writeFault(error, output.location, place.scratchPath);
  }
  return place.objects.publishFile(place.scratchPath, output.location, place.writeOptions);
}

interface OpenMuxer {
  /** The object bytes go to; null when they go to the scratch file. */
  readonly target: OutputObject | null;
  write(trackIndex: number, packet: Packet): void;
  /** Writes what is left and closes. */
  end(): void;
  close(): void;
}

function openMuxer(
  output: FileOutput,
  place: FileWriterPlace,
  tracks: readonly EncodedTrack[],
  options: Readonly<Record<string, string>>,
): OpenMuxer {
  const context = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  const muxerName = output.muxer ?? '';
  const target = output.needsScratch ? null : place.objects.create(output.location, place.writeOptions);
  let io: IOContext | null = null;
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    // The library frees what hangs on the context; an IO of our own is freed by us alone.
    if (io === null) context.closeOutputSync();
    else context.pb = null;
    context.freeContext();
    io?.freeContext();
    packet.free();
  };
  try {
    assertDone(
      context.allocOutputContext2(null, muxerName, target === null ? place.scratchPath : null),
      `muxer ${muxerName}`,
    );
    const streams = tracks.map((track) =>
      addStream(context, track, {
        timecode: options['timecode'],
        videoTag: options['video_tag'],
        videoBitrate: options['video_bitrate'],
      }),
    );
    if (target === null) assertDone(context.openOutputSync(), 'open output');
    else {
      io = openObjectIo(target);
      context.pb = io;
    }
    const { timecode: _onStream, video_tag: _onTrack, video_bitrate: _nominal, ...others } = options;
    setLibraryOptions(context, others);
    assertDone(context.writeHeaderSync(null), 'muxer header');
    const parameterSets = tracks.map((track) =>
      muxersWithoutParameterSets.has(muxerName) || keepsSetsInStream(track)
        ? repeatedParameterSets(track)
        : null,
    );
    return {
      target,
      write(trackIndex, source) {
        writeOne(
          context,
          packet,
          streams[trackIndex],
          tracks[trackIndex],
          source,
          parameterSets[trackIndex] ?? null,
        );
      },
      end() {
        assertDone(context.interleavedWriteFrameSync(null), 'muxer');
        assertDone(context.writeTrailerSync(), 'muxer trailer');
        io?.flushSync();
        close();
      },
      close,
    };
  } catch (error) {
    close();
    void target?.abort();
    throw error;
  }
}

function writeOne(
  context: FormatContext,
  packet: Packet,
  stream: Stream | undefined,
  track: EncodedTrack | undefined,
  source: Packet,
  parameterSets: Buffer | null,
): void {
  if (stream === undefined || track === undefined) throw new RangeError('packet of an unknown track');
  const codec: NalCodec = track.rendition.encoder.codec === 'H_265' ? 'H_265' : 'H_264';
  const copy =
    parameterSets !== null && source.isKeyframe ? withParameterSets(source, parameterSets, codec) : null;
  try {
    assertDone(packet.ref(copy ?? source), 'packet reference');
  } finally {
    copy?.free();
  }
  packet.streamIndex = stream.index;
  packet.rescaleTs(track.timeBase, stream.timeBase);
  assertDone(context.interleavedWriteFrameSync(packet), 'muxer');
}

/** `avc3` tells that parameter sets come with the pictures (ISO/IEC 14496-15 5.4.2.1.2). */
function keepsSetsInStream({ rendition }: EncodedTrack): boolean {
  return rendition.encoder.codecTag === 'avc3';
}

function started(muxer: OpenMuxer | null): OpenMuxer {
  if (muxer === null) throw new TypeError('the writer is not started');
  return muxer;
}

function writeFault(error: unknown, location: string, scratchPath: string): unknown {
  if (error instanceof JobFault) return error;
  const isFull =
    (error instanceof LibraryError && isDiskFull(error.averror)) ||
    ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
  const facts = { component: 'muxer', detail: recentLibraryLog() };
  if (isFull) return jobFault(1050, 'scratch', { path: scratchPath }, facts, error);
  if (!(error instanceof LibraryError)) return error;
  return jobFault(1056, 'output-open', { url: location, cause: error.message }, facts, error);
}

function removeFile(path: string): Promise<void> {
  return new Promise((resolve) => rm(path, { force: true }, () => resolve()));
}
