/** Which tracks of a Smooth group are alternatives of each other: one stream each, a quality level a track ([MS-SSTR] 2.2.2.3). */
import type { OutputResult } from '../../engine/protocol.ts';
import type { FragmentedOutput } from '../../plan/group-plan.ts';
import type { DescribedTrack, FileChunk } from '../fmp4/fragment-files.ts';
import type { MeasuredTracks } from '../measured-tracks.ts';

/** One file as written. */
export interface MeasuredFile {
  readonly output: FragmentedOutput;
  readonly tracks: MeasuredTracks;
  readonly described: readonly DescribedTrack[];
  readonly chunks: readonly FileChunk[];
  readonly result: OutputResult;
}

/** Tracks among which a player switches. */
export interface SmoothStream {
  readonly kind: 'video' | 'audio';
  /** Unique in the manifest; part of the address of every fragment. */
  readonly name: string;
  readonly language: string | null;
  readonly chunks: readonly FileChunk[];
  readonly levels: readonly SmoothLevel[];
}

/** One track. */
export interface SmoothLevel {
  readonly file: MeasuredFile;
  readonly trackId: number;
  readonly sampleEntry: Buffer;
  /** Unique in the stream: it is what addresses name. */
  readonly bitrateBps: number;
  /** Place among the sounds of the file; null for pictures. */
  readonly audioIndex: number | null;
}

/** The streams in order of their first tracks. */
export function smoothStreams(files: readonly MeasuredFile[]): readonly SmoothStream[] {
  const streams = new Map<string, { level: SmoothLevel; chunks: readonly FileChunk[] }[]>();
  const seen = new Map<string, number>();
  for (const file of files) {
    for (const [index, { trackId, sampleEntry, kind }] of file.described.entries()) {
      const audioIndex = kind === 'video' ? null : index - (file.tracks.video === null ? 0 : 1);
      const chunks = file.chunks.filter((chunk) => chunk.trackId === trackId);
      const rendition = file.output.audioRenditionIds[audioIndex ?? -1] ?? '';
      // The same sound twice in a group is no choice of a player: without deduplication each is a stream.
      const copy = seen.get(rendition) ?? 0;
      if (audioIndex !== null) seen.set(rendition, copy + 1);
      const key = JSON.stringify([kind, copy, soundOf(file, audioIndex), chunks.map(placeOf)]);
      const level = { file, trackId, sampleEntry, audioIndex, bitrateBps: bitrateOf(file, audioIndex) };
      streams.set(key, [...(streams.get(key) ?? []), { level, chunks }]);
    }
  }
  const names = new Set<string>();
  return [...streams.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { level, chunks } = first;
    const sound = level.file.tracks.audio[level.audioIndex ?? -1];
    const kind = level.audioIndex === null ? 'video' : 'audio';
    const name = uniqueName(kind, sound?.streamName ?? null, sound?.language ?? null, names);
    const levels = withUniqueRates(members.map((member) => member.level));
    return [{ kind, name, language: sound?.language ?? null, chunks, levels }];
  });
}

/** What must be equal for players to switch in the middle. */
function soundOf({ tracks }: MeasuredFile, audioIndex: number | null): unknown {
  const sound = tracks.audio[audioIndex ?? -1];
  if (sound === undefined) return null;
  const { codec, channels, sampleRateHz, language, streamName } = sound;
  return [codec, channels, sampleRateHz, language, streamName];
}

function placeOf({ startTicks, durationTicks }: FileChunk): readonly string[] {
  return [String(startTicks), String(durationTicks)];
}

function bitrateOf({ result }: MeasuredFile, audioIndex: number | null): number {
  const bytes = audioIndex === null ? result.video?.bytes : result.audio[audioIndex]?.bytes;
  return Math.max(1, Math.ceil(((bytes ?? 0) * 8000) / Math.max(1, result.durationMs)));
}

function withUniqueRates(levels: readonly SmoothLevel[]): readonly SmoothLevel[] {
  const taken = new Set<number>();
  return levels.map((level) => {
    let { bitrateBps } = level;
    while (taken.has(bitrateBps)) bitrateBps += 1;
    taken.add(bitrateBps);
    return { ...level, bitrateBps };
  });
}

/** The stream's own name where it can stand in an address, else what it is, with its language or a number. */
function uniqueName(
  kind: SmoothStream['kind'],
  wanted: string | null,
  language: string | null,
  taken: Set<string>,
): string {
  const plain = (wanted ?? '').replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');
  const bases = [plain, kind, language === null ? '' : `${kind}_${language}`].filter((name) => name !== '');
  let name = bases.find((base) => !taken.has(base)) ?? '';
  for (let n = 2; name === '' || taken.has(name); n += 1) name = `${bases[0]}_${n}`;
  taken.add(name);
  return name;
}
