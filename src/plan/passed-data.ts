/**
 * Data in the place of samples (SMPTE ST 337) that goes out as it came in: `smpte337Passthrough` ENABLED. It survives
 * nothing but a codec without loss, of the source's rate, channels and depth (ST 337 6: words at the top of the samples).
 */
import type { AudioSelector } from '../contract/types.generated.ts';
import type { AudioEncode } from './audio-encode.ts';
import type { SelectedAudio } from './audio-selectors.ts';
import type { AudioTrackFacts } from './facts.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Codecs that give the samples back as they were. */
const losslessCodecs: readonly string[] = ['WAV', 'AIFF', 'FLAC'];

/** The widest words that ST 337 has. */
const mostWordBits = 24;

/** ENABLED takes data in the place of samples for samples; without it such tracks are refused (1030). */
export function readDataPassthrough(
  selector: SettingsReader<AudioSelector>,
  tracks: readonly AudioTrackFacts[],
): boolean {
  if (tracks.some(({ wrapped }) => wrapped !== undefined))
    return selector.read('smpte337Passthrough') === 'ENABLED';
  selector.withoutEffect('smpte337Passthrough', 'the tracks hold sound, not data', ['DISABLED']);
  return false;
}

/** Whether what is refused of a track is only that it holds data. */
export function isRefusedForData({ wrapped, refusal }: AudioTrackFacts): boolean {
  return wrapped !== undefined && refusal?.parameters['codec'] === wrapped;
}

/** Why data would be damaged on the way into an encode, in a clause; null: it is sound, or nothing changes it. */
export function whyDataIsDamaged(
  { passesData, tracks }: SelectedAudio,
  { encoder, channels, sampleRateHz, sampleFormat }: AudioEncode,
  isTouched: boolean,
): string | null {
  if (!passesData) return null;
  const reason = 'data that passes through (smpte337Passthrough)';
  if (!losslessCodecs.includes(encoder.codec)) return `${reason} fits ${losslessCodecs.join(', ')} alone`;
  if (isTouched) return `${reason} takes no remix and no normalization`;
  const sourceChannels = tracks.reduce((sum, track) => sum + track.channels, 0);
  if (channels !== sourceChannels)
    return `${reason} keeps its ${sourceChannels} channels, and the codec is asked for ${channels}`;
  const rate = tracks.find((track) => track.sampleRateHz !== sampleRateHz)?.sampleRateHz;
  if (rate !== undefined) return `${reason} keeps its ${rate} Hz, and the codec is asked for ${sampleRateHz}`;
  const bits = Math.min(mostWordBits, Math.max(...tracks.map(({ bitDepth }) => bitDepth)));
  if (sampleFormat === 's16' && bits > 16)
    return `${reason} keeps its ${bits} bits, and the codec is asked for 16`;
  return null;
}
