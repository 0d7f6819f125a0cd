/**
 * What is wrong with a job whatever its inputs are: told when an input cannot be opened, so that one round is enough
 * (style 14). The job is planned for media that have nothing in common; an error that all of them meet with the same
 * words does not come from the medium. Pure, like the planner.
 */
import type { ErrorFinding, Finding } from '../catalogue/finding.ts';
import type { AudioSelector, Input, JobSettings } from '../contract/types.generated.ts';
import { rational } from '../exact-time.ts';
import { languageCodeOf } from '../language-codes.ts';
import type { AudioTrackFacts, InputFacts, VideoTrackFacts } from './facts.ts';
import { emptyFacts } from './generated-video.ts';
import type { PlannedOutputGroup } from './group-plan.ts';

/** How a job is planned for given facts. */
export type PlanFor = (facts: readonly InputFacts[]) => {
  readonly findings: readonly Finding[];
  readonly outputGroups: readonly PlannedOutputGroup[];
  readonly sideLocations: readonly string[];
};

/** What is known without a probe. */
export interface UnseenJob {
  readonly findings: readonly ErrorFinding[];
  /** What would be written, as far as it could be planned. */
  readonly outputGroups: readonly PlannedOutputGroup[];
  /** What would be read beside any input. */
  readonly sideLocations: readonly string[];
}

/** Judges a job without its inputs. `externalAudio`: locations of sound that selectors name. */
export function planUnseen(
  { inputs = [] }: JobSettings,
  externalAudio: readonly string[],
  plan: PlanFor,
): UnseenJob {
  const files = inputs.filter(({ fileInput }) => fileInput !== undefined);
  const results = standIns.map((standIn) =>
    plan([
      ...files.map((input) => factsLike(standIn, input.fileInput ?? '', input)),
      ...externalAudio.map((location) => factsLike(standIn, location, selecting(inputs, location))),
    ]),
  );
  const [first, ...others] = results.map(({ findings }) => findings.filter(isOfSettings));
  const findings = (first ?? []).filter((finding) =>
    others.every((other) => other.some((each) => isSame(each, finding))),
  );
  const [{ outputGroups, sideLocations } = { outputGroups: [], sideLocations: [] }, ...rest] = results;
  return {
    findings,
    outputGroups,
    sideLocations: sideLocations.filter((each) => rest.every((other) => other.sideLocations.includes(each))),
  };
}

/** Below an input only what is refused by name is independent of what lies in the file. */
function isOfSettings(finding: Finding): finding is ErrorFinding {
  if (finding.severity !== 'error') return false;
  return !finding.pointer.startsWith('/inputs/') || finding.template === 'not-supported';
}

function isSame(one: ErrorFinding, other: ErrorFinding): boolean {
  return (
    one.code === other.code &&
    one.pointer === other.pointer &&
    one.message === other.message &&
    one.mediaFact === other.mediaFact
  );
}

/** The parts of a medium that plans depend on most. */
interface StandIn extends Pick<InputFacts, 'container' | 'demuxer'> {
  readonly video: Partial<VideoTrackFacts>;
  readonly audio: Partial<AudioTrackFacts>;
}

/** A camera's film, a master for the cinema, a recorded broadcast that does not tell its frame rate. */
const standIns: readonly StandIn[] = [
  {
    container: 'mp4',
    demuxer: 'mov,mp4,m4a,3gp,3g2,mj2',
    video: { codec: 'h264', fourCc: 'avc1', widthPx: 1920, heightPx: 1080, frameRate: rational(25) },
    audio: { codec: 'aac', channels: 2, channelLayout: 'stereo', sampleRateHz: 48_000 },
  },
  {
    container: 'quicktime',
    demuxer: 'mov,mp4,m4a,3gp,3g2,mj2',
    video: {
      codec: 'prores',
      fourCc: 'ap4h',
      widthPx: 3840,
      heightPx: 2160,
      frameRate: rational(24_000, 1001),
      bitDepth: 10,
      chroma: '4:4:4',
      pixelFormat: 'yuva444p10le',
      hasAlpha: true,
    },
    audio: { codec: 'pcm_s24le', channels: 6, channelLayout: '5.1', sampleRateHz: 96_000, bitDepth: 24 },
  },
  {
    container: 'mpegts',
    demuxer: 'mpegts',
    video: {
      codec: 'mpeg2video',
      widthPx: 720,
      heightPx: 576,
      frameRate: null,
      isVariableFrameRate: true,
      scan: 'top-field-first',
    },
    audio: { codec: 'mp2', channels: 1, channelLayout: 'mono', sampleRateHz: 48_000 },
  },
];

/** More sound tracks than jobs number, and those that the selectors ask for by PID or language. */
const fewestSoundTracks = 32;

/** A medium in which everything is found that the settings of the input look for. */
function factsLike(
  { container, demuxer, video, audio }: StandIn,
  location: string,
  input: Input,
): InputFacts {
  const selectors = soundSelectors(input);
  const pids = selectors.flatMap(({ pids = [] }) => pids);
  const languages = selectors.flatMap(({ languageCode, customLanguageCode }) =>
    [languageCode, customLanguageCode].flatMap((code) => languageCodeOf(code ?? '') ?? []),
  );
  const soundTracks = Math.max(fewestSoundTracks, pids.length, languages.length);
  const { pid, programNumber } = input.videoSelector ?? {};
  const audioTracks = Array.from({ length: soundTracks }, (_, index) => ({
    ...soundTrack,
    ...audio,
    streamIndex: index + 1,
    trackId: pids[index] ?? 9000 + index,
    language: languages[index] ?? null,
  }));
  return {
    ...emptyFacts(),
    location,
    container,
    demuxer,
    videoTracks: [{ ...videoTrack, ...video, trackId: pid ?? 1 }],
    audioTracks,
    programs: [
      {
        programNumber: programNumber || input.programNumber || 1,
        streamIndexes: [0, ...audioTracks.map(({ streamIndex }) => streamIndex)],
      },
    ],
  };
}

function soundSelectors({
  audioSelectors = {},
  dynamicAudioSelectors = {},
}: Input): readonly AudioSelector[] {
  return [...Object.values(audioSelectors), ...(Object.values(dynamicAudioSelectors) as AudioSelector[])];
}

/** The input whose selectors read a file of sound. */
function selecting(inputs: readonly Input[], location: string): Input {
  const isRead = (input: Input): boolean =>
    soundSelectors(input).some(({ externalAudioFileInput }) => externalAudioFileInput === location);
  return inputs.find(isRead) ?? {};
}

const anyTrack = {
  fourCc: '',
  profile: null,
  timeBase: rational(1, 90_000),
  startTicks: 0,
  durationTicks: null,
  bitrateBps: null,
  language: null,
} as const;

const videoTrack: VideoTrackFacts = {
  ...anyTrack,
  kind: 'video',
  streamIndex: 0,
  trackId: 1,
  codec: 'h264',
  widthPx: 1920,
  heightPx: 1080,
  frameRate: null,
  isVariableFrameRate: false,
  frameCount: null,
  sampleAspectRatio: rational(1),
  bitDepth: 8,
  chroma: '4:2:0',
  pixelFormat: 'yuv420p',
  hasAlpha: false,
  scan: 'progressive',
  colorPrimaries: null,
  colorTransfer: null,
  colorMatrix: null,
  colorRange: null,
  rotationDegrees: 0,
  isAttachedPicture: false,
  level: null,
  hasEmbeddedCaptions: false,
};

const soundTrack: AudioTrackFacts = {
  ...anyTrack,
  kind: 'audio',
  streamIndex: 1,
  trackId: 2,
  codec: 'aac',
  channels: 2,
  channelLayout: 'stereo',
  sampleRateHz: 48_000,
  bitDepth: 16,
  audioType: null,
};
