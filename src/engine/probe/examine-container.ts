/** Looks at a recognised container with our own small parsers, before the library opens it. */
import { type JobFault, jobFault } from '../../catalogue/fault.ts';
import type { ContainerFormat, InputWarning } from '../../plan/facts.ts';
import type { ByteSource } from './byte-source.ts';
import { missingBytes } from './declared-end.ts';
import { acceptedDemuxers } from './demuxers.table.ts';
import type { CodecRow } from './input-codecs.table.ts';
import { examineIsoStructure } from './iso-structure.ts';
import type { IsoTrack } from './iso-tracks.ts';
import { readMxfHeader } from './mxf-header.ts';
import type { ServiceNames } from './service-table.ts';
import { examineTransportStream } from './transport-stream.ts';

/** What the bytes tell that the library does not. */
export interface ContainerFacts {
  readonly format: ContainerFormat;
  /** Row of the codec table. */
  readonly codecRow: CodecRow;
  readonly isoTracks: readonly IsoTrack[];
  /** Samples lie in fragments behind the index (ISO files). */
  readonly isFragmented: boolean;
  readonly programs: readonly {
    readonly programNumber: number;
    readonly pids: readonly number[];
    readonly service?: ServiceNames;
  }[];
  /** PIDs whose packets are metadata bound to timestamps. */
  readonly metadataPids: ReadonlySet<number>;
  /** ISO 639 audio types by PID. */
  readonly audioTypes: ReadonlyMap<number, number>;
  readonly warnings: readonly InputWarning[];
  /** Bytes the header declares beyond the end of the object. */
  readonly missingBytes: number;
  /** Damage that explains a failure of the library. */
  readonly damage: JobFault | null;
}

/** Examines a container. Throws JobFault for what is refused by structure alone. */
export async function examineContainer(
  bytes: ByteSource,
  demuxer: string,
  url: string,
): Promise<ContainerFacts> {
  const format = acceptedDemuxers[demuxer];
  if (format === undefined) return plainFacts('mp4');
  switch (format) {
    case 'mp4': {
      const iso = await examineIsoStructure(bytes, url);
      const { container, tracks, isFragmented, warnings, damage } = iso;
      return { ...plainFacts(container), isoTracks: tracks, isFragmented, warnings, damage };
    }
    case 'matroska':
      return withMissingBytes(plainFacts(await matroskaDocType(bytes)), bytes);
    case 'mpegts':
      return examinePrograms(bytes, url);
    case 'mpegps':
      return { ...plainFacts('mpegps'), codecRow: (await isMpeg1System(bytes)) ? 'mpeg1_system' : 'mpegps' };
    case 'mxf':
      await refuseMxf(bytes, url);
      return withMissingBytes(plainFacts('mxf'), bytes);
    case 'avi':
    case 'wave':
      return withMissingBytes(plainFacts(format), bytes);
    default:
      return plainFacts(format);
  }
}

function plainFacts(format: ContainerFormat): ContainerFacts {
  return {
    format,
    codecRow: format,
    isoTracks: [],
    isFragmented: false,
    programs: [],
    metadataPids: new Set(),
    audioTypes: new Map(),
    warnings: [],
    missingBytes: 0,
    damage: null,
  };
}

async function withMissingBytes(facts: ContainerFacts, bytes: ByteSource): Promise<ContainerFacts> {
  const missing = await missingBytes(bytes);
  if (missing === 0) return facts;
  const detail = `the header declares ${missing} more bytes than the object has`;
  return { ...facts, missingBytes: missing, warnings: [{ code: 220000, detail }] };
}

/** EBML DocType, element 0x4282 of the header (RFC 8794). */
async function matroskaDocType(bytes: ByteSource): Promise<ContainerFormat> {
  const head = await bytes.read(0, 1024);
  const at = head.indexOf(Buffer.from([0x42, 0x82]));
  return at >= 0 && head.toString('latin1', at + 3, at + 7) === 'webm' ? 'webm' : 'matroska';
}

/** A pack header begins with the bits 0010 in MPEG-1 and 01 in MPEG-2 (ISO/IEC 11172-1, 13818-1). */
async function isMpeg1System(bytes: ByteSource): Promise<boolean> {
  const head = await bytes.read(0, 64 * 1024);
  const pack = head.indexOf(Buffer.from([0, 0, 1, 0xba]));
  return pack >= 0 && ((head[pack + 4] ?? 0) & 0xf0) === 0x20;
}

/** Metadata carried in PES packets (ISO/IEC 13818-1 table 2-34). */
const metadataStreamType = 0x15;

async function examinePrograms(bytes: ByteSource, url: string): Promise<ContainerFacts> {
  const stream = await examineTransportStream(bytes);
  if (stream === null) return plainFacts('mpegts');
  if (stream.isScrambled) {
    throw refuseProtected(url, 'the transport stream is scrambled');
  }
  const streams = stream.programs.flatMap((program) => program.streams);
  return {
    ...plainFacts('mpegts'),
    programs: stream.programs.map(({ streams, ...program }) => ({
      ...program,
      pids: streams.map(({ pid }) => pid),
    })),
    metadataPids: new Set(
      streams.flatMap(({ pid, streamType }) => (streamType === metadataStreamType ? [pid] : [])),
    ),
    audioTypes: new Map(
      streams.flatMap(({ pid, audioType }) => (audioType === null ? [] : [[pid, audioType] as const])),
    ),
    warnings: stream.endsInsidePacket
      ? [{ code: 220000, detail: 'the object ends inside a transport stream packet' }]
      : [],
  };
}

/** Only self-contained OP1a files in the clear are accepted (spec inputs.md 2 and 5, README "MXF OP1b/OP-Atom"). */
async function refuseMxf(bytes: ByteSource, url: string): Promise<void> {
  const header = readMxfHeader(await bytes.read(0, 64 * 1024));
  if (header?.isEncrypted === true) throw refuseProtected(url, 'the essence of the MXF file is encrypted');
  if (header === null || header.operationalPattern === 'OP1a' || header.operationalPattern === 'other')
    return;
  const what = `MXF operational pattern ${header.operationalPattern}`;
  throw jobFault(1030, 'video-property', { what }, { component: 'probe', mediaFact: what, expected: 'OP1a' });
}

function refuseProtected(url: string, cause: string): JobFault {
  const expected = 'media without content protection';
  return jobFault(1010, 'open-failed', { url, cause }, { component: 'probe', mediaFact: cause, expected });
}
