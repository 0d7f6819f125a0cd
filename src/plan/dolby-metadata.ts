/**
 * What an AC-3 or E-AC-3 output says of itself: dialogue level, kind of service, advice for downmixes (spec audio.md 3.2,
 * 3.3). Each value comes from the job or from a Dolby source. A `dialnorm` of the job is always written, and without one
 * the source's passes, as the setting's own description has it. Of the rest the source wins where `metadataControl` says
 * FOLLOW_INPUT, the job where it says USE_CONFIGURED; where it says nothing the job's settings are written, and the source
 * fills in what they leave open.
 */
import type { Ac3Settings } from '../contract/types.generated.ts';
import type { AudioCodecPlace } from './audio-encode.ts';
import { bitstreamModes, monoModes, serviceTypes } from './dolby.table.ts';
import { planChannelAdvice } from './dolby-channels.ts';
import {
  type Choose,
  chooser,
  type DolbyOutput,
  type DolbySettings,
  type EncoderOptions,
} from './dolby-choice.ts';
import { dialnormOf } from './dolby-dialnorm.ts';
import type { DolbyFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The encoder's options that write the metadata; what cannot be had is told. */
export function planDolbyMetadata(
  settings: DolbySettings,
  place: AudioCodecPlace,
  output: DolbyOutput,
  findings: FindingLog,
): EncoderOptions {
  const source = followedSource(settings, place, findings);
  const choose = chooser(settings, findings);
  const serviceType = planServiceType(settings, source, output, choose, findings);
  const dialnorm = dialnormOf(settings, place, findings);
  const advice = planChannelAdvice(settings, place.isUnmixed ? source : null, output, choose);
  return {
    dialnorm: `-${dialnorm}`,
    audio_service_type: serviceType,
    ...advice,
    ...productionOptions(source),
  };
}

/** The source whose metadata may be written; null: the job's alone are. */
function followedSource(
  settings: DolbySettings,
  { sourceDolby, isDolby }: AudioCodecPlace,
  findings: FindingLog,
): DolbyFacts | null {
  const reader = settings as SettingsReader<Ac3Settings>;
  const control = reader.read('metadataControl');
  if (control === 'USE_CONFIGURED') return null;
  const at = reader.at('metadataControl');
  if (sourceDolby === null) {
    const reason = 'the settings of the job are written, as for sources without Dolby metadata';
    reader.withoutEffect('metadataControl', reason, ['FOLLOW_INPUT']);
    if (isDolby) {
      const message =
        'no Dolby metadata that hold of all the sound were read from the source: the settings of the job are written';
      findings.notice('substituted', at, message);
    }
    return null;
  }
  if (sourceDolby.hasRangeControl) {
    const message =
      'the dynamic range control words of the source are not carried over, as the encoder writes none: those of line mode act on the sound';
    findings.notice('substituted', at, message);
  }
  return sourceDolby;
}

function planServiceType(
  settings: DolbySettings,
  source: DolbyFacts | null,
  { channels }: DolbyOutput,
  choose: Choose,
  findings: FindingLog,
): string {
  const reader = settings as SettingsReader<Ac3Settings>;
  const mode = reader.read('bitstreamMode');
  const configured = mode === undefined ? undefined : bitstreamModes[mode];
  const isMono = channels === 1;
  const told = source?.bitstreamMode;
  // Code 7 is a voice over with one channel, karaoke with more.
  const isWritable =
    told === 7 ? (source?.channelMode === 1) === isMono : isMono || !monoModes.includes(told ?? 0);
  const followed = isWritable ? told : undefined;
  const isLost = !isWritable && (mode === undefined || reader.read('metadataControl') === 'FOLLOW_INPUT');
  if (isLost) {
    const message = `the bit stream mode of the source, ${told}, cannot be written for ${channels} channels: ${mode ?? 'COMPLETE_MAIN'} is`;
    findings.notice('substituted', reader.at('bitstreamMode'), message);
  }
  const code = choose({ key: 'bitstreamMode', configured, followed }) ?? 0;
  const follows = configured === undefined || reader.read('metadataControl') === 'FOLLOW_INPUT';
  const isFollowed = follows && code === followed;
  if (!isFollowed && !isMono && (code === 7 || monoModes.includes(code))) {
    const reason = `${mode} is a mono service, and the coding mode has ${channels} channels`;
    findings.incompatible(reader.at('bitstreamMode'), reason);
  }
  return code === 7 && !isMono ? 'ka' : (serviceTypes[code] ?? 'ma');
}

/** Rights, and the room that the programme was mixed in. */
function productionOptions(source: DolbyFacts | null): EncoderOptions {
  if (source === null) return {};
  const { isCopyrighted, isOriginal, mixingLevel, roomType, converterType } = source;
  return {
    ...(isCopyrighted === undefined ? {} : { copyright: isCopyrighted ? '1' : '0' }),
    ...(isOriginal === undefined ? {} : { original: isOriginal ? '1' : '0' }),
    ...(mixingLevel === undefined ? {} : { mixing_level: `${lowestMixingLevelDb + mixingLevel}` }),
    ...(mixingLevel === undefined || roomType === undefined || roomType > 2
      ? {}
      : { room_type: `${roomType}` }),
    ...(converterType === 1 ? { ad_conv_type: '1' } : {}),
  };
}

/** Sound pressure that `mixlevel` 0 stands for (ATSC A/52:2018 5.4.2.13). */
const lowestMixingLevelDb = 80;
