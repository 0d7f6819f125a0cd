/** Takes one row of the container table through probe and decoder, as a job would. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Frame, Packet } from 'node-av/lib';
import { JobFault } from '../../../src/catalogue/fault.ts';
import { createLocalObjects } from '../../../src/engine/local-objects.ts';
import type { EngineObjects } from '../../../src/engine/objects.ts';
import { openDecoder } from '../../../src/engine/open-decoder.ts';
import { openInput } from '../../../src/engine/open-input.ts';
import type { InputFacts } from '../../../src/plan/facts.ts';
import type { PlannedInput } from '../../../src/plan/plan.ts';
import { openLocalBuckets } from '../../../src/store/local-buckets.ts';
import type { ObjectStore } from '../../../src/store/store.ts';
import { withHlsPackages } from '../../../src/worker/hls/hls-store.ts';
import { writeAssetMap, writePlaylist as writeImfPlaylist } from '../../imf/make-package.ts';
import { probePackages } from '../../imf/probe-package.ts';
import type { ContainerRow } from './container-rows.table.ts';
import { makeGsm, makeSource } from './make-source.ts';

/** Media that is not part of the repository. */
export const sharedMedia = path.resolve(import.meta.dirname, '..', '..', '..', '..', 'shared', 'media');

/** What became of a row. */
export type RowOutcome =
  | { readonly status: 'decoded'; readonly evidence: 'generated' | 'collected'; readonly codec: string }
  | { readonly status: 'refused'; readonly evidence: 'generated' | 'collected'; readonly code: number }
  | { readonly status: 'no-source'; readonly reason: string }
  /** The shared media are absent. */
  | { readonly status: 'not-here' };

/** Makes the row's source in `folder`, which is also bucket `rows`, and uses it. Throws on anything undocumented. */
export async function runContainerRow(row: ContainerRow, folder: string): Promise<RowOutcome> {
  const { source } = row;
  if ('none' in source) return { status: 'no-source', reason: source.none };
  const isCollected = 'file' in source;
  if (isCollected && !existsSync(path.join(sharedMedia, source.file))) return { status: 'not-here' };
  const evidence = isCollected ? 'collected' : 'generated';
  const key = isCollected ? source.file : `${nameOf(row)}.media`;
  if ('recipe' in source) makeSource(path.join(folder, key), source.recipe);
  else if ('gsm' in source) makeGsm(path.join(folder, key));
  else if ('text' in source) writeFileSync(path.join(folder, key), source.text);
  const isPlaylist = 'recipe' in source && source.isPlaylist === true;
  if (isPlaylist) writePlaylist(path.join(folder, `${key}.m3u8`), key);
  const isComposition = 'recipe' in source && source.isComposition === true;
  const store = await openStore(isCollected ? sharedMedia : folder);
  const input = isComposition ? writeComposition(folder, key, row) : `${key}${isPlaylist ? '.m3u8' : ''}`;
  try {
    const [facts] = await probePackages(store, [`s3://rows/${input}`]);
    if (facts === undefined) throw new Error('no facts');
    const codec = await decode(createLocalObjects(store), facts, row);
    return { status: 'decoded', evidence, codec };
  } catch (error) {
    if (error instanceof JobFault) return { status: 'refused', evidence, code: error.code };
    throw error;
  }
}

const nameOf = ({ container, kind, codec }: ContainerRow): string =>
  `${container}-${kind}-${codec}`.replace(/[^\w]+/g, '_');

function writePlaylist(file: string, segment: string): void {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    '#EXT-X-TARGETDURATION:1',
    '#EXTINF:0.5,',
    segment,
    '#EXT-X-ENDLIST',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** The source becomes the one track file of a package; its playlist plays what the row is about. */
function writeComposition(folder: string, key: string, { kind }: ContainerRow): string {
  const name = key.replace(/\.media$/, '');
  mkdirSync(path.join(folder, name));
  renameSync(path.join(folder, key), path.join(folder, name, 'track.mxf'));
  const editRate = [25, 1] as const;
  const resources = [{ file: 'track', editRate, intrinsic: 12 }];
  const sound = kind === 'audio' ? { MainAudioSequence: resources } : {};
  writeImfPlaylist(path.join(folder, name), {
    editRate,
    segments: [{ MainImageSequence: resources, ...sound }],
  });
  writeAssetMap(path.join(folder, name), ['track']);
  return `${name}/CPL.xml`;
}

async function openStore(folder: string): Promise<ObjectStore> {
  const buckets = await openLocalBuckets({
    bucketsFolder: null,
    named: { rows: folder },
    createMissingBuckets: false,
  });
  return { ...buckets, open: withHlsPackages(buckets, () => undefined).open };
}

/** The track of the row's kind, decoded to its end. Throws its refusal, or Error when nothing decodes. */
async function decode(objects: EngineObjects, facts: InputFacts, row: ContainerRow): Promise<string> {
  const tracks = row.kind === 'video' ? facts.videoTracks : facts.audioTracks;
  const track = tracks.find(({ codec }) => codec === row.name) ?? tracks[0];
  if (track === undefined) throw new Error(`${facts.container} has no ${row.kind} track`);
  if (track.refusal !== undefined) throw new JobFault(track.refusal);
  const planned = {
    location: facts.location,
    demuxer: facts.demuxer,
    demuxerOptions: {},
    originUs: 0,
    ...(facts.composition === undefined ? {} : { composition: facts.composition }),
    video: row.kind === 'video' ? { streamIndex: track.streamIndex } : null,
    audio: row.kind === 'video' ? [] : [{ streamIndexes: [track.streamIndex] }],
  } as unknown as PlannedInput;
  const source = await openInput(planned, objects);
  const decoder = openDecoder(source.stream(track.streamIndex), 1);
  const [packet, frame] = [new Packet(), new Frame()];
  packet.alloc();
  frame.alloc();
  let decoded = 0;
  const drain = (): void => {
    while (decoder.receiveFrameSync(frame) >= 0) decoded += 1;
  };
  try {
    while (await source.read(packet)) {
      await decoder.sendPacket(packet);
      packet.unref();
      drain();
    }
    await decoder.sendPacket(null);
    drain();
  } finally {
    packet.free();
    frame.free();
    decoder.freeContext();
    await source.close();
  }
  if (decoded === 0) throw new Error(`nothing of the ${track.codec} track decodes`);
  return track.codec;
}
