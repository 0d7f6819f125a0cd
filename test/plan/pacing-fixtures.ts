/** Renditions at a rate, and what is taken from theirs. */
import type { H264Settings, H265Settings } from '../../src/contract/types.generated.ts';
import type { InputFacts } from '../../src/plan/facts.ts';
import type { VideoRendition } from '../../src/plan/plan.ts';
import { hdFacts } from './facts-fixtures.ts';
import { h264Video, h265Video, mp4Job, mustPlan, onlyVideo } from './plan-fixtures.ts';

/** An input of so many seconds. */
export const lasting = (seconds: number): InputFacts => ({ ...hdFacts(), durationUs: seconds * 1_000_000 });
/** The rendition of an MP4 of it. */
export const h264 = (settings: Partial<H264Settings>, seconds = 60): VideoRendition =>
  onlyVideo(mustPlan(mp4Job(h264Video(settings)), lasting(seconds)));
/** The same in H.265. */
export const h265 = (settings: Partial<H265Settings>, seconds = 60): VideoRendition =>
  onlyVideo(mustPlan(mp4Job(h265Video(settings)), lasting(seconds)));

/** A constant rate with two seconds of buffer. */
export const constant = { rateControlMode: 'CBR', bitrate: 3_000_000, hrdBufferSize: 6_000_000 } as const;

/** Groups of 60 pictures by default, of which scene changes may make two. */
export const perKeyFrame = (8 * 30_000) / 1001 / 30;
/** The buffer is told of at key frames, in 8 bytes more. */
export const keyFrameBps = Math.ceil(8 * perKeyFrame);
/** And the stream ends in marks, and begins with the encoder's text where parameter sets are in a header. */
export const besideBits = 8 * (8 + 12 + 800);
/** What x265 leaves out of every picture. */
export const uncountedBps = Math.ceil((15 * 8 * 30_000) / 1001 + 8 * perKeyFrame);
