/** Which outputs an MPD offers together: players switch inside a set and choose between sets (spec packaging.md 6.2, 6.3). */
import { equalRational, formatRational } from '../../exact-time.ts';
import type { MpdRules } from '../../plan/group-plan.ts';
import { element, type XmlElement } from '../xml.ts';
import type { MeasuredRepresentation } from './representation.ts';

/** One adaptation set before it is written. */
export interface AdaptationSet {
  readonly kind: 'video' | 'audio' | 'muxed';
  readonly attributes: XmlElement['attributes'];
  readonly label: string | null;
  /** `EssentialProperty`. */
  readonly properties: readonly XmlElement[];
  /** `Accessibility` and `Role`. */
  readonly descriptors: readonly XmlElement[];
  readonly contentComponents: readonly XmlElement[];
  /** Frame rates differ and stand with each representation. */
  readonly hasMixedRates: boolean;
  readonly members: readonly MeasuredRepresentation[];
}

/** The sets in order of their first outputs. */
export function adaptationSets(rules: MpdRules, members: readonly MeasuredRepresentation[]): AdaptationSet[] {
  const sets = new Map<string, MeasuredRepresentation[]>();
  for (const member of members) {
    const key = keyOf(rules, member);
    sets.set(key, [...(sets.get(key) ?? []), member]);
  }
  const grouped = [...sets.values()];
  const audioSets = grouped.filter(([first]) => first?.tracks.video === null).length;
  const described = grouped.map((set) => describe(set, audioSets > 1));
  const mainAt = described.findIndex(({ kind, members: [first] }) => kind !== 'audio' && !isKeyFrames(first));
  if (!members.some(isKeyFrames) || mainAt < 0) return described;
  // Key frames are of a set, which they name (DASH-IF IOP 4.3 section 3.2.9).
  return described.map((set, index) => {
    if (index === mainAt) return { ...set, attributes: { id: mainSetId, ...set.attributes } };
    return isKeyFrames(set.members[0]) ? asKeyFrames(set) : set;
  });
}

const mainSetId = 1;

function isKeyFrames(member: MeasuredRepresentation | undefined): boolean {
  return member?.output.isKeyFramesOnly === true;
}

/** They can be shown as much faster as there are pictures left out between them. */
function asKeyFrames(set: AdaptationSet): AdaptationSet {
  const [first] = set.members;
  const rate = first?.tracks.video?.frameRate ?? { num: 1, den: 1 };
  const segments = first?.segments ?? [];
  const pictures = (((segments.at(-1)?.endUs ?? 0) / 1e6) * rate.num) / rate.den;
  const keyFrames = segments.reduce((sum, segment) => sum + segment.keyFrames.length, 0);
  const { frameRate: _ofAllPictures, ...attributes } = set.attributes;
  return {
    ...set,
    attributes: {
      ...attributes,
      maxPlayoutRate: Math.max(1, Math.round(pictures / Math.max(1, keyFrames))),
      codingDependency: 'false',
    },
    properties: [
      element('EssentialProperty', {
        schemeIdUri: 'http://dashif.org/guidelines/trickmode',
        value: String(mainSetId),
      }),
    ],
  };
}

/** Outputs with the same key are alternatives of each other. */
function keyOf(rules: MpdRules, { output, tracks }: MeasuredRepresentation): string {
  const { video, audio } = tracks;
  if (video !== null) {
    return JSON.stringify([
      output.isKeyFramesOnly === true,
      audio.length > 0 ? audio.map(({ language, streamName }) => [language, streamName]) : 'video',
      rules.style === 'DISTINCT' ? formatRational(video.frameRate) : null,
      rules.groupsByCodec ? (video.codec?.split('.')[0] ?? null) : null,
    ]);
  }
  const [sound] = audio;
  return JSON.stringify([
    'audio',
    sound?.language,
    sound?.streamName,
    sound?.codec,
    sound?.channels,
    output.describesVideo,
  ]);
}

function describe(members: readonly MeasuredRepresentation[], hasAlternatives: boolean): AdaptationSet {
  const [first] = members;
  if (first === undefined) throw new TypeError('an adaptation set without members');
  const { video, audio } = first.tracks;
  if (video === null) return describeAudio(members, first, hasAlternatives);
  const hasMixedRates = members.some(
    ({ tracks }) => tracks.video !== null && !equalRational(tracks.video.frameRate, video.frameRate),
  );
  const isMuxed = audio.length > 0;
  const isAligned = haveSameEnds(members);
  return {
    kind: isMuxed ? 'muxed' : 'video',
    attributes: {
      mimeType: 'video/mp4',
      frameRate: hasMixedRates ? null : formatRational(video.frameRate),
      lang: isMuxed ? (audio[0]?.language ?? 'und') : null,
      segmentAlignment: String(isAligned),
      subsegmentAlignment: String(isAligned),
      startWithSAP: 1,
      subsegmentStartsWithSAP: 1,
      bitstreamSwitching: 'false',
    },
    label: null,
    properties: [],
    descriptors: [],
    contentComponents: isMuxed
      ? [first.tracks.video, ...audio].map((_, index) =>
          element('ContentComponent', { contentType: index === 0 ? 'video' : 'audio', id: index + 1 }),
        )
      : [],
    hasMixedRates,
    members,
  };
}

/**
 * True where segments begin together, but for the pictures of different rates: a player that switches then never needs two of
 * the same place (ISO/IEC 23009-1 5.3.3.2). Copied video is cut at the key frames that it has, others where the group asks.
 */
function haveSameEnds(members: readonly MeasuredRepresentation[]): boolean {
  const [first, ...others] = members;
  const rates = members.flatMap(({ tracks }) => tracks.video?.frameRate ?? []);
  const longestFrameUs = Math.max(...rates.map(({ num, den }) => (den * 1e6) / num));
  return others.every(
    ({ segments }) =>
      segments.length === first?.segments.length &&
      segments.every(({ endUs }, index) => {
        const end = first.segments[index]?.endUs ?? Number.NaN;
        return Math.abs(endUs - end) < longestFrameUs;
      }),
  );
}

function describeAudio(
  members: readonly MeasuredRepresentation[],
  first: MeasuredRepresentation,
  hasAlternatives: boolean,
): AdaptationSet {
  const [sound] = first.tracks.audio;
  const { audioTrackType, describesVideo } = first.output;
  const isMain = audioTrackType === null || audioTrackType === 'ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT';
  const role = (value: string): XmlElement =>
    element('Role', { schemeIdUri: 'urn:mpeg:dash:role:2011', value });
  return {
    kind: 'audio',
    attributes: { mimeType: 'audio/mp4', lang: sound?.language ?? 'und', segmentAlignment: '0' },
    label: sound?.streamName ?? null,
    properties: [],
    descriptors: describesVideo
      ? [
          // Audio description for the visually impaired (DASH-IF IOP 4.3 section 3.9.4.3).
          element('Accessibility', { schemeIdUri: 'urn:tva:metadata:cs:AudioPurposeCS:2007', value: '1' }),
          role('alternate'),
        ]
      : hasAlternatives
        ? [role(isMain ? 'main' : 'alternate')]
        : [],
    contentComponents: [],
    hasMixedRates: false,
    members,
  };
}
