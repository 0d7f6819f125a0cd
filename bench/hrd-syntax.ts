/** What H.264 and H.265 streams say of their decoder's buffer: parameters of the sequence, delays of the pictures. */
import { type BitReader, readBits, readMessages, splitUnits, withoutEscapes } from './bit-reader.ts';

/** The buffer that a sequence asks for (H.264 E.2.2, H.265 E.3.3; the first of its schedules). */
export interface HrdParameters {
  readonly rateBps: number;
  readonly sizeBits: number;
  readonly isConstant: boolean;
  /** Seconds of one tick of removal delays. */
  readonly tick: number;
}

/** Delays of one access unit. */
export interface HrdPicture {
  readonly bits: number;
  /** A period begins here: ticks of 1/90000 s that its first picture waits, and what other schedules wait beyond. */
  readonly period: { readonly delay: number; readonly offset: number } | null;
  /** Ticks behind the first picture of the period before. */
  readonly removalDelay: number;
}

/** A stream's own words. */
export interface HrdStream {
  readonly parameters: HrdParameters;
  readonly pictures: readonly HrdPicture[];
}

interface Lengths {
  readonly initial: number;
  readonly removal: number;
}

interface Sequence {
  readonly parameters: HrdParameters;
  readonly lengths: Lengths;
  /** Timing messages begin with the scan of the picture (H.265). */
  readonly hasScan: boolean;
}

/** Reads access units of one codec, byte stream format; null when the stream says nothing of a buffer. */
export function readHrd(codec: 'H.264' | 'H.265', units: readonly Uint8Array[]): HrdStream | null {
  const syntax = syntaxes[codec];
  let sequence: Sequence | null = null;
  const pictures: HrdPicture[] = [];
  for (const bytes of units) {
    let period: HrdPicture['period'] = null;
    let removalDelay: number | null = null;
    for (const unit of splitUnits(bytes)) {
      const type = syntax.typeOf(unit[0] ?? 0);
      const payload = (): Uint8Array => withoutEscapes(unit.subarray(syntax.headerBytes));
      if (type === syntax.sequenceType) sequence = syntax.readSequence(readBits(payload()));
      if (type !== syntax.messageType || sequence === null) continue;
      const messages = readMessages(payload());
      const [buffering, timing] = [messages.get(bufferingPeriod), messages.get(pictureTiming)];
      if (buffering !== undefined) period = syntax.readPeriod(readBits(buffering), sequence);
      if (timing !== undefined) removalDelay = syntax.readRemoval(readBits(timing), sequence);
    }
    if (sequence === null || removalDelay === null) return null;
    pictures.push({ bits: bytes.length * 8, period, removalDelay });
  }
  return sequence === null ? null : { parameters: sequence.parameters, pictures };
}

/** Reads what one sequence parameter set tells of a buffer; null when it tells nothing. */
export function readHrdParameters(codec: 'H.264' | 'H.265', unit: Uint8Array): HrdParameters | null {
  const { headerBytes, readSequence } = syntaxes[codec];
  return readSequence(readBits(withoutEscapes(unit.subarray(headerBytes))))?.parameters ?? null;
}

const bufferingPeriod = 0;
const pictureTiming = 1;

interface Syntax {
  readonly headerBytes: number;
  readonly sequenceType: number;
  readonly messageType: number;
  typeOf(firstByte: number): number;
  readSequence(reader: BitReader): Sequence | null;
  readPeriod(reader: BitReader, sequence: Sequence): NonNullable<HrdPicture['period']>;
  readRemoval(reader: BitReader, sequence: Sequence): number;
}

const syntaxes: Readonly<Record<'H.264' | 'H.265', Syntax>> = {
  'H.264': {
    headerBytes: 1,
    sequenceType: 7,
    messageType: 6,
    typeOf: (byte) => byte & 31,
    readSequence: readH264Sequence,
    readPeriod(reader, { lengths }) {
      reader.golomb();
      return { delay: reader.bits(lengths.initial), offset: reader.bits(lengths.initial) };
    },
    readRemoval: (reader, { lengths }) => reader.bits(lengths.removal),
  },
  'H.265': {
    headerBytes: 2,
    sequenceType: 33,
    messageType: 39,
    typeOf: (byte) => (byte >> 1) & 63,
    readSequence: readH265Sequence,
    readPeriod(reader, { lengths }) {
      reader.golomb();
      if (reader.flag()) throw new RangeError('alternative delays of leading pictures are not read');
      reader.flag();
      reader.bits(lengths.removal);
      return { delay: reader.bits(lengths.initial), offset: reader.bits(lengths.initial) };
    },
    readRemoval(reader, { lengths, hasScan }) {
      if (hasScan) reader.bits(7);
      return reader.bits(lengths.removal) + 1;
    },
  },
};

/** Profiles whose sequences tell of chroma (H.264 7.3.2.1.1). */
const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128];

function readH264Sequence(reader: BitReader): Sequence | null {
  const profile = reader.bits(8);
  reader.bits(16);
  reader.golomb();
  if (highProfiles.includes(profile)) {
    if (reader.golomb() === 3) reader.flag();
    reader.golomb();
    reader.golomb();
    reader.flag();
    if (reader.flag()) throw new RangeError('matrices are not read');
  }
  reader.golomb();
  if (reader.golomb() === 0) reader.golomb();
  reader.golomb();
  reader.flag();
  reader.golomb();
  reader.golomb();
  if (!reader.flag()) reader.flag();
  reader.flag();
  if (reader.flag()) for (let side = 0; side < 4; side += 1) reader.golomb();
  if (!reader.flag()) return null;
  skipDisplay(reader);
  if (!reader.flag()) return null;
  const tick = reader.bits(32) / reader.bits(32);
  reader.flag();
  if (!reader.flag()) return null;
  if (reader.golomb() !== 0) throw new RangeError('several schedules are not read');
  const [rateScale, sizeScale] = [reader.bits(4), reader.bits(4)];
  const parameters = { ...readBuffer(reader, rateScale, sizeScale), tick };
  const lengths = { initial: reader.bits(5) + 1, removal: reader.bits(5) + 1 };
  return { parameters, lengths, hasScan: false };
}

function readH265Sequence(reader: BitReader): Sequence | null {
  reader.bits(4);
  if (reader.bits(3) !== 0) throw new RangeError('layers are not read');
  reader.flag();
  for (let part = 0; part < 3; part += 1) reader.bits(32);
  reader.golomb();
  if (reader.golomb() === 3) reader.flag();
  reader.golomb();
  reader.golomb();
  if (reader.flag()) for (let side = 0; side < 4; side += 1) reader.golomb();
  for (let part = 0; part < 3; part += 1) reader.golomb();
  reader.flag();
  for (let part = 0; part < 3 + 6; part += 1) reader.golomb();
  if (reader.flag() && reader.flag()) throw new RangeError('matrices are not read');
  reader.bits(2);
  if (reader.flag()) throw new RangeError('uncompressed blocks are not read');
  if (reader.golomb() !== 0) throw new RangeError('reference sets are not read');
  if (reader.flag() && reader.golomb() !== 0) throw new RangeError('long references are not read');
  reader.bits(2);
  if (!reader.flag()) return null;
  skipDisplay(reader);
  reader.bits(2);
  const hasScan = reader.flag();
  if (reader.flag()) for (let side = 0; side < 4; side += 1) reader.golomb();
  if (!reader.flag()) return null;
  const tick = reader.bits(32) / reader.bits(32);
  if (reader.flag()) reader.golomb();
  if (!reader.flag()) return null;
  if (!reader.flag()) return null;
  reader.flag();
  if (reader.flag()) throw new RangeError('buffers of parts of pictures are not read');
  const [rateScale, sizeScale] = [reader.bits(4), reader.bits(4)];
  const lengths = { initial: reader.bits(5) + 1, removal: reader.bits(5) + 1 };
  reader.bits(5);
  const isFixed = reader.flag() || reader.flag();
  if (isFixed) reader.golomb();
  const isLowDelay = isFixed ? false : reader.flag();
  if (!isLowDelay && reader.golomb() !== 0) throw new RangeError('several schedules are not read');
  return { parameters: { ...readBuffer(reader, rateScale, sizeScale), tick }, lengths, hasScan };
}

/** Aspect, overscan, signal and chroma place, which both codecs begin with (H.264 E.1.1, H.265 E.2.1). */
function skipDisplay(reader: BitReader): void {
  if (reader.flag() && reader.bits(8) === 255) reader.bits(32);
  if (reader.flag()) reader.flag();
  if (reader.flag()) {
    reader.bits(4);
    if (reader.flag()) reader.bits(24);
  }
  if (reader.flag()) {
    reader.golomb();
    reader.golomb();
  }
}

function readBuffer(reader: BitReader, rateScale: number, sizeScale: number): Omit<HrdParameters, 'tick'> {
  return {
    rateBps: (reader.golomb() + 1) * 2 ** (6 + rateScale),
    sizeBits: (reader.golomb() + 1) * 2 ** (4 + sizeScale),
    isConstant: reader.flag(),
  };
}
