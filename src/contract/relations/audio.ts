/** Rules inside audio codec blocks and remix settings (spec audio.md 10). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type {
  AacSettings,
  Ac3Settings,
  Eac3Settings,
  Mp3Settings,
  RemixSettings,
} from '../types.generated.ts';
import { aacBitrates, tabledCodingMode } from './aac.table.ts';
import { ac3Bitrates, type BitrateRange, eac3Bitrates } from './dolby.table.ts';
import { refuse, refuseDependency, refuseMissing, type StructureRules } from './rule.ts';

/** Audio rules of one block each. */
export const audioRules: StructureRules = {
  AacSettings: [aacOperatingPoint],
  Ac3Settings: [(settings, pointer) => dolbyBitrate(settings, pointer, ac3Bitrates, 'Dolby Digital')],
  Eac3Settings: [(settings, pointer) => dolbyBitrate(settings, pointer, eac3Bitrates, 'Dolby Digital Plus')],
  AiffSettings: [evenChannels],
  FlacSettings: [evenChannels],
  WavSettings: [evenChannels],
  Mp3Settings: [mp3RateControl],
  RemixSettings: [remixMatrix, descriptionChannels],
};

/** A coding mode that follows the source has no table to look into. */
function aacOperatingPoint(settings: AacSettings, pointer: string): ErrorFinding[] {
  const profile = settings.codecProfile ?? 'LC';
  if (settings.rateControlMode === 'VBR') return vbrProfile(profile, pointer);
  const mode = tabledCodingMode.get(settings.codingMode ?? '');
  if (mode === undefined || settings.sampleRate === undefined) return [];
  const allowed = aacBitrates.get(`${profile}/${mode}/${settings.sampleRate}`);
  if (allowed === undefined) return [noOperatingPoint(settings, profile, pointer)];
  if (settings.bitrate === undefined || allowed.includes(settings.bitrate)) return [];
  return [wrongAacBitrate(settings, profile, allowed, pointer)];
}

function vbrProfile(profile: string, pointer: string): ErrorFinding[] {
  if (profile === 'LC') return [];
  const clause = `${pointer}/codecProfile: Must be LC`;
  return [refuseDependency(`${pointer}/rateControlMode`, [clause], 'Use CBR, or set codecProfile to LC.')];
}

/** Wording observed. */
function wrongAacBitrate(
  settings: AacSettings,
  profile: string,
  allowed: readonly number[],
  pointer: string,
): ErrorFinding {
  const message =
    `You specified a value for Bitrate that is not valid with the combination of Profile ${profile}, ` +
    `Coding mode ${settings.codingMode}, and Sample rate ${settings.sampleRate} you selected. ` +
    `Specify a bitrate in the range of ${allowed[0]}-${allowed.at(-1)}, and resubmit your job ` +
    'For a list of supported bitrates, see: https://docs.aws.amazon.com/mediaconvert/latest/ug/aac-support.html';
  return refuse(`${pointer}/bitrate`, message, `Use one of ${allowed.join(', ')}.`, allowed.join(', '));
}

/** Wording ours, after the observed one for the bitrate. */
function noOperatingPoint(settings: AacSettings, profile: string, pointer: string): ErrorFinding {
  const message =
    'Your job contains values for the following settings that are incompatible: ' +
    `Profile ${profile}, Coding mode ${settings.codingMode}, and Sample rate ${settings.sampleRate}. ` +
    'Adjust your settings and resubmit your job.';
  const prefix = `${profile}/${tabledCodingMode.get(settings.codingMode ?? '')}/`;
  const rates = [...aacBitrates.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  const remedy =
    rates.length === 0
      ? `${profile} has no ${settings.codingMode}: use LC.`
      : `Use a sample rate of ${rates.join(', ')}.`;
  return refuse(pointer, message, remedy);
}

/** Wording observed for Dolby Digital Plus. The multiple of 8000 is a fact of the model. */
function dolbyBitrate(
  { codingMode, bitrate }: Ac3Settings | Eac3Settings,
  pointer: string,
  ranges: ReadonlyMap<string, BitrateRange>,
  product: string,
): ErrorFinding[] {
  const range = ranges.get(codingMode ?? 'CODING_MODE_2_0');
  if (range === undefined || bitrate === undefined) return [];
  const { lowestBps, highestBps } = range;
  if (bitrate >= lowestBps && bitrate <= highestBps) return [];
  const message =
    `You specified a ${product} audio bitrate that is outside the allowed values for the coding mode you selected. ` +
    `Specify a bitrate from ${lowestBps} up to ${highestBps}, and resubmit your job.`;
  return [
    refuse(`${pointer}/bitrate`, message, `Use ${lowestBps} to ${highestBps}.`, `${lowestBps}–${highestBps}`),
  ];
}

/** 0 (follow the source), 1 or an even number. */
function evenChannels(
  { channels }: { readonly channels?: number | undefined },
  pointer: string,
): ErrorFinding[] {
  if (channels === undefined || channels <= 1 || channels % 2 === 0) return [];
  return [
    refuse(
      `${pointer}/channels`,
      'Should be a multiple of 2',
      'Use 0 to follow the source, 1, or an even number.',
    ),
  ];
}

/** */
function mp3RateControl(settings: Mp3Settings, pointer: string): ErrorFinding[] {
  if (settings.rateControlMode === 'VBR' && settings.vbrQuality === undefined) {
    return [refuseMissing(pointer, 'vbrQuality', 'VBR needs vbrQuality, 0 (best) to 9.')];
  }
  if (settings.rateControlMode === 'CBR' && settings.bitrate === undefined) {
    return [refuseMissing(pointer, 'bitrate', 'CBR needs bitrate.')];
  }
  return [];
}

/** one list per output channel, one gain per input channel, whole or fine but not both. */
function remixMatrix(
  { channelMapping, channelsIn, channelsOut }: RemixSettings,
  pointer: string,
): ErrorFinding[] {
  if (channelMapping === undefined)
    return channelsOut === undefined
      ? []
      : [refuseMissing(pointer, 'channelMapping', 'Give the gains of each output channel.')];
  const outputs = channelMapping.outputChannels ?? [];
  const at = `${pointer}/channelMapping/outputChannels`;
  const findings =
    channelsOut === undefined ? [] : wrongCount(at, outputs.length, channelsOut, 'channelsOut');
  outputs.forEach(({ inputChannels, inputChannelsFineTune }, index) => {
    if (inputChannels !== undefined && inputChannelsFineTune !== undefined) {
      const message = 'Should not specify both inputChannels and inputChannelsFineTune';
      findings.push(refuse(`${at}/${index}`, message, 'Keep one of the two lists.'));
    }
    for (const [name, gains] of Object.entries({ inputChannels, inputChannelsFineTune })) {
      if (gains !== undefined && channelsIn !== undefined) {
        findings.push(...wrongCount(`${at}/${index}/${name}`, gains.length, channelsIn, 'channelsIn'));
      }
    }
  });
  return findings;
}

/** the channel that is mixed in and the one that controls it come together. */
function descriptionChannels(settings: RemixSettings, pointer: string): ErrorFinding[] {
  const channels = ['audioDescriptionAudioChannel', 'audioDescriptionDataChannel'] as const;
  const given = channels.filter((name) => settings[name] !== undefined);
  if (given.length !== 1) return [];
  return channels
    .filter((name) => settings[name] === undefined)
    .map((name) => refuseMissing(pointer, name, `Give both channels of the audio description, or none.`));
}

function wrongCount(pointer: string, count: number, wanted: number, name: string): ErrorFinding[] {
  if (count === wanted) return [];
  const message = `Should have at ${count < wanted ? 'least' : 'most'} ${wanted} items`;
  return [refuse(pointer, message, `${name} is ${wanted}: give ${wanted} entries.`, String(wanted))];
}
