/** What an HLS group decides for its outputs. */
import type { HlsGroupSettings, Output, OutputGroup } from '../contract/types.generated.ts';
import { rationalToNumber } from '../exact-time.ts';
import { readDestinationBase } from './destination.ts';
import type { SegmentRule } from './gop.ts';
import type { JobScope } from './job-scope.ts';
import { groupIdsOf } from './rendition-sets.ts';
import { readSegmentRule } from './segment-length.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What the outputs of a group take from it. */
export interface HlsGroupRule {
  readonly base: string;
  readonly segment: SegmentRule;
  readonly isSingleFile: boolean;
  readonly writesPlaylists: boolean;
  readonly usesSubdirectories: boolean;
  /** Folder of the segments below that of the stream, with its slash; '' for none. */
  readonly segmentFolder: string;
  readonly timedId3Header: boolean;
  readonly timestampDeltaMs: number;
  /** Segments are encrypted as wholes. */
  readonly isEncrypted: boolean;
  /** Audio group ids that some video output names in `audioRenditionSets`. */
  readonly namedAudioGroups: ReadonlySet<string>;
  /** Indexes of the outputs without video: their places number the audio groups that have no name. */
  readonly audioOutputs: readonly number[];
}

const defaultSegmentSeconds = 10;

/** Reads what the outputs need before they are planned. */
export function readHlsGroupRule(
  settings: SettingsReader<HlsGroupSettings>,
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): HlsGroupRule {
  const segment = readSegmentRule(settings, defaultSegmentSeconds, null, group);
  const usesSubdirectories = settings.read('directoryStructure') === 'SUBDIRECTORY_PER_STREAM';
  const seconds = rationalToNumber(segment.seconds);
  return {
    base: readDestinationBase(settings, scope),
    segment,
    isSingleFile: settings.read('segmentControl') === 'SINGLE_FILE',
    writesPlaylists: settings.read('outputSelection') !== 'SEGMENTS_ONLY',
    usesSubdirectories,
    segmentFolder: readSegmentFolder(settings, usesSubdirectories, seconds, scope),
    timedId3Header: settings.read('audioOnlyHeader') !== 'EXCLUDE',
    isEncrypted: settings.child('encryption').read('encryptionMethod') === 'AES128',
    timestampDeltaMs: settings.read('timestampDeltaMilliseconds') ?? 0,
    audioOutputs: group
      .children('outputs')
      .flatMap((output, index) => (output.has('videoDescription') ? [] : [index])),
    namedAudioGroups: new Set(group.children('outputs').flatMap(renditionSets)),
  };
}

/** Numbered folders of so many segments each (spec packaging.md 5.4): one is enough when all segments fit in it. */
function readSegmentFolder(
  settings: SettingsReader<HlsGroupSettings>,
  usesSubdirectories: boolean,
  seconds: number,
  scope: JobScope,
): string {
  if (!usesSubdirectories) {
    settings.withoutEffect(
      'segmentsPerSubdirectory',
      'it acts with directoryStructure SUBDIRECTORY_PER_STREAM only',
    );
    return '';
  }
  const most = settings.read('segmentsPerSubdirectory');
  if (most === undefined) return '';
  const expected =
    scope.durationUs === null
      ? Number.POSITIVE_INFINITY
      : Math.ceil(scope.durationUs / 1_000_000 / seconds) + 1;
  if (expected > most)
    settings.refuse(
      'segmentsPerSubdirectory',
      'the segments of a stream stay in one folder, which must have room for all',
    );
  return '00000/';
}

/** The group ids a video output asks for. */
export function renditionSets(output: SettingsReader<Output>): readonly string[] {
  return groupIdsOf(output.child('outputSettings').child('hlsSettings').read('audioRenditionSets'));
}
