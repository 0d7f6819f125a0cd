/** Healthy files that hostile suites damage: tiny clips made here, one per container and codec, and real files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ClipRecipe, makeClip } from '../probe/tiny-media.ts';
import type { HostileCase } from './hostile-run.ts';
import { mutate } from './mutations.ts';

/** A healthy file. */
export interface HostileSource {
  /** File name with its extension. */
  readonly name: string;
  readonly bytes: Buffer;
  readonly hasVideo: boolean;
  readonly hasAudio: boolean;
}

/** Real media beside the project, with its manifest. */
export const mediaFolder = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'media');

const rate = { frames: 12, frameRate: [25, 1], size: { widthPx: 64, heightPx: 48 } } as const;
const h264 = { encoder: 'libx264', ...rate, options: { preset: 'ultrafast', bf: '2' } } as const;
const sound = (encoder: NonNullable<ClipRecipe['audio']>['encoder']) => ({ encoder, seconds: 0.48 }) as const;

const recipes: Readonly<Record<string, ClipRecipe>> = {
  'h264-aac.mp4': { muxer: 'mp4', video: h264, audio: sound('aac') },
  'fragments.mp4': {
    muxer: 'mp4',
    muxerOptions: { movflags: 'frag_keyframe+empty_moov+default_base_moof' },
    video: h264,
    audio: sound('aac'),
  },
  'hevc-ac3.mp4': {
    muxer: 'mp4',
    video: { encoder: 'libx265', ...rate, options: { preset: 'ultrafast', 'x265-params': 'log-level=none' } },
    audio: sound('ac3'),
  },
  'prores-pcm.mov': {
    muxer: 'mov',
    video: { encoder: 'prores_ks', ...rate },
    audio: sound('pcm_s16le'),
  },
  'mjpeg-pcm.mov': { muxer: 'mov', video: { encoder: 'mjpeg', ...rate }, audio: sound('pcm_s16le') },
  'h264-mp2.ts': { muxer: 'mpegts', video: h264, audio: sound('mp2') },
  'mpeg2-ac3.ts': { muxer: 'mpegts', video: { encoder: 'mpeg2video', ...rate }, audio: sound('ac3') },
  'mpeg2-mp2.mpg': { muxer: 'mpeg', video: { encoder: 'mpeg2video', ...rate }, audio: sound('mp2') },
  'h264-aac.mkv': { muxer: 'matroska', video: h264, audio: sound('aac') },
  'mpeg2-ac3.mkv': { muxer: 'matroska', video: { encoder: 'mpeg2video', ...rate }, audio: sound('ac3') },
  'vp9-opus.webm': { muxer: 'webm', video: { encoder: 'libvpx-vp9', ...rate }, audio: sound('libopus') },
  'vp8-opus.webm': { muxer: 'webm', video: { encoder: 'libvpx', ...rate }, audio: sound('libopus') },
  'mpeg4-mp3.avi': { muxer: 'avi', video: { encoder: 'mpeg4', ...rate }, audio: sound('libmp3lame') },
  'h264-aac.flv': { muxer: 'flv', video: h264, audio: { ...sound('aac'), sampleRateHz: 44_100 } },
  'mpeg2-pcm.mxf': {
    muxer: 'mxf',
    video: { encoder: 'mpeg2video', ...rate },
    audio: sound('pcm_s16le'),
  },
};

/** Makes the clips in a folder. */
export function makeHostileSources(folder: string): readonly HostileSource[] {
  return Object.entries(recipes).map(([name, recipe]) => {
    const file = path.join(folder, name);
    makeClip(file, recipe);
    return { name, bytes: readFileSync(file), hasVideo: true, hasAudio: true };
  });
}

/** Real files that complete, of at most so many bytes each; null where the collection is absent. */
export function readRealSources(longestBytes: number): readonly HostileSource[] | null {
  const rows = readManifest();
  if (rows === null) return null;
  const isWanted = ({ file, sizeBytes, documented }: ManifestRow): boolean =>
    /^(video|audio)\//.test(file) && documented.startsWith('COMPLETE') && sizeBytes <= longestBytes;
  return rows.filter(isWanted).map(({ file, summary }) => ({
    name: path.basename(file),
    bytes: readFileSync(path.join(mediaFolder, file)),
    hasVideo: /; v:/.test(summary),
    hasAudio: /; a:/.test(summary),
  }));
}

/** Damages one of the files; seeds in a row take the files in turn. */
export function damageSource(sources: readonly HostileSource[], seed: number): HostileCase {
  const source = sources[seed % sources.length];
  if (source === undefined) throw new Error('there is nothing to damage');
  const { recipe, bytes } = mutate(source.bytes, seed);
  return { ...source, bytes, name: `${seed}-${source.name}`, recipe: `seed ${seed}: ${recipe}` };
}

/** Codes that a manifest's words list, as `ERROR 1010, 1020 or 1075` or `1010/1020/1075`; empty when they list none. */
export function documentedCodes(documented: string): readonly number[] {
  const list = /ERROR ([\d, or/]+)/.exec(documented)?.[1] ?? '';
  return [...list.matchAll(/\d{4}/g)].map((match) => Number(match[0]));
}

/** One file of the collection, as its manifest describes it. */
export interface ManifestRow {
  readonly file: string;
  readonly sizeBytes: number;
  /** Tracks as another program sees them. */
  readonly summary: string;
  /** What the service's documentation says becomes of it. */
  readonly documented: string;
}

/** The manifest's rows; null where the collection is absent. */
export function readManifest(): readonly ManifestRow[] | null {
  let text: string;
  try {
    text = readFileSync(path.join(mediaFolder, 'MANIFEST.tsv'), 'utf8');
  } catch {
    return null;
  }
  const [, ...lines] = text.trimEnd().split('\n');
  return lines.map((line) => {
    const [file = '', size = '', , , , summary = '', , documented = ''] = line.split('\t');
    return { file, sizeBytes: Number(size), summary: `; ${summary}`, documented };
  });
}
