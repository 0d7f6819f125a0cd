/**
 * Packed audio segments (RFC 8216 3.4): bare frames one behind the other, AAC with ADTS headers, and in front of each
 * segment, when asked, the ID3 tag with its time. Needs no library.
 */
import type { EncodedTrack } from '../engine/output-writer.ts';
import type { HlsOutput } from '../plan/group-plan.ts';
import { timestampTag } from '../signals/id3-tags.ts';
import { adtsHeader, parseAacConfiguration } from './adts.ts';
import { type ByteSink, type SegmentMuxer, toTransportTicks, transportOffset } from './segment-muxer.ts';

/** Opens the writer of one audio-only output. Throws TypeError for AAC that ADTS cannot carry. */
export function openPackedAudioMuxer(
  output: HlsOutput,
  tracks: readonly EncodedTrack[],
  sink: ByteSink,
): SegmentMuxer {
  const track = tracks[0];
  if (track?.kind !== 'audio' || tracks.length !== 1) throw new TypeError('packed audio is one audio track');
  const aac =
    output.segmentFormat === 'adts'
      ? parseAacConfiguration(track.encoder.extraData ?? new Uint8Array())
      : null;
  const offset90k = transportOffset(output.timestampOffsetMs);
  return {
    beginSegment(start) {
      if (output.timedId3Header) sink(timestampTag(toTransportTicks(start, offset90k)));
    },
    writeVideo() {
      throw new TypeError('packed audio has no video track');
    },
    writeAudio(_trackIndex, frame) {
      if (aac !== null) sink(adtsHeader(aac, frame.bytes.length));
      sink(frame.bytes);
    },
    writeData() {
      throw new TypeError('packed audio has no room for data');
    },
    repeatTables() {},
    flush() {},
    close() {},
  };
}
