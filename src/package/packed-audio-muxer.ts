/**
 * Packed audio segments (RFC 8216 3.4): bare frames one behind the other, AAC with ADTS headers, and in front of each
 * segment, when asked, the ID3 tag with its time. Needs no library.
 */
import type { EncodedTrack } from '../engine/output-writer.ts';
import type { HlsOutput } from '../plan/group-plan.ts';
import { audioDescriptionTag, timestampTag } from '../signals/id3-tags.ts';
import { adtsHeader, parseAacConfiguration } from './adts.ts';
import type { Instant } from './instant.ts';
import { audioSetup } from './sample-aes/audio-setup.ts';
import type { SampleEncryption } from './sample-aes/sample-encryption.ts';
import { type ByteSink, type SegmentMuxer, toTransportTicks, transportOffset } from './segment-muxer.ts';

/** Opens the writer of one audio-only output. Throws TypeError for AAC that ADTS cannot carry. */
export function openPackedAudioMuxer(
  output: HlsOutput,
  tracks: readonly EncodedTrack[],
  sink: ByteSink,
  encryption: SampleEncryption | null = null,
): SegmentMuxer {
  const track = tracks[0];
  if (track?.kind !== 'audio' || tracks.length !== 1) throw new TypeError('packed audio is one audio track');
  const aac =
    output.segmentFormat === 'adts'
      ? parseAacConfiguration(track.encoder.extraData ?? new Uint8Array())
      : null;
  const offset90k = transportOffset(output.timestampOffsetMs + (output.audioOffsetMs ?? 0));
  const { codec } = track.rendition.encoder;
  const { extraData } = track.encoder;
  /** Where the segment begins whose tag is still to be written: encrypted Dolby sound is described by its first frame. */
  let begun: Instant | null = null;

  function writeTags(start: Instant, firstFrame: Uint8Array): void {
    if (output.timedId3Header) sink(timestampTag(toTransportTicks(start, offset90k)));
    const setup = encryption === null ? null : audioSetup(codec, extraData, firstFrame);
    if (setup !== null) sink(audioDescriptionTag(setup));
  }

  return {
    beginSegment(start) {
      begun = start;
    },
    writeVideo() {
      throw new TypeError('packed audio has no video track');
    },
    writeAudio(_trackIndex, frame) {
      if (begun !== null) writeTags(begun, frame.bytes);
      begun = null;
      const header = aac === null ? Buffer.alloc(0) : adtsHeader(aac, frame.bytes.length);
      const bytes = Buffer.concat([header, frame.bytes]);
      sink(encryption === null ? bytes : encryption.sound(bytes, header.length));
    },
    writeData() {
      throw new TypeError('packed audio has no room for data');
    },
    repeatTables() {},
    flush() {},
    close() {},
  };
}
