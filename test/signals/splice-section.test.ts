/** Splice messages: written, read, moved; against an independent reader and messages written elsewhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { availEdgesOf, type Segmentation } from '../../src/signals/segmentation-descriptor.ts';
import { atSpliceTime, formatTimeSignal, parseSpliceSection } from '../../src/signals/splice-section.ts';
import { readSplice } from './support/read-splice.ts';

/** From the sample manifest of the service's guide: a placement opportunity starts at 10 s, and ends at 40 s. */
const observedStart = '/DAnAAAAAAAAAP/wBQb+AA27oAARAg9DVUVJAAAAAX+HCQA0AAE0xUZn';
const observedEnd = '/DAnAAAAAAAAAP/wBQb+ADbugAARAg9DVUVJAAAAAX+HCQA1AAA3v5+Q';
/** From ANSI/SCTE 35 14.2: a splice_insert that opens a break. */
const standardInsert = '/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=';

const segmentation: fc.Arbitrary<Segmentation> = fc.record({
  eventId: fc.integer({ min: 0, max: 0xffff_ffff }),
  isCanceled: fc.constant(false),
  typeId: fc.integer({ min: 0, max: 255 }),
  durationTicks: fc.option(fc.integer({ min: 0, max: 2 ** 40 - 1 })),
  upidType: fc.integer({ min: 0, max: 255 }),
  upid: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  segmentNumber: fc.integer({ min: 0, max: 255 }),
  segmentsExpected: fc.integer({ min: 0, max: 255 }),
  restrictions: fc.option(
    fc.record({
      isWebAllowed: fc.boolean(),
      hasNoBlackout: fc.boolean(),
      isArchiveAllowed: fc.boolean(),
      devices: fc.integer({ min: 0, max: 3 }),
    }),
  ),
});
const ticks = fc.integer({ min: 0, max: 2 ** 33 - 1 });

describe('splice messages', () => {
  it('says what was written, to itself and to another reader', () => {
    fc.assert(
      fc.property(ticks, fc.array(segmentation, { maxLength: 4 }), (at, segmentations) => {
        const bytes = formatTimeSignal(at, segmentations);
        const own = parseSpliceSection(bytes);
        expect(own).toMatchObject({ command: 'time_signal', ticks: at, segmentations });
        const other = readSplice(bytes);
        expect(other).toMatchObject({ command: 6, adjustment: 0n, pts: BigInt(at) });
        expect(
          other.segmentations.map(({ eventId, typeId, duration }) => ({ eventId, typeId, duration })),
        ).toEqual(
          segmentations.map(({ eventId, typeId, durationTicks }) => ({
            eventId,
            typeId,
            duration: durationTicks === null ? null : BigInt(durationTicks),
          })),
        );
      }),
    );
  });

  it('moves to another time and keeps everything else', () => {
    fc.assert(
      fc.property(ticks, ticks, fc.array(segmentation, { maxLength: 3 }), (from, to, segmentations) => {
        const message = parseSpliceSection(formatTimeSignal(from, segmentations));
        if (message === null) throw new Error('not read');
        const moved = parseSpliceSection(atSpliceTime(message, to));
        expect(moved).toMatchObject({ ticks: to, segmentations });
      }),
    );
  });

  it('reads the messages of the guide and of the standard', () => {
    const start = parseSpliceSection(Buffer.from(observedStart, 'base64'));
    expect(start).toMatchObject({ command: 'time_signal', ticks: 900_000 });
    expect(start?.segmentations).toMatchObject([
      { eventId: 1, typeId: 0x34, upidType: 9, segmentsExpected: 1 },
    ]);
    expect(availEdgesOf(start?.segmentations ?? [])).toEqual([
      { kind: 'out', typeId: 0x34, durationTicks: null },
    ]);
    const end = parseSpliceSection(Buffer.from(observedEnd, 'base64'));
    expect(end?.ticks).toBe(3_600_000);
    expect(availEdgesOf(end?.segmentations ?? [])).toEqual([{ kind: 'in', typeId: 0x35 }]);
    expect(parseSpliceSection(Buffer.from(standardInsert, 'base64'))?.command).toBe('splice_insert');
  });

  it('writes the message of the guide to the bit', () => {
    const restrictions = { isWebAllowed: false, hasNoBlackout: false, isArchiveAllowed: true, devices: 3 };
    const bytes = formatTimeSignal(900_000, [
      {
        eventId: 1,
        isCanceled: false,
        typeId: 0x34,
        durationTicks: null,
        upidType: 9,
        upid: Buffer.alloc(0),
        segmentNumber: 0,
        segmentsExpected: 1,
        restrictions,
      },
    ]);
    expect(bytes.toString('base64')).toBe(observedStart);
  });

  it('uses up the adjustment, across the turn of the clock', () => {
    const bytes = formatTimeSignal(2 ** 33 - 10, []);
    // pts_adjustment of 100 ticks, as a multiplexer on the way writes it.
    bytes.writeUInt32BE(100, 5);
    bytes.writeUInt32BE(0, bytes.length - 4);
    expect(parseSpliceSection(bytes)).toBeNull();
    const repaired = Buffer.from(bytes);
    repaired.writeUInt32BE(checksumOf(repaired.subarray(0, -4)), repaired.length - 4);
    const message = parseSpliceSection(repaired);
    expect(message?.ticks).toBe(90);
    if (message === null) throw new Error('not read');
    expect(readSplice(atSpliceTime(message, 90))).toMatchObject({ adjustment: 0n, pts: 90n });
  });

  it('never throws, and takes no damaged section', () => {
    const intact = formatTimeSignal(900_000, []);
    fc.assert(
      fc.property(fc.nat(intact.length * 8 - 1), (bit) => {
        const damaged = Buffer.from(intact);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(parseSpliceSection(damaged)).toBeNull();
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void parseSpliceSection(bytes)));
  });
});

function checksumOf(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit -= 1) {
      const top = (crc >>> 31) ^ ((byte >> bit) & 1);
      crc = top === 1 ? ((crc << 1) ^ 0x04c1_1db7) >>> 0 : (crc << 1) >>> 0;
    }
  return crc;
}
