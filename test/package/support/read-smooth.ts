/** Smooth presentations as a player sees them: manifests through an XML parser, boxes read one by one. */
import { createDecipheriv } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (name) => ['StreamIndex', 'QualityLevel', 'c', 'video', 'audio', 'param'].includes(name),
});

export interface SeenStream {
  readonly type: string;
  readonly name: string;
  readonly url: string;
  readonly levels: readonly Readonly<Record<string, string>>[];
  readonly chunks: readonly { readonly start: number; readonly duration: number }[];
}

/** A client manifest; `headers` are those of protection systems. */
export function readClientManifest(text: string): {
  readonly duration: number;
  readonly streams: readonly SeenStream[];
  readonly headers: readonly { readonly systemId: string; readonly data: string }[];
} {
  const { SmoothStreamingMedia: root } = parser.parse(text);
  const streams = root.StreamIndex.map((stream: never) => readStream(stream));
  const header = root.Protection?.ProtectionHeader;
  return {
    duration: Number(root.Duration),
    streams,
    headers: header === undefined ? [] : [{ systemId: header.SystemID, data: header['#text'] }],
  };
}

function readStream(stream: {
  readonly Type: string;
  readonly Name: string;
  readonly Url: string;
  readonly Chunks: string;
  readonly QualityLevel: readonly Readonly<Record<string, string>>[];
  readonly c: readonly { readonly t?: string; readonly d: string }[];
}): SeenStream {
  if (Number(stream.Chunks) !== stream.c.length) throw new Error(`${stream.Name} miscounts its chunks`);
  let next = 0;
  const chunks = stream.c.map(({ t, d }) => {
    const start = t === undefined ? next : Number(t);
    next = start + Number(d);
    return { start, duration: Number(d) };
  });
  return { type: stream.Type, name: stream.Name, url: stream.Url, levels: stream.QualityLevel, chunks };
}

/** What a server manifest names, by file, track, and bit rate. */
export function readServerManifest(text: string): {
  readonly client: string;
  readonly tracks: readonly string[];
} {
  const { smil } = parser.parse(text);
  const { video = [], audio = [] } = smil.body.switch;
  const tracks = [...video, ...audio].map(
    (track: { src: string; systemBitrate: string; param: readonly { name: string; value: string }[] }) => {
      const parameter = (name: string) => track.param.find((each) => each.name === name)?.value;
      return `${track.src} ${parameter('trackID')} ${parameter('trackName')} ${track.systemBitrate}`;
    },
  );
  return { client: smil.head.meta.content, tracks };
}

export interface Box {
  readonly type: string;
  readonly at: number;
  readonly body: Buffer;
}

export function boxesOf(bytes: Buffer): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new Error(`a box of ${size} bytes at ${at}`);
    boxes.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      at,
      body: bytes.subarray(at + 8, at + size),
    });
    at += size;
  }
  return boxes;
}

export interface SeenFragment {
  readonly at: number;
  readonly trackId: number;
  /** From `tfxd`. */
  readonly start: number;
  readonly duration: number;
  readonly samples: readonly Buffer[];
  /** From the sample encryption box, by sample; null for clear fragments. */
  readonly protections:
    | readonly {
        readonly iv: Buffer;
        readonly runs: readonly { readonly clear: number; readonly hidden: number }[];
      }[]
    | null;
}

/** The fragments of a file, and where its own index says they are. */
export function readFile(bytes: Buffer): {
  readonly fragments: readonly SeenFragment[];
  readonly indexed: readonly { readonly trackId: number; readonly start: number; readonly at: number }[];
} {
  const boxes = boxesOf(bytes);
  const fragments = boxes.flatMap(({ type, at, body }, index) => {
    if (type !== 'moof') return [];
    const data = boxes[index + 1];
    if (data?.type !== 'mdat') throw new Error('a fragment without data');
    const parts = boxesOf(body).filter((box) => box.type === 'traf');
    if (parts.length !== 1 || parts[0] === undefined) throw new Error(`${parts.length} tracks in a fragment`);
    return [readFragment(at, parts[0].body, data.body)];
  });
  const index = boxes.at(-1);
  if (index?.type !== 'mfra') throw new Error('no index at the end');
  const length = index.body.length + 8;
  const tables = boxesOf(index.body);
  if (tables.at(-1)?.body.readUInt32BE(4) !== length) throw new Error('the index does not tell its size');
  const indexed = tables
    .filter(({ type }) => type === 'tfra')
    .flatMap(({ body }) => {
      const trackId = body.readUInt32BE(4);
      return Array.from({ length: body.readUInt32BE(12) }, (_, n) => {
        const at = 16 + n * 19;
        return { trackId, start: Number(body.readBigUInt64BE(at)), at: Number(body.readBigUInt64BE(at + 8)) };
      });
    });
  return { fragments, indexed };
}

function readFragment(at: number, part: Buffer, data: Buffer): SeenFragment {
  const boxes = boxesOf(part);
  const body = (type: string): Buffer => boxes.find((box) => box.type === type)?.body ?? Buffer.alloc(0);
  const extended = (id: string): Buffer | null =>
    boxes.find((box) => box.type === 'uuid' && box.body.toString('hex', 0, 16) === id)?.body.subarray(16) ??
    null;
  const time = extended('6d1d9b0542d544e680e2141daff757b2');
  if (time === null) throw new Error('a fragment without its time');
  const run = body('trun');
  const flags = run.readUIntBE(1, 3);
  const step = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  const table = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
  let from = 0;
  const samples = Array.from({ length: run.readUInt32BE(4) }, (_, n) => {
    const size = run.readUInt32BE(table + n * step + (flags & 0x100 ? 4 : 0));
    from += size;
    return data.subarray(from - size, from);
  });
  return {
    at,
    trackId: body('tfhd').readUInt32BE(4),
    start: Number(time.readBigUInt64BE(4)),
    duration: Number(time.readBigUInt64BE(12)),
    samples,
    protections: readProtections(extended('a2394f525a9b4f14a2446c427c648df4')),
  };
}

function readProtections(box: Buffer | null): SeenFragment['protections'] {
  if (box === null) return null;
  const hasRuns = (box.readUIntBE(1, 3) & 2) !== 0;
  let at = 8;
  return Array.from({ length: box.readUInt32BE(4) }, () => {
    const iv = box.subarray(at, at + 8);
    at += 8;
    const count = hasRuns ? box.readUInt16BE(at) : 0;
    at += hasRuns ? 2 : 0;
    const runs = Array.from({ length: count }, () => {
      at += 6;
      return { clear: box.readUInt16BE(at - 6), hidden: box.readUInt32BE(at - 4) };
    });
    return { iv, runs };
  });
}

/** Samples of a fragment by AES in counter mode from the IV of each on, through its hidden runs. */
export function decryptedSamples({ samples, protections }: SeenFragment, key: string): Buffer[] {
  return samples.map((sample, n) => {
    const { iv, runs } = protections?.[n] ?? { iv: Buffer.alloc(8), runs: [] };
    const start = Buffer.concat([iv, Buffer.alloc(8)]);
    const cipher = createDecipheriv('aes-128-ctr', Buffer.from(key, 'hex'), start);
    if (runs.length === 0) return cipher.update(sample);
    let at = 0;
    return Buffer.concat(
      runs.map(({ clear: plain, hidden }) => {
        const part = Buffer.concat([
          sample.subarray(at, at + plain),
          cipher.update(sample.subarray(at + plain, at + plain + hidden)),
        ]);
        at += plain + hidden;
        return part;
      }),
    );
  });
}
