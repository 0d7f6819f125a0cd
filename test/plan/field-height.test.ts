/** Heights that two fields can share (spec video.md 1), told with everything else that is wrong. */
import { describe, expect, test } from 'vitest';
import { hdFacts, videoTrack } from './facts-fixtures.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  jobWith,
  mp4Job,
  mp4Output,
  mustPlan,
  onlyVideo,
  planOf,
} from './plan-fixtures.ts';

describe('of interlaced pictures', () => {
  test('a height that cannot be halved is refused', () => {
    const job = mp4Job(h264Video({ interlaceMode: 'TOP_FIELD' }, { width: 640, height: 358 }));
    expect(errorsOf(planOf(job))).toEqual([expect.stringContaining('multiple of 4')]);
  });

  test('it is told beside a size that the codec does not have', () => {
    const avcIntraSettings = { avcIntraClass: 'CLASS_50', interlaceMode: 'TOP_FIELD' } as const;
    const codecSettings = { codec: 'AVC_INTRA', avcIntraSettings } as const;
    const output = mp4Output({ width: 1440, height: 1082, codecSettings });
    expect(errorsOf(planOf(jobWith([fileGroup([output])])))).toEqual([
      expect.stringContaining('1440'),
      expect.stringContaining('multiple of 4'),
    ]);
  });

  test('it is told beside a frame rate that is missing', () => {
    const unknown = hdFacts({ videoTracks: [videoTrack({ frameRate: null })] });
    const job = mp4Job(h264Video({ interlaceMode: 'TOP_FIELD' }, { width: 640, height: 358 }));
    expect(errorsOf(planOf(job, unknown))).toEqual([
      expect.stringContaining('there is no frame rate information'),
      expect.stringContaining('multiple of 4'),
    ]);
  });

  test('486 lines are halved where the chroma has all lines', () => {
    const size = { width: 720, height: 486 };
    const high = h264Video({ interlaceMode: 'BOTTOM_FIELD', codecProfile: 'HIGH_422' }, size);
    const { scan, heightPx, filters } = onlyVideo(mustPlan(mp4Job(high)));
    expect([scan, heightPx]).toEqual(['bottom-field-first', 486]);
    expect(filters.at(-1)).toEqual({ name: 'format', options: { pix_fmts: 'yuv422p' } });
  });
});
