/** Boxes inside the sample entries of a movie index that the library does not write (QuickTime File Format). */
import { type Box, findBoxes, formatBoxes, parseBoxes } from './mp4-boxes.ts';

/** Bytes before the boxes of a visual sample entry, its header included (ISO/IEC 14496-12 12.1.3). */
const visualEntryBytes = 86;
/** The same for sound, by version of the description (QuickTime File Format, sound sample descriptions). */
const soundEntryBytes = [36, 52, 72] as const;
const descriptionListBytes = 8;

/** Adds a clean aperture as large as the picture to each video track. */
export function addCleanAperture(index: readonly Box[]): void {
  for (const track of tracksOf(index, 'vide')) {
    changeEntry(track, visualEntryBytes, (entry, children) => {
      const [widthPx, heightPx] = [entry.readUInt16BE(32), entry.readUInt16BE(34)];
      const payload = Buffer.alloc(32);
      for (const [position, value] of [widthPx, 1, heightPx, 1, 0, 1, 0, 1].entries())
        payload.writeUInt32BE(value, position * 4);
      return [...children.filter(({ type }) => type !== 'clap'), { type: 'clap', payload, children: null }];
    });
  }
}

/** Takes the parameter sets out of the configuration of `avc3` entries (ISO/IEC 14496-15 5.3.3.1.2): the samples have them. */
export function dropParameterSets(index: readonly Box[]): void {
  for (const track of tracksOf(index, 'vide')) {
    changeEntry(track, visualEntryBytes, (_entry, children) =>
      children.map((box) => (box.type === 'avcC' ? { ...box, payload: withoutSets(box.payload) } : box)),
    );
  }
}

/** The reserved bits in front of the number of sequence sets are ones; what High profiles add comes last. */
function withoutSets(record: Buffer): Buffer {
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[at] ?? 0) & mask;
    at += 1;
    for (let set = 0; set < count; set += 1) at += 2 + record.readUInt16BE(at);
  }
  const none = Buffer.from([0xe0, 0]);
  return Buffer.concat([record.subarray(0, 5), none, record.subarray(at)]);
}

/** Writes a channel description for each labelled sound track; `labels` has an entry for every track of the file. */
export function labelChannels(index: readonly Box[], labels: readonly (readonly number[] | null)[]): void {
  const sounds = tracksOf(index, 'soun');
  // The picture, when there is one, is the first track; timecodes come last.
  const own = labels.slice(labels.length - sounds.length);
  for (const [position, track] of sounds.entries()) {
    const tags = own[position] ?? null;
    if (tags === null) continue;
    const start = soundEntryBytes[versionOf(track)] ?? soundEntryBytes[0];
    changeEntry(track, start, (_entry, children) => [
      ...children.filter(({ type }) => type !== 'chan'),
      channelBox(tags),
    ]);
  }
}

const unspecifiedLanguage = 0x7fff;

/**
 * Names the languages that the old table of QuickTime has no number for: codes of three letters, packed, may stand there
 * too (QuickTime File Format, language code values). `languages` has an entry for every track of the file.
 */
export function nameLanguages(index: readonly Box[], languages: readonly (string | null)[]): void {
  const sounds = tracksOf(index, 'soun');
  const own = languages.slice(languages.length - sounds.length);
  for (const [position, track] of sounds.entries()) {
    const letters = /^[a-z]{3}$/.exec(own[position] ?? '')?.[0];
    const [header] = findBoxes(track.children ?? [], ['mdia', 'mdhd']);
    if (letters === undefined || header === undefined) continue;
    const at = header.payload[0] === 1 ? 32 : 20;
    if (header.payload.readUInt16BE(at) !== unspecifiedLanguage) continue;
    const packed = [...letters].reduce((code, letter) => code * 32 + letter.charCodeAt(0) - 0x60, 0);
    header.payload.writeUInt16BE(packed, at);
  }
}

/** `AudioChannelLayout` with one description per channel; layout tag 0 says so (Core Audio). */
function channelBox(tags: readonly number[]): Box {
  const payload = Buffer.alloc(16 + tags.length * 20);
  payload.writeUInt32BE(tags.length, 12);
  for (const [position, tag] of tags.entries()) payload.writeUInt32BE(tag, 16 + position * 20);
  return { type: 'chan', payload, children: null };
}

function tracksOf(index: readonly Box[], handler: 'vide' | 'soun'): readonly Box[] {
  return [...findBoxes(index, ['moov', 'trak'])].filter((track) => {
    const [box] = findBoxes(track.children ?? [], ['mdia', 'hdlr']);
    return box?.payload.toString('latin1', 8, 12) === handler;
  });
}

function descriptionsOf(track: Box): Box {
  const [box] = findBoxes(track.children ?? [], ['mdia', 'minf', 'stbl', 'stsd']);
  if (box === undefined) throw new RangeError('a track without sample descriptions');
  return box;
}

function versionOf(track: Box): number {
  return descriptionsOf(track).payload.readUInt16BE(descriptionListBytes + 16);
}

/** Changes the boxes of a track's one sample entry; bytes behind them that are no box stay where they are. */
function changeEntry(
  track: Box,
  fixedBytes: number,
  change: (entry: Buffer, children: readonly Box[]) => readonly Box[],
): void {
  const box = descriptionsOf(track);
  const entry = box.payload.subarray(descriptionListBytes);
  const size = entry.readUInt32BE(0);
  const end = endOfBoxes(entry, fixedBytes, size);
  const children = change(entry, parseBoxes(entry.subarray(fixedBytes, end)));
  const changed = Buffer.concat([
    entry.subarray(0, fixedBytes),
    formatBoxes(children),
    entry.subarray(end, size),
  ]);
  changed.writeUInt32BE(changed.length, 0);
  box.payload = Buffer.concat([box.payload.subarray(0, descriptionListBytes), changed, entry.subarray(size)]);
}

/** Editors' terminators, four zero bytes, are no boxes. */
function endOfBoxes(entry: Buffer, start: number, size: number): number {
  let offset = start;
  while (offset + 8 <= size && entry.readUInt32BE(offset) >= 8 && offset + entry.readUInt32BE(offset) <= size)
    offset += entry.readUInt32BE(offset);
  return offset;
}
