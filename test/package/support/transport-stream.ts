/** Packets of a transport stream, read bit by bit (ISO/IEC 13818-1 2.4.3); shares no code with the muxer. */

export interface StreamPacket {
  readonly pid: number;
  readonly counter: number;
  readonly hasPayload: boolean;
  /** Clock reference in 1/90,000 s. */
  readonly pcr: number | null;
  /** Of a PES packet that begins here. */
  readonly pts: number | null;
  readonly dts: number | null;
}

export function readTransportStream(bytes: Buffer): readonly StreamPacket[] {
  const packets: StreamPacket[] = [];
  for (let at = 0; at < bytes.length; at += 188) {
    const packet = bytes.subarray(at, at + 188);
    if (packet.length !== 188 || packet[0] !== 0x47) throw new Error(`no packet at byte ${at}`);
    packets.push(readPacket(packet));
  }
  return packets;
}

function readPacket(packet: Buffer): StreamPacket {
  const control = packet.readUInt8(3);
  const hasAdaptation = (control & 0x20) !== 0;
  const hasPayload = (control & 0x10) !== 0;
  const adaptationLength = hasAdaptation ? packet.readUInt8(4) : 0;
  const hasClock = adaptationLength > 0 && (packet.readUInt8(5) & 0x10) !== 0;
  const pcr = hasClock ? packet.readUInt32BE(6) * 2 + (packet.readUInt8(10) >> 7) : null;
  const payload = packet.subarray(hasAdaptation ? 5 + adaptationLength : 4);
  const beginsUnit = (packet.readUInt8(1) & 0x40) !== 0;
  const isPes = hasPayload && beginsUnit && payload.length > 9 && payload.readUIntBE(0, 3) === 1;
  const flags = isPes ? payload.readUInt8(7) >> 6 : 0;
  return {
    pid: packet.readUInt16BE(1) & 0x1fff,
    counter: control & 0x0f,
    hasPayload,
    pcr,
    pts: flags & 2 ? readTimestamp(payload, 9) : null,
    dts: flags === 3 ? readTimestamp(payload, 14) : null,
  };
}

function readTimestamp(payload: Buffer, at: number): number {
  const high = (payload.readUInt8(at) >> 1) & 7;
  const middle = payload.readUInt16BE(at + 1) >> 1;
  const low = payload.readUInt16BE(at + 3) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}
