/** An audio description's codec settings → encode, or copy (spec audio.md 3). */
import type { AudioCodec, AudioCodecSettings } from '../contract/types.generated.ts';
import { type HeAacPolicy, planAac } from './aac.ts';
import type { AudioCodecPlace, AudioEncode } from './audio-encode.ts';
import { planAc3, planEac3 } from './dolby.ts';
import type { FindingLog } from './finding-log.ts';
import { planMp2, planMp3 } from './mpeg-audio.ts';
import { planOpus, planVorbis } from './open-audio.ts';
import { planAiff, planFlac, planWav } from './pcm.ts';
import type { SettingsReader } from './settings-reader.ts';

/** The block of each codec, in the model's order. */
const blocks = {
  AAC: 'aacSettings',
  AC3: 'ac3Settings',
  AC4: 'ac4Settings',
  AIFF: 'aiffSettings',
  EAC3: 'eac3Settings',
  EAC3_ATMOS: 'eac3AtmosSettings',
  FLAC: 'flacSettings',
  MP2: 'mp2Settings',
  MP3: 'mp3Settings',
  OPUS: 'opusSettings',
  VORBIS: 'vorbisSettings',
  WAV: 'wavSettings',
} as const;

/** Codecs without an open encoder. */
const licensedCodecs: readonly string[] = ['AC4', 'EAC3_ATMOS'];

/** Source codecs that can be copied instead of encoded again, by the codec that asks for it with WHEN_POSSIBLE. */
const copiedCodecs = { AAC: 'aac', EAC3: 'eac3' } as const;

/** Codecs of Dolby that a passthrough carries (spec audio.md A-11). */
const passthroughCodecs: readonly string[] = ['ac3', 'eac3'];

/**
 * What becomes of the sound: an encode, `copy` of the source's packets, or null with findings. `canCopy` says that the
 * source is one track that nothing changes on the way.
 */
export function planAudioCodec(
  settings: SettingsReader<AudioCodecSettings>,
  place: AudioCodecPlace,
  canCopy: boolean,
  heAac: HeAacPolicy,
  findings: FindingLog,
): AudioEncode | 'copy' | null {
  const codec = settings.require('codec');
  if (codec === null) return null;
  for (const [other, block] of Object.entries(blocks)) {
    if (other === codec) continue;
    if (licensedCodecs.includes(other)) settings.postponed(block, 'its encoder is licensed, and refused');
    else settings.withoutEffect(block, `the codec is ${codec}`);
  }
  if (wantsCopy(settings, codec)) {
    if (canCopy && codec in copiedCodecs && copiedCodecs[codec as 'AAC'] === place.sourceCodec) {
      const block = blocks[codec as 'AAC'];
      settings.withoutEffect(block, 'the sound of the source is copied as it is');
      return 'copy';
    }
  }
  switch (codec) {
    case 'AAC':
      return planAac(settings.child('aacSettings'), place, heAac, findings);
    case 'AC3':
      return planAc3(settings.child('ac3Settings'), place, findings);
    case 'EAC3':
      return planEac3(settings.child('eac3Settings'), place, findings);
    case 'WAV':
      return planWav(settings.child('wavSettings'), place, findings);
    case 'AIFF':
      return planAiff(settings.child('aiffSettings'), place, findings);
    case 'FLAC':
      return planFlac(settings.child('flacSettings'), place, findings);
    case 'MP2':
      return planMp2(settings.child('mp2Settings'), place, findings);
    case 'MP3':
      return planMp3(settings.child('mp3Settings'), place, findings);
    case 'OPUS':
      return planOpus(settings.child('opusSettings'), place);
    case 'VORBIS':
      return planVorbis(settings.child('vorbisSettings'), place);
    case 'PASSTHROUGH':
      return planPassthrough(settings, place, canCopy, findings);
    case 'EAC3_ATMOS':
      return refuseLicensed(
        settings,
        'eac3AtmosSettings',
        'Dolby Digital Plus JOC (Atmos) encoding requires a licensed encoder',
      );
    case 'AC4':
      return refuseLicensed(settings, 'ac4Settings', 'Dolby AC-4 encoding requires a licensed encoder');
  }
}

/** `passthroughControl` WHEN_POSSIBLE of the codec's own block. */
function wantsCopy(settings: SettingsReader<AudioCodecSettings>, codec: AudioCodec): boolean {
  if (codec === 'AAC') return settings.child('aacSettings').read('passthroughControl') === 'WHEN_POSSIBLE';
  return codec === 'EAC3' && settings.child('eac3Settings').read('passthroughControl') === 'WHEN_POSSIBLE';
}

function planPassthrough(
  settings: SettingsReader<AudioCodecSettings>,
  place: AudioCodecPlace,
  canCopy: boolean,
  findings: FindingLog,
): 'copy' | null {
  if (canCopy && place.sourceCodec !== null && passthroughCodecs.includes(place.sourceCodec)) return 'copy';
  const reason =
    place.sourceCodec === null || passthroughCodecs.includes(place.sourceCodec)
      ? 'passthrough copies one track of one whole input: no remix, no normalization, no joined tracks, inputs or clips'
      : `passthrough takes Dolby Digital and Dolby Digital Plus, and the source is ${place.sourceCodec}`;
  findings.incompatible(settings.at('codec'), reason);
  return null;
}

function refuseLicensed(
  settings: SettingsReader<AudioCodecSettings>,
  block: 'ac4Settings' | 'eac3AtmosSettings',
  reason: string,
): null {
  settings.refuse('codec', reason);
  settings.postponed(block, reason);
  return null;
}
