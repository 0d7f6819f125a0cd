/**
 * Further inputs of a job, joined to what the followed one decided (spec inputs.md 9): each is planned with the same
 * description against its own video and sound, and only its way to the common frame and channels is kept.
 */
import type { AudioDescription, VideoDescription } from '../contract/types.generated.ts';
import { rational } from '../exact-time.ts';
import { type AudioDraft, type AudioPlace, planAudioDescription } from './audio-rendition.ts';
import { type AudioSelection, defaultSelectorName, silentAudio } from './audio-selectors.ts';
import { conversionToFollowed, withWholeChroma } from './color-conversion.ts';
import { keepFields } from './field-steps.ts';
import type { FindingLog } from './finding-log.ts';
import { type FrameRateChoice, followableFrameRate } from './frame-rate.ts';
import type { JobScope } from './job-scope.ts';
import type { PicturePreparation } from './picture-plan.ts';
import type { FilterStep, OtherAudioInput, OtherVideoInput } from './plan.ts';
import type { ReadInput } from './read-input.ts';
import type { SettingsReader } from './settings-reader.ts';
import { planVideoDescription, type VideoDraft, type VideoSurroundings } from './video-rendition.ts';
import type { VideoSource } from './video-source.ts';

/** Adds the way of every other input to a video rendition. */
export function withOtherVideo(
  draft: VideoDraft,
  description: SettingsReader<VideoDescription>,
  surroundings: VideoSurroundings,
  scope: JobScope,
): VideoDraft {
  const { followed, inputs, video } = scope;
  if (inputs.length === 1 || video === null) return draft;
  const { widthPx, heightPx, sampleAspectRatio } = draft.rendition;
  const frame = { widthPx, heightPx, sampleAspectRatio };
  const otherRates = new Map<number, FrameRateChoice>();
  const fieldInputs = new Set<number>();
  const corrector = description.child('videoPreprocessors').child('colorCorrector');
  const convertsColors =
    (corrector.read('colorSpaceConversion') ?? 'NONE') !== 'NONE' ||
    (corrector.read('sampleRangeConversion') === 'LIMITED_RANGE_CLIP' &&
      inputs.every((input) => differsInRange(input, video)));
  const otherInputs = inputs.flatMap((input): OtherVideoInput[] => {
    if (input.index === followed.index || input.video === null) return [];
    const source = convertsColors
      ? { ...input.video, followedRate: video.followedRate }
      : asFollowed(input.video, video);
    const other = planVideoDescription(description, source, { ...surroundings, frame }, scope.findings);
    if (other === null) return [];
    const { filters, dropCaptions, speed } = other.rendition;
    otherRates.set(input.index, other.rate);
    if (other.keepsFields === true) fieldInputs.add(input.index);
    const preparation = atOwnRate(other.rendition.preparation, input.video, video);
    return [
      {
        inputIndex: input.index,
        preparation,
        filters,
        dropCaptions,
        ...(speed === undefined ? {} : { speed }),
      },
    ];
  });
  return {
    ...draft,
    convertsColors,
    otherRates,
    fieldInputs,
    rendition: { ...draft.rendition, inputIndex: followed.index, otherInputs },
  };
}

/** Samples that are cut to limited range are cut as each input has them, where nothing but their range differs. */
function differsInRange({ video }: ReadInput, followed: VideoSource): boolean {
  if (video === null) return true;
  const color = { ...followed.color, range: video.color.range };
  return conversionToFollowed(video, color) === null;
}

/**
 * The way of an input to the followed one's colours where all renditions share it: a rendition that converts colours
 * itself begins with those of each input, or conversions would follow one another.
 */
export function sharedColorSteps({ video }: ReadInput, scope: JobScope): readonly FilterStep[] {
  return convertsAnyColors(scope) ? [] : colorSteps(video, scope.video);
}

/** The same way of the renditions that do not convert colours, beside others that do. */
export function ownColorSteps(
  { convertsColors, fieldInputs }: VideoDraft,
  input: ReadInput | undefined,
  scope: JobScope,
): readonly FilterStep[] {
  if (convertsColors === true || !convertsAnyColors(scope)) return [];
  const video = input?.video ?? null;
  if (input === undefined || video === null) return [];
  const hasFields = fieldInputs?.has(input.index) ?? false;
  return keepFields(colorSteps(video, scope.video), { hasFields, track: video.track });
}

function convertsAnyColors({ renditions }: JobScope): boolean {
  return renditions.videos.some((draft) => draft.convertsColors === true);
}

function colorSteps(video: VideoSource | null, followed: VideoSource | null): readonly FilterStep[] {
  if (video === null || followed === null) return [];
  return withWholeChroma(conversionToFollowed(video, followed.color) ?? [], video.track);
}

/** Pictures are prepared before their rate is converted: at the rate they come with. */
function atOwnRate(
  preparation: PicturePreparation | null,
  source: VideoSource,
  followed: VideoSource,
): PicturePreparation | null {
  const own = followableFrameRate(source.track);
  if (preparation === null || own === null || followed.followedRate === null) return preparation;
  const { num, den } = followed.followedRate;
  const { frameRate } = preparation;
  return {
    ...preparation,
    frameRate: rational(own.num * frameRate.num * den, own.den * frameRate.den * num),
  };
}

/** Rate and colour are those of the followed input: the shared filters of the other input lead there. */
function asFollowed(source: VideoSource, followed: VideoSource): VideoSource {
  const { followedRate, color } = followed;
  const isConverted = conversionToFollowed(source, color) !== null;
  return { ...source, followedRate, color: isConverted ? color : source.color };
}

/** Plans an audio description for all inputs: the first decides codec and language, the others give their sound. */
export function planJoinedAudio(
  settings: SettingsReader<AudioDescription>,
  place: AudioPlace,
  scope: JobScope,
): readonly AudioDraft[] {
  const name = settings.read('audioSourceName') ?? defaultSelectorName;
  const [selection, ...otherSelections] = scope.inputs.map(({ audio, index }) =>
    selectionFor(audio, index, name, scope),
  );
  if (selection === undefined) return [];
  if (settings.has('audioSourceName')) tellUnknownName(settings, name, scope);
  tellSilentInputs(settings, name, scope);
  const plan = (from: AudioSelection, where: AudioPlace): readonly AudioDraft[] =>
    planAudioDescription(settings, from, where, scope.heAac, scope.findings);
  const first = plan(selection, place);
  if (otherSelections.length === 0) return first;
  const forms = first.map(({ channels, rendition: { channelLayout, sampleRateHz } }) => ({
    channels,
    layout: channelLayout,
    sampleRateHz,
  }));
  const others = otherSelections.map((other) => plan(other, { ...place, joined: forms }));
  tellTrackCounts(settings, name, [first, ...others], scope);
  return first.map((draft, track) => {
    const joined = others.map((drafts, index) => drafts[track] ?? silentDraft(draft, index + 1, name));
    tellOtherDolby(settings, draft, joined, scope.findings);
    const otherInputs = joined.map(
      ({ selected, rendition }): OtherAudioInput => ({
        inputIndex: selected.inputIndex,
        audioSourceId: selected.source.id,
        filters: rendition.filters,
      }),
    );
    return {
      ...draft,
      otherSelected: joined.map(({ selected }) => selected),
      rendition: { ...draft.rendition, otherInputs },
    };
  });
}

/** An input without the name and without a default is silent, when another input has the sound (spec inputs.md 9). */
function selectionFor(
  own: AudioSelection,
  inputIndex: number,
  name: string,
  { inputs }: JobScope,
): AudioSelection {
  const finds = ({ byName, fallback }: AudioSelection): boolean => byName.has(name) || fallback !== null;
  if (finds(own) || !inputs.some(({ audio }) => finds(audio))) return own;
  return { ...own, fallback: silentAudio(inputIndex, name) };
}

/** The default selector serves a name that an input lacks; one that all lack may be a mistake. */
function tellUnknownName(
  settings: SettingsReader<AudioDescription>,
  name: string,
  { inputs, findings }: JobScope,
): void {
  const isKnown = inputs.some(({ audio }) => audio.byName.has(name));
  if (isKnown || inputs.every(({ audio }) => audio.fallback === null)) return;
  const message = `no input has an audio selector or group named "${name}": the default selector takes its place`;
  findings.notice('substituted', settings.at('audioSourceName'), message);
}

/** Inputs that have sound, and give none of it: they lack the name, and a default. */
function tellSilentInputs(
  settings: SettingsReader<AudioDescription>,
  name: string,
  { inputs, findings }: JobScope,
): void {
  const isHeard = ({ byName, fallback }: AudioSelection): boolean => byName.has(name) || fallback !== null;
  const silent = inputs.filter(({ audio, facts }) => facts.audioTracks.length > 0 && !isHeard(audio));
  // A name that no input has is an error, unless the job does not say it.
  if (settings.has('audioSourceName') && silent.length === inputs.length) return;
  for (const { index, pointer, audio } of silent) {
    const known = [...audio.byName.keys()].map((key) => `"${key}"`).join(', ') || 'none';
    findings.notice(
      'left-out',
      settings.pointer,
      `input ${index + 1} has no audio selector named "${name}" (it has ${known}) and no default one: its part is silent`,
      {
        remedy: `Name a selector of the input in audioSourceName, or set defaultSelection to DEFAULT at ${pointer}/audioSelectors.`,
      },
    );
  }
}

/**
 * Groups may have unlike numbers of members; a track goes through all inputs. Two dynamic selectors of unlike numbers are
 * refused (`compareDynamicAudio`), but one that finds none may share its name with another kind of selector.
 */
function tellTrackCounts(
  settings: SettingsReader<AudioDescription>,
  name: string,
  [first = [], ...others]: readonly (readonly AudioDraft[])[],
  { inputs, findings }: JobScope,
): void {
  const isRefused = first.length === 0 && inputs[0]?.audio.byName.get(name)?.length !== 0;
  for (const [at, drafts] of others.entries()) {
    if (drafts.length === first.length || drafts.length === 0 || isRefused) continue;
    const end =
      drafts.length < first.length ? 'the others are silent there' : 'those it has beyond are left out';
    const message = `"${name}" is ${first.length} tracks in input 1 and ${drafts.length} in input ${(inputs[at + 1]?.index ?? at + 1) + 1}: ${end}`;
    findings.notice('left-out', settings.pointer, message);
  }
}

/** One encoder writes the metadata of all inputs: those that would be written of another one by itself are told. */
function tellOtherDolby(
  settings: SettingsReader<AudioDescription>,
  first: AudioDraft,
  others: readonly AudioDraft[],
  findings: FindingLog,
): void {
  const { codec, options } = first.rendition.encoder;
  if (codec !== 'AC3' && codec !== 'EAC3') return;
  const block = settings.child('codecSettings').at(codec === 'AC3' ? 'ac3Settings' : 'eac3Settings');
  for (const { selected, rendition } of others) {
    if (selected.tracks.length === 0) continue;
    const own = rendition.encoder.options;
    const names = [...new Set([...Object.keys(options), ...Object.keys(own)])];
    const different = names.filter((name) => options[name] !== own[name]);
    if (different.length === 0) continue;
    const list = different.map((name) => `${name} ${options[name] ?? 'none'}, not ${own[name] ?? 'none'}`);
    const message = `the Dolby metadata of the first input are written throughout; those of input ${selected.inputIndex + 1} differ: ${list.join('; ')}`;
    findings.notice('substituted', `${block}/metadataControl`, message);
  }
}

function silentDraft(draft: AudioDraft, inputIndex: number, name: string): AudioDraft {
  return { ...draft, selected: silentAudio(inputIndex, name) };
}
