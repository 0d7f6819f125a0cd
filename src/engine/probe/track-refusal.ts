/** Decides which tracks cannot be used, by the documented tables (spec inputs.md 2–5, errors.md 1030). */
import { AV_CODEC_ID_NONE } from 'node-av/constants';
import type { Stream } from 'node-av/lib';
import { type FaultFacts, type FaultRecord, jobFault } from '../../catalogue/fault.ts';
import { acceptedCodecs, type CodecRow, refusedProfiles } from './input-codecs.table.ts';
import { codecNameOf } from './track-facts.ts';

/** Why a video stream is refused; null: it is not. */
export function refuseVideo(stream: Stream, row: CodecRow): FaultRecord | null {
  const codec = codecNameOf(stream);
  if (!isListed(codec, acceptedCodecs[row].video)) {
    return jobFault(1030, 'video-codec', { codec }, facts(codec, row, acceptedCodecs[row].video)).record;
  }
  const profile = refusedProfiles.find(
    (entry) => entry.codec === codec && entry.profile === stream.codecpar.profile,
  );
  if (profile === undefined || row === 'output') return null;
  const mediaFact = `stream ${stream.index} is ${codec}, ${profile.what}`;
  return jobFault(1030, 'video-property', { what: profile.what }, { component: 'probe', mediaFact }).record;
}

/** Why an audio stream is refused; null: it is not. `track` counts audio tracks from 1. */
export function refuseAudio(stream: Stream, track: number, row: CodecRow): FaultRecord | null {
  const codec = codecNameOf(stream);
  if (isUndescribed(stream)) {
    const mediaFact = `audio track ${track} has no sample description: nothing says how its samples decode`;
    return jobFault(1021, 'no-frames-of-track', { track }, { component: 'probe', mediaFact }).record;
  }
  if (!isListed(codec, acceptedCodecs[row].audio)) {
    return jobFault(1030, 'audio-codec', { codec, track }, facts(codec, row, acceptedCodecs[row].audio))
      .record;
  }
  if (stream.codecpar.sampleRate > 0 && stream.codecpar.channels > 0) return null;
  const mediaFact = `no ${codec} frame header was found in audio track ${track}`;
  return codec === 'ac3' || codec === 'eac3'
    ? jobFault(1092, 'dolby-header', {}, { component: 'probe', mediaFact }).record
    : jobFault(1092, 'decoder-failed', { cause: mediaFact }, { component: 'probe', mediaFact }).record;
}

/** Coded sound in the place of PCM samples (`codec`) is not unwrapped; played as it is, it would be noise. null: it is sound. */
export function refuseWrapped(codec: string | null, track: number): FaultRecord | null {
  if (codec === null) return null;
  const mediaFact = `audio track ${track} holds ${codec} in SMPTE ST 337 bursts, not sound`;
  return jobFault(1030, 'audio-codec', { codec, track }, { component: 'probe', mediaFact, expected: 'PCM' })
    .record;
}

/** Without a sample entry there is not even a code for the codec (ISO files); a codec that is merely foreign has one. */
function isUndescribed({ codecpar }: Stream): boolean {
  return codecpar.codecId === AV_CODEC_ID_NONE && codecpar.codecTag === 0;
}

function isListed(codec: string, names: readonly string[]): boolean {
  return names.some((name) => (name.endsWith('*') ? codec.startsWith(name.slice(0, -1)) : codec === name));
}

function facts(codec: string, row: CodecRow, names: readonly string[]): FaultFacts {
  const expected =
    names.length === 0 ? 'another container' : names.map((name) => name.replace('*', '')).join(', ');
  return { component: 'probe', mediaFact: `${codec} in container ${row}`, expected };
}
