/** ESAM documents: the guide's examples, what else they may say, and what is refused with a reason. */
import { describe, expect, it } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import { readManifestConditions, tagLine } from '../../src/signals/esam-conditions.ts';
import { readEsamSignals } from '../../src/signals/esam-signals.ts';
import { manifestDocument, signalDocument, twoBreaks } from './support/esam-documents.ts';
import { readSplice } from './support/read-splice.ts';

const rate = rational(25);

describe('signal processing notifications', () => {
  it('reads two breaks of thirty seconds', () => {
    const signals = readEsamSignals(twoBreaks, rate);
    expect(signals.map(({ id, at }) => [id, at / 90_000])).toEqual([
      ['1', 10],
      ['2', 40],
      ['3', 75],
      ['4', 105],
    ]);
    expect(signals.map(({ edges }) => edges[0]?.kind)).toEqual(['out', 'in', 'out', 'in']);
    const [first] = signals;
    expect(readSplice(first?.section ?? Buffer.alloc(0))).toMatchObject({
      command: 6,
      pts: 900_000n,
      segmentations: [
        { eventId: 1, typeId: 52, upidType: 9, upid: '1', duration: 2_700_000n, number: 1, expected: 1 },
      ],
    });
  });

  it.each([
    ['12.5', 12.5],
    ['00:00:12', 12],
    ['00:00:12.25', 12.25],
    ['00:00:12:10', 12.4],
  ])('reads the point %s', (point, seconds) => {
    expect(readEsamSignals(signalDocument({ point }), rate)[0]?.at).toBe(seconds * 90_000);
  });

  it('takes binary messages, and points without one', () => {
    const binary =
      '<BinaryData signalType="SCTE35">/DAnAAAAAAAAAP/wBQb+AA27oAARAg9DVUVJAAAAAX+HCQA0AAE0xUZn</BinaryData>';
    const [signal] = readEsamSignals(signalDocument({ descriptor: binary }), rate);
    expect(readSplice(signal?.section ?? Buffer.alloc(0))).toMatchObject({
      pts: 1_080_000n,
      segmentations: [{ typeId: 52 }],
    });
    expect(readEsamSignals(signalDocument({ descriptor: '' }), rate)).toMatchObject([
      { section: null, edges: [] },
    ]);
  });

  it('leaves out what is taken back, and gives breaks the length of their conditioning', () => {
    const conditioned = `${signalDocument({}).replace(
      '</SignalProcessingNotification>',
      '<ConditioningInfo acquisitionSignalIDRef="s" duration="PT1M0.5S"/></SignalProcessingNotification>',
    )}`;
    expect(readEsamSignals(conditioned, rate)[0]?.edges).toEqual([
      { kind: 'out', typeId: 52, durationTicks: 60.5 * 90_000 },
    ]);
    expect(() => readEsamSignals(signalDocument({ action: 'delete' }), rate)).toThrow(
      'no ResponseSignal that creates',
    );
  });

  it.each([
    ['<SignalProcessingNotification><a></SignalProcessingNotification>', /line 1 of the XML/],
    ['<Other><SignalProcessingNotification/></Other>', /begins with Other/],
    ['<SignalProcessingNotification/>', /no ResponseSignal/],
    [signalDocument({ point: 'soon' }), /neither seconds nor a timecode/],
    [
      signalDocument({ point: '00:00:01:29' }),
      /00:00:01:29 .* at 25 frames a second: frames go from 0 to 24/,
    ],
    [signalDocument({ command: '05' }), /no time_signal/],
    [signalDocument({ id: '' }).replace('acquisitionSignalID=""', ''), /no acquisitionSignalID/],
    [
      signalDocument({}).replace('segmentTypeId="52"', 'segmentTypeId="999"'),
      /segmentTypeId .* from 0 to 255/,
    ],
    [signalDocument({ descriptor: '<BinaryData>AAAA</BinaryData>' }), /no intact splice_info_section/],
    [
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><SignalProcessingNotification>&b;</SignalProcessingNotification>',
      /^the XML is not read/,
    ],
  ])('refuses %#', (text, message) => {
    expect(() => readEsamSignals(text, rate)).toThrow(message);
  });
});

describe('manifest confirm condition notifications', () => {
  it('reads the lines of each response', () => {
    const [first, second] = readManifestConditions(manifestDocument);
    expect(first).toMatchObject({ signalId: '1', durationTicks: 2_700_000, passesData: true });
    expect(first?.first).toEqual([{ value: '#EXT-X-CUE-OUT:4,SpliceType=VOD_DAI', isAfter: false }]);
    expect(first?.last).toEqual([{ value: '#EXT-X-CUE-IN:4,SpliceType=VOD_DAI', isAfter: true }]);
    const [span] = first?.span ?? [];
    expect(span === undefined ? null : tagLine(span, 14.5 * 90_000)).toBe(
      '#EXT-X-CUE-OUT-CONT:14.5/4,SpliceType=VOD_DAI',
    );
    expect(second).toMatchObject({
      signalId: '2',
      durationTicks: null,
      passesData: false,
      first: [],
      span: [],
      last: [],
    });
  });

  it.each([
    ['<ManifestConfirmConditionNotification/>', /no ManifestResponse/],
    [manifestDocument.replace('acquisitionSignalID="1"', ''), /no acquisitionSignalID/],
    [manifestDocument.replace('PT30S', 'half a minute'), /no duration such as PT30S/],
    [manifestDocument.replace('value="#EXT-X-CUE-OUT:4', 'value="#EXT-X-CUE-OUT:4&#10;'), /several lines/],
  ])('refuses %#', (text, message) => {
    expect(() => readManifestConditions(text)).toThrow(message);
  });
});
