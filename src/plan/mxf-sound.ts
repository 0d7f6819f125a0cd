/** Sound that outlasts the pictures of an MXF file: every edit unit holds a picture and its samples (SMPTE ST 379). */
import { rationalToNumber } from '../exact-time.ts';
import type { AudioDraft } from './audio-rendition.ts';
import type { SelectedAudio } from './audio-selectors.ts';
import type { VideoTrackFacts } from './facts.ts';
import type { JobScope } from './job-scope.ts';
import { pictureSeconds } from './output-tracks.ts';
import type { ReadInput } from './read-input.ts';
import type { VideoDraft } from './video-rendition.ts';

/** A notice for each track that loses a picture's length or more. What ends sooner than the last input never matters. */
export function tellLongSound(
  { control, rendition }: VideoDraft,
  tracks: readonly AudioDraft[],
  { inputs, findings }: JobScope,
): void {
  const last = inputs.at(-1);
  // Of earlier inputs and of clips only as much is heard as is seen; a controlled duration has its own end.
  if (last === undefined || last.timeline.clips !== null || control !== undefined) return;
  const least = 1 / rationalToNumber(rendition.frameRate);
  for (const draft of tracks) {
    const beyond = secondsBeyondPicture(last, draft);
    if (beyond === null || beyond < least) continue;
    findings.notice(
      'left-out',
      draft.rendition.pointer,
      `an MXF file ends with its pictures, and the sound of input ${last.index + 1} is ${beyond.toFixed(3)} s longer: ` +
        'the rest is left out',
      { remedy: `Set padVideo to BLACK at ${last.pointer}/videoSelector to keep it.` },
    );
  }
}

/** Null when one of the lengths is not known, or pictures are made for as long as there is sound. */
function secondsBeyondPicture(input: ReadInput, draft: AudioDraft): number | null {
  const { video, timeline, index } = input;
  if (video === null || video.isGenerated !== undefined || video.padsBlack === true) return null;
  const selected = [draft.selected, ...(draft.otherSelected ?? [])].find((one) => one.inputIndex === index);
  const pictures = pictureSeconds(video, timeline);
  const sound = selected === undefined ? null : soundSeconds(selected, video.track);
  return pictures === null || sound === null ? null : sound - pictures;
}

/** From the input's first picture to the end of the longest track; null when no track tells its length. */
function soundSeconds({ source, tracks }: SelectedAudio, picture: VideoTrackFacts): number | null {
  const ends = tracks.flatMap((track) => {
    const { durationTicks, timeBase } = track;
    if (durationTicks === null) return [];
    // A file of its own begins with the input's first picture.
    const start = source.file === undefined ? startSeconds(track) - startSeconds(picture) : 0;
    return [start + durationTicks * rationalToNumber(timeBase)];
  });
  return ends.length === 0 ? null : Math.max(...ends) + source.offsetMs / 1000;
}

function startSeconds({ startTicks, timeBase }: Pick<VideoTrackFacts, 'startTicks' | 'timeBase'>): number {
  return (startTicks ?? 0) * rationalToNumber(timeBase);
}
