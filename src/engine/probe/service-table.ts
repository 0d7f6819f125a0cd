/**
 * Reads what the service description table of the transport stream itself calls its services (EN 300 468 5.2.3). The table
 * shares its PID with those of other transport streams and with bouquets, so sections stand close behind each other. Damaged
 * ones do not count; nothing grows beyond the 256 sections a table may have.
 */
import { sectionChecksum } from '../../signals/section-checksum.ts';

/** PID of service description tables. */
export const serviceTablePid = 0x11;

/** Names of a service as the stream writes them: one character for each byte, the code of their alphabet included. */
export interface ServiceNames {
  readonly providerName: string;
  readonly serviceName: string;
}

/** Takes the packets of the PID one after another. */
export interface ServiceTable {
  take(payload: Buffer, isStart: boolean): void;
  /** Every section of the table has been read. */
  readonly isComplete: boolean;
  /** By service number, which is that of the program. */
  services(): ReadonlyMap<number, ServiceNames>;
}

/** The table of the stream that carries it. */
const tableId = 0x42;
const headerBytes = 3;
/** Of a section: up to the services, and the checksum behind them. */
const frontBytes = 11;
const checksumBytes = 4;
/** Of a service, in front of its descriptors. */
const serviceHeaderBytes = 5;
const serviceDescriptorTag = 0x48;

/** Begins to watch. */
export function watchServiceTable(): ServiceTable {
  /** What has come of a section that goes on; null: wait for one to begin. */
  let begun: Buffer | null = null;
  let version = -1;
  let lastNumber = 0;
  /** Services of each section by its number. */
  const sections = new Map<number, ReadonlyMap<number, ServiceNames>>();

  const readSection = (section: Buffer): void => {
    const isCurrent = ((section[5] ?? 0) & 1) === 1;
    const isTable = section[0] === tableId && section.length >= frontBytes + checksumBytes;
    if (!isTable || !isCurrent || sectionChecksum(section) !== 0) return;
    const found = ((section[5] ?? 0) >> 1) & 0x1f;
    if (found !== version) sections.clear();
    version = found;
    lastNumber = section[7] ?? 0;
    sections.set(section[6] ?? 0, readServices(section.subarray(frontBytes, -checksumBytes)));
  };
  /** Reads the sections at hand and keeps what has begun; 0xff in place of a table is filling. */
  const readSections = (bytes: Buffer): void => {
    let rest = bytes;
    begun = null;
    while (rest.length > 0 && rest[0] !== 0xff) {
      const length = rest.length < headerBytes ? null : headerBytes + (rest.readUInt16BE(1) & 0xfff);
      if (length === null || rest.length < length) {
        begun = Buffer.from(rest);
        return;
      }
      readSection(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };

  return {
    take(payload, isStart) {
      if (payload.length === 0) return;
      const pointer = isStart ? (payload[0] ?? 0) : 0;
      // What stands in front of the place that the pointer names ends the section before.
      if (begun !== null)
        readSections(Buffer.concat([begun, isStart ? payload.subarray(1, 1 + pointer) : payload]));
      if (isStart) readSections(payload.subarray(1 + pointer));
    },
    get isComplete() {
      return version >= 0 && sections.size > lastNumber;
    },
    services: () => new Map([...sections.values()].flatMap((services) => [...services])),
  };
}

function readServices(bytes: Buffer): ReadonlyMap<number, ServiceNames> {
  const services = new Map<number, ServiceNames>();
  for (let at = 0; at + serviceHeaderBytes <= bytes.length; ) {
    const start = at + serviceHeaderBytes;
    const end = start + (bytes.readUInt16BE(at + 3) & 0xfff);
    const names = readNames(bytes.subarray(start, end));
    if (names !== null) services.set(bytes.readUInt16BE(at), names);
    at = end;
  }
  return services;
}

/** The service descriptor (6.2.33): type, provider, name. Null: there is none, or it does not hold what it says. */
function readNames(descriptors: Buffer): ServiceNames | null {
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + (descriptors[at + 1] ?? 0)) {
    if (descriptors[at] !== serviceDescriptorTag) continue;
    const content = descriptors.subarray(at + 2, at + 2 + (descriptors[at + 1] ?? 0));
    const nameAt = 2 + (content[1] ?? 0);
    const nameEnd = nameAt + 1 + (content[nameAt] ?? 0);
    if (content.length < 3 || nameEnd > content.length) return null;
    return {
      providerName: content.toString('latin1', 2, nameAt),
      serviceName: content.toString('latin1', nameAt + 1, nameEnd),
    };
  }
  return null;
}
