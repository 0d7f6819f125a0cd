/** MXF outputs: the operational profile, and what it demands of picture and sound (spec containers.md 12; error 1080). */
import type { Mpeg2Settings, MxfProfile, MxfSettings, Output } from '../contract/types.generated.ts';
import type { ContainerPlan } from './file-container.ts';
import { timecodeTrack } from './iso-files.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import { d10BitratesBps, d10Sizes, mxfFrameRates, profileVideo, xdcamPoints } from './mxf.table.ts';
import { tellLongSound } from './mxf-sound.ts';
import type { SettingsReader } from './settings-reader.ts';

type Profile = keyof typeof profileVideo;

/** Plans the file; null, with findings of code 1080, when the tracks do not fit the profile. */
export function planMxf(
  settings: SettingsReader<MxfSettings>,
  output: SettingsReader<Output>,
  tracks: OutputTracks,
  scope: JobScope,
): ContainerPlan | null {
  const { video } = tracks;
  if (video === null) return null;
  const mpeg2 = output.child('videoDescription').child('codecSettings').child('mpeg2Settings');
  const { encoder } = video.rendition;
  const codec = encoder.encoder === 'copy' ? 'PASSTHROUGH' : encoder.codec;
  const given: MxfProfile | undefined = settings.read('profile');
  const profile: Profile = given ?? automaticProfile(codec, mpeg2, tracks);
  const defects = [...videoDefects(profile, codec, mpeg2, tracks), ...soundDefects(profile, tracks)];
  for (const reason of defects) {
    scope.findings.jobError(
      1080,
      'muxer',
      { muxer: 1, status: reason, hex: '7' },
      given === undefined ? output.pointer : settings.at('profile'),
    );
  }
  const copiesFormat = settings.read('afdSignaling') === 'COPY_FROM_VIDEO';
  const wrapping = readExtras(settings, profile, codec, scope);
  if (defects.length > 0) return null;
  tellLongSound(video, tracks.audio, scope);
  return {
    container: 'MXF',
    muxer: profile === 'D_10' ? 'mxf_d10' : 'mxf',
    muxerOptions: {
      ...(profile === 'XDCAM_RDD9' ? { signal_standard: signalStandard(video.rendition.heightPx) } : {}),
      ...wrapping,
      ...(copiesFormat ? { active_format: 'video' } : {}),
      // The muxer knows three rates, whatever whole bytes at 29.97 come to.
      ...(profile === 'D_10' ? { video_bitrate: `${mpeg2.read('bitrate') ?? 0}` } : {}),
      ...timecodeTrack(output, tracks, scope),
    },
    contentType: 'application/mxf',
    needsScratch: true,
    extension: 'mxf',
  };
}

/** The service's own choice where the job names no profile. */
function automaticProfile(
  codec: string,
  mpeg2: SettingsReader<Mpeg2Settings>,
  tracks: OutputTracks,
): Profile {
  if (codec === 'XAVC') return 'XAVC';
  if (codec !== 'MPEG2') return 'OP1A';
  return d10Defects(mpeg2, tracks).length === 0 ? 'D_10' : 'XDCAM_RDD9';
}

function videoDefects(
  profile: Profile,
  codec: string,
  mpeg2: SettingsReader<Mpeg2Settings>,
  tracks: OutputTracks,
): readonly string[] {
  const allowed: readonly string[] = profileVideo[profile];
  if (!allowed.includes(codec))
    return [`${profile} carries ${allowed.join(', ')}, and the video is ${codec}`];
  const rate = rateOf(tracks);
  if (!mxfFrameRates.includes(rate))
    return [`MXF has the frame rates ${mxfFrameRates.join(', ')}, and the video has ${rate}`];
  if (profile === 'D_10') return d10Defects(mpeg2, tracks);
  if (profile === 'XDCAM') return sizeDefects(tracks);
  return profile === 'XDCAM_RDD9' ? xdcamDefects(mpeg2, tracks) : [];
}

/** XDCAM without an operating point is any MPEG-2 of high definition. */
function sizeDefects({ video }: OutputTracks): readonly string[] {
  if (video === null) return [];
  const { widthPx, heightPx } = video.rendition;
  const fits = xdcamPoints.some((point) => point.widthPx === widthPx && point.heightPx === heightPx);
  return fits ? [] : [`XDCAM has pictures of ${xdcamSizes}, not ${widthPx}x${heightPx}`];
}

const xdcamSizes = [...new Set(xdcamPoints.map((point) => `${point.widthPx}x${point.heightPx}`))].join(', ');

function d10Defects(mpeg2: SettingsReader<Mpeg2Settings>, { video }: OutputTracks): readonly string[] {
  const rendition = video?.rendition;
  if (rendition === undefined) return [];
  const rate = `${rendition.frameRate.num}/${rendition.frameRate.den}`;
  const size = `${rendition.widthPx}x${rendition.heightPx}`;
  const defects: string[] = [];
  if (!(d10Sizes[rate] ?? []).includes(size)) defects.push(`D_10 has no ${size} at ${rate}`);
  if ((mpeg2.read('gopSize') ?? 12) !== 1) defects.push('D_10 needs gopSize 1');
  if (mpeg2.read('codecProfile') !== 'PROFILE_422') defects.push('D_10 needs codecProfile PROFILE_422');
  if (mpeg2.read('syntax') !== 'D_10') defects.push('D_10 needs syntax D_10');
  if (!d10BitratesBps.includes(mpeg2.read('bitrate') ?? 0)) defects.push('D_10 has 30, 40 or 50 Mbit/s');
  return defects;
}

function xdcamDefects(mpeg2: SettingsReader<Mpeg2Settings>, { video }: OutputTracks): readonly string[] {
  const rendition = video?.rendition;
  if (rendition === undefined) return [];
  const rate = `${rendition.frameRate.num}/${rendition.frameRate.den}`;
  const isInterlaced = (mpeg2.read('interlaceMode') ?? 'PROGRESSIVE') !== 'PROGRESSIVE';
  const profile = mpeg2.read('codecProfile') ?? 'MAIN';
  const fits = xdcamPoints.some(
    (point) =>
      point.widthPx === rendition.widthPx &&
      point.heightPx === rendition.heightPx &&
      point.frameRates.includes(rate) &&
      (point.scan === 'I') === isInterlaced &&
      point.profile === profile &&
      point.gopFrames === (rendition.encoder.gopSizeFrames ?? 0) &&
      point.bitratesBps.includes(rendition.encoder.bitrateBps),
  );
  if (fits) return [];
  const scan = isInterlaced ? 'interlaced' : 'progressive';
  return [
    `XDCAM_RDD9 has no operating point of ${rendition.widthPx}x${rendition.heightPx} ${scan} at ${rate}, ${profile}, GOP ${rendition.encoder.gopSizeFrames ?? 0}, ${rendition.encoder.bitrateBps} bit/s`,
  ];
}

/** The library's writer takes 32 tracks in all. */
const mostSoundTracks = 31;

/** Tracks of sound: their number, channels, depth and rate. */
function soundDefects(profile: Profile, { audio }: OutputTracks): readonly string[] {
  const defects = audio.flatMap(({ rendition }) =>
    rendition.sampleRateHz === 48_000 ? [] : [`MXF sound has 48000 Hz, not ${rendition.sampleRateHz}`],
  );
  const channels = audio.map((draft) => draft.channels);
  const depths = new Set(audio.map(({ rendition }) => rendition.sampleFormat));
  const count = audio.length;
  if (profile === 'OP1A') {
    if (channels.some((each) => ![1, 2, 4, 6, 8].includes(each)))
      defects.push('OP1A has 1, 2, 4, 6 or 8 channels in a track');
    if (count > mostSoundTracks)
      defects.push(`the writer of OP1A has room for ${mostSoundTracks} tracks of sound, not ${count}`);
    return defects;
  }
  if (profile === 'D_10') {
    if (count > 1 || channels.some((each) => each !== 4 && each !== 8))
      defects.push('D_10 has no sound, or one track of 4 or 8 channels');
    return defects;
  }
  if (channels.some((each) => each !== 1)) defects.push(`${profile} has one channel in a track`);
  const counts = {
    XDCAM_RDD9: [2, 4, 8],
    XDCAM: [0, 2, 4, 6, 8, 10, 12, 14, 16],
    XAVC: [2, 4, 6, 8, 10, 12, 14, 16],
  }[profile];
  if (!counts.includes(count))
    defects.push(`${profile} has ${counts.join(', ')} tracks of sound, not ${count}`);
  if (depths.size > 1) defects.push(`${profile} has one bit depth for all tracks`);
  if (profile === 'XAVC' && depths.has('s16')) defects.push('XAVC has 24-bit sound');
  return defects;
}

/** Library name of the signal (SMPTE ST 377-1 F.4.9): SMPTE ST 296 has 720 lines, ST 274 has 1080. */
function signalStandard(heightPx: number): string {
  return heightPx === 720 ? 'smpte296m' : 'smpte274m';
}

/** Settings beside the profile. The result is what the file writer is told of sound. */
function readExtras(
  settings: SettingsReader<MxfSettings>,
  profile: Profile,
  codec: string,
  scope: JobScope,
): Readonly<Record<string, string>> {
  const xavc = settings.child('xavcProfileSettings');
  if (profile !== 'XAVC') settings.withoutEffect('xavcProfileSettings', 'the profile is not XAVC');
  if (profile === 'OP1A') {
    const wrapping = settings.read('uncompressedAudioWrapping') ?? 'AUTO';
    // AES3 is what the muxer writes; AUTO keeps it for MPEG-2 alone (spec containers.md 12).
    return wrapping === 'AUTO' && codec !== 'MPEG2' ? { wave_sound: '1' } : {};
  }
  settings.withoutEffect('uncompressedAudioWrapping', 'the profile is not OP1A', ['AUTO']);
  if (profile !== 'XAVC') return {};
  // Which frames go is nowhere documented (spec containers.md 12): the default is the same, absent or written out.
  const allFrames = 'no frames are dropped for compliance: the output is as long as with ALLOW_ANY_DURATION';
  if (!xavc.has('durationMode')) scope.findings.notice('left-out', xavc.at('durationMode'), allFrames);
  xavc.leftOut('durationMode', allFrames, ['ALLOW_ANY_DURATION']);
  xavc.withoutEffect('maxAncDataSize', 'no ancillary data is written');
  scope.findings.notice(
    'substituted',
    settings.at('profile'),
    'XAVC is written in the structure of OP1a, without the metadata of RDD 32',
  );
  return {};
}

function rateOf({ video }: OutputTracks): string {
  const rate = video?.rendition.frameRate;
  return rate === undefined ? '' : `${rate.num}/${rate.den}`;
}
