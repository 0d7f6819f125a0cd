/** Collects renditions; equal ones are made once, however many outputs carry them (design D9). */
import type { AudioDraft } from './audio-rendition.ts';
import type { AudioRendition } from './plan.ts';
import type { VideoDraft } from './video-rendition.ts';

/** All renditions of a job, in the order of the document. */
export interface RenditionRegistry {
  /** Returns the id of the rendition, which an equal one may already have. */
  addVideo(draft: VideoDraft): string;
  addAudio(draft: AudioDraft): string;
  readonly videos: readonly VideoDraft[];
  readonly audios: readonly AudioRendition[];
  /** Audio sources that the renditions read of an input, each once. */
  audioSourcesOf(inputIndex: number): readonly AudioDraft['selected']['source'][];
}

/** An empty registry. */
export function createRenditionRegistry(): RenditionRegistry {
  const videos = new Map<string, VideoDraft>();
  const audios = new Map<string, AudioRendition>();
  const sources = new Map<string, AudioDraft['selected']>();
  return {
    addVideo(draft) {
      const key = identityOf(draft, draft.rendition);
      const known = videos.get(key);
      if (known !== undefined) return known.rendition.id;
      const id = `video-${videos.size + 1}`;
      videos.set(key, { ...draft, rendition: { ...draft.rendition, id } });
      return id;
    },
    addAudio(draft) {
      const key = identityOf(null, draft.rendition);
      for (const selected of [draft.selected, ...(draft.otherSelected ?? [])]) {
        sources.set(selected.source.id, selected);
      }
      const known = audios.get(key);
      if (known !== undefined) return known.id;
      const id = `audio-${audios.size + 1}`;
      audios.set(key, { ...draft.rendition, id });
      return id;
    },
    get videos() {
      return [...videos.values()];
    },
    get audios() {
      return [...audios.values()];
    },
    audioSourcesOf(inputIndex) {
      return [...sources.values()]
        .filter((selected) => selected.inputIndex === inputIndex)
        .map(({ source }) => source);
    },
  };
}

/** Everything that shapes the encode; the place in the document does not. */
function identityOf(draft: VideoDraft | null, rendition: object): string {
  const ignored = new Set(['id', 'pointer', 'ordinal']);
  const shape = Object.entries(rendition).filter(([key]) => !ignored.has(key));
  return JSON.stringify([shape, draft === null ? null : draft.rate]);
}
