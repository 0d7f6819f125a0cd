/**
 * Silence behind the sound of an MXF file. Every edit unit holds a picture and its samples (SMPTE ST 379); the library
 * leaves out the last picture when sound ends within it, as it does where another rate rounded the pictures up.
 */
import { Packet } from 'node-av/lib';
import type { TrackTally } from './track-tally.ts';

/** A packet of samples for the track of that index. */
interface Silence {
  readonly trackIndex: number;
  readonly packet: Packet;
}

/** What each track of sound lacks up to the end of the pictures. The caller frees the packets. */
export function missingSilence(tallies: readonly TrackTally[]): readonly Silence[] {
  const picturesUs = Math.max(0, ...tallies.map(({ track, endUs }) => (track.kind === 'video' ? endUs : 0)));
  return tallies.flatMap(({ track, endUs, bytes }, trackIndex) => {
    if (track.kind === 'video') return [];
    const { sampleRateHz } = track.rendition;
    const given = Math.round((endUs * sampleRateHz) / 1_000_000);
    // Instants are rounded to microseconds: a tenth of a sample is none.
    const missing = Math.ceil((picturesUs * sampleRateHz) / 1_000_000 - 0.1) - given;
    if (missing <= 0 || given === 0) return [];
    // PCM: all instants take equally many bytes.
    return [{ trackIndex, packet: silence(given, missing, Math.round(bytes / given) * missing) }];
  });
}

function silence(start: number, samples: number, bytes: number): Packet {
  const packet = new Packet();
  packet.alloc();
  packet.data = Buffer.alloc(bytes);
  packet.pts = BigInt(start);
  packet.dts = packet.pts;
  packet.duration = BigInt(samples);
  return packet;
}
