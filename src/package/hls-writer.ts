/** Writes one output of an HLS group: transport stream or packed audio segments. */
import type { EngineObjects } from '../engine/objects.ts';
import type { HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import type { GroupKeys } from './encryption/content-keys.ts';
import { segmentCiphers } from './encryption/segment-cipher.ts';
import { openPackedAudioMuxer } from './packed-audio-muxer.ts';
import { createSampleEncryption, type SampleEncryption } from './sample-aes/sample-encryption.ts';
import type { CutTimeline } from './segment-cuts.ts';
import { createSegmentFiles } from './segment-files.ts';
import { createSegmentedWriter, type SegmentedWriter } from './segmented-writer.ts';
import { createSegmenter } from './segmenter.ts';
import { openTsMuxer } from './ts-muxer.ts';

/** An output in the making, as its group sees it. */
export type HlsOutputWriter = SegmentedWriter<HlsOutput>;

/** What a writer needs of its group. */
export interface HlsWriterOptions {
  readonly group: HlsOutputGroup;
  readonly output: HlsOutput;
  readonly objects: EngineObjects;
  readonly timeline: CutTimeline;
  /** True for the one output whose cuts the others follow. */
  readonly leads: boolean;
  readonly onPublished: () => void;
  /** Null for clear groups. */
  readonly keys: GroupKeys | null;
}

/** Makes the writer; nothing is created before the first packet. */
export function createHlsOutputWriter(options: HlsWriterOptions): HlsOutputWriter {
  const { group, output, timeline } = options;
  const hasVideo = output.videoRenditionId !== null;
  return createSegmentedWriter({
    group,
    output,
    timeline,
    reportedLocations: output.playlistLocation === null ? [] : [output.playlistLocation],
    open(tracks, meter) {
      // Followers cut where the leader does, and it has weighed the last segment already.
      const minFinalUs = hasVideo || timeline.hasEnded ? Math.round(group.minFinalSegmentSeconds * 1e6) : 0;
      const files = createSegmentFiles({
        ...options,
        minFinalUs,
        cipherOf: segmentCiphers(options.keys),
      });
      const open = output.segmentFormat === 'mpegts' ? openTsMuxer : openPackedAudioMuxer;
      const muxer = open(output, tracks, files.write, sampleEncryptionOf(options.keys));
      const { place, write, endVideo } = createSegmenter({ ...options, files, muxer, meter });
      return {
        place,
        write,
        endVideo,
        ready: files.ready,
        async finish(endUs) {
          muxer.flush();
          await files.finish(endUs);
        },
        abort: files.abort,
        close: muxer.close,
        published: files.published,
      };
    },
  });
}

/** One key for all tracks: transport streams have one place to name it. Null unless samples are encrypted. */
function sampleEncryptionOf(keys: GroupKeys | null): SampleEncryption | null {
  const [key] = keys?.keys ?? [];
  return keys?.scheme === 'sample-aes' && key !== undefined ? createSampleEncryption(key) : null;
}
