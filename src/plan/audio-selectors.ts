/** Audio selectors: which tracks of an input an audio description means (spec inputs.md 18, errors.md 1040). */
import type { AudioSelector, DynamicAudioSelector, Input } from '../contract/types.generated.ts';
import { languageCodeOf } from '../language-codes.ts';
import { readOffset } from './audio-offset.ts';
import type { Remix } from './channel-mix.ts';
import { readDurationCorrection } from './duration-correction.ts';
import type { AudioTrackFacts, InputFacts, ProgramFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import { chooseRendition } from './hls-rendition.ts';
import { readDataPassthrough } from './passed-data.ts';
import type { PlannedAudioSource } from './plan.ts';
import { soundOfProgram } from './program.ts';
import { readRemix } from './remix.ts';
import type { SettingsReader } from './settings-reader.ts';
import { externalFacts, type FactsOf, sourceOf } from './sound-source.ts';

/** A selector resolved against the input. */
export interface SelectedAudio {
  readonly inputIndex: number;
  readonly source: PlannedAudioSource;
  readonly tracks: readonly AudioTrackFacts[];
  /** The selector's own remix, applied before the description's. */
  readonly remix: Remix | null;
  /** Its tracks hold data in the place of samples, which goes out as it is. */
  readonly passesData: boolean;
}

/** The input whose sound is selected: what was found in it, and which of its programs it stands for. */
export interface SoundOfInput {
  readonly facts: InputFacts;
  readonly program: ProgramFacts | null;
}

/** All selectors and groups of an input, resolved. */
export interface AudioSelection {
  /** Selected audio by name of selector or group; a group gives one entry per member. */
  readonly byName: ReadonlyMap<string, readonly SelectedAudio[]>;
  /** Names of dynamic selectors among them. */
  readonly dynamicNames: ReadonlySet<string>;
  /** The fallback of the input (`defaultSelection: DEFAULT`); null when no selector is the default. */
  readonly fallback: SelectedAudio | null;
}

/** Name assumed where an audio description gives none (spec inputs.md A-4). */
export const defaultSelectorName = 'Audio Selector 1';

const pcmCodec = /^pcm_/;

/**
 * Resolves all selectors and groups of an input. Selectors that no output uses are read all the same, so that
 * their mistakes are found; a missing track is an error only for selectors in `used`.
 */
export function readAudioSelectors(
  input: SettingsReader<Input>,
  { facts, program }: SoundOfInput,
  inputIndex: number,
  used: ReadonlySet<string>,
  findings: FindingLog,
  factsOf: FactsOf = () => undefined,
): AudioSelection {
  const selectors = input.entries('audioSelectors');
  const isUsed = usedSelectorNames(input, used, selectors);
  const byName = new Map<string, readonly SelectedAudio[]>();
  let fallback: SelectedAudio | null = null;
  let ordinal = 0;
  for (const [name, selector] of selectors) {
    ordinal += 1;
    const isDefault = selector.read('defaultSelection') === 'DEFAULT';
    const external = isUsed(name) ? sideFacts(selector, facts, factsOf, findings) : null;
    const place = external ?? facts;
    const tracks = selectTracks(
      selector,
      place,
      external === null ? program : null,
      ordinal,
      isUsed(name),
      findings,
    );
    refuseSelectorFeatures(selector, isUsed(name), tracks);
    const passesData = isUsed(name) && readDataPassthrough(selector, tracks);
    const correction = isUsed(name) ? readDurationCorrection(selector, tracks, place, findings) : {};
    const offsetMs = readOffset(selector, facts, findings);
    const channels = tracks.reduce((sum, track) => sum + track.channels, 0);
    const selected: SelectedAudio = {
      inputIndex,
      source: {
        ...sourceOf(`input-${inputIndex}/${name}`, name, tracks, offsetMs, place, external, facts),
        ...correction,
      },
      tracks,
      remix: readRemix(selector.child('remixSettings'), channels, findings),
      passesData,
    };
    byName.set(name, [selected]);
    if (isDefault) fallback ??= selected;
  }
  readGroups(input, byName, findings);
  const dynamicNames = readDynamicSelectors(
    input,
    { facts, program },
    inputIndex,
    { byName, used },
    findings,
    factsOf,
  );
  return { byName, dynamicNames, fallback };
}

/** Facts of the sound that lies beside the input: a file that the selector names, or a rendition of the package. */
function sideFacts(
  selector: SettingsReader<AudioSelector>,
  facts: InputFacts,
  factsOf: FactsOf,
  findings: FindingLog,
): InputFacts | null {
  const external = externalFacts(selector, factsOf, findings);
  if (external !== null || effectiveType(selector) !== 'HLS_RENDITION_GROUP') return external;
  const chosen = chooseRendition(selector, facts, findings);
  if (chosen === null || chosen === 'in-segments' || chosen.location === null) return null;
  const found = factsOf(chosen.location);
  const language = languageCodeOf(chosen.language ?? '');
  if (found === undefined || language === null) return found ?? null;
  // The playlist knows the language where the segments do not.
  const audioTracks = found.audioTracks.map((track) => ({ ...track, language: track.language ?? language }));
  return { ...found, audioTracks };
}

/** One output track for each track that matches; none is no error (spec inputs.md 18). */
function readDynamicSelectors(
  input: SettingsReader<Input>,
  { facts, program }: SoundOfInput,
  inputIndex: number,
  { byName, used }: { byName: Map<string, readonly SelectedAudio[]>; used: ReadonlySet<string> },
  findings: FindingLog,
  factsOf: FactsOf,
): ReadonlySet<string> {
  const selectors = input.entries('dynamicAudioSelectors');
  for (const [name, selector] of selectors) {
    const external = externalFacts(selector, factsOf, findings);
    const place = external ?? facts;
    const isByLanguage = selector.read('selectorType') === 'LANGUAGE_CODE';
    if (!isByLanguage) selector.withoutEffect('languageCode', 'selectorType is ALL_TRACKS');
    const wanted = isByLanguage ? selector.require('languageCode')?.toLowerCase() : null;
    const all = external === null ? soundOfProgram(facts, program) : external.audioTracks;
    const tracks = all.filter(({ language }) => wanted === null || language === wanted);
    if (tracks.length === 0 && used.has(name)) tellNoTrack(selector, all, wanted ?? null, findings);
    const offsetMs = readOffset(selector, facts, findings);
    const correction = readDurationCorrection(selector, tracks, place, findings);
    byName.set(
      name,
      tracks.map((track) => {
        const number = place.audioTracks.indexOf(track) + 1;
        const id = `input-${inputIndex}/${name}/${number}`;
        return {
          inputIndex,
          source: { ...sourceOf(id, name, [track], offsetMs, place, external, facts), ...correction },
          tracks: [track],
          remix: null,
          passesData: false,
        };
      }),
    );
  }
  return new Set(selectors.keys());
}

function tellNoTrack(
  selector: SettingsReader<DynamicAudioSelector>,
  tracks: readonly AudioTrackFacts[],
  wanted: string | null,
  findings: FindingLog,
): void {
  const languages = [...new Set(tracks.map(({ language }) => language ?? 'none'))].join(', ');
  const message =
    wanted === null
      ? 'the input has no audio track, so the selector gives none'
      : `no audio track of the input has the language ${wanted} (they have ${languages || 'none'}), so the selector gives none`;
  findings.notice('left-out', selector.at(wanted === null ? 'selectorType' : 'languageCode'), message);
}

/** What an audio description without a matching selector gets: silence (spec audio.md 1). */
export function silentAudio(inputIndex: number, name: string): SelectedAudio {
  const source = {
    id: `input-${inputIndex}/silence`,
    streamIndexes: [],
    offsetMs: 0,
    selectorName: name,
    trackNumbers: [],
  };
  return { inputIndex, source, tracks: [], remix: null, passesData: false };
}

/** Selectors that some output reaches: by name, through a group, or as the fallback of a name this input lacks. */
function usedSelectorNames(
  input: SettingsReader<Input>,
  used: ReadonlySet<string>,
  selectors: ReadonlyMap<string, SettingsReader<AudioSelector>>,
): (name: string) => boolean {
  const groups = input.entries('audioSelectorGroups');
  const reached = new Set(used);
  for (const [name, group] of groups) {
    if (used.has(name)) for (const member of group.read('audioSelectorNames') ?? []) reached.add(member);
  }
  const needsFallback = [...used].some((name) => !selectors.has(name) && !groups.has(name));
  return (name) =>
    reached.has(name) || (needsFallback && selectors.get(name)?.read('defaultSelection') === 'DEFAULT');
}

function readGroups(
  input: SettingsReader<Input>,
  byName: Map<string, readonly SelectedAudio[]>,
  findings: FindingLog,
): void {
  for (const [name, group] of input.entries('audioSelectorGroups')) {
    const members = (group.read('audioSelectorNames') ?? []).flatMap((member) => {
      const selected = byName.get(member);
      if (selected === undefined) {
        findings.incompatible(
          group.at('audioSelectorNames'),
          `the input has no audio selector named "${member}"`,
        );
      }
      return selected ?? [];
    });
    byName.set(name, members);
  }
}

/**
 * Tracks in the order the selector lists them; channels are joined in this order (rule A-1). PIDs and streams are
 * numbers of the whole file, everything else counts within the program.
 */
function selectTracks(
  selector: SettingsReader<AudioSelector>,
  facts: InputFacts,
  program: ProgramFacts | null,
  ordinal: number,
  isUsed: boolean,
  findings: FindingLog,
): readonly AudioTrackFacts[] {
  const all = soundOfProgram(facts, program);
  const missing = (
    track: number,
    key: 'tracks' | 'pids' | 'streams' | 'languageCode' | 'selectorType',
  ): void => {
    if (!isUsed) return;
    findings.jobError(1040, 'audio-track-missing', { selector: ordinal, track }, selector.at(key), {
      mediaFact:
        all.length === 0 ? 'The input has no audio track.' : `The input has ${all.length} audio tracks.`,
    });
  };
  const collect = (
    numbers: readonly number[],
    key: 'tracks' | 'pids' | 'streams',
    find: (number: number) => AudioTrackFacts | undefined,
  ): readonly AudioTrackFacts[] =>
    numbers.flatMap((number) => {
      const track = find(number);
      if (track === undefined) missing(number, key);
      return track ?? [];
    });

  const type = effectiveType(selector);
  switch (type) {
    case 'PID':
      return collect(selector.require('pids') ?? [], 'pids', (pid) =>
        facts.audioTracks.find((track) => track.trackId === pid),
      );
    case 'STREAM':
      return collect(selector.require('streams') ?? [], 'streams', (number) =>
        facts.audioTracks.find((track) => track.streamIndex === number - 1),
      );
    case 'LANGUAGE_CODE': {
      const tracks = byLanguage(selector, all);
      if (tracks.length === 0) missing(1, 'languageCode');
      return tracks;
    }
    case 'ALL_PCM': {
      const tracks = all.filter((track) => pcmCodec.test(track.codec));
      if (tracks.length === 0) missing(1, 'selectorType');
      return tracks;
    }
    case 'HLS_RENDITION_GROUP':
      // The rendition is an input of its own, and its first track is the sound.
      return collect([1], 'tracks', (number) => all[number - 1]);
    case 'TRACK':
      return collect(numbersOf(selector.read('tracks')), 'tracks', (number) => all[number - 1]);
  }
}

/** An empty list says as little as none: the first track. */
function numbersOf(numbers: readonly number[] | undefined): readonly number[] {
  return numbers === undefined || numbers.length === 0 ? [1] : numbers;
}

/** Without a type, the list that is given tells what is meant; TRACK otherwise. */
function effectiveType(selector: SettingsReader<AudioSelector>): NonNullable<AudioSelector['selectorType']> {
  const type = selector.read('selectorType');
  if (type !== undefined) return type;
  if (selector.has('tracks')) return 'TRACK';
  if (selector.has('pids')) return 'PID';
  if (selector.has('streams')) return 'STREAM';
  if (selector.has('hlsRenditionGroupSettings')) return 'HLS_RENDITION_GROUP';
  return selector.has('languageCode') || selector.has('customLanguageCode') ? 'LANGUAGE_CODE' : 'TRACK';
}

function byLanguage(
  selector: SettingsReader<AudioSelector>,
  tracks: readonly AudioTrackFacts[],
): readonly AudioTrackFacts[] {
  // Both given: the custom code wins, as for audio descriptions (spec audio.md 1, inferred).
  const custom = selector.read('customLanguageCode');
  const code = custom === undefined ? selector.require('languageCode') : selector.read('languageCode');
  const wanted = languageCodeOf(custom ?? code ?? '');
  return wanted === null ? [] : tracks.filter((track) => track.language === wanted);
}

function refuseSelectorFeatures(
  selector: SettingsReader<AudioSelector>,
  isUsed: boolean,
  tracks: readonly AudioTrackFacts[],
): void {
  if (!isUsed) {
    for (const key of [
      'externalAudioFileInput',
      'audioDurationCorrection',
      'smpte337Passthrough',
      'programSelection',
    ] as const) {
      selector.withoutEffect(key, 'no output uses this audio selector');
    }
  }
  if (tracks.some((track) => track.codec === 'dolby_e')) {
    selector.accept('programSelection', [0], 'programs of Dolby E cannot be chosen');
  } else {
    selector.postponed(
      'programSelection',
      'it chooses a program of Dolby E, which the tracks are not',
      [0, 1],
    );
  }
  const type = effectiveType(selector);
  const unused = 'the selector type chooses tracks by another member';
  for (const key of ['tracks', 'pids', 'streams', 'languageCode', 'customLanguageCode'] as const) {
    if (!memberOfType(selector, key)) selector.withoutEffect(key, unused);
  }
  if (type !== 'HLS_RENDITION_GROUP')
    selector.withoutEffect('hlsRenditionGroupSettings', 'the selector type chooses tracks by another member');
}

function memberOfType(
  selector: SettingsReader<AudioSelector>,
  key: 'tracks' | 'pids' | 'streams' | 'languageCode' | 'customLanguageCode',
): boolean {
  const members = { TRACK: 'tracks', PID: 'pids', STREAM: 'streams', LANGUAGE_CODE: 'languageCode' } as const;
  const type = effectiveType(selector);
  if (type === 'LANGUAGE_CODE') return key === 'languageCode' || key === 'customLanguageCode';
  return type in members && members[type as keyof typeof members] === key;
}
