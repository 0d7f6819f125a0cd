/** Collects renditions; equal ones are made once, however many outputs carry them (design D9). */
import { rationalToNumber } from '../exact-time.ts';
import type { AudioDraft } from './audio-rendition.ts';
import type { FindingLog } from './finding-log.ts';
import type { AudioRendition } from './plan.ts';
import { sharedGop } from './shared-gop.ts';
import type { VideoDraft } from './video-rendition.ts';

/** All renditions of a job, in the order of the document. */
export interface RenditionRegistry {
  /** Returns the id of the rendition, which an equal one may already have. */
  addVideo(draft: VideoDraft): string;
  addAudio(draft: AudioDraft): string;
  readonly videos: readonly VideoDraft[];
  readonly audios: readonly AudioRendition[];
  /** The same, with what only their outputs need. */
  readonly audioDrafts: readonly AudioDraft[];
  /** Audio sources that the renditions read of an input, each once. */
  audioSourcesOf(inputIndex: number): readonly AudioDraft['selected']['source'][];
}

/** An empty registry. Outputs that differ in their key frames alone, and too much for one encode, have a notice. */
export function createRenditionRegistry(findings: FindingLog): RenditionRegistry {
  const videos: { readonly key: string; draft: VideoDraft }[] = [];
  const audios = new Map<string, AudioDraft>();
  const sources = new Map<string, AudioDraft['selected']>();
  return {
    addVideo(draft) {
      const key = identityOf(draft, draft.rendition);
      const alike = videos.filter((known) => known.key === key);
      for (const known of alike) {
        const shared = withSharedKeyFrames(known.draft, draft);
        if (shared === null) continue;
        known.draft = withContainers(shared, draft);
        return shared.rendition.id;
      }
      const [other] = alike;
      if (other !== undefined) tellApart(draft, other.draft, findings);
      const id = `video-${videos.length + 1}`;
      videos.push({ key, draft: { ...draft, rendition: { ...draft.rendition, id } } });
      return id;
    },
    addAudio(draft) {
      const key = identityOf(null, draft.rendition);
      for (const selected of [draft.selected, ...(draft.otherSelected ?? [])]) {
        sources.set(selected.source.id, selected);
      }
      const known = audios.get(key);
      if (known !== undefined) return known.rendition.id;
      const id = `audio-${audios.size + 1}`;
      audios.set(key, { ...draft, rendition: { ...draft.rendition, id } });
      return id;
    },
    get videos() {
      return videos.map(({ draft }) => draft);
    },
    get audios() {
      return [...audios.values()].map(({ rendition }) => rendition);
    },
    get audioDrafts() {
      return [...audios.values()];
    },
    audioSourcesOf(inputIndex) {
      return [...sources.values()]
        .filter((selected) => selected.inputIndex === inputIndex)
        .map(({ source }) => source);
    },
  };
}

/** The known rendition with the key frames that both need; null when one encode cannot have them. */
function withSharedKeyFrames(known: VideoDraft, added: VideoDraft): VideoDraft | null {
  // Without groups of pictures there is nothing to force: packets are copied, or every picture stands alone.
  if (known.gop === null || added.gop === null) return known;
  const gop = sharedGop(known.gop, added.gop, known.rendition.frameRate);
  if (gop === null) return null;
  const { forcedKeyFrameSeconds } = gop;
  return { ...known, gop, rendition: { ...known.rendition, forcedKeyFrameSeconds } };
}

/** What one container needs of the stream, all outputs of the rendition get. */
function withContainers(known: VideoDraft, { room }: VideoDraft): VideoDraft {
  if (known.room === undefined || room === undefined) return known;
  const containers = new Set([...known.room.containers, ...room.containers]);
  return { ...known, room: { ...known.room, containers } };
}

function tellApart(added: VideoDraft, known: VideoDraft, findings: FindingLog): void {
  const { pointer } = added.rendition;
  findings.notice(
    'encoded-again',
    pointer,
    `the pictures of ${known.rendition.pointer} are encoded a second time: ${keyFramesText(added)} here, ` +
      `${keyFramesText(known)} there, and one encode with both would change the groups of pictures`,
  );
}

function keyFramesText({ rendition: { forcedKeyFrameSeconds: seconds } }: VideoDraft): string {
  return seconds === null
    ? 'no key frames are forced'
    : `key frames are forced every ${Number(rationalToNumber(seconds).toFixed(3))} s`;
}

/** Everything that shapes the encode but forced key frames, which `sharedGop` agrees on; the place in the document does not. */
function identityOf(draft: VideoDraft | null, rendition: object): string {
  const ignored = new Set(['id', 'pointer', 'ordinal', 'forcedKeyFrameSeconds']);
  const shape = Object.entries(rendition).filter(([key]) => !ignored.has(key));
  return JSON.stringify([shape, draft === null ? null : draft.rate]);
}
