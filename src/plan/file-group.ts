/** FILE_GROUP outputs: MP4, RAW and frame capture (spec containers.md 1–4, 11; naming.md 2, 4). */
import type { ContainerSettings, Mp4Settings, Output, OutputGroup } from '../contract/types.generated.ts';
import { readDestinationBase } from './destination.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import { resolveIdentifiers } from './naming.ts';
import { readObjectSettings } from './object-settings.ts';
import { nameVariables, planOutputTracks } from './output-tracks.ts';
import type { FileOutput, FileOutputGroup } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** How a container is written. */
interface ContainerPlan
  extends Pick<FileOutput, 'container' | 'muxer' | 'muxerOptions' | 'contentType' | 'needsScratch'> {
  readonly extension: string;
}

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
    objectSettings: readObjectSettings(settings.child('destinationSettings'), scope.findings),
    outputs: outputs.filter((output): output is FileOutput => output !== null),
  };
}

function planFileOutput(
  output: SettingsReader<Output>,
  outputIndex: number,
  base: string,
  scope: JobScope,
): FileOutput | null {
  const containerSettings = output.child('containerSettings');
  const container = readContainer(containerSettings);
  output.withoutEffect('outputSettings', 'it belongs to streaming groups');
  const tracks = planOutputTracks(output, { container: container ?? 'MP4', segment: null }, scope);
  if (container === null) {
    scope.refuseBelow(output.pointer);
    return null;
  }
  const plan =
    container === 'MP4'
      ? planMp4(containerSettings.child('mp4Settings'), output, tracks, scope)
      : planRaw(tracks);
  if (plan === null) {
    scope.refuseBelow(output.pointer);
    return null;
  }
  const extension = output.read('extension') ?? plan.extension;
  const variables = nameVariables(tracks, extension, scope);
  const modifier = resolveIdentifiers(output.read('nameModifier') ?? '', 'nameModifier', variables);
  const number = plan.container === 'FRAME_CAPTURE' ? '.%07d' : '';
  const { extension: _default, ...written } = plan;
  return {
    outputIndex,
    pointer: output.pointer,
    videoRenditionId: tracks.videoRenditionId,
    audioRenditionIds: tracks.audioRenditionIds,
    ...written,
    location: `${base}${modifier}${number}.${extension}`,
  };
}

function readContainer(settings: SettingsReader<ContainerSettings>): 'MP4' | 'RAW' | null {
  const container = settings.read('container');
  if (container === 'MP4' || container === 'RAW') {
    if (container === 'RAW') settings.withoutEffect('mp4Settings', 'the container is RAW');
    return container;
  }
  settings.accept('container', ['MP4', 'RAW'], 'file groups write MP4 and RAW');
  for (const key of ['f4vSettings', 'm2tsSettings', 'movSettings', 'mxfSettings'] as const) {
    settings.withoutEffect(key, 'its container is refused');
  }
  return null;
}

function planMp4(
  settings: SettingsReader<Mp4Settings>,
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): ContainerPlan {
  const flags = readMovFlags(settings);
  const brand = settings.read('mp4MajorBrand');
  settings.accept(
    'audioDuration',
    ['DEFAULT_CODEC_DURATION'],
    'audio is not cut or filled to the length of the video yet',
  );
  settings.accept('c2paManifest', ['EXCLUDE'], 'C2PA manifests are not signed');
  settings.postponed('certificateSecret', 'it signs C2PA manifests, which are excluded');
  settings.postponed('signingKmsKey', 'it signs C2PA manifests, which are excluded');
  return {
    container: 'MP4',
    muxer: 'mp4',
    muxerOptions: {
      ...(flags === '' ? {} : { movflags: flags }),
      ...(brand === undefined ? {} : { brand }),
      // The next two and the timecode are the file writer's own, not the library's.
      ...(settings.read('cslgAtom') === 'EXCLUDE' ? {} : { cslg: '1' }),
      ...(settings.read('freeSpaceBox') === 'INCLUDE' ? { free_space_box: '1' } : {}),
      ...timecodeTrack(output, tracks, scope),
    },
    contentType: tracks.video === null ? 'audio/mp4' : 'video/mp4',
    // The muxer seeks back to the start in every case: for the index, or for the size of the media box.
    needsScratch: true,
    extension: 'mp4',
  };
}

/** The first timecode of a timecode track (spec timecode-and-clipping.md 6); nothing without one. */
function timecodeTrack(
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): Readonly<Record<string, string>> {
  const description = output.child('videoDescription');
  if (tracks.video === null || description.read('timecodeTrack') !== 'ENABLED') return {};
  const wantsDropFrame = description.read('dropFrameTimecode') !== 'DISABLED';
  return { timecode: scope.timeline.startTimecode(tracks.video.rendition.frameRate, wantsDropFrame) };
}

/** Placement of the index and form of composition times (spec containers.md 4). */
function readMovFlags(settings: SettingsReader<Mp4Settings>): string {
  const isProgressive = settings.read('moovPlacement') !== 'NORMAL';
  const isSigned = settings.read('cttsVersion') === 1;
  return `${isProgressive ? '+faststart' : ''}${isSigned ? '+negative_cts_offsets' : ''}`;
}

/** Elementary streams by codec: library muxer and extension (spec containers.md 2). */
const rawVideo: Readonly<Record<string, { readonly muxer: string; readonly extension: string }>> = {
  H_264: { muxer: 'h264', extension: 'h264' },
  H_265: { muxer: 'hevc', extension: 'h265' },
  AVC_INTRA: { muxer: 'h264', extension: 'h264' },
  XAVC: { muxer: 'h264', extension: 'h264' },
  MPEG2: { muxer: 'mpeg2video', extension: 'm2v' },
  VC3: { muxer: 'dnxhd', extension: 'dnxhd' },
  GIF: { muxer: 'gif', extension: 'gif' },
};

/** One elementary stream without a container (spec containers.md 11), or numbered pictures. */
function planRaw(tracks: OutputTracks): ContainerPlan | null {
  const { video, audio } = tracks;
  if (video?.isFrameCapture) {
    return {
      container: 'FRAME_CAPTURE',
      muxer: null,
      muxerOptions: {},
      contentType: 'image/jpeg',
      needsScratch: false,
      extension: 'jpg',
    };
  }
  const shared = { container: 'RAW', contentType: 'application/octet-stream', needsScratch: false } as const;
  if (video !== null) {
    const stream = rawVideo[video.rendition.encoder.codec];
    return stream === undefined
      ? null
      : { ...shared, muxer: stream.muxer, muxerOptions: {}, extension: stream.extension };
  }
  const sound = audio[0];
  if (sound === undefined) return null;
  const muxerOptions = sound.isMpeg2 ? { write_mpeg2: '1' } : {};
  return {
    ...shared,
    muxer: sound.isLatm ? 'latm' : 'adts',
    muxerOptions: sound.isLatm ? {} : muxerOptions,
    contentType: 'audio/aac',
    extension: 'aac',
  };
}
