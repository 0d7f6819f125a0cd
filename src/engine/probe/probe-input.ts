/**
 * Probes one input object: recognises the container by its bytes, refuses what the service refuses, and reads
 * every fact the planner needs, so that nothing opens the input again before the job runs.
 */
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { Stream } from 'node-av/lib';
import { faultFromRecord, type JobFault, jobFault } from '../../catalogue/fault.ts';
import type { ContainerFormat, InputFacts, InputWarning, VideoTrackFacts } from '../../plan/facts.ts';
import type { InputObject } from '../objects.ts';
import { openByteSource } from './byte-source.ts';
import { withWidest } from './channel-watch.ts';
import { isBrokenStructure, openDemuxer, type ProbeDemuxer } from './demuxer.ts';
import { type ContainerFacts, examineContainer } from './examine-container.ts';
import { settleMpegAudio } from './mpeg-audio-layer.ts';
import { type Recognition, recognizeContainer } from './recognize-container.ts';
import type { TrackSample } from './sample-packets.ts';
import { sampleTracks } from './sample-tracks.ts';
import {
  codecNameOf,
  isAttachedPicture,
  kindOf,
  readAudioTrack,
  readDataTrack,
  readVideoTrack,
} from './track-facts.ts';
import { refuseAudio, refuseVideo, refuseWrapped } from './track-refusal.ts';

/**
 * Facts of an input. `location` is the URL as written in the job, for messages. The object stays open and is
 * closed by its opener. `codecRow` says by which row of the codec table it is judged, if not by its container's own: an
 * output of ours may be of any kind that is written. Throws JobFault: 1010, 1020, 1030, 1075, 1076, 1092, or the object's
 * own fault.
 */
export async function probeInput(
  input: InputObject,
  location: string,
  codecRow: 'output' | 'imf' | null = null,
): Promise<InputFacts> {
  const { recognition, container: examined } = await examineBytes(input, location);
  const container: ContainerFacts = codecRow === null ? examined : { ...examined, codecRow };
  let demuxer: ProbeDemuxer;
  try {
    demuxer = await openDemuxer(input, recognition.demuxer, location);
  } catch (error) {
    throw explainOpenFailure(error, container, location);
  }
  try {
    if (!recognition.isAccepted && codecRow !== 'output')
      throw refuseContainer(demuxer.context.streams, location, recognition.demuxer);
    try {
      await demuxer.analyze();
    } catch (error) {
      throw explainOpenFailure(error, container, location);
    }
    return await readFacts(demuxer, input, location, recognition.demuxer, container);
  } finally {
    await demuxer.close();
  }
}

async function examineBytes(
  input: InputObject,
  location: string,
): Promise<{ recognition: Recognition; container: ContainerFacts }> {
  const bytes = openByteSource(input);
  try {
    const recognition = await recognizeContainer(bytes, location);
    return { recognition, container: await examineContainer(bytes, recognition.demuxer, location) };
  } finally {
    await bytes.close();
  }
}

/**
 * The library only says that it failed; what the bytes showed before says why. Bare streams have no structure
 * that could be damaged: what does not even open is no media.
 */
function explainOpenFailure(error: unknown, container: ContainerFacts, url: string): unknown {
  if (!isBrokenStructure(error)) return error;
  if (container.damage !== null) return container.damage;
  if (!bareStreams.has(container.format)) return error;
  return jobFault(
    1010,
    'no-parser',
    { url },
    { component: 'probe', mediaFact: `no frame of ${container.format} was found` },
  );
}

const bareStreams: ReadonlySet<ContainerFormat> = new Set([
  'elementary',
  'mp3',
  'aac',
  'ac3',
  'eac3',
  'gsm',
  'flac',
  'dv',
]);

function truncated(sizeBytes: number, missingBytes: number): JobFault {
  const mediaFact = `the header declares ${missingBytes} more bytes than the object has`;
  return jobFault(1076, 'truncated', { bytes: sizeBytes }, { component: 'probe', mediaFact });
}

/** A media file the service does not list as a container: its codec is named, as for any other refused codec. */
function refuseContainer(streams: readonly Stream[], url: string, demuxer: string): JobFault {
  const facts = {
    component: 'probe',
    mediaFact: `the container is '${demuxer}'`,
    expected: 'a documented container',
  };
  const video = streams.find((stream) => kindOf(stream) === 'video');
  if (video !== undefined) return jobFault(1030, 'video-codec', { codec: codecNameOf(video) }, facts);
  const audio = streams.find((stream) => kindOf(stream) === 'audio');
  if (audio !== undefined)
    return jobFault(1030, 'audio-codec', { codec: codecNameOf(audio), track: 1 }, facts);
  return jobFault(1010, 'no-parser', { url }, facts);
}

async function readFacts(
  demuxer: ProbeDemuxer,
  input: InputObject,
  location: string,
  demuxerName: string,
  container: ContainerFacts,
): Promise<InputFacts> {
  const { streams } = demuxer.context;
  refuseEncrypted(streams, location);
  await settleMpegAudio(demuxer);
  const usable = streams.filter(
    (stream) =>
      kindOf(stream) === 'video' &&
      !isAttachedPicture(stream) &&
      refuseVideo(stream, container.codecRow) === null,
  );
  refuseUnusable(streams, location, container);
  const audioStreams = streams.filter((stream) => kindOf(stream) === 'audio');
  const { samples, wrapped, dolby, channels } = await sampleTracks(demuxer, usable, audioStreams, container);
  const videoTracks = readVideoTracks(streams, samples, location, container);
  refuseUndecodable(videoTracks, container, input.sizeBytes);
  const { format } = container;
  return {
    location,
    container: format,
    demuxer: demuxerName,
    sizeBytes: input.sizeBytes,
    eTag: null,
    ...readTimes(demuxer, videoTracks, container),
    startTimecode: readTimecode(demuxer, videoTracks, samples),
    videoTracks,
    audioTracks: audioStreams.map((stream, index) => {
      const held = wrapped.get(stream.index) ?? null;
      const refusal = refuseAudio(stream, index + 1, container.codecRow) ?? refuseWrapped(held, index + 1);
      const isoTrack = container.isoTracks.find(({ trackId }) => trackId === stream.id) ?? null;
      const track = readAudioTrack(stream, format, container.audioTypes.get(stream.id) ?? null, isoTrack);
      const said = dolby.get(stream.index);
      return {
        ...withWidest(track, channels.get(stream.index)),
        ...(held === null ? {} : { wrapped: held }),
        ...(said === undefined ? {} : { dolby: said }),
        ...(refusal === null ? {} : { refusal }),
      };
    }),
    dataTracks: streams
      .filter((stream) => kindOf(stream) === 'data')
      .map((stream) => readDataTrack(stream, format, container.metadataPids.has(stream.id))),
    programs: container.programs
      .map(({ pids, ...program }) => ({
        ...program,
        streamIndexes: streams.filter((stream) => pids.includes(stream.id)).map((stream) => stream.index),
      }))
      .filter((program) => program.streamIndexes.length > 0),
    ...optionalWarnings(container.warnings),
  };
}

/** WebM files name the key of protected tracks (WebM container guidelines, ContentEncKeyID). */
function refuseEncrypted(streams: readonly Stream[], url: string): void {
  const stream = streams.find((candidate) => candidate.metadata?.get('enc_key_id') != null);
  if (stream === undefined) return;
  const cause = `track ${stream.index + 1} is encrypted`;
  throw jobFault(
    1010,
    'open-failed',
    { url, cause },
    { component: 'probe', mediaFact: cause, expected: 'media without content protection' },
  );
}

/** The first video, or else all audio, decides whether the input can be used at all. */
function refuseUnusable(streams: readonly Stream[], url: string, container: ContainerFacts): void {
  const video = streams.find((stream) => kindOf(stream) === 'video' && !isAttachedPicture(stream));
  if (video !== undefined) {
    const refusal = refuseVideo(video, container.codecRow);
    if (refusal !== null) throw faultFromRecord(refusal);
    return;
  }
  const audio = streams.filter((stream) => kindOf(stream) === 'audio');
  if (audio.length === 0) {
    const mediaFact = `the container holds ${streams.length} tracks, none of them video or audio`;
    throw jobFault(1020, 'no-usable-video', { url }, { component: 'probe', mediaFact });
  }
  const refusals = audio.map((stream, index) => refuseAudio(stream, index + 1, container.codecRow));
  const [first] = refusals;
  if (first != null && refusals.every((refusal) => refusal !== null)) throw faultFromRecord(first);
}

function readVideoTracks(
  streams: readonly Stream[],
  samples: ReadonlyMap<number, TrackSample>,
  url: string,
  container: ContainerFacts,
): VideoTrackFacts[] {
  return streams
    .filter((stream) => kindOf(stream) === 'video')
    .map((stream) => {
      const sample = samples.get(stream.index) ?? null;
      const isoTrack = container.isoTracks.find((track) => track.trackId === stream.id) ?? null;
      const track = readVideoTrack(stream, container.format, sample, isoTrack, container.isFragmented);
      const refusal = track.isAttachedPicture
        ? null
        : (refuseVideo(stream, container.codecRow) ?? refuseWithoutFrame(sample, stream, url));
      return refusal === null ? track : { ...track, refusal };
    });
}

function refuseWithoutFrame(sample: TrackSample | null, stream: Stream, url: string) {
  if (sample !== null && sample.framesDecoded > 0) return null;
  const packets = sample?.presentationTicks.length ?? 0;
  const mediaFact = `no frame of track ${stream.index + 1} decodes, ${packets} packets were tried`;
  return jobFault(1020, 'no-usable-video', { url }, { component: 'decoder', mediaFact }).record;
}

/** Video that never decodes: explained by missing bytes when the file lacks some. */
function refuseUndecodable(
  tracks: readonly VideoTrackFacts[],
  container: ContainerFacts,
  sizeBytes: number,
): void {
  const first = tracks.find((track) => !track.isAttachedPicture);
  if (first?.refusal === undefined) return;
  if (first.refusal.code === 1020 && container.missingBytes > 0)
    throw truncated(sizeBytes, container.missingBytes);
  throw faultFromRecord(first.refusal);
}

function readTimes(
  demuxer: ProbeDemuxer,
  videoTracks: readonly VideoTrackFacts[],
  container: ContainerFacts,
) {
  const { context } = demuxer;
  const whole = context.duration > 0n ? Number(context.duration) : null;
  // The clocks of several programs have nothing to do with each other: the container's duration spans them all.
  const first = videoTracks[0];
  const ofFirstTrack =
    first?.durationTicks == null
      ? null
      : Math.round((first.durationTicks * first.timeBase.num * 1e6) / first.timeBase.den);
  const durationUs = container.programs.length > 1 ? (ofFirstTrack ?? whole) : whole;
  return {
    durationUs,
    startUs: context.startTime === AV_NOPTS_VALUE ? 0 : Number(context.startTime),
    bitrateBps: context.bitRate > 0n ? Number(context.bitRate) : null,
  };
}

/** Container metadata first, then what the first frames carry (spec timecode-and-clipping.md 3). */
function readTimecode(
  demuxer: ProbeDemuxer,
  videoTracks: readonly VideoTrackFacts[],
  samples: ReadonlyMap<number, TrackSample>,
): string | null {
  const metadata = [...demuxer.context.streams.map((stream) => stream.metadata), demuxer.context.metadata];
  const written = metadata.map((entries) => entries?.get('timecode')).find((timecode) => timecode != null);
  const first = videoTracks.find((track) => !track.isAttachedPicture);
  const timecode = written ?? (first === undefined ? null : samples.get(first.streamIndex)?.timecode) ?? null;
  return timecode !== null && /^\d\d:\d\d:\d\d[:;]\d\d$/.test(timecode) ? timecode : null;
}

function optionalWarnings(warnings: readonly InputWarning[]): {
  readonly warnings?: readonly InputWarning[];
} {
  return warnings.length === 0 ? {} : { warnings };
}
