/**
 * Pictures that no file holds (spec inputs.md 12): the video generator of an input, and the black picture that an
 * input without video gets when outputs have video.
 */
import type { Input, InputVideoGenerator } from '../contract/types.generated.ts';
import { type Rational, rational, rationalToNumber } from '../exact-time.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { Size } from './geometry.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { VideoSource } from './video-source.ts';

/** Where the settings leave something out (spec inputs.md 12). */
const defaults = { widthPx: 540, heightPx: 360, frameRate: rational(30000, 1001) };

/** What a generator makes, in the form of facts; null, with findings, when its settings do not fit together. */
export function generatorFacts(
  generator: SettingsReader<InputVideoGenerator>,
  findings: FindingLog,
): InputFacts | null {
  const durationMs = generator.require('duration');
  const size = readSize(generator, findings);
  const frameRate = readRate(generator, findings);
  const channels = generator.read('channels');
  generator.withoutEffect('sampleRate', 'silence is made at the sample rate of each output');
  generator.read('imageInput');
  if (durationMs === null || size === null || frameRate === null) return null;
  const frames = Math.round((durationMs / 1000) * rationalToNumber(frameRate));
  if (frames === 0) {
    findings.incompatible(generator.at('duration'), 'it is shorter than half a picture');
    return null;
  }
  return {
    location: '',
    container: 'mp4',
    demuxer: '',
    sizeBytes: null,
    eTag: null,
    durationUs: Math.round((frames * frameRate.den * 1_000_000) / frameRate.num),
    startUs: 0,
    bitrateBps: null,
    startTimecode: null,
    videoTracks: [generatedTrack(size, frameRate, frames)],
    audioTracks: channels === undefined ? [] : [silentTrack(channels, durationMs)],
    dataTracks: [],
    programs: [],
  };
}

/** Facts of an input that has neither file nor generator: its sound comes from elsewhere. */
export function emptyFacts(): InputFacts {
  return {
    location: '',
    container: 'mp4',
    demuxer: '',
    sizeBytes: null,
    eTag: null,
    durationUs: null,
    startUs: 0,
    bitrateBps: null,
    startTimecode: null,
    videoTracks: [],
    audioTracks: [],
    dataTracks: [],
    programs: [],
  };
}

/** Location of the generator's still picture; null: black. */
export function generatorImage(input: SettingsReader<Input>): string | null {
  return input.child('videoGenerator').read('imageInput') ?? null;
}

/** Black pictures of a size, for an input without video. Nothing of them can be followed. */
export function blackSource(size: Size, frameRate: Rational | null): VideoSource {
  return {
    ...size,
    track: generatedTrack(size, frameRate ?? defaults.frameRate, null),
    sampleAspectRatio: rational(1),
    followedRate: frameRate,
    hdr: null,
    givenLuminance: null,
    color: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'limited' },
    filters: [],
    isCropped: false,
    position: null,
    positionPointer: '',
    isGenerated: true,
  };
}

function generatedTrack(size: Size, frameRate: Rational, frames: number | null): VideoTrackFacts {
  return {
    kind: 'video',
    streamIndex: -1,
    trackId: 1,
    codec: 'rawvideo',
    fourCc: '',
    profile: null,
    timeBase: rational(frameRate.den, frameRate.num),
    startTicks: 0,
    durationTicks: frames,
    bitrateBps: null,
    language: null,
    ...size,
    frameRate,
    isVariableFrameRate: false,
    frameCount: frames,
    sampleAspectRatio: rational(1),
    bitDepth: 8,
    chroma: '4:2:0',
    pixelFormat: 'yuv420p',
    hasAlpha: false,
    scan: 'progressive',
    colorPrimaries: 'bt709',
    colorTransfer: 'bt709',
    colorMatrix: 'bt709',
    colorRange: 'limited',
    rotationDegrees: 0,
    isAttachedPicture: false,
    level: null,
    hasEmbeddedCaptions: false,
  };
}

/** Silence is not read from anywhere: its stream has no number. */
function silentTrack(channels: number, durationMs: number): AudioTrackFacts {
  return {
    kind: 'audio',
    streamIndex: -1,
    trackId: 2,
    codec: 'pcm_s16le',
    fourCc: '',
    profile: null,
    timeBase: rational(1, 1000),
    startTicks: 0,
    durationTicks: durationMs,
    bitrateBps: null,
    language: null,
    channels,
    channelLayout: channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`,
    sampleRateHz: 48_000,
    bitDepth: 16,
    audioType: null,
  };
}

function readSize(generator: SettingsReader<InputVideoGenerator>, findings: FindingLog): Size | null {
  const widthPx = generator.read('width');
  const heightPx = generator.read('height');
  if (widthPx === undefined && heightPx === undefined) return defaults;
  if (widthPx === undefined || heightPx === undefined) {
    findings.incompatible(generator.pointer, 'width and height are given together or not at all');
    return null;
  }
  if (widthPx % 2 === 0 && heightPx % 2 === 0) return { widthPx, heightPx };
  findings.incompatible(generator.pointer, 'width and height must be even');
  return null;
}

function readRate(generator: SettingsReader<InputVideoGenerator>, findings: FindingLog): Rational | null {
  const num = generator.read('framerateNumerator');
  const den = generator.read('framerateDenominator');
  if (num === undefined && den === undefined) return defaults.frameRate;
  if (num !== undefined && den !== undefined) return rational(num, den);
  findings.incompatible(generator.pointer, 'numerator and denominator of the frame rate are given together');
  return null;
}
