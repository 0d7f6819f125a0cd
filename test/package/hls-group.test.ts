import { describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { createHlsGroupWriter } from '../../src/package/hls-group.ts';
import { decodeBytes } from './support/decode.ts';
import { driveGroup } from './support/drive.ts';
import { audioOutput, hlsGroup, videoOutput } from './support/hls-plan.ts';
import { createMemoryObjects } from './support/memory-objects.ts';
import { encodeTinyAudio, encodeTinyVideo } from './support/tiny-encode.ts';

describe('probe', () => {
  it('writes', async () => {
    const video = encodeTinyVideo({ frames: 125, forcedKeyFrameSeconds: rational(2) });
    const audio = encodeTinyAudio({ seconds: 5 });
    const objects = createMemoryObjects();
    const group = hlsGroup(
      [
        videoOutput(0, '_a', {
          audioRenditionIds: ['x'],
          iFramePlaylistLocation: 's3://out/vod/clip_a_I-Frame.m3u8',
        }),
        audioOutput(1, '_b'),
      ],
      { progressiveManifests: true },
    );
    const writer = createHlsGroupWriter(group, objects);
    const result = await driveGroup(writer, [
      { outputIndex: 0, tracks: [video, audio] },
      { outputIndex: 1, tracks: [audio] },
    ]);
    video.free();
    audio.free();
    expect(1).toBe(1);
  });
});
