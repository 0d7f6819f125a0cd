/** Writes one output of an HLS group: transport stream or packed audio segments. */
import type { EngineObjects } from '../engine/objects.ts';
import { describeDataStreams } from '../engine/transport/data-streams.ts';
import type { HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import type { SignalReader, SignalTimeline } from '../signals/signal-timeline.ts';
import { type ContentKey, type GroupKeys, singleKeyOf } from './encryption/content-keys.ts';
import { segmentCiphers } from './encryption/segment-cipher.ts';
import { createKeyFrameFiles, type KeyFrameFiles } from './key-frame-files.ts';
import { openPackedAudioMuxer } from './packed-audio-muxer.ts';
import { createSampleEncryption, type SampleEncryption } from './sample-aes/sample-encryption.ts';
import type { CutTimeline } from './segment-cuts.ts';
import { createSegmentFiles } from './segment-files.ts';
import { transportOffset } from './segment-muxer.ts';
import { createSegmentedWriter, type SegmentedWriter } from './segmented-writer.ts';
import { createSegmenter } from './segmenter.ts';
import type { SpliceCuts } from './splice-cuts.ts';
import { withTimestampTags } from './timestamp-tags.ts';
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
  readonly splices: SpliceCuts | null;
  readonly signals: SignalTimeline;
}

/** Makes the writer; nothing is created before the first packet. */
export function createHlsOutputWriter(options: HlsWriterOptions): HlsOutputWriter {
  const { group, output, timeline } = options;
  const hasVideo = output.videoRenditionId !== null;
  let keyFrameFiles: KeyFrameFiles | null = null;
  const data = readData(options);
  return createSegmentedWriter({
    group,
    output,
    timeline,
    splices: options.splices,
    reportedLocations: output.playlistLocation === null ? [] : [output.playlistLocation],
    otherObjects: () => keyFrameFiles?.objects ?? [],
    open(tracks, meter) {
      // Followers cut where the leader does, and it has weighed the last segment already.
      const minFinalUs = hasVideo || timeline.hasEnded ? Math.round(group.minFinalSegmentSeconds * 1e6) : 0;
      const key = singleKeyOf(options.keys, output);
      const cipherOf = options.keys?.scheme === 'aes-128' ? segmentCiphers(key) : null;
      const encryption = options.keys?.scheme === 'sample-aes' ? sampleEncryptionOf(key) : null;
      const files = createSegmentFiles({ ...options, minFinalUs, cipherOf });
      const location = output.iFrameSegmentLocation;
      const [video] = tracks;
      const keyFrames =
        location === undefined || video === undefined
          ? null
          : createKeyFrameFiles({ ...options, location, video, cipherOf, encryption });
      keyFrameFiles = keyFrames;
      const open = output.segmentFormat === 'mpegts' ? openTsMuxer : openPackedAudioMuxer;
      const muxer = open(output, tracks, files.write, encryption);
      const segmenter = createSegmenter({
        ...options,
        files,
        muxer,
        keyFrameFiles: keyFrames,
        meter,
        data,
      });
      const { place, write, endVideo } = segmenter;
      return {
        place,
        write,
        endVideo,
        ready: () => both(keyFrames?.ready() ?? null, files.ready()),
        async finish(endUs) {
          segmenter.finish(endUs);
          muxer.flush();
          await keyFrames?.ready();
          await files.finish(endUs);
        },
        async abort() {
          await keyFrames?.abort();
          await files.abort();
        },
        close() {
          muxer.close();
          keyFrames?.close();
        },
        published: files.published,
      };
    },
  });
}

function sampleEncryptionOf(key: ContentKey | null): SampleEncryption | null {
  return key === null ? null : createSampleEncryption(key);
}

function both(one: Promise<void> | null, other: Promise<void> | null): Promise<void> | null {
  return one === null || other === null ? (one ?? other) : Promise.all([one, other]).then(() => {});
}

/** Data of the output; null where it has none. */
function readData({ output, signals }: HlsWriterOptions): SignalReader | null {
  if (output.data === undefined) return null;
  const reader = signals.reader(describeDataStreams(output.data, 0, true).wish);
  const { timestampTags } = output;
  if (timestampTags === undefined) return reader;
  return withTimestampTags(reader, timestampTags, transportOffset(output.timestampOffsetMs));
}
