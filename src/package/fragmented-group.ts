/**
 * One CMAF, DASH or Smooth output group while it is made: hands the engine a writer per output and ends with the manifests.
 * Nothing names a segment before the end: child playlists come first, then the multivariant playlists, then the MPDs
 * (design section 2, step 7).
 */
import path from 'node:path';
import type { EngineObjects } from '../engine/objects.ts';
import type { OutputWriter } from '../engine/output-writer.ts';
import type { OutputGroupResult, OutputResult } from '../engine/protocol.ts';
import type {
  CmafOutputGroup,
  DashOutputGroup,
  FragmentedOutput,
  SmoothOutputGroup,
} from '../plan/group-plan.ts';
import { createSignalTimeline, type SignalTimeline } from '../signals/signal-timeline.ts';
import { mpdDocument } from './dash/mpd.ts';
import type { MeasuredRepresentation } from './dash/representation.ts';
import { type GroupKeys, keysOfOutput } from './encryption/content-keys.ts';
import { protectTracks } from './encryption/protected-entry.ts';
import { createEventMessages } from './fmp4/event-messages.ts';
import { createFragmentFiles, type FragmentedSegment, type FragmentFiles } from './fmp4/fragment-files.ts';
import { createFragmenter, type GroupLateness } from './fmp4/fragmenter.ts';
import { multivariantPlaylist } from './group-variants.ts';
import {
  groupNumbers,
  iFramePlaylist,
  type MeasuredOutput,
  pictureEndUs,
  playlistKeys,
  segmentPlaylist,
} from './hls-manifests.ts';
import { createGroupImages, type ExtraTrack } from './images/group-images.ts';
import { formatMediaPlaylist } from './media-playlist.ts';
import { formatMultivariantPlaylist } from './multivariant-playlist.ts';
import { manifestContentTypes } from './object-options.ts';
import { manifestWriter } from './playlist-files.ts';
import { createCutTimeline } from './segment-cuts.ts';
import { createSegmentedWriter, type SegmentedWriter } from './segmented-writer.ts';
import type { MeasuredFile } from './smooth/smooth-streams.ts';
import { writeSmoothManifests } from './smooth/write-manifests.ts';
import { createSpliceCuts } from './splice-cuts.ts';

/** A group in the making. */
export interface FragmentedGroupWriter {
  /** The writer of one output, by its `outputIndex` in the plan; the same one when asked twice. */
  outputWriter(outputIndex: number): OutputWriter;
  readonly extras: readonly ExtraTrack[];
  /** Call after `finish` of every output writer: writes the manifests, children first. */
  finish(): Promise<OutputGroupResult>;
  /** Aborts every writer and drops what is not published. Tolerates being called at any time, and twice. */
  abort(): Promise<void>;
}

interface Member {
  readonly output: FragmentedOutput;
  readonly writer: SegmentedWriter<FragmentedOutput, FragmentedSegment>;
  readonly handle: OutputWriter;
  readonly files: FragmentFiles;
  result: OutputResult | null;
}

/** Starts a group. Nothing is written before the first packets arrive. */
export function createFragmentedGroupWriter(
  group: CmafOutputGroup | DashOutputGroup | SmoothOutputGroup,
  objects: EngineObjects,
  scratchFolder: string,
  keys: GroupKeys | null = null,
  signals: SignalTimeline = createSignalTimeline(),
): FragmentedGroupWriter {
  const leader = group.outputs.find((output) => output.videoRenditionId !== null);
  const timeline = createCutTimeline(group.segmentSeconds, leader !== undefined);
  const splices = createSpliceCuts(group.splices, signals);
  // An edit list or signed offsets leave the pictures at 0; elsewhere the sound begins as late as they do.
  const lateness: GroupLateness | undefined =
    group.compositionOffsets === 'shift' ? { pictures: null } : undefined;
  const images = createGroupImages(group, objects);
  const keyFrameTracks =
    'keyFrameTrack' in group && group.keyFrameTrack !== undefined ? [group.keyFrameTrack] : [];
  const everything = [...group.outputs, ...keyFrameTracks].map((output): Member => {
    const events = output.events === undefined ? null : createEventMessages(output.events, signals);
    const files = createFragmentFiles({
      group,
      output,
      objects,
      scratchPath: path.join(
        scratchFolder,
        `group-${group.groupIndex}-output-${output.outputIndex}${output.isKeyFramesOnly ? '-keys' : ''}.fragments`,
      ),
      onPublished() {},
    });
    const writer = createSegmentedWriter({
      group,
      output,
      timeline,
      splices,
      // The service names files for Smooth, and none for CMAF and DASH (spec events.md 5.1).
      reportedLocations: group.type === 'MS_SMOOTH_GROUP' ? [output.segmentLocation] : [],
      isKeyFramesOnly: output.isKeyFramesOnly === true,
      otherObjects: () => files.otherObjects,
      open: (tracks, meter) =>
        createFragmenter({
          group,
          output,
          timeline,
          leads: output === leader,
          tracks,
          meter,
          files,
          protection: protectTracks(keys, output),
          events,
          ...(lateness === undefined ? {} : { lateness }),
        }),
    });
    return makeMember(output, writer, files);
  });
  const members = everything.filter(({ output }) => !output.isKeyFramesOnly);
  const keyFrameMembers = everything.filter(({ output }) => output.isKeyFramesOnly);

  /** Writes the playlists of a CMAF group; resolves with the locations of the multivariant ones. */
  async function writePlaylists(cmaf: CmafOutputGroup): Promise<readonly string[]> {
    const write = manifestWriter(cmaf, objects);
    const outputs = members.flatMap((member) => measuredOutput(member, keys));
    const numbers = groupNumbers(cmaf, outputs);
    for (const measured of outputs) {
      const { playlistLocation, iFramePlaylistLocation } = measured.output;
      const member = members.find(({ output }) => output === measured.output);
      const put = async (location: string | null, make: typeof segmentPlaylist): Promise<void> => {
        if (location === null || member?.result == null) return;
        const text = formatMediaPlaylist(make(cmaf, measured, location, numbers, true));
        const written = { location, sizeBytes: await write(location, text) };
        member.result = { ...member.result, objects: [...member.result.objects, written] };
      };
      await put(playlistLocation, segmentPlaylist);
      await put(iFramePlaylistLocation, iFramePlaylist);
    }
    const { location: parent } = cmaf.multivariant;
    const imageVariants = await images.writePlaylists(write, parent, cmaf.baseUrl);
    const parents = [
      { location: cmaf.multivariant.location, chosen: outputs, shown: imageVariants },
      ...(cmaf.multivariant.location === null ? [] : cmaf.additionalManifests).map(
        ({ location, outputIndexes }) => ({
          location,
          chosen: outputs.filter(({ output }) => outputIndexes.includes(output.outputIndex)),
          shown: [],
        }),
      ),
    ];
    const locations: string[] = [];
    for (const { location, chosen, shown } of parents) {
      if (location === null) continue;
      await write(
        location,
        formatMultivariantPlaylist(multivariantPlaylist(cmaf, chosen, location, numbers, shown)),
      );
      locations.push(location);
    }
    return locations;
  }

  async function writeMpds(described: CmafOutputGroup | DashOutputGroup): Promise<readonly string[]> {
    const { mpd, objectSettings } = described;
    if (mpd.location === null) return [];
    const write = manifestWriter({ objectSettings, gzipManifests: false }, objects, manifestContentTypes.mpd);
    const representations = everything.flatMap((member) => measuredRepresentation(member, keys));
    const locations: string[] = [];
    for (const { location, outputIndexes } of [
      { location: mpd.location, outputIndexes: null },
      ...mpd.additional,
    ]) {
      const chosen = representations.filter(
        ({ output }) => outputIndexes === null || outputIndexes.includes(output.outputIndex),
      );
      const shown = outputIndexes === null ? images.tracks : [];
      await write(location, mpdDocument(described, chosen, shown, location));
      locations.push(location);
    }
    return locations;
  }

  return {
    outputWriter(outputIndex) {
      const member = members.find(({ output }) => output.outputIndex === outputIndex);
      if (member === undefined)
        throw new RangeError(`group ${group.groupIndex} has no output ${outputIndex}`);
      return member.handle;
    },
    extras: [
      ...images.extras,
      ...keyFrameMembers.map(({ output, handle }) => ({
        renditionIds: [output.videoRenditionId ?? ''],
        writer: handle,
      })),
    ],
    async finish() {
      for (const { handle } of keyFrameMembers) await handle.finish();
      const made = members.flatMap(({ writer: { tracks, published } }) =>
        tracks === null ? [] : [{ tracks, segments: published }],
      );
      await images.finish(pictureEndUs(made));
      const playlists = group.type === 'CMAF_GROUP' ? await writePlaylists(group) : [];
      const manifests =
        group.type === 'MS_SMOOTH_GROUP'
          ? await writeSmoothManifests(group, members.flatMap(measuredFile), keys, objects)
          : await writeMpds(group);
      const outputs = members.map(({ output, result }) => {
        if (result === null) throw new TypeError(`output ${output.outputIndex} is not finished`);
        return result;
      });
      const { groupIndex, type } = group;
      // The service names the MPD first (spec events.md 5.1).
      const extras = [...images.objects, ...keyFrameMembers.flatMap(({ result }) => result?.objects ?? [])];
      return {
        groupIndex,
        type,
        playlistLocations: [...manifests, ...playlists],
        outputs,
        ...(extras.length === 0 ? {} : { extras }),
      };
    },
    async abort() {
      for (const { writer, files } of everything) {
        await writer.abort();
        await files.abort();
      }
      await images.abort();
    },
  };
}

function makeMember(output: FragmentedOutput, writer: Member['writer'], files: FragmentFiles): Member {
  const { start, writePacket, endTrack, abort } = writer;
  const finish = async (): Promise<OutputResult> => {
    member.result = await writer.finish();
    return member.result;
  };
  const member: Member = {
    output,
    writer,
    files,
    handle: { start, writePacket, endTrack, finish, abort },
    result: null,
  };
  return member;
}

function measuredOutput({ output, writer, files }: Member, keys: GroupKeys | null): MeasuredOutput[] {
  const { tracks, published } = writer;
  if (tracks === null || published.length === 0) return [];
  const initialization =
    files.header === null
      ? { location: output.initLocation ?? output.segmentLocation, sizeBytes: null }
      : { location: output.segmentLocation, sizeBytes: files.header.initializationBytes };
  const used = keysOfOutput(keys, output);
  return [{ output, tracks, segments: published, initialization, keys: playlistKeys(keys, used) }];
}

function measuredFile({ output, writer, files, result }: Member): MeasuredFile[] {
  const { tracks } = writer;
  if (tracks === null || result === null || files.chunks.length === 0) return [];
  return [{ output, tracks, result, described: files.described, chunks: files.chunks }];
}

function measuredRepresentation(
  { output, writer, files }: Member,
  keys: GroupKeys | null,
): MeasuredRepresentation[] {
  const { tracks, published } = writer;
  if (tracks === null || published.length === 0 || files.track === null) return [];
  const { track, header } = files;
  const protection = [...new Set(keysOfOutput(keys, output))].flatMap((key) => key?.mpdElements ?? []);
  return [{ output, tracks, segments: published, track, header, protection }];
}
