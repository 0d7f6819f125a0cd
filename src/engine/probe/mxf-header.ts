/** Reads the header partition pack of an MXF file (SMPTE ST 377-1 tables 3 and 5). */

/** What the header partition says. */
export interface MxfHeader {
  /** Item and package complexity together. */
  readonly operationalPattern: 'OP1a' | 'OP1b' | 'OP-Atom' | 'other';
  /** Where the footer partition begins, in bytes; null when the writer did not know yet. */
  readonly footerOffset: number | null;
  /** Its essence is encrypted (SMPTE ST 429-6). */
  readonly isEncrypted: boolean;
}

const partitionPackKey = Buffer.from('060e2b34020501010d01020101', 'hex');
/** Essence container label of encrypted essence (ST 429-6 7.1); its eighth byte is a version. */
const encryptedContainer = {
  start: Buffer.from('060e2b34040101', 'hex'),
  end: Buffer.from('0d010301020b01', 'hex'),
};
const footerAt = 24;
const patternAt = 64;

/** Reads it from the first bytes of a file; null when they are not MXF. */
export function readMxfHeader(head: Buffer): MxfHeader | null {
  const key = head.indexOf(partitionPackKey);
  if (key < 0) return null;
  const lengthAt = key + 16;
  const first = head[lengthAt] ?? 0;
  const pack = head.subarray(lengthAt + (first < 0x80 ? 1 : 1 + (first & 0x7f)));
  if (pack.length < patternAt + 16) return null;
  const footer = Number(pack.readBigUInt64BE(footerAt));
  return {
    operationalPattern: patternName(pack[patternAt + 12] ?? 0, pack[patternAt + 13] ?? 0),
    footerOffset: footer === 0 || !Number.isSafeInteger(footer) ? null : footer,
    isEncrypted: holdsLabel(head, encryptedContainer),
  };
}

function patternName(itemComplexity: number, packageComplexity: number): MxfHeader['operationalPattern'] {
  if (itemComplexity === 0x10) return 'OP-Atom';
  if (itemComplexity !== 1) return 'other';
  if (packageComplexity === 1) return 'OP1a';
  return packageComplexity === 2 ? 'OP1b' : 'other';
}

function holdsLabel(head: Buffer, { start, end }: typeof encryptedContainer): boolean {
  for (let at = head.indexOf(end); at >= 0; at = head.indexOf(end, at + 1)) {
    const label = at - start.length - 1;
    if (label >= 0 && head.subarray(label, label + start.length).equals(start)) return true;
  }
  return false;
}
