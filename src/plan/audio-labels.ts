/** What a sound track says of itself: language, name, audio_type (spec audio.md 1). */
import type { AudioDescription } from '../contract/types.generated.ts';
import { threeLetterCode } from '../language-codes.ts';
import { type AudioEncode, hasAudioType } from './audio-encode.ts';
import type { SelectedAudio } from './audio-selectors.ts';
import type { AudioRendition } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

interface LabelPlace {
  readonly container: string;
  readonly isStreaming: boolean;
}

/** FOLLOW_INPUT: the input's language, else the configured one. */
export function readLanguage(
  settings: SettingsReader<AudioDescription>,
  selected: SelectedAudio,
  place: LabelPlace,
): Pick<AudioRendition, 'language' | 'manifestLanguage'> {
  const control = settings.read('languageCodeControl') ?? 'FOLLOW_INPUT';
  const custom = settings.read('customLanguageCode');
  if (custom !== undefined) settings.withoutEffect('languageCode', 'customLanguageCode takes its place');
  const configured = custom ?? settings.read('languageCode');
  const followed = control === 'FOLLOW_INPUT' ? (selected.tracks[0]?.language ?? null) : null;
  const language = followed ?? configured ?? null;
  const isTag = custom !== undefined && followed === null && !/^[a-z]{3}$/i.test(custom);
  return {
    // Containers hold three letters.
    language: language === null ? null : threeLetterCode(language),
    manifestLanguage: isTag && place.isStreaming ? custom : null,
  };
}

/** The label of a stream in manifests. */
export function readStreamName(settings: SettingsReader<AudioDescription>, place: LabelPlace): string | null {
  if (place.isStreaming) return settings.read('streamName') ?? null;
  settings.withoutEffect(
    'streamName',
    'it labels streams of streaming manifests, which file groups do not have',
  );
  return null;
}

/** FOLLOW_INPUT: the input's audio_type, else the configured one; a broadcaster's mix overrides both. */
export function readAudioType(
  settings: SettingsReader<AudioDescription>,
  selected: SelectedAudio,
  { container }: LabelPlace,
  { audioType }: AudioEncode,
): number | null {
  if (!hasAudioType(container)) {
    const reason = `${container} has no place for an audio_type`;
    settings.withoutEffect('audioType', reason, [0]);
    settings.withoutEffect('audioTypeControl', reason, ['FOLLOW_INPUT', 'USE_CONFIGURED']);
    return null;
  }
  if (audioType !== null) {
    const reason = 'a mix with audio description has audio_type 3';
    settings.withoutEffect('audioType', reason, [3]);
    settings.withoutEffect('audioTypeControl', reason, ['FOLLOW_INPUT']);
    return audioType;
  }
  const follows = settings.read('audioTypeControl') !== 'USE_CONFIGURED';
  const followed = follows ? (selected.tracks[0]?.audioType ?? null) : null;
  const configured = settings.read('audioType') ?? null;
  return followed ?? configured;
}
