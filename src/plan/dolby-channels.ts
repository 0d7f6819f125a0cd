/** Advice that belongs to channels: levels of downmixes, and what the channels were made for. */
import type { Eac3Settings } from '../contract/types.generated.ts';
import {
  centerMixLevels,
  downmixModes,
  foldedCenterLevels,
  foldedSurroundLevels,
  mixLevels,
  mixLevelsDb,
  plainCenterCodes,
  plainSurroundCodes,
  surroundMixLevels,
  surroundModes,
} from './dolby.table.ts';
import type { Choose, DolbyOutput, DolbySettings, EncoderOptions } from './dolby-choice.ts';
import type { DolbyFacts } from './facts.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The encoder's options. A source counts only where its channels are those of the output; null: it does not. */
export function planChannelAdvice(
  settings: DolbySettings,
  source: DolbyFacts | null,
  output: DolbyOutput,
  choose: Choose,
): EncoderOptions {
  const modes = output.codec === 'EAC3' ? planPlusModes(settings, output) : {};
  const followed = source?.channelMode === channelModes[output.channels] ? source : null;
  return {
    ...mixOptions(output, followed, modes, choose),
    ...modeOptions(output, followed, modes, choose),
  };
}

/** `acmod` by channel count. */
const channelModes: Readonly<Record<number, number>> = { 1: 1, 2: 2, 5: 7, 6: 7 };

/** Codes that the settings of E-AC-3 ask for. */
interface PlusModes {
  readonly loRoCenterMixLevel?: number | undefined;
  readonly loRoSurroundMixLevel?: number | undefined;
  readonly ltRtCenterMixLevel?: number | undefined;
  readonly ltRtSurroundMixLevel?: number | undefined;
  readonly stereoDownmix?: number | undefined;
  readonly surroundExMode?: number | undefined;
  readonly surroundMode?: number | undefined;
}

const levelKeys = [
  'loRoCenterMixLevel',
  'loRoSurroundMixLevel',
  'ltRtCenterMixLevel',
  'ltRtSurroundMixLevel',
] as const;

function planPlusModes(settings: DolbySettings, { channels }: DolbyOutput): PlusModes {
  const reader = settings as SettingsReader<Eac3Settings>;
  if (channels < 5) {
    const reason = 'the coding mode is not 3/2';
    for (const key of levelKeys) reader.withoutEffect(key, reason);
    reader.withoutEffect('stereoDownmix', reason, ['NOT_INDICATED']);
    reader.withoutEffect('surroundExMode', reason, ['NOT_INDICATED']);
    reader.withoutEffect('phaseControl', reason, ['NO_SHIFT', 'SHIFT_90_DEGREES']);
    if (channels === 2) return { surroundMode: codeIn(surroundModes, reader.read('surroundMode')) };
    return {};
  }
  reader.withoutEffect('surroundMode', 'the coding mode is not 2/0', ['NOT_INDICATED']);
  reader.leftOut('phaseControl', 'the phase of the surround channels is left as it is', ['NO_SHIFT']);
  const levels = levelKeys.map((key) => [key, levelCode(reader.read(key))] as const);
  return {
    ...Object.fromEntries(levels),
    stereoDownmix: codeIn(downmixModes, reader.read('stereoDownmix')),
    surroundExMode: codeIn(surroundModes, reader.read('surroundExMode')),
  };
}

function codeIn<K extends string>(
  codes: Readonly<Record<K, number>>,
  name: K | undefined,
): number | undefined {
  return name === undefined ? undefined : codes[name];
}

/** The code of the nearest level. */
function levelCode(decibels: number | undefined): number | undefined {
  if (decibels === undefined) return undefined;
  const distances = mixLevelsDb.map((level) => Math.abs(level - decibels));
  return distances.indexOf(Math.min(...distances));
}

/** Levels of the centre and the surrounds in a downmix of 3/2. */
function mixOptions(
  { codec, channels }: DolbyOutput,
  source: DolbyFacts | null,
  configured: PlusModes,
  choose: Choose,
): EncoderOptions {
  if (channels < 5) return {};
  const plain = codec === 'AC3' && source !== null ? plainLevels(source) : {};
  const followed = source === null ? {} : extendedLevels(source, codec);
  const levels = levelKeys.map(
    (key) => [key, choose({ key, configured: configured[key], followed: followed[key] })] as const,
  );
  const stereoDownmix = choose({
    key: 'stereoDownmix',
    configured: configured.stereoDownmix,
    followed: indicated(source?.downmixMode),
  });
  const isAny = (stereoDownmix ?? 0) !== 0 || levels.some(([, code]) => code !== undefined);
  if (!isAny) return plain;
  return {
    ...plain,
    // What nobody says beside a level that somebody does: −3 dB, the level of AC-3 without such fields.
    ...Object.fromEntries(
      levels.map(([key, code]) => [levelOptions[key], mixLevels[code ?? usualLevel] ?? '0']),
    ),
    ...(stereoDownmix === undefined ? {} : { dmix_mode: `${stereoDownmix}` }),
  };
}

const usualLevel = 4;

const levelOptions = {
  loRoCenterMixLevel: 'loro_cmixlev',
  loRoSurroundMixLevel: 'loro_surmixlev',
  ltRtCenterMixLevel: 'ltrt_cmixlev',
  ltRtSurroundMixLevel: 'ltrt_surmixlev',
} as const;

/** The two fields that every 3/2 of AC-3 has, from these or from the levels of a Lo/Ro downmix. */
function plainLevels(source: DolbyFacts): EncoderOptions {
  const { loRoCenterMixLevel: loRoCenter, loRoSurroundMixLevel: loRoSurround } = source;
  const center = source.centerMixLevel ?? plainCenterCodes[loRoCenter ?? -1];
  const surround = source.surroundMixLevel ?? plainSurroundCodes[loRoSurround ?? -1];
  return {
    ...(center === undefined ? {} : { center_mixlev: centerMixLevels[center] ?? '' }),
    ...(surround === undefined ? {} : { surround_mixlev: surroundMixLevels[surround] ?? '' }),
  };
}

/** The four levels of three bits; E-AC-3 has no others, and takes the plain ones of AC-3 for Lo/Ro. */
function extendedLevels(
  source: DolbyFacts,
  codec: DolbyOutput['codec'],
): Pick<PlusModes, (typeof levelKeys)[number]> {
  const folded = codec === 'EAC3';
  const { centerMixLevel = -1, surroundMixLevel = -1 } = source;
  return {
    loRoCenterMixLevel:
      source.loRoCenterMixLevel ?? (folded ? foldedCenterLevels[centerMixLevel] : undefined),
    loRoSurroundMixLevel: surroundCode(
      source.loRoSurroundMixLevel ?? (folded ? foldedSurroundLevels[surroundMixLevel] : undefined),
    ),
    ltRtCenterMixLevel: source.ltRtCenterMixLevel,
    ltRtSurroundMixLevel: surroundCode(source.ltRtSurroundMixLevel),
  };
}

/** Surrounds go up to −1.5 dB: the codes above are reserved and mean the same (tables E.2.4, E.2.6). */
function surroundCode(code: number | undefined): number | undefined {
  return code === undefined ? undefined : Math.max(3, code);
}

/** What the channels are made for; 0 says nothing, and 3 is reserved but for Surround EX, where it is Pro Logic IIz. */
function modeOptions(
  { codec, channels }: DolbyOutput,
  source: DolbyFacts | null,
  configured: PlusModes,
  choose: Choose,
): EncoderOptions {
  const surround =
    channels === 2
      ? choose({
          key: 'surroundMode',
          configured: configured.surroundMode,
          followed: indicated(source?.surroundMode, 2),
        })
      : undefined;
  const surroundEx =
    channels >= 5
      ? choose({
          key: 'surroundExMode',
          configured: configured.surroundExMode,
          followed: indicated(source?.surroundExMode),
        })
      : undefined;
  const headphone = codec === 'EAC3' && channels !== 2 ? undefined : indicated(source?.headphoneMode, 2);
  return {
    ...(surround === undefined ? {} : { dsur_mode: `${surround}` }),
    ...(surroundEx === undefined ? {} : { dsurex_mode: `${surroundEx}` }),
    ...(headphone === undefined ? {} : { dheadphone_mode: `${headphone}` }),
  };
}

function indicated(code: number | undefined, highest = 3): number | undefined {
  return code === undefined || code === 0 || code > highest ? undefined : code;
}
