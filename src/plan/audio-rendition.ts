/** Audio descriptions → audio renditions (spec audio.md 1–4): source, mix, rate, codec, language. */
import type { AudioDescription } from '../contract/types.generated.ts';
import { type HeAacPolicy, planAac } from './aac.ts';
import {
  type AudioSelection,
  defaultSelectorName,
  type SelectedAudio,
  silentAudio,
} from './audio-selectors.ts';
import type { FindingLog } from './finding-log.ts';
import type { AudioRendition, FilterStep } from './plan.ts';
import { automaticMix, type Remix, readRemix, remixStep } from './remix.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What the output around an audio description decides. */
export interface AudioPlace {
  /** 1-based ordinal of the audio description in the job, for messages. */
  readonly ordinal: number;
  readonly isRaw: boolean;
  /** In streaming groups language tags may be RFC 5646 and streams have names. */
  readonly isStreaming: boolean;
}

/** An audio rendition before equal ones are joined, with what only its output needs. */
export interface AudioDraft {
  readonly rendition: AudioRendition;
  readonly selected: SelectedAudio;
  /** What the other inputs of the job give to the rendition. */
  readonly otherSelected?: readonly SelectedAudio[];
  readonly nominalBitrateBps: number;
  readonly isLatm: boolean;
  readonly isMpeg2: boolean;
}

const layoutNames: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo', 6: '5.1' };

/**
 * Plans the tracks of one audio description: one, or one per member of a selector group. Empty, with findings,
 * when it cannot be.
 */
export function planAudioDescription(
  settings: SettingsReader<AudioDescription>,
  selection: AudioSelection,
  place: AudioPlace,
  heAac: HeAacPolicy,
  findings: FindingLog,
): readonly AudioDraft[] {
  const name = settings.read('audioSourceName') ?? defaultSelectorName;
  const selected = resolveSource(settings, selection, name, place.ordinal, findings);
  refuseFeatures(settings);
  return selected.flatMap((audio) => planTrack(settings, audio, place, heAac, findings) ?? []);
}

function resolveSource(
  settings: SettingsReader<AudioDescription>,
  selection: AudioSelection,
  name: string,
  ordinal: number,
  findings: FindingLog,
): readonly SelectedAudio[] {
  const named = selection.byName.get(name);
  if (named !== undefined) return named;
  if (selection.fallback !== null) return [selection.fallback];
  if (settings.has('audioSourceName') || selection.byName.size === 0) {
    findings.jobError(
      1040,
      'selector-missing',
      { selector: 0, audio: ordinal },
      settings.at('audioSourceName'),
      {
        expected:
          [...selection.byName.keys()].map((known) => `"${known}"`).join(', ') ||
          'an audio selector in the input',
      },
    );
  }
  return [silentAudio(0, name)];
}

function planTrack(
  settings: SettingsReader<AudioDescription>,
  selected: SelectedAudio,
  place: AudioPlace,
  heAac: HeAacPolicy,
  findings: FindingLog,
): AudioDraft | null {
  const codecSettings = settings.child('codecSettings');
  if (codecSettings.require('codec') === null) return null;
  if (!codecSettings.accept('codec', ['AAC'], 'AAC is the only audio codec of this release')) {
    refuseOtherCodecs(codecSettings);
    return null;
  }
  const sourceChannels = selected.tracks.reduce((sum, track) => sum + track.channels, 0);
  const afterSelector = selected.remix?.gains.length ?? sourceChannels;
  const remix = readRemix(settings.child('remixSettings'), afterSelector, findings);
  const mixedChannels = remix?.gains.length ?? afterSelector;
  const aac = planAac(codecSettings.child('aacSettings'), mixedChannels, place.isRaw, heAac, findings);
  if (aac === null) return null;
  if (remix !== null && remix.gains.length !== aac.channels && remix.gains.length > 0) {
    findings.incompatible(
      settings.at('remixSettings'),
      `the coding mode has ${aac.channels} channels, the remix ${remix.gains.length}`,
    );
  }
  const layout = layoutNames[aac.channels] ?? 'stereo';
  const languages = readLanguage(settings, selected, place);
  const rendition: AudioRendition = {
    id: '',
    pointer: settings.pointer,
    inputIndex: 0,
    audioSourceId: selected.source.id,
    filters: audioFilters(selected, remix, mixedChannels, aac.channels, aac.sampleRateHz, layout),
    sampleRateHz: aac.sampleRateHz,
    channelLayout: layout,
    sampleFormat: 's16',
    encoder: aac.encoder,
    ...languages,
    streamName: readStreamName(settings, place),
  };
  const { nominalBitrateBps, isLatm, isMpeg2 } = aac;
  return { rendition, selected, nominalBitrateBps, isLatm, isMpeg2 };
}

/** Selector remix, description remix, mix to the coding mode, then rate and format (spec audio.md 1, order). */
function audioFilters(
  selected: SelectedAudio,
  remix: Remix | null,
  mixedChannels: number,
  channels: number,
  sampleRateHz: number,
  layout: string,
): readonly FilterStep[] {
  const automatic = mixedChannels === 0 ? null : automaticMix(mixedChannels, channels);
  // Tracks joined by the selector have no meaningful layout: name it even when the count is right.
  const identity = selected.tracks.length > 1 ? identityMix(channels) : null;
  const mixes = [
    selected.remix,
    remix,
    automatic ?? (remix === null && selected.remix === null ? identity : null),
  ];
  const present = mixes.filter((mix): mix is Remix => mix !== null && mix.gains.length > 0);
  return [
    ...present.map((mix) => remixStep(mix, mix.gains.length === channels ? layout : `${mix.gains.length}c`)),
    { name: 'aresample', options: { sample_rate: `${sampleRateHz}` } },
    {
      name: 'aformat',
      options: { sample_fmts: 's16', sample_rates: `${sampleRateHz}`, channel_layouts: layout },
    },
  ];
}

function identityMix(channels: number): Remix {
  return {
    gains: Array.from({ length: channels }, (_, row) =>
      Array.from({ length: channels }, (_, column) => (row === column ? 1 : 0)),
    ),
  };
}

/** FOLLOW_INPUT: the input's language, else the configured one (spec audio.md 1). */
function readLanguage(
  settings: SettingsReader<AudioDescription>,
  selected: SelectedAudio,
  place: AudioPlace,
): Pick<AudioRendition, 'language' | 'manifestLanguage'> {
  const control = settings.read('languageCodeControl') ?? 'FOLLOW_INPUT';
  const custom = settings.read('customLanguageCode');
  if (custom !== undefined) settings.withoutEffect('languageCode', 'customLanguageCode takes its place');
  const configured = custom ?? settings.read('languageCode');
  const followed = control === 'FOLLOW_INPUT' ? (selected.tracks[0]?.language ?? null) : null;
  const language = (followed ?? configured)?.toLowerCase() ?? null;
  const isTag = custom !== undefined && followed === null && custom.includes('-');
  return {
    // Containers hold three letters: the language part of a tag when it has three.
    language: language === null ? null : language.slice(0, 3).replace(/-.*/, ''),
    manifestLanguage: isTag && place.isStreaming ? custom : null,
  };
}

function readStreamName(settings: SettingsReader<AudioDescription>, place: AudioPlace): string | null {
  if (place.isStreaming) return settings.read('streamName') ?? null;
  settings.withoutEffect(
    'streamName',
    'it labels streams of streaming manifests, which file groups do not have',
  );
  return null;
}

function refuseFeatures(settings: SettingsReader<AudioDescription>): void {
  settings.refuse('audioNormalizationSettings', 'loudness is neither measured nor corrected yet');
  settings.refuse('audioChannelTaggingSettings', 'channel tags need a MOV output');
  settings.postponed('audioPitchCorrectionSettings', 'it acts with slowPal only');
  declareAudioType(settings);
}

/** No container here gets an audio_type descriptor; 0 means none is wanted (spec audio.md 1). */
function declareAudioType(settings: SettingsReader<AudioDescription>): void {
  const reason = 'the audio_type descriptor is not written';
  if (settings.read('audioTypeControl') === 'USE_CONFIGURED') settings.accept('audioType', [0], reason);
  else settings.postponed('audioType', reason, [0]);
  settings.postponed('audioTypeControl', reason, ['FOLLOW_INPUT']);
}

/** Blocks of other codecs belong to the refused codec: they are not refused a second time. */
function refuseOtherCodecs(
  codecSettings: SettingsReader<NonNullable<AudioDescription['codecSettings']>>,
): void {
  const reason = 'its codec is refused';
  for (const key of [
    'ac3Settings',
    'ac4Settings',
    'aiffSettings',
    'eac3AtmosSettings',
    'eac3Settings',
    'flacSettings',
    'mp2Settings',
    'mp3Settings',
    'opusSettings',
    'vorbisSettings',
    'wavSettings',
  ] as const) {
    codecSettings.withoutEffect(key, reason);
  }
}
