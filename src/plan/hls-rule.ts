/** What an HLS group decides for its outputs. */

import type { HlsGroupSettings, Output, OutputGroup } from '../contract/types.generated.ts';
import { readDestinationBase } from './destination.ts';
import type { SegmentRule } from './gop.ts';
import type { JobScope } from './job-scope.ts';
import { groupIdsOf } from './rendition-sets.ts';
import { readHlsSegments } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { SpliceConditions, TimestampTags } from './signal-plan.ts';
import { spliceConditions } from './splice-source.ts';

/** What the outputs of a group take from it. */
export interface HlsGroupRule {
  readonly base: string;
  readonly segment: SegmentRule;
  readonly isSingleFile: boolean;
  readonly writesPlaylists: boolean;
  readonly usesSubdirectories: boolean;
  /** Segments in each numbered folder below that of the stream; null: they stand in that folder. */
  readonly segmentsPerFolder: number | null;
  readonly timedId3Header: boolean;
  readonly timestampDeltaMs: number;
  /** Tags with the time of the stream, in outputs with timed metadata; null: none. */
  readonly timestampTags: TimestampTags | null;
  /** Null: the group is not cut at splice points. */
  readonly splices: SpliceConditions | null;
  /** Segments are encrypted as wholes. */
  readonly isEncrypted: boolean;
  /** Audio group ids that some video output names in `audioRenditionSets`. */
  readonly namedAudioGroups: ReadonlySet<string>;
  /** Indexes of the outputs without video: their places number the audio groups that have no name. */
  readonly audioOutputs: readonly number[];
  /** Video of the group that sound alone may follow; absent: none. */
  readonly leadingVideoId?: string | null;
}

/** Reads what the outputs need before they are planned. */
export function readHlsGroupRule(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): HlsGroupRule {
  const segment = readHlsSegments(group);
  const usesSubdirectories = settings.read('directoryStructure') === 'SUBDIRECTORY_PER_STREAM';
  const isSingleFile = settings.read('segmentControl') === 'SINGLE_FILE';
  return {
    base: readDestinationBase(settings, scope),
    segment,
    isSingleFile,
    writesPlaylists: settings.read('outputSelection') !== 'SEGMENTS_ONLY',
    usesSubdirectories,
    segmentsPerFolder: readFolderSize(settings, usesSubdirectories, isSingleFile),
    timedId3Header: settings.read('audioOnlyHeader') !== 'EXCLUDE',
    isEncrypted: settings.child('encryption').read('encryptionMethod') === 'AES128',
    timestampDeltaMs: settings.read('timestampDeltaMilliseconds') ?? 0,
    timestampTags: readTimestampTags(settings, group, scope),
    splices: readSplices(settings, group, scope),
    audioOutputs: group
      .children('outputs')
      .flatMap((output, index) => (output.has('videoDescription') ? [] : [index])),
    namedAudioGroups: new Set(group.children('outputs').flatMap(renditionSets)),
  };
}

const defaultTimestampSeconds = 10;

/** ID3 tags with the time of the stream: in outputs that take timed metadata along (spec packaging.md 10). */
function readTimestampTags(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): TimestampTags | null {
  const isCarried = group
    .children('outputs')
    .some(
      (output) =>
        output.child('containerSettings').child('m3u8Settings').read('timedMetadata') === 'PASSTHROUGH',
    );
  const frame = isCarried ? (settings.read('timedMetadataId3Frame') ?? 'PRIV') : 'NONE';
  if (frame !== 'NONE') {
    const periodSeconds = settings.read('timedMetadataId3Period') ?? defaultTimestampSeconds;
    return { frame, periodSeconds: Math.max(1, periodSeconds), startMs: scope.timeline.startMs };
  }
  const reason = isCarried ? 'timedMetadataId3Frame is NONE' : 'no output has timedMetadata PASSTHROUGH';
  settings.withoutEffect('timedMetadataId3Frame', reason, ['PRIV', 'NONE']);
  settings.withoutEffect('timedMetadataId3Period', reason, [defaultTimestampSeconds]);
  return null;
}

function readSplices(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): SpliceConditions | null {
  const splices = spliceConditions(group, settings.read('minSegmentLength') ?? 0, scope);
  if (splices === null) {
    const reason = 'it shapes segments near ad avails, and there are none';
    settings.withoutEffect('minSegmentLength', reason, [0]);
  }
  return splices;
}

/** Numbered folders of so many segments each (spec packaging.md 5.4); null: none. */
function readFolderSize(
  settings: SettingsReader<HlsGroupSettings>,
  usesSubdirectories: boolean,
  isSingleFile: boolean,
): number | null {
  if (usesSubdirectories && !isSingleFile) return settings.read('segmentsPerSubdirectory') ?? null;
  settings.withoutEffect(
    'segmentsPerSubdirectory',
    isSingleFile
      ? 'the segments are one file'
      : 'it acts with directoryStructure SUBDIRECTORY_PER_STREAM only',
  );
  return null;
}

/** The group ids a video output asks for. */
export function renditionSets(output: SettingsReader<Output>): readonly string[] {
  return groupIdsOf(output.child('outputSettings').child('hlsSettings').read('audioRenditionSets'));
}
