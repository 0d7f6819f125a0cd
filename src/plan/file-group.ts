/** FILE_GROUP outputs: one file each, or numbered pictures (spec containers.md 1, naming.md 2, 4). */
import type { ContainerSettings, Output, OutputGroup } from '../contract/types.generated.ts';
import { readDestinationBase } from './destination.ts';
import type { ContainerPlan } from './file-container.ts';
import type { FileOutput, FileOutputGroup } from './group-plan.ts';
import { planF4v, planMov, planMp4 } from './iso-files.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import { planM2ts } from './m2ts.ts';
import { segmentRuleOf } from './m2ts-segmentation.ts';
import { planMxf } from './mxf.ts';
import { resolveIdentifiers } from './naming.ts';
import { readObjectSettings } from './object-settings.ts';
import { nameVariables, planOutputTracks } from './output-tracks.ts';
import { planGif, planOgg, planRaw, planWebm, planY4m } from './plain-files.ts';
import type { SettingsReader } from './settings-reader.ts';
import { conditionOutput, isSpliced } from './splice-source.ts';

const containers = ['F4V', 'GIF', 'M2TS', 'MOV', 'MP4', 'MXF', 'OGG', 'RAW', 'WEBM', 'Y4M'] as const;

type Container = (typeof containers)[number];

/** The settings block of a container, where it has one. */
const blocks = {
  F4V: 'f4vSettings',
  M2TS: 'm2tsSettings',
  MOV: 'movSettings',
  MP4: 'mp4Settings',
  MXF: 'mxfSettings',
} as const;

/** Plans a file group; outputs that cannot be planned are left out, with findings. */
export function planFileGroup(
  group: SettingsReader<OutputGroup>,
  groupIndex: number,
  scope: JobScope,
): FileOutputGroup {
  const settings = group.child('outputGroupSettings').child('fileGroupSettings');
  const base = readDestinationBase(settings, scope);
  const outputs = group
    .children('outputs')
    .map((output, outputIndex) => planFileOutput(output, outputIndex, base, scope));
  return {
    type: 'FILE_GROUP',
    groupIndex,
    pointer: group.pointer,
    objectSettings: readObjectSettings(settings.child('destinationSettings')),
    outputs: outputs.filter((output): output is FileOutput => output !== null),
  };
}

function planFileOutput(
  output: SettingsReader<Output>,
  outputIndex: number,
  base: string,
  scope: JobScope,
): FileOutput | null {
  const settings = output.child('containerSettings');
  const container = readContainer(settings);
  output.withoutEffect('outputSettings', 'it belongs to streaming groups');
  const tracks = planOutputTracks(
    output,
    {
      container: container ?? 'MP4',
      segment: container === 'M2TS' ? segmentRuleOf(settings.child('m2tsSettings')) : null,
      matchesVideo: container !== null && readMatchesVideo(settings, container, output),
    },
    scope,
  );
  conditionOutput(tracks, isSpliced(output, scope) ? { minSegmentSeconds: 0 } : null, scope);
  const plan = container === null ? null : planContainer(container, settings, output, tracks, scope);
  if (plan === null) {
    scope.refuseBelow(output.pointer);
    return null;
  }
  const extension = output.read('extension') ?? plan.extension;
  const variables = nameVariables(tracks, extension, scope);
  const modifier = resolveIdentifiers(output.read('nameModifier') ?? '', 'nameModifier', variables);
  const number = plan.container === 'FRAME_CAPTURE' ? '.%07d' : '';
  const { extension: _default, transport = null, ...written } = plan;
  return {
    outputIndex,
    pointer: output.pointer,
    videoRenditionId: tracks.videoRenditionId,
    audioRenditionIds: tracks.audioRenditionIds,
    ...written,
    location: `${base}${modifier}${number}.${extension}`,
    transport,
    loudnessLogs: planLoudnessLogs(tracks, `${base}${modifier}`),
  };
}

function readContainer(settings: SettingsReader<ContainerSettings>): Container | null {
  const named = settings.read('container');
  const container = containers.find((each) => each === named) ?? null;
  if (container === null) settings.accept('container', containers, 'file groups do not write it');
  for (const [owner, block] of Object.entries(blocks)) {
    if (owner !== container) settings.withoutEffect(block, `the container is ${named ?? 'not given'}`);
  }
  return container;
}

function planContainer(
  container: Container,
  settings: SettingsReader<ContainerSettings>,
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): ContainerPlan | null {
  switch (container) {
    case 'MP4':
      return planMp4(settings.child('mp4Settings'), output, tracks, scope);
    case 'MOV':
      return planMov(settings.child('movSettings'), output, tracks, scope);
    case 'F4V':
      return planF4v(settings.child('f4vSettings'));
    case 'M2TS':
      return planM2ts(settings.child('m2tsSettings'), tracks, scope);
    case 'MXF':
      return planMxf(settings.child('mxfSettings'), output, tracks, scope);
    case 'WEBM':
      return planWebm(tracks);
    case 'OGG':
      return planOgg();
    case 'RAW':
      return planRaw(tracks);
    case 'Y4M':
      return planY4m();
    case 'GIF':
      return planGif();
  }
}

/** `audioDuration` of the containers that have it; without video there is nothing to match. MXF ends with its pictures. */
function readMatchesVideo(
  settings: SettingsReader<ContainerSettings>,
  container: Container,
  output: SettingsReader<Output>,
): boolean {
  if (container === 'MXF') return output.child('videoDescription').isPresent;
  if (container !== 'MP4' && container !== 'MOV' && container !== 'M2TS') return false;
  const block = settings.child(blocks[container]) as SettingsReader<{ readonly audioDuration?: string }>;
  if (output.child('videoDescription').isPresent)
    return block.read('audioDuration') === 'MATCH_VIDEO_DURATION';
  block.withoutEffect('audioDuration', 'the output has no video', ['DEFAULT_CODEC_DURATION']);
  return false;
}

/** One table for each audio track whose loudness is logged: `…_loudness_1.csv` beside the output. */
function planLoudnessLogs(tracks: OutputTracks, stem: string): FileOutput['loudnessLogs'] {
  return tracks.audio.flatMap(({ rendition }, index) => {
    const renditionId = tracks.audioRenditionIds[index];
    if (rendition.loudness?.isLogged !== true || renditionId === undefined) return [];
    return [{ renditionId, location: `${stem}_loudness_${index + 1}.csv` }];
  });
}
