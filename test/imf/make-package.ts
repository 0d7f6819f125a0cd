/**
 * IMF packages made in the test: track files by the library's own MXF writer, with numbered pictures and samples, and the
 * documents around them by this one (SMPTE ST 429-9, ST 2067-2, ST 2067-3).
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeNumberedClip, type NumberedRecipe, numberedSample } from '../engine/numbered-media.ts';
import { makeClip } from '../probe/tiny-media.ts';

/** A resource: part of a track file, in edit units. */
export interface ResourceRecipe {
  /** Name of the track file, without `.mxf`. */
  readonly file: string;
  readonly editRate: readonly [number, number];
  readonly intrinsic: number;
  readonly entry?: number;
  readonly duration?: number;
  readonly repeat?: number;
  readonly descriptor?: string;
}

/** Resources of one segment by the name of their sequence; a name may be followed by `#` and a number. */
export type SegmentRecipe = Readonly<Record<string, readonly ResourceRecipe[]>>;

export interface PlaylistRecipe {
  readonly name?: string;
  readonly editRate: readonly [number, number];
  readonly segments: readonly SegmentRecipe[];
  readonly timecode?: { readonly start: string; readonly isDropFrame: boolean };
  readonly descriptors?: string;
}

/** A `urn:uuid` that belongs to a name. */
export function uuidOf(name: string): string {
  const hex = createHash('sha1').update(name).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Pictures alone; JPEG 2000 unless told otherwise. */
export function makePictures(folder: string, name: string, recipe: NumberedRecipe): void {
  mkdirSync(folder, { recursive: true });
  makeNumberedClip(path.join(folder, `${name}.mxf`), {
    muxer: 'mxf',
    ...recipe,
    audio: null,
    video: { encoder: 'jpeg2000', options: {}, size: { widthPx: 160, heightPx: 96 }, ...recipe.video },
  });
}

/** One channel of numbered samples, all in one piece (clip wrapping), as IMF has sound. */
export function makeSound(folder: string, name: string, seconds: number, firstSample = 0): void {
  const file = path.join(folder, `${name}.mxf`);
  makeClip(file, {
    muxer: 'mxf_opatom',
    muxerOptions: { mxf_audio_edit_rate: '25' },
    audio: { encoder: 'pcm_s24le', channels: 1, seconds, sampleAt: (n) => numberedSample(n + firstSample) },
  });
  // The library writes such files as OP-Atom only; but for its labels, a file of one track is the same in OP1a.
  const bytes = readFileSync(file);
  for (const [written, wanted] of labels) {
    for (let at = bytes.indexOf(written); at >= 0; at = bytes.indexOf(written, at)) wanted.copy(bytes, at);
  }
  writeFileSync(file, bytes);
}

/** OP-Atom becomes OP1a, frame-wrapped waves become clip-wrapped, which is what they are. */
const labels = [
  ['060e2b34040101020d01020110030000', '060e2b34040101010d01020101010900'],
  ['060e2b34040101010d01030102060100', '060e2b34040101010d01030102060200'],
].map(([written = '', wanted = '']) => [Buffer.from(written, 'hex'), Buffer.from(wanted, 'hex')] as const);

/** Two channels beside pictures, cut into frames (frame wrapping). */
export function makeFramedSound(folder: string, name: string, frames: number): void {
  makeNumberedClip(path.join(folder, `${name}.mxf`), {
    muxer: 'mxf',
    frames,
    frameRate: [25, 1],
    audio: { encoder: 'pcm_s24le' },
    video: { encoder: 'jpeg2000', options: {}, size: { widthPx: 160, heightPx: 96 } },
  });
}

/** Writes the playlist, and returns its name. */
export function writePlaylist(folder: string, recipe: PlaylistRecipe): string {
  const { name = 'CPL.xml', editRate, segments, timecode } = recipe;
  const code =
    timecode === undefined
      ? ''
      : `<CompositionTimecode><TimecodeDropFrame>${timecode.isDropFrame ? 1 : 0}</TimecodeDropFrame><TimecodeRate>${Math.round(editRate[0] / editRate[1])}</TimecodeRate><TimecodeStartAddress>${timecode.start}</TimecodeStartAddress></CompositionTimecode>`;
  writeFileSync(
    path.join(folder, name),
    `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a test -->
<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cc="http://www.smpte-ra.org/schemas/2067-2/2016">
<Id>${uuidOf(name)}</Id><IssueDate>2026-01-01T00:00:00Z</IssueDate><ContentTitle>Numbers &amp; tones</ContentTitle>
${recipe.descriptors ?? ''}${code}<EditRate>${editRate.join(' ')}</EditRate>
<SegmentList>${segments.map(segmentXml).join('\n')}</SegmentList>
</CompositionPlaylist>
`,
  );
  return name;
}

function segmentXml(segment: SegmentRecipe, index: number): string {
  const sequences = Object.entries(segment).map(
    ([kind, resources]) =>
      `<cc:${kind.replace(/#.*/, '')}><Id>${uuidOf(`${kind} ${index}`)}</Id><TrackId>${uuidOf(kind)}</TrackId><ResourceList>${resources.map(resourceXml).join('')}</ResourceList></cc:${kind.replace(/#.*/, '')}>`,
  );
  return `<Segment><Id>${uuidOf(`segment ${index}`)}</Id><SequenceList>${sequences.join('')}</SequenceList></Segment>`;
}

function resourceXml(resource: ResourceRecipe): string {
  const { file, editRate, intrinsic, entry, duration, repeat, descriptor } = resource;
  const element = (name: string, value: unknown): string =>
    value === undefined ? '' : `<${name}>${value}</${name}>`;
  return `<Resource xsi:type="TrackFileResourceType"><Id>${uuidOf(`resource of ${file}`)}</Id>${element('EditRate', editRate.join(' '))}${element('IntrinsicDuration', intrinsic)}${element('EntryPoint', entry)}${element('SourceDuration', duration)}${element('RepeatCount', repeat)}${element('SourceEncoding', descriptor === undefined ? undefined : uuidOf(descriptor))}<TrackFileId>${uuidOf(file)}</TrackFileId></Resource>`;
}

/** Writes packing list and asset map over files of the folder, named without `.mxf`, and documents by their whole name. */
export function writeAssetMap(folder: string, names: readonly string[]): void {
  const assets = names.map((name) => ({ id: uuidOf(name), file: name.includes('.') ? name : `${name}.mxf` }));
  const listed = assets.map(
    ({ id, file }) =>
      `<Asset><Id>${id}</Id><Hash>2jmj7l5rSw0yVb/vlWAYkK/YBwk=</Hash><Size>${statSync(path.join(folder, file)).size}</Size><Type>application/mxf</Type></Asset>`,
  );
  writeFileSync(
    path.join(folder, 'PKL.xml'),
    `<PackingList xmlns="http://www.smpte-ra.org/schemas/2067-2/2016/PKL"><Id>${uuidOf('PKL')}</Id><AssetList>${listed.join('')}</AssetList></PackingList>`,
  );
  const mapped = [...assets, { id: uuidOf('PKL'), file: 'PKL.xml' }].map(
    ({ id, file }) =>
      `<am:Asset><am:Id>${id}</am:Id>${file === 'PKL.xml' ? '<am:PackingList>true</am:PackingList>' : ''}<am:ChunkList><am:Chunk><am:Path>${encodeURI(file)}</am:Path><am:VolumeIndex>1</am:VolumeIndex></am:Chunk></am:ChunkList></am:Asset>`,
  );
  writeFileSync(
    path.join(folder, 'ASSETMAP.xml'),
    `<?xml version="1.0"?>\n<am:AssetMap xmlns:am="http://www.smpte-ra.org/schemas/429-9/2007/AM"><am:Id>${uuidOf('map')}</am:Id><am:VolumeCount>1</am:VolumeCount><am:AssetList>${mapped.join('')}</am:AssetList></am:AssetMap>`,
  );
}
