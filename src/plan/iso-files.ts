/** MP4, MOV and F4V: files with a movie index (spec containers.md 4–6). */
import type { F4vSettings, MovSettings, Mp4Settings, Output } from '../contract/types.generated.ts';
import type { ContainerPlan } from './file-container.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Options that the file writer handles itself, not the library. */
type OwnOptions = Readonly<Record<'cslg' | 'free_space_box' | 'clap' | 'edit_padding', string>>;

/** Plans an MP4 file. */
export function planMp4(
  settings: SettingsReader<Mp4Settings>,
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): ContainerPlan {
  const flags = readMovFlags(settings);
  const brand = settings.read('mp4MajorBrand');
  if (brand !== undefined && !/^[ -~]{4}$/.test(brand)) {
    const reason = 'a brand has four characters (ISO/IEC 14496-12 4.3)';
    scope.findings.notSupported(settings.at('mp4MajorBrand'), brand, reason);
  }
  settings.accept('c2paManifest', ['EXCLUDE'], 'C2PA manifests are not signed');
  settings.postponed('certificateSecret', 'it signs C2PA manifests, which are excluded');
  settings.postponed('signingKmsKey', 'it signs C2PA manifests, which are excluded');
  const own: Partial<OwnOptions> = {
    ...(settings.read('cslgAtom') === 'EXCLUDE' ? {} : { cslg: '1' }),
    ...(settings.read('freeSpaceBox') === 'INCLUDE' ? { free_space_box: '1' } : {}),
  };
  return {
    container: 'MP4',
    muxer: 'mp4',
    muxerOptions: {
      ...(flags === '' ? {} : { movflags: flags }),
      ...(brand === undefined ? {} : { brand }),
      ...own,
      ...timecodeTrack(output, tracks, scope),
    },
    contentType: tracks.video === null ? 'audio/mp4' : 'video/mp4',
    // The muxer seeks back to the start in every case: for the index, or for the size of the media box.
    needsScratch: true,
    extension: 'mp4',
  };
}

/** Placement of the index and form of composition times (spec containers.md 4). */
function readMovFlags(settings: SettingsReader<Mp4Settings>): string {
  const isProgressive = settings.read('moovPlacement') !== 'NORMAL';
  const isSigned = settings.read('cttsVersion') === 1;
  return `${isProgressive ? '+faststart' : ''}${isSigned ? '+negative_cts_offsets' : ''}`;
}

/** Plans a QuickTime file: its index stands at the end (spec containers.md 5, inferred). */
export function planMov(
  settings: SettingsReader<MovSettings>,
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): ContainerPlan {
  settings.accept('reference', ['SELF_CONTAINED'], 'the media is always inside the file');
  const isMpeg2 = tracks.video?.rendition.encoder.codec === 'MPEG2';
  if (!isMpeg2) settings.withoutEffect('mpeg2FourCCControl', 'the video is not MPEG-2', ['MPEG', 'XDCAM']);
  const own: Partial<OwnOptions> = {
    ...(settings.read('cslgAtom') === 'EXCLUDE' ? {} : { cslg: '1' }),
    ...(settings.read('clapAtom') === 'INCLUDE' ? { clap: '1' } : {}),
    ...(settings.read('paddingControl') === 'OMNEON' ? { edit_padding: '1' } : {}),
  };
  // The muxer chooses an XDCAM code by itself where the pictures have one.
  const fourCc = isMpeg2 ? readMpeg2FourCc(settings, tracks, scope) : {};
  return {
    container: 'MOV',
    muxer: 'mov',
    muxerOptions: { ...own, ...fourCc, ...timecodeTrack(output, tracks, scope) },
    contentType: 'video/quicktime',
    needsScratch: true,
    extension: 'mov',
  };
}

/** Frame sizes that XDCAM has codes for (`xdv`, `xd5`, QuickTime sample descriptions). */
const xdcamSizes: readonly string[] = ['1280x720', '1440x1080', '1920x1080'];

/** XDCAM is the muxer's own choice where the pictures have a code; strictness would make it ours as well. */
function readMpeg2FourCc(
  settings: SettingsReader<MovSettings>,
  { video }: OutputTracks,
  scope: JobScope,
): Readonly<Record<string, string>> {
  if (settings.read('mpeg2FourCCControl') !== 'XDCAM') return { video_tag: 'm2v1', strict: 'unofficial' };
  const size = `${video?.rendition.widthPx}x${video?.rendition.heightPx}`;
  if (!xdcamSizes.includes(size)) {
    scope.findings.notice(
      'no-effect',
      settings.at('mpeg2FourCCControl'),
      `XDCAM has no code for pictures of ${size}: m2v1 is written`,
    );
  }
  return {};
}

/** Plans a Flash video file. */
export function planF4v(settings: SettingsReader<F4vSettings>): ContainerPlan {
  const isProgressive = settings.read('moovPlacement') !== 'NORMAL';
  return {
    container: 'F4V',
    muxer: 'f4v',
    // Decoding times before 0 are for the edit list to hide: without this the muxer would begin late instead.
    muxerOptions: { ...(isProgressive ? { movflags: '+faststart' } : {}), avoid_negative_ts: 'disabled' },
    contentType: 'video/mp4',
    needsScratch: true,
    extension: 'f4v',
  };
}

/**
 * The first timecode of a timecode track (spec timecode-and-clipping.md 6); nothing without one. The track is also where
 * timecodes go that are to be inserted into ProRes, whose pictures have no place for them.
 */
export function timecodeTrack(
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): Readonly<Record<string, string>> {
  const description = output.child('videoDescription');
  if (tracks.video === null) return {};
  const { codec } = tracks.video.rendition.encoder;
  const isInserted = codec === 'PRORES' && description.read('timecodeInsertion') === 'PIC_TIMING_SEI';
  if (description.read('timecodeTrack') !== 'ENABLED' && !isInserted) return {};
  const wantsDropFrame = description.read('dropFrameTimecode') !== 'DISABLED';
  return { timecode: scope.timeline.startTimecode(tracks.video.rendition.frameRate, wantsDropFrame) };
}
