/** ESAM documents (CableLabs OC-SP-ESAM-API-I03), in the shapes of the service's guide. */

interface SignalParts {
  readonly id?: string;
  readonly point?: string;
  readonly action?: string;
  readonly command?: string;
  readonly descriptor?: string;
}

/** A document with one signal: a break opens at twelve seconds. */
export function signalDocument(parts: SignalParts): string {
  return `<SignalProcessingNotification xmlns="urn:cablelabs:iptvservices:esam:xsd:signal:1">${responseSignal(parts)}</SignalProcessingNotification>`;
}

function responseSignal({
  id = 's',
  point = '12',
  action = 'create',
  command = '06',
  descriptor,
}: SignalParts): string {
  const info = '<SegmentationDescriptorInfo segmentEventId="7" segmentTypeId="52"/>';
  const told =
    descriptor ?? `<SCTE35PointDescriptor spliceCommandType="${command}">${info}</SCTE35PointDescriptor>`;
  return `<ResponseSignal acquisitionSignalID="${id}" action="${action}"><NPTPoint nptPoint="${point}"/>${told}</ResponseSignal>`;
}

/** Breaks between pairs of points, in seconds; ids count from 1. */
export function breaksDocument(breaks: readonly (readonly [number, number])[]): string {
  const signals = breaks.flatMap(([start, end], index) => [
    signalXml(
      2 * index + 1,
      start,
      index + 1,
      `segmentTypeId="52" upidType="9" upid="${2 * index + 1}" duration="PT${end - start}S" segmentNumber="1" segmentsExpected="1"`,
    ),
    signalXml(2 * index + 2, end, index + 1, `segmentTypeId="53" upidType="9" upid="${2 * index + 2}"`),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>
<SignalProcessingNotification xmlns="urn:cablelabs:iptvservices:esam:xsd:signal:1" xmlns:sig="urn:cablelabs:md:xsd:signaling:3.0" xmlns:common="urn:cablelabs:iptvservices:esam:xsd:common:1" acquisitionPointIdentity="Example">
  <common:BatchInfo batchId="1"/>
${signals.join('\n')}
</SignalProcessingNotification>`;
}

function signalXml(id: number, seconds: number, event: number, info: string): string {
  return `  <ResponseSignal acquisitionPointIdentity="Example" acquisitionSignalID="${id}" signalPointID="${seconds}" action="create">
    <sig:NPTPoint nptPoint="${seconds.toFixed(2)}"/>
    <sig:SCTE35PointDescriptor spliceCommandType="06">
      <sig:SegmentationDescriptorInfo segmentEventId="${event}" ${info}/>
    </sig:SCTE35PointDescriptor>
  </ResponseSignal>`;
}

/** As in the guide: 10 to 40 and 75 to 105 seconds. */
export const twoBreaks = breaksDocument([
  [10, 40],
  [75, 105],
]);

/** Lines for the first break; its message goes into the segments, that of its end does not. */
export const manifestDocument = `<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<ns2:ManifestConfirmConditionNotification xmlns:ns2="http://www.cablelabs.com/namespaces/metadata/xsd/confirmation/2">
  <ns2:ManifestResponse acquisitionPointIdentity="Example" acquisitionSignalID="1" duration="PT30S" dataPassThrough="true">
    <ns2:SegmentModify>
      <ns2:FirstSegment><ns2:Tag value="#EXT-X-CUE-OUT:4,SpliceType=VOD_DAI"/></ns2:FirstSegment>
      <ns2:SpanSegment><ns2:Tag value="#EXT-X-CUE-OUT-CONT:$\{secondsFromSignal}/4,SpliceType=VOD_DAI" adapt="true"/></ns2:SpanSegment>
      <ns2:LastSegment><ns2:Tag value="#EXT-X-CUE-IN:4,SpliceType=VOD_DAI" locality="after" adapt="true"/></ns2:LastSegment>
    </ns2:SegmentModify>
  </ns2:ManifestResponse>
  <ns2:ManifestResponse acquisitionPointIdentity="Example" acquisitionSignalID="2"></ns2:ManifestResponse>
</ns2:ManifestConfirmConditionNotification>`;
