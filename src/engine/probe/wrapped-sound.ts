/**
 * Data in the place of samples: SMPTE ST 337 puts bursts of coded sound (Dolby E, AC-3) into PCM tracks. Played as sound
 * they are noise at full scale, so the probe looks for their preambles.
 */
import { AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S32 } from 'node-av/constants';
import { type CodecContext, Frame, type Packet, type Stream } from 'node-av/lib';
import { openDecoder } from '../open-decoder.ts';
import { codecNameOf } from './track-facts.ts';

/** Watches one PCM track. */
export interface WrappedSoundWatch {
  see(packet: Packet): void;
  /** Enough was seen to tell. */
  readonly isSettled: boolean;
  /** What the bursts hold; null: the samples are sound. */
  found(): string | null;
  free(): void;
}

/** Sync words Pa and Pb of words of 16, 20 and 24 bits, each at the top of 24 (ST 337 table 6). */
const syncWords: ReadonlyMap<number, number> = new Map([
  [0xf87200, 0x4e1f00],
  [0x6f8720, 0x54e1f0],
  [0x96f872, 0xa54e1f],
]);
/** Data types (ST 338 table 1). */
const dataTypes: Readonly<Record<number, string>> = { 1: 'ac3', 16: 'eac3', 28: 'dolby_e' };
/** Bursts come once a picture or more often; two are no coincidence. */
const wantedBursts = 2;
const wantedSeconds = 0.25;

/** Null for tracks that are no PCM. */
export function watchWrappedSound(stream: Stream): WrappedSoundWatch | null {
  const decoder = /^pcm_s(16|20|24|32)/.test(codecNameOf(stream)) ? tryDecoder(stream) : null;
  if (decoder === null) return null;
  const frame = new Frame();
  frame.alloc();
  const wantedSamples = wantedSeconds * stream.codecpar.sampleRate;
  let samples = 0;
  let bursts = 0;
  let dataType = 0;

  const look = (): void => {
    const data = frame.data?.[0];
    const is16Bit = frame.format === AV_SAMPLE_FMT_S16;
    if (data === undefined || (!is16Bit && frame.format !== AV_SAMPLE_FMT_S32)) return;
    const bytes = is16Bit ? 2 : 4;
    const words = frame.nbSamples * frame.channels;
    const wordAt = (index: number): number =>
      is16Bit ? data.readUInt16LE(index * bytes) << 8 : data.readUInt32LE(index * bytes) >>> 8;
    for (let index = 0; index + 2 < words; index += 1) {
      if (syncWords.get(wordAt(index)) !== wordAt(index + 1)) continue;
      bursts += 1;
      // Pc says what the burst holds: five bits at the end of the sixteen uppermost.
      dataType = (wordAt(index + 2) >>> 8) & 0x1f;
    }
  };

  return {
    see(packet) {
      if (decoder.sendPacketSync(packet) < 0) return;
      while (decoder.receiveFrameSync(frame) >= 0) {
        look();
        samples += frame.nbSamples;
        frame.unref();
      }
    },
    get isSettled() {
      return bursts >= wantedBursts || samples >= wantedSamples;
    },
    found: () => (bursts < wantedBursts ? null : (dataTypes[dataType] ?? `smpte337 data type ${dataType}`)),
    free() {
      frame.free();
      decoder.freeContext();
    },
  };
}

/** A track that cannot be decoded is refused for that. */
function tryDecoder(stream: Stream): CodecContext | null {
  try {
    return openDecoder(stream, 1);
  } catch {
    return null;
  }
}
