/**
 * What the MPD of a group says, from what was measured (spec packaging.md 6). Pure: segments in, XML out; writing is the
 * group's business.
 */
import type { MpdRules } from '../../plan/group-plan.ts';
import { measureBandwidth } from '../bandwidth.ts';
import { eventSchemes } from '../fmp4/event-messages.ts';
import type { ImageTrack } from '../images/image-track.ts';
import { relativeUri } from '../relative-uri.ts';
import { element, formatXml, textElement, type XmlElement } from '../xml.ts';
import { type AdaptationSet, adaptationSets } from './adaptation-sets.ts';
import { channelConfiguration } from './channel-configuration.ts';
import { imageSets } from './image-sets.ts';
import type { MeasuredRepresentation, MpdGroup } from './representation.ts';
import { type PeriodPlace, segmentInformation } from './segment-information.ts';

const schema =
  'urn:mpeg:dash:schema:mpd:2011 http://standards.iso.org/ittf/PubliclyAvailableStandards/MPEG-DASH_schema_files/DASH-MPD.xsd';

/** The MPD at `location` over `members`, which are all outputs of the group or those of an additional manifest. */
export function mpdDocument(
  group: MpdGroup,
  members: readonly MeasuredRepresentation[],
  images: readonly ImageTrack[],
  location: string,
): string {
  const { baseUrl } = group.mpd;
  // The base is the address of the group's folder, which manifests of their own names may lie beside.
  const from = baseUrl === '' ? location : (group.mpd.location ?? location);
  const uriOf = (target: string): string => relativeUri(from, target);
  const durationUs = presentationUs(members);
  const duration = isoDuration(durationUs);
  const sets = adaptationSets(group.mpd, members);
  const usesPlayReady = members.some(({ protection }) =>
    protection.some(({ children }) => children.some(({ name }) => name === 'mspr:pro')),
  );
  let representations = 0;
  const nextId = (): number => {
    representations += 1;
    return representations;
  };
  const place = { uriOf, nextId, periodMs: writtenMs(durationUs) };
  const period = element('Period', { start: 'PT0S', duration, id: 1 }, [
    ...sets.map((set) => adaptationSetElement(group, set, place)),
    ...imageSets(images, place),
  ]);
  return formatXml(
    element(
      'MPD',
      {
        'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
        xmlns: 'urn:mpeg:dash:schema:mpd:2011',
        'xmlns:cenc': 'urn:mpeg:cenc:2013',
        'xmlns:mspr': usesPlayReady ? 'urn:microsoft:playready' : null,
        'xsi:schemaLocation': schema,
        type: 'static',
        minBufferTime: isoDuration(minBufferUs(group, members)),
        profiles: profilesOf(group.mpd),
        mediaPresentationDuration: duration,
      },
      [...(baseUrl === '' ? [] : [textElement('BaseURL', baseUrl)]), period],
    ),
  );
}

function profilesOf({ profile, isHbbtv }: MpdRules): string {
  if (isHbbtv) return 'urn:hbbtv:dash:profile:isoff-live:2012';
  return profile === 'ON_DEMAND_PROFILE'
    ? 'urn:mpeg:dash:profile:isoff-on-demand:2011'
    : 'urn:mpeg:dash:profile:isoff-main:2011';
}

/** The longest track: the pictures, or sound that goes on after them. */
function presentationUs(members: readonly MeasuredRepresentation[]): number {
  return members.reduce((longest, { segments }) => Math.max(longest, segments.at(-1)?.endUs ?? 0), 0);
}

/** Unset, a player should hold one segment (observed: the segment length). */
function minBufferUs({ mpd, segmentSeconds }: MpdGroup, members: readonly MeasuredRepresentation[]): number {
  if (mpd.minBufferMs !== null) return mpd.minBufferMs * 1000;
  const nominalUs = (segmentSeconds.num * 1e6) / segmentSeconds.den;
  const longestUs = members.reduce(
    (longest, { segments }) => Math.max(longest, ...segments.map(({ startUs, endUs }) => endUs - startUs)),
    0,
  );
  return Math.min(nominalUs, longestUs);
}

function writtenMs(us: number): number {
  return Math.round(us / 1000);
}

/** `PT1H28M11.733S`: parts that are 0 are left out, at most three decimals. */
export function isoDuration(us: number): string {
  const totalMs = writtenMs(us);
  const hours = Math.floor(totalMs / 3_600_000);
  const minutes = Math.floor((totalMs % 3_600_000) / 60_000);
  const seconds = (totalMs % 60_000) / 1000;
  const written = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${
    seconds > 0 ? `${seconds}S` : ''
  }`;
  return `PT${written === '' ? '0S' : written}`;
}

/** What a set needs to know of its period. */
interface SetPlace extends PeriodPlace {
  readonly nextId: () => number;
}

function adaptationSetElement(
  group: MpdGroup,
  set: AdaptationSet,
  { uriOf, nextId, periodMs }: SetPlace,
): XmlElement {
  const segments = segmentInformation(group, set, { uriOf, periodMs });
  const sharesProtection = set.members.every(
    ({ protection }) => JSON.stringify(protection) === JSON.stringify(set.members[0]?.protection),
  );
  return element('AdaptationSet', set.attributes, [
    ...(sharesProtection ? (set.members[0]?.protection ?? []) : []),
    ...set.properties,
    ...eventStreams(set),
    ...(set.label === null ? [] : [textElement('Label', set.label)]),
    ...set.descriptors,
    ...set.contentComponents,
    ...segments.shared,
    ...set.members.map((member) =>
      representationElement(group, set, member, nextId(), {
        segments: segments.own(member),
        protection: sharesProtection ? [] : member.protection,
      }),
    ),
  ]);
}

/** Schemes of the event messages in the segments of a set (`manifestMetadataSignaling`). */
function eventStreams({ members }: AdaptationSet): XmlElement[] {
  const streams = members.flatMap(({ output: { events } }) => {
    if (events === undefined || !events.isSignaled) return [];
    return [
      ...(events.hasSplices ? [{ schemeIdUri: eventSchemes.splice, value: null }] : []),
      ...(events.id3 === null
        ? []
        : [{ schemeIdUri: events.id3.schemeIdUri, value: events.id3.value || null }]),
      ...(events.klv === null ? [] : [{ schemeIdUri: eventSchemes.klv, value: events.klv.value }]),
    ];
  });
  const once = new Map(streams.map((stream) => [JSON.stringify(stream), stream]));
  return [...once.values()].map((stream) => element('InbandEventStream', stream));
}

function representationElement(
  group: MpdGroup,
  set: AdaptationSet,
  member: MeasuredRepresentation,
  id: number,
  own: { readonly segments: readonly XmlElement[]; readonly protection: readonly XmlElement[] },
): XmlElement {
  const { video, audio } = member.tracks;
  const [sound] = audio;
  const codecs = [...(video === null ? [] : [video]), ...audio].map(({ codec }) => codec);
  const isMuxed = video !== null && sound !== undefined;
  return element(
    'Representation',
    {
      id,
      ...(video === null ? {} : { width: video.widthPx, height: video.heightPx }),
      ...(video === null || video.sampleAspectRatio.num === video.sampleAspectRatio.den
        ? {}
        : { sar: `${video.sampleAspectRatio.num}:${video.sampleAspectRatio.den}` }),
      ...(video === null || !set.hasMixedRates
        ? {}
        : { frameRate: `${video.frameRate.num}/${video.frameRate.den}` }),
      bandwidth: bandwidthOf(group.mpd, member),
      ...(sound === undefined || video !== null ? {} : { audioSamplingRate: sound.sampleRateHz }),
      codecs: codecs.every((codec) => codec !== null) ? codecs.join(',') : null,
    },
    [
      ...(sound === undefined || video !== null
        ? []
        : [channelConfiguration(sound, group.mpd.channelScheme)]),
      ...own.protection,
      ...(member.header === null ? [] : [singleFileUrl(member, own.segments)]),
      ...(isMuxed ? subRepresentations(member) : []),
      ...own.segments.filter(({ name }) => name !== 'BaseURL'),
    ],
  );
}

/** A single file is named by `BaseURL`, which comes before everything that describes segments. */
function singleFileUrl(member: MeasuredRepresentation, segments: readonly XmlElement[]): XmlElement {
  const url = segments.find(({ name }) => name === 'BaseURL');
  if (url === undefined) throw new TypeError(`no address of ${member.output.segmentLocation}`);
  return url;
}

/** Observed for outputs of video and audio together: one part for each content component. */
function subRepresentations({ tracks }: MeasuredRepresentation): XmlElement[] {
  const parts = [tracks.video, ...tracks.audio].flatMap((track) => track ?? []);
  return parts.map(({ codec, maxBitrateBps }, index) =>
    element('SubRepresentation', {
      contentComponent: index + 1,
      bandwidth: maxBitrateBps > 0 ? maxBitrateBps : null,
      codecs: codec,
    }),
  );
}

/** Measured average, or what the job allows at most; never 0. */
function bandwidthOf({ bandwidthType }: MpdRules, { segments, tracks }: MeasuredRepresentation): number {
  const longest = segments.reduce((most, { startUs, endUs }) => Math.max(most, endUs - startUs), 0);
  const measured = measureBandwidth(
    segments.map(({ sizeBytes, startUs, endUs }) => ({ sizeBytes, durationUs: endUs - startUs })),
    longest / 1e6,
  );
  if (bandwidthType === 'AVERAGE') return Math.max(1, measured.averageBps);
  const configured = [tracks.video, ...tracks.audio].reduce(
    (sum, track) => sum + (track?.maxBitrateBps ?? 0),
    0,
  );
  return Math.max(1, configured > 0 ? configured : measured.peakBps);
}
