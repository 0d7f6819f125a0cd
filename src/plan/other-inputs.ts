/**
 * Further inputs of a job, joined to what the followed one decided (spec inputs.md 9): each is planned with the same
 * description against its own video and sound, and only its way to the common frame and channels is kept.
 */
import type { AudioDescription, VideoDescription } from '../contract/types.generated.ts';
import { rational } from '../exact-time.ts';
import { type AudioDraft, type AudioPlace, planAudioDescription } from './audio-rendition.ts';
import { type AudioSelection, defaultSelectorName, silentAudio } from './audio-selectors.ts';
import { conversionToFollowed } from './color-conversion.ts';
import { type FrameRateChoice, followableFrameRate } from './frame-rate.ts';
import type { JobScope } from './job-scope.ts';
import type { PicturePreparation } from './picture-plan.ts';
import type { OtherAudioInput, OtherVideoInput } from './plan.ts';
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
  const otherInputs = inputs.flatMap((input): OtherVideoInput[] => {
    if (input.index === followed.index || input.video === null) return [];
    const source = asFollowed(input.video, video);
    const other = planVideoDescription(description, source, { ...surroundings, frame }, scope.findings);
    if (other === null) return [];
    const { filters, dropCaptions, speed } = other.rendition;
    otherRates.set(input.index, other.rate);
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
  return { ...draft, otherRates, rendition: { ...draft.rendition, inputIndex: followed.index, otherInputs } };
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
  const isConverted = conversionToFollowed(source.color, color) !== null;
  return { ...source, followedRate, color: isConverted ? color : source.color };
}

/** Plans an audio description for all inputs: the first decides codec and language, the others give their sound. */
export function planJoinedAudio(
  settings: SettingsReader<AudioDescription>,
  place: AudioPlace,
  scope: JobScope,
): readonly AudioDraft[] {
  const name = settings.read('audioSourceName') ?? defaultSelectorName;
  const selections = scope.inputs.map(({ audio, index }) => selectionFor(audio, index, name, scope));
  const [first, ...others] = selections.map((selection) =>
    planAudioDescription(settings, selection, place, scope.heAac, scope.findings),
  );
  if (first === undefined || others.length === 0) return first ?? [];
  return first.map((draft, track) => {
    const joined = others.map((drafts, index) => drafts[track] ?? silentDraft(draft, index + 1, name));
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

function silentDraft(draft: AudioDraft, inputIndex: number, name: string): AudioDraft {
  return { ...draft, selected: silentAudio(inputIndex, name) };
}
