/**
 * One HLS output group while it is made: hands the engine a writer per output, keeps the playlists in step with what
 * is published, ends with the multivariant playlist (spec packaging.md 3–5).
 *
 * While segments appear and `progressiveWriteHlsManifest` is on: an output's playlist is written when its third segment
 * is readable and again after each one; the multivariant playlist when every output has three, and again when every
 * output has one more. The last versions, with ENDLIST, are written by `finish`: children, multivariant, additional.
 */
import type { EngineObjects } from '../engine/objects.ts';
import type { OutputWriter } from '../engine/output-writer.ts';
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import type { HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import { createSignalTimeline, type SignalTimeline } from '../signals/signal-timeline.ts';
import { availLines, type SegmentLines } from './avail-markers.ts';
import type { GroupKeys } from './encryption/content-keys.ts';
import { multivariantPlaylist } from './group-variants.ts';
import {
  groupNumbers,
  iFramePlaylist,
  type MeasuredOutput,
  pictureEndUs,
  playlistKeys,
  segmentPlaylist,
} from './hls-manifests.ts';
import { createHlsOutputWriter, type HlsOutputWriter } from './hls-writer.ts';
import { createGroupImages, type ExtraTrack } from './images/group-images.ts';
import { formatMediaPlaylist } from './media-playlist.ts';
import { formatMultivariantPlaylist, type ImageVariant } from './multivariant-playlist.ts';
import { manifestWriter } from './playlist-files.ts';
import { createCutTimeline } from './segment-cuts.ts';
import type { WrittenSegment } from './segment-files.ts';
import { createSpliceCuts } from './splice-cuts.ts';

/** A group in the making. */
export interface HlsGroupWriter {
  /** The writer of one output, by its `outputIndex` in the plan; the same one when asked twice. */
  outputWriter(outputIndex: number): OutputWriter;
  readonly extras: readonly ExtraTrack[];
  /** Call after `finish` of every output writer: writes the last playlists, children first. */
  finish(): Promise<OutputGroupResult>;
  /** Aborts every writer and drops what is not published. Tolerates being called at any time, and twice. */
  abort(): Promise<void>;
}

/** Segments an output must have before its playlist is first written (spec packaging.md 2). */
const firstPlaylistSegments = 3;

/** One output with what its writer answered at the end. */
interface Member {
  readonly writer: HlsOutputWriter;
  /** What the engine drives: the same writer, whose answer at the end is remembered. */
  readonly handle: OutputWriter;
  result: OutputResult | null;
  /** Segments in the newest written playlist. */
  listed: number;
}

/** Starts a group. Nothing is written before the first packets arrive. */
export function createHlsGroupWriter(
  group: HlsOutputGroup,
  objects: EngineObjects,
  keys: GroupKeys | null = null,
  signals: SignalTimeline = createSignalTimeline(),
): HlsGroupWriter {
  const leader = group.outputs.find((output) => output.videoRenditionId !== null);
  const timeline = createCutTimeline(group.segmentSeconds, leader !== undefined);
  const splices = createSpliceCuts(group.splices, signals);
  const writePlaylist = manifestWriter(group, objects);
  const images = createGroupImages(group, objects);
  const isProgressive = group.progressiveManifests && group.segmentControl === 'SEGMENTED_FILES';
  let isStopped = false;
  let refreshing: Promise<void> | null = null;
  let isStale = false;
  let failure: unknown = null;
  let listedByParent = 0;

  const members = group.outputs.map((output): Member => {
    const writer = createHlsOutputWriter({
      group,
      output,
      objects,
      timeline,
      leads: output === leader,
      onPublished: refresh,
      keys,
      splices,
      signals,
    });
    return makeMember(writer);
  });

  /** Brings the playlists up to date in the background; calls during a pass cause one more pass. */
  function refresh(): void {
    if (!isProgressive || isStopped) return;
    isStale = true;
    refreshing ??= refreshLoop().finally(() => {
      refreshing = null;
    });
  }

  async function refreshLoop(): Promise<void> {
    try {
      while (isStale && !isStopped) {
        isStale = false;
        await refreshOnce();
      }
    } catch (error) {
      failure ??= error;
      isStopped = true;
    }
  }

  async function refreshOnce(): Promise<void> {
    for (const member of members) {
      const { published } = member.writer;
      if (published.length < firstPlaylistSegments || published.length === member.listed || isStopped)
        continue;
      await writeChild(member, measuredOutputs(), false);
    }
    const listed = Math.min(...members.map((member) => member.listed));
    if (listed < firstPlaylistSegments || listed === listedByParent || isStopped) return;
    listedByParent = listed;
    await writeParents(measuredOutputs());
  }

  /** What is readable now; the arrays are copied because they grow. */
  function measuredOutputs(): MeasuredOutput[] {
    return members.flatMap(({ writer }) => {
      const { output, tracks, published } = writer;
      return tracks === null || published.length === 0
        ? []
        : [
            {
              output,
              tracks,
              segments: [...published],
              initialization: null,
              keys: playlistKeys(keys),
              lines: linesOf(output, published),
            },
          ];
    });
  }

  function linesOf({ marksAvails }: HlsOutput, segments: readonly WrittenSegment[]): readonly SegmentLines[] {
    if (marksAvails !== true || group.markers === undefined) return [];
    return availLines(
      group.markers,
      signals,
      segments.map(({ startUs }) => startUs),
    );
  }

  async function writeChild(
    member: Member,
    outputs: readonly MeasuredOutput[],
    isComplete: boolean,
  ): Promise<WrittenObject[]> {
    const measured = outputs.find(({ output }) => output === member.writer.output);
    if (measured === undefined) return [];
    const { playlistLocation, iFramePlaylistLocation } = measured.output;
    const numbers = groupNumbers(group, outputs);
    const written: WrittenObject[] = [];
    const write = async (location: string, makePlaylist: typeof segmentPlaylist): Promise<void> => {
      const text = formatMediaPlaylist(makePlaylist(group, measured, location, numbers, isComplete));
      written.push({ location, sizeBytes: await writePlaylist(location, text) });
    };
    if (playlistLocation !== null) await write(playlistLocation, segmentPlaylist);
    if (iFramePlaylistLocation !== null) await write(iFramePlaylistLocation, iFramePlaylist);
    member.listed = measured.segments.length;
    return written;
  }

  /** The multivariant playlist and its additional forms; resolves with their locations. */
  async function writeParents(
    outputs: readonly MeasuredOutput[],
    imageVariants: readonly ImageVariant[] = [],
  ): Promise<string[]> {
    const parents = [
      { location: group.multivariant.location, chosen: outputs, shown: imageVariants },
      ...group.additionalManifests.map(({ location, outputIndexes }) => ({
        location,
        chosen: outputs.filter(({ output }) => outputIndexes.includes(output.outputIndex)),
        shown: [],
      })),
    ];
    const written: string[] = [];
    for (const { location, chosen, shown } of parents) {
      if (location === null) continue;
      const playlist = multivariantPlaylist(group, chosen, location, groupNumbers(group, outputs), shown);
      await writePlaylist(location, formatMultivariantPlaylist(playlist));
      written.push(location);
    }
    return written;
  }

  async function finishMember(member: Member, outputs: readonly MeasuredOutput[]): Promise<OutputResult> {
    if (member.result === null)
      throw new TypeError(`output ${member.writer.output.outputIndex} is not finished`);
    const playlists = await writeChild(member, outputs, true);
    return { ...member.result, objects: [...member.result.objects, ...playlists] };
  }

  return {
    extras: images.extras,
    outputWriter(outputIndex) {
      const member = members.find(({ writer }) => writer.output.outputIndex === outputIndex);
      if (member === undefined)
        throw new RangeError(`group ${group.groupIndex} has no output ${outputIndex}`);
      return member.handle;
    },
    async finish() {
      isStopped = true;
      await refreshing;
      if (failure !== null) throw failure;
      const measured = measuredOutputs();
      const outputs: OutputResult[] = [];
      for (const member of members) outputs.push(await finishMember(member, measured));
      await images.finish(pictureEndUs(measured));
      const parent = group.multivariant.location;
      const imageVariants = await images.writePlaylists(writePlaylist, parent, group.baseUrl);
      const playlistLocations = await writeParents(measured, imageVariants);
      const extras = images.objects.length === 0 ? {} : { extras: images.objects };
      return { groupIndex: group.groupIndex, type: 'HLS_GROUP', playlistLocations, outputs, ...extras };
    },
    async abort() {
      isStopped = true;
      for (const { writer } of members) await writer.abort();
      await images.abort();
      await refreshing;
    },
  };
}

interface WrittenObject {
  readonly location: string;
  readonly sizeBytes: number;
}

function makeMember(writer: HlsOutputWriter): Member {
  const { start, writePacket, endTrack, abort } = writer;
  const finish = async (): Promise<OutputResult> => {
    member.result = await writer.finish();
    return member.result;
  };
  const member: Member = {
    writer,
    handle: { start, writePacket, endTrack, finish, abort },
    result: null,
    listed: 0,
  };
  return member;
}
