/** Tables of a transport stream: program specific information (ISO/IEC 13818-1 2.4.4) and service information (EN 300 468). */

import type { TransportPlan } from '../../plan/file-plan.ts';
import { sectionChecksum } from '../../signals/section-checksum.ts';
import type { TransportTrack } from './transport-track.ts';

/** PIDs that tables always have. */
export const tablePids = { pat: 0, nit: 0x10, sdt: 0x11, tdt: 0x14 } as const;

/** The program association table: where the one program's map is. */
export function associationTable({ programNumber, transportStreamId, pids, nit }: TransportPlan): Buffer {
  const network = nit === null ? [] : [0, 0, 0xe0 | (tablePids.nit >> 8), tablePids.nit & 0xff];
  const program = [...word(programNumber), 0xe0 | (pids.pmt >> 8), pids.pmt & 0xff];
  return longSection(0, transportStreamId, Buffer.from([...network, ...program]), 0xb0);
}

/** The program map table: clock and tracks. */
export function mapTable(
  { programNumber, pids }: TransportPlan,
  tracks: readonly Pick<TransportTrack, 'streamType' | 'pid' | 'descriptors'>[],
  programDescriptors: Buffer,
): Buffer {
  const entries = tracks.map(({ streamType, pid, descriptors }) =>
    Buffer.concat([
      Buffer.from([
        streamType,
        0xe0 | (pid >> 8),
        pid & 0xff,
        0xf0 | (descriptors.length >> 8),
        descriptors.length & 0xff,
      ]),
      descriptors,
    ]),
  );
  const length = programDescriptors.length;
  const clock = Buffer.from([0xe0 | (pids.pcr >> 8), pids.pcr & 0xff, 0xf0 | (length >> 8), length & 0xff]);
  return longSection(2, programNumber, Buffer.concat([clock, programDescriptors, ...entries]), 0xb0);
}

/** The service description table: provider and name. */
export function serviceTable(
  { programNumber, transportStreamId, nit, pids }: TransportPlan,
  { serviceName, providerName, areNamesCoded }: NonNullable<TransportPlan['sdt']>,
): Buffer {
  // Digital television, or digital radio where there is no picture (EN 300 468 table 89).
  const serviceType = pids.video > 0 ? 1 : 2;
  const coded = areNamesCoded === true ? (bytes: string) => Buffer.from(bytes, 'latin1') : text;
  const [provider, name] = [coded(providerName), coded(serviceName)];
  const service = descriptor(
    0x48,
    Buffer.concat([Buffer.from([serviceType, provider.length]), provider, Buffer.from([name.length]), name]),
  );
  const entry = Buffer.from([
    ...word(programNumber),
    0xfc,
    0x80 | (service.length >> 8),
    service.length & 0xff,
  ]);
  const network = Buffer.from([...word(nit?.networkId ?? 1), 0xff]);
  return longSection(0x42, transportStreamId, Buffer.concat([network, entry, service]), 0xf0);
}

/** The network information table: the network's name, and the one service of the stream. */
export function networkTable(
  { programNumber, transportStreamId, pids }: TransportPlan,
  { networkId, networkName }: NonNullable<TransportPlan['nit']>,
): Buffer {
  const name = descriptor(0x40, text(networkName));
  const services = descriptor(0x41, Buffer.from([...word(programNumber), pids.video > 0 ? 1 : 2]));
  const stream = Buffer.concat([
    Buffer.from([
      ...word(transportStreamId),
      ...word(networkId),
      0xf0 | (services.length >> 8),
      services.length & 0xff,
    ]),
    services,
  ]);
  const body = Buffer.concat([
    Buffer.from([0xf0 | (name.length >> 8), name.length & 0xff]),
    name,
    Buffer.from([0xf0 | (stream.length >> 8), stream.length & 0xff]),
    stream,
  ]);
  return longSection(0x40, networkId, body, 0xf0);
}

/** The time and date table (EN 300 468 5.2.5): no checksum. */
export function timeTable(timeMs: number): Buffer {
  const time = new Date(timeMs);
  const modifiedJulianDay = Math.floor(timeMs / 86_400_000) + 40_587;
  const decimal = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
  return Buffer.from([
    0x70,
    0x70,
    5,
    ...word(modifiedJulianDay),
    decimal(time.getUTCHours()),
    decimal(time.getUTCMinutes()),
    decimal(time.getUTCSeconds()),
  ]);
}

/** A descriptor: tag, length, content. */
export function descriptor(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

/** A section with the long header and its checksum; version 0, one section. */
function longSection(tableId: number, extension: number, body: Buffer, syntaxBits: number): Buffer {
  const length = body.length + 9;
  const section = Buffer.concat([
    Buffer.from([tableId, syntaxBits | (length >> 8), length & 0xff, ...word(extension), 0xc1, 0, 0]),
    body,
    Buffer.alloc(4),
  ]);
  section.writeUInt32BE(sectionChecksum(section.subarray(0, -4)), section.length - 4);
  return section;
}

/** DVB text: the default alphabet where it does, else UTF-8 announced by its code (EN 300 468 annex A). */
function text(value: string): Buffer {
  // The lower half of the default alphabet is ASCII.
  const isPlain = [...value].every((character) => character >= ' ' && character <= '~');
  return isPlain
    ? Buffer.from(value, 'latin1')
    : Buffer.concat([Buffer.from([0x15]), Buffer.from(value, 'utf8')]);
}

function word(value: number): [number, number] {
  return [(value >> 8) & 0xff, value & 0xff];
}
