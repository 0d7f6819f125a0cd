/** How sound should be: codec, channels, rate, depth and length. */
import type { AudioDescription } from '../../src/contract/types.generated.ts';
import type { AudioRendition } from '../../src/plan/plan.ts';
import type { MadePictures, MadeSound } from './read-made.ts';
import { type AskedOutput, differs } from './setting-asked.ts';
import { soundSeconds, sources } from './setting-sources.ts';

const soundCodecs: Readonly<Record<string, RegExp>> = {
  AAC: /^(aac|aac_latm)$/,
  AC3: /^ac3$/,
  EAC3: /^eac3$/,
  AIFF: /^pcm_s(16|24)(be|le)$/,
  WAV: /^pcm_(s(16|24)(le|be)|bluray|s302m)|s302m$/,
  FLAC: /^flac$/,
  // Of short streams the layer is not looked at before the decoder is chosen, which decodes both.
  MP2: /^mp[23](float)?$/,
  MP3: /^mp3(float)?$/,
  OPUS: /^(opus|libopus)$/,
  VORBIS: /^(vorbis|libvorbis)$/,
};

const codedChannels: Readonly<Record<string, number>> = {
  CODING_MODE_1_0: 1,
  CODING_MODE_1_1: 2,
  CODING_MODE_2_0: 2,
  CODING_MODE_3_2: 5,
  CODING_MODE_3_2_LFE: 6,
  CODING_MODE_5_1: 6,
  AD_RECEIVER_MIX: 1,
};

interface AnySoundBlock {
  readonly sampleRate?: number;
  readonly channels?: number;
  readonly codingMode?: string;
  readonly bitDepth?: number;
  readonly codecProfile?: string;
  readonly lfeControl?: string;
}

/** One sentence for each difference. `pictures` are those beside the sound. */
export function soundDefects(
  asked: AskedOutput,
  { codecSettings }: AudioDescription,
  planned: AudioRendition,
  made: MadeSound,
  pictures: MadePictures | null,
): string[] {
  const codec = codecSettings?.codec ?? '';
  const block = (Object.entries(codecSettings ?? {}).find(([name]) => name.endsWith('Settings'))?.[1] ??
    {}) as AnySoundBlock;
  const defects: string[] = [];
  if (soundCodecs[codec]?.test(made.codec) !== true)
    defects.push(`sound is ${made.codec} instead of ${codec}`);
  defects.push(...channelDefects(codec, block, planned, made));
  // The decoder of Opus gives 48 kHz whatever was encoded.
  if (codec !== 'OPUS') {
    defects.push(...differs('sample rate as planned', planned.sampleRateHz, made.sampleRateHz));
    if (block.sampleRate !== undefined)
      defects.push(...differs('sample rate', block.sampleRate, made.sampleRateHz));
  }
  if (['WAV', 'AIFF'].includes(codec) && block.bitDepth !== undefined && !/bluray|s302m/.test(made.codec))
    defects.push(...differs('bits of a sample', block.bitDepth, Number(/\d+/.exec(made.codec)?.[0])));
  return [...defects, ...lengthDefects(asked, made, pictures)];
}

function channelDefects(
  codec: string,
  block: AnySoundBlock,
  planned: AudioRendition,
  made: MadeSound,
): string[] {
  const coded = codedChannels[block.codingMode ?? ''];
  const lfe =
    codec === 'EAC3' && block.codingMode === 'CODING_MODE_3_2' && block.lfeControl !== 'NO_LFE' ? 1 : 0;
  const given = coded === undefined ? block.channels : coded + lfe;
  const isGiven = given !== undefined && given > 0;
  return [
    ...differs('channels as planned', channelsOf(planned.channelLayout), made.channels),
    ...(isGiven ? differs('channels', given, made.channels) : []),
  ];
}

/** Channels of a layout by its library name. */
function channelsOf(layout: string): number {
  const counted = /^(\d+)(?:\.(\d+))?/.exec(layout);
  const named: Readonly<Record<string, number>> = {
    mono: 1,
    stereo: 2,
    downmix: 2,
    quad: 4,
    hexagonal: 6,
    octagonal: 8,
  };
  return named[layout.replace(/\(.*/, '')] ?? Number(counted?.[1] ?? 0) + Number(counted?.[2] ?? 0);
}

function lengthDefects(asked: AskedOutput, made: MadeSound, pictures: MadePictures | null): string[] {
  const hasClips = asked.clippings.some((clips) => clips !== undefined);
  if (pictures !== null && pictures.frames > 0 && asked.video !== null) {
    const { num, den } = asked.video.frameRate;
    const seconds = (pictures.frames * den) / num;
    const isNear =
      Math.abs(made.seconds - seconds) < 0.15 || made.seconds < soundSeconds * asked.sources.length + 0.15;
    return isNear ? [] : [`sound of ${made.seconds.toFixed(3)} s beside pictures of ${seconds.toFixed(3)} s`];
  }
  if (hasClips) return [];
  const lengths = asked.sources.map((name) => {
    const { video } = sources[name];
    const shown = video === undefined ? 0 : (video.frames * video.frameRate[1]) / video.frameRate[0];
    return [
      Math.min(shown === 0 ? soundSeconds : shown, soundSeconds),
      Math.max(shown, soundSeconds),
    ] as const;
  });
  const least = lengths.reduce((sum, [short]) => sum + short, 0);
  const most = lengths.reduce((sum, [, long]) => sum + long, 0);
  const isOff = made.seconds < least - 0.03 || made.seconds > most + 0.12;
  return isOff ? [`sound of ${made.seconds.toFixed(3)} s instead of ${least}`] : [];
}
