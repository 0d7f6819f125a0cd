/** Audio descriptions → audio renditions (spec audio.md 1–6): source, mix, loudness, rate, codec, labels. */
import type { AudioDescription } from '../contract/types.generated.ts';
import type { HeAacPolicy } from './aac.ts';
import { planAudioCodec } from './audio-codec.ts';
import {
  type AudioCodecPlace,
  type AudioEncode,
  audioEncoder,
  layoutOf,
  type RawAudioFile,
} from './audio-encode.ts';
import { readAudioType, readLanguage, readStreamName } from './audio-labels.ts';
import {
  type AudioSelection,
  defaultSelectorName,
  type SelectedAudio,
  silentAudio,
} from './audio-selectors.ts';
import { readChannelLabels } from './channel-labels.ts';
import { automaticMix, channelsLeftOut, type Remix, remixStep } from './channel-mix.ts';
import type { AudioTrackFacts, DolbyFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import { correctionTarget, readLoudness } from './loudness.ts';
import { whyDataIsDamaged } from './passed-data.ts';
import type { AudioRendition, FilterStep } from './plan.ts';
import { readRemix } from './remix.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What the output around an audio description decides. */
export interface AudioPlace {
  /** 1-based ordinal of the audio description in the job, for messages. */
  readonly ordinal: number;
  /** The container's name in the job. */
  readonly container: string;
  /** In streaming groups language tags may be RFC 5646 and streams have names. */
  readonly isStreaming: boolean;
  /** Video rendition whose length the sound takes (`audioDuration` MATCH_VIDEO_DURATION); null: its own. */
  readonly endsWithVideo: string | null;
  /** The job reads one input, the whole of it: its packets can go out as they are. */
  readonly isWhole: boolean;
  /** What each track of the first input became, and those of every other input must become; absent: this is the first. */
  readonly joined?: readonly SoundForm[];
}

/** What goes into an encoder. */
type SoundForm = Pick<AudioEncode, 'channels' | 'layout' | 'sampleRateHz'>;

/** An audio rendition before equal ones are joined, with what only its output needs. */
export interface AudioDraft {
  readonly rendition: AudioRendition;
  readonly selected: SelectedAudio;
  /** What the other inputs of the job give to the rendition. */
  readonly otherSelected?: readonly SelectedAudio[];
  readonly nominalBitrateBps: number;
  readonly channels: number;
  /** The elementary stream as a file of its own; null where no such file is made. */
  readonly raw: RawAudioFile | null;
  /** ADTS headers say MPEG-2. */
  readonly isMpeg2: boolean;
}

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
  settings.withoutEffect('audioPitchCorrectionSettings', 'it acts with slowPal only');
  return selected.flatMap((audio, track) => {
    const form = place.joined?.[track] ?? null;
    return planTrack(settings, audio, place, form, heAac, findings) ?? [];
  });
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
  form: SoundForm | null,
  heAac: HeAacPolicy,
  findings: FindingLog,
): AudioDraft | null {
  const sourceChannels = selected.tracks.reduce((sum, track) => sum + track.channels, 0);
  const afterSelector = selected.remix?.gains.length ?? sourceChannels;
  const remix = readRemix(settings.child('remixSettings'), afterSelector, findings);
  const mixedChannels = remix?.gains.length ?? afterSelector;
  const track = selected.tracks.length === 1 ? selected.tracks[0] : undefined;
  const codecPlace: AudioCodecPlace = {
    container: place.container,
    // Sound of other inputs goes into the encode that the first decided.
    sourceChannels: form?.channels ?? mixedChannels,
    sourceCodec: track?.codec ?? null,
    sourceSampleRateHz: track?.sampleRateHz ?? 0,
    isDolby: selected.tracks.some(({ codec }) => dolbyCodecs.has(codec)),
    sourceDolby: dolbyOf(selected.tracks),
    isUnmixed: track !== undefined && remix === null && selected.remix === null,
    correctedToLkfs: correctionTarget(settings.child('audioNormalizationSettings')),
  };
  const isTouched = remix !== null || selected.remix !== null || settings.has('audioNormalizationSettings');
  const planned = planAudioCodec(
    settings.child('codecSettings'),
    codecPlace,
    track !== undefined && !isTouched && place.isWhole && hasBareFrames(track),
    heAac,
    findings,
  );
  if (planned === null) return null;
  const encode = planned === 'copy' ? copyOf(selected) : planned;
  const damage = whyDataIsDamaged(selected, encode, isTouched);
  if (damage !== null) findings.incompatible(settings.at('codecSettings'), damage);
  if (remix !== null && remix.gains.length !== encode.channels && remix.gains.length > 0) {
    findings.incompatible(
      settings.at('remixSettings'),
      `the codec is asked for ${encode.channels} channels, the remix makes ${remix.gains.length}`,
    );
  }
  const leftOut =
    planned === 'copy' || remix !== null
      ? 0
      : channelsLeftOut(mixedChannels, encode.channels, namedLayout(selected));
  if (leftOut > 0)
    findings.notice(
      'substituted',
      settings.pointer,
      `nothing says how ${mixedChannels} channels become ${encode.channels}: the last ${leftOut} are left out (remixSettings takes them)`,
    );
  const loudness = readLoudness(settings.child('audioNormalizationSettings'), encode.channels);
  const rendition: AudioRendition = {
    id: '',
    pointer: settings.pointer,
    inputIndex: 0,
    audioSourceId: selected.source.id,
    filters:
      planned === 'copy'
        ? []
        : audioFilters(selected, remix, mixedChannels, {
            ...encode,
            ...form,
            ...(loudness === null ? {} : { sampleFormat: 'fltp' }),
          }),
    sampleRateHz: encode.sampleRateHz,
    channelLayout: encode.layout,
    sampleFormat: encode.sampleFormat,
    encoder: encode.encoder,
    ...readLanguage(settings, selected, place),
    streamName: readStreamName(settings, place),
    audioType: readAudioType(settings, selected, place, encode),
    loudness,
    endsWithVideo: place.endsWithVideo,
    channelLabels: readChannelLabels(settings, encode, place.container, findings),
  };
  if (place.isStreaming) refuseLog(settings);
  const { nominalBitrateBps, channels, raw, isMpeg2 } = encode;
  return { rendition, selected, nominalBitrateBps, channels, raw, isMpeg2 };
}

const dolbyCodecs: ReadonlySet<string> = new Set(['ac3', 'eac3', 'dolby_e']);

/** Joined tracks have nothing in common but a dialogue level, if it is the same. */
function dolbyOf(tracks: readonly AudioTrackFacts[]): DolbyFacts | null {
  const [first, ...others] = tracks.map(({ dolby }) => dolby);
  if (first === undefined || others.length === 0) return first ?? null;
  if (others.some((other) => other?.dialnorm !== first.dialnorm)) return null;
  const { syntax, channelMode, dialnorm } = first;
  const hasRangeControl = first.hasRangeControl || others.some((other) => other?.hasRangeControl);
  return { syntax, channelMode, dialnorm, hasRangeControl };
}

/** AAC of transport streams carries headers that other containers do not take. */
function hasBareFrames({ codec, fourCc }: AudioTrackFacts): boolean {
  return codec !== 'aac' || fourCc === 'mp4a';
}

function refuseLog(settings: SettingsReader<AudioDescription>): void {
  settings
    .child('audioNormalizationSettings')
    .accept(
      'loudnessLogging',
      ['DONT_LOG'],
      'tables of loudness are written beside the outputs of file groups',
    );
}

/** The source's own form, for packets that go out as they came in. */
function copyOf(selected: SelectedAudio): AudioEncode {
  const track = selected.tracks[0];
  const codec = { aac: 'AAC', eac3: 'EAC3' }[track?.codec ?? ''] ?? 'AC3';
  const files = {
    AAC: ['adts', 'audio/aac', 'aac'],
    EAC3: ['eac3', 'audio/eac3', 'ec3'],
    AC3: ['ac3', 'audio/ac3', 'ac3'],
  };
  const [muxer = '', contentType = '', extension = ''] = files[codec as 'AC3'];
  return {
    encoder: audioEncoder(codec, 'copy', track?.bitrateBps ?? 0),
    channels: track?.channels ?? 2,
    layout: track?.channelLayout ?? layoutOf(2),
    sampleRateHz: track?.sampleRateHz ?? 48_000,
    sampleFormat: '',
    filters: [],
    nominalBitrateBps: track?.bitrateBps ?? 0,
    raw: { muxer, muxerOptions: {}, contentType, extension, needsScratch: false },
    audioType: null,
    isMpeg2: false,
  };
}

/** Selector remix, description remix, mix to the coding mode, then rate and format (spec audio.md 1, order). */
function audioFilters(
  selected: SelectedAudio,
  remix: Remix | null,
  mixedChannels: number,
  { channels, layout, sampleRateHz, sampleFormat, filters }: AudioEncode,
): readonly FilterStep[] {
  const given = remix === null ? namedLayout(selected) : null;
  const automatic = mixedChannels === 0 ? null : automaticMix(mixedChannels, channels, given);
  // Tracks joined by the selector have no meaningful layout, and another one of as many channels must not be mixed by
  // position: channels keep their places.
  const [first, ...others] = selected.tracks;
  const isNamed = others.length === 0 && (channels < 3 || first?.channelLayout === layout);
  const identity = isNamed ? null : identityMix(channels);
  const mixes = [
    selected.remix,
    remix,
    automatic ?? (remix === null && selected.remix === null ? identity : null),
  ];
  const present = mixes.filter((mix): mix is Remix => mix !== null && mix.gains.length > 0);
  const named = filters.length === 0 ? [] : [{ name: 'aformat', options: { channel_layouts: layout } }];
  return [
    ...present.map((mix) => remixStep(mix, mix.gains.length === channels ? layout : `${mix.gains.length}c`)),
    ...named,
    ...filters,
    { name: 'aresample', options: { sample_rate: `${sampleRateHz}` } },
    {
      name: 'aformat',
      options: { sample_fmts: sampleFormat, sample_rates: `${sampleRateHz}`, channel_layouts: layout },
    },
  ];
}

/** The layout that the coded sound of one unmixed track has. Samples alone name no places; the library assumes some. */
function namedLayout({ tracks, remix }: SelectedAudio): string | null {
  const [first, ...others] = tracks;
  if (first === undefined || others.length > 0 || remix !== null) return null;
  return first.codec.startsWith('pcm_') ? null : first.channelLayout;
}

function identityMix(channels: number): Remix {
  return {
    gains: Array.from({ length: channels }, (_, row) =>
      Array.from({ length: channels }, (_, column) => (row === column ? 1 : 0)),
    ),
  };
}
