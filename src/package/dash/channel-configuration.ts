/** `AudioChannelConfiguration` (spec packaging.md 6.2). */
import type { MpdRules } from '../../plan/group-plan.ts';
import type { MeasuredTracks } from '../measured-tracks.ts';
import { element, type XmlElement } from '../xml.ts';

const mpegScheme = 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011';
const dolbyScheme = 'tag:dolby.com,2014:dash:audio_channel_configuration:2011';

/** Channel configuration index by channels (ISO/IEC 23003-3 table 68); up to 6 it is the number itself. */
const configurationIndex: Readonly<Record<number, number>> = { 8: 12 };

/** Positions as a mask of 16 bits, left channel first (ETSI TS 102 366 E.1.3.1.8). */
const dolbyMasks: Readonly<Record<number, string>> = { 1: '4000', 2: 'A000', 6: 'F801', 8: 'FA01' };

const dolbyCodecs: ReadonlySet<string> = new Set(['AC3', 'EAC3', 'EAC3_ATMOS']);

/** How the channels of a track are laid out; the Dolby scheme counts for Dolby codecs alone. */
export function channelConfiguration(
  { channels, codecName }: MeasuredTracks['audio'][number],
  scheme: MpdRules['channelScheme'],
): XmlElement {
  const mask = dolbyMasks[channels];
  if (scheme === 'DOLBY' && dolbyCodecs.has(codecName) && mask !== undefined)
    return element('AudioChannelConfiguration', { schemeIdUri: dolbyScheme, value: mask });
  return element('AudioChannelConfiguration', {
    schemeIdUri: mpegScheme,
    value: configurationIndex[channels] ?? channels,
  });
}
