/** Containers without settings: elementary streams, WebM, Ogg, Y4M, GIF (spec containers.md 11, naming.md 4). */
import type { ContainerPlan } from './file-container.ts';
import type { OutputTracks } from './job-scope.ts';

/** An elementary video stream as a file, by codec. */
const rawVideo: Readonly<
  Record<string, { readonly muxer: string; readonly extension: string; readonly contentType?: string }>
> = {
  H_264: { muxer: 'h264', extension: 'h264' },
  H_265: { muxer: 'hevc', extension: 'h265' },
  MPEG2: { muxer: 'mpeg2video', extension: 'mpg' },
  VC3: { muxer: 'dnxhd', extension: 'vc3' },
  AVC_INTRA: { muxer: 'h264', extension: 'avci' },
  XAVC: { muxer: 'h264', extension: 'xavc' },
  GIF: { muxer: 'gif', extension: 'gif', contentType: 'image/gif' },
};

/** One elementary stream without a container, or numbered pictures; null when there is no such stream. */
export function planRaw({ video, audio }: OutputTracks): ContainerPlan | null {
  if (video?.isFrameCapture) {
    return {
      container: 'FRAME_CAPTURE',
      muxer: null,
      muxerOptions: {},
      contentType: 'image/jpeg',
      needsScratch: false,
      extension: 'jpg',
    };
  }
  if (video !== null) {
    const file = rawVideo[video.rendition.encoder.codec];
    if (file === undefined) return null;
    const { muxer, extension, contentType = 'application/octet-stream' } = file;
    return { container: 'RAW', muxer, muxerOptions: {}, contentType, needsScratch: false, extension };
  }
  const raw = audio[0]?.raw ?? null;
  return raw === null ? null : { container: 'RAW', ...raw };
}

/** WebM: cues in front, so that players can seek at once. */
export function planWebm({ video }: OutputTracks): ContainerPlan {
  return {
    container: 'WEBM',
    muxer: 'webm',
    muxerOptions: { cues_to_front: '1' },
    contentType: video === null ? 'audio/webm' : 'video/webm',
    needsScratch: true,
    extension: 'webm',
  };
}

/** Ogg: sound only. */
export function planOgg(): ContainerPlan {
  return {
    container: 'OGG',
    muxer: 'ogg',
    muxerOptions: {},
    contentType: 'audio/ogg',
    needsScratch: false,
    extension: 'ogg',
  };
}

/** Pictures as they are, with a line of text in front of each. */
export function planY4m(): ContainerPlan {
  return {
    container: 'Y4M',
    muxer: 'yuv4mpegpipe',
    // More than 8 bits have no standard tag.
    muxerOptions: { strict: 'unofficial' },
    contentType: 'application/octet-stream',
    needsScratch: false,
    extension: 'y4m',
  };
}

/** An animation. Its loop count is the codec's. */
export function planGif(): ContainerPlan {
  return {
    container: 'GIF',
    muxer: 'gif',
    muxerOptions: { loop: '0' },
    contentType: 'image/gif',
    needsScratch: false,
    extension: 'gif',
  };
}
