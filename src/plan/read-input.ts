/** Everything the job says of one input, read against what the probe found in it. */
import type { Input } from '../contract/types.generated.ts';
import { type AudioSelection, readAudioSelectors } from './audio-selectors.ts';
import { withChosenTimecode } from './embedded-timecode.ts';
import type { InputFacts, ProgramFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import { generatorImage } from './generated-video.ts';
import { type InputExtras, readInputExtras } from './input-settings.ts';
import { type InputTimeline, readInputTimeline } from './input-timeline.ts';
import type { InputDecryption } from './plan.ts';
import { programOf } from './program.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { FactsOf } from './sound-source.ts';
import { readVideoSource, type VideoSource } from './video-source.ts';

/** One input of the job. */
export interface ReadInput {
  /** Place in the job, from 0. */
  readonly index: number;
  readonly pointer: string;
  /** By which its object is opened (`source-locations`); '' for an input without a file. */
  readonly location: string;
  readonly facts: InputFacts;
  /** The program of a transport stream that the input is; null: the container has none. */
  readonly program: ProgramFacts | null;
  /** Null when the input has no video. */
  readonly video: VideoSource | null;
  readonly extras: InputExtras;
  readonly timeline: InputTimeline;
  readonly audio: AudioSelection;
  /** Still picture of a video generator; null: black. */
  readonly imageLocation: string | null;
  /** Variants of an HLS package that the job lists; null: the best of all. */
  readonly variants: readonly number[] | null;
  /** Further packages of an IMF composition. */
  readonly supplements: readonly string[];
  /** Null: the object is not encrypted. */
  readonly decryption: InputDecryption | null;
}

/** Reads one input, whose object is at `sourceLocation`. `usedAudio` are the names of audio sources that outputs ask for. */
export function readInput(
  input: SettingsReader<Input>,
  sourceLocation: string | null,
  probed: InputFacts,
  index: number,
  usedAudio: ReadonlySet<string>,
  findings: FindingLog,
  factsOf: FactsOf,
): ReadInput {
  const found = readVideoSource(input, probed, index + 1, findings);
  const facts = withChosenTimecode(input.child('videoSelector'), probed, found?.track ?? null, findings);
  const isGenerated = facts.location === '';
  const video = found === null || !isGenerated ? found : { ...found, isGenerated: true as const };
  const wantedProgram = input.child('videoSelector').read('programNumber') ?? input.read('programNumber');
  const program = programOf(facts, video?.track ?? null, wantedProgram);
  return {
    index,
    pointer: input.pointer,
    location: sourceLocation ?? '',
    facts,
    program,
    video,
    extras: readInputExtras(input, video?.track ?? null, facts, findings),
    timeline: readInputTimeline(input, facts, video?.track ?? null, index + 1, findings),
    audio: readAudioSelectors(input, { facts, program }, index, usedAudio, findings, factsOf),
    imageLocation: generatorImage(input),
    variants: readVariants(input, facts),
    supplements: readSupplements(input, facts),
    decryption: readDecryption(input, facts, findings),
  };
}

/** What is missing here has failed before: the input could not be opened without it. */
function readDecryption(
  input: SettingsReader<Input>,
  facts: InputFacts,
  findings: FindingLog,
): InputDecryption | null {
  const settings = input.child('decryptionSettings');
  if (!settings.isPresent) return null;
  if (facts.composition !== undefined)
    findings.incompatible(settings.pointer, 'the track files of an IMF package are read as they are');
  return {
    mode: settings.require('decryptionMode') ?? 'AES_CTR',
    wrappedKey: settings.require('encryptedDecryptionKey') ?? '',
    initializationVector: settings.require('initializationVector') ?? '',
    kmsKeyRegion: settings.read('kmsKeyRegion') ?? null,
  };
}

/** The choice itself is made where the playlist is opened: the plan says what it was. */
function readVariants(input: SettingsReader<Input>, facts: InputFacts): readonly number[] | null {
  const selector = input.child('videoSelector');
  if (facts.container !== 'hls' || selector.read('selectorType') !== 'STREAM') return null;
  return selector.read('streams') ?? null;
}

/** Where their track files lie, the probe has found out: the plan says where it looked. */
function readSupplements(input: SettingsReader<Input>, facts: InputFacts): readonly string[] {
  if (facts.composition !== undefined) return input.read('supplementalImps') ?? [];
  input.withoutEffect('supplementalImps', 'the input is no composition playlist of an IMF package');
  return [];
}
