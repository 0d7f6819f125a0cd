/** The signal part of a plan, once all outputs are planned: inserted tags, ad avails, blanking (spec packaging.md 10, overlays.md 5). */
import type { Id3Insertion, JobSettings } from '../contract/types.generated.ts';
import { type Rational, rational, rationalToNumber } from '../exact-time.ts';
import { isId3Tag } from '../signals/id3-tags.ts';
import { frameNumberOf, parseTimecode } from '../timecode.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { PlannedTag, SignalPlan } from './signal-plan.ts';

/** A PES packet can name 65,535 bytes: longer tags would not fit into one. */
const longestTagBytes = 60_000;

/** Completes the signals; null: the job has none. */
export function finishSignals(settings: SettingsReader<JobSettings>, scope: JobScope): SignalPlan | null {
  const { signals } = scope;
  const tags = readTags(settings, scope);
  const adAvailOffsetMs = readAvailOffset(settings, scope);
  const blanking = readBlanking(settings, scope);
  refuseFaster(settings, scope);
  tellPointsOutside(settings, scope);
  const isUsed =
    signals.esam !== null ||
    tags.length > 0 ||
    signals.isUsed('scte35') ||
    signals.isUsed('id3') ||
    signals.isUsed('klv');
  if (!isUsed) return null;
  return {
    cues: signals.esam?.cues ?? [],
    tags,
    conditionedRenditionIds: [...signals.conditioned],
    adAvailOffsetMs,
    blanking,
  };
}

function readTags(settings: SettingsReader<JobSettings>, scope: JobScope): readonly PlannedTag[] {
  const insertion = settings.child('timedMetadataInsertion');
  if (!scope.signals.areTagsUsed) {
    insertion.withoutEffect('id3Insertions', 'no output has timedMetadata PASSTHROUGH');
    return [];
  }
  const [first] = scope.renditions.videos;
  const rate = first?.rendition.frameRate ?? scope.video?.followedRate ?? rational(25);
  return insertion
    .children('id3Insertions')
    .flatMap((tag) => readTag(tag, rate, scope) ?? [])
    .toSorted((a, b) => a.at - b.at);
}

function readTag(tag: SettingsReader<Id3Insertion>, rate: Rational, scope: JobScope): PlannedTag | null {
  const id3 = tag.require('id3');
  const at = placeOf(tag, rate, scope);
  if (id3 === null || at === null) return null;
  const bytes = Buffer.from(id3, 'base64');
  if (!isId3Tag(bytes) || bytes.length > longestTagBytes) {
    scope.findings.incompatible(
      tag.at('id3'),
      bytes.length > longestTagBytes
        ? `the tag has ${bytes.length} bytes, and a packet holds ${longestTagBytes}`
        : 'the text is not the base64 of a whole ID3v2 tag',
    );
    return null;
  }
  return { at, id3 };
}

/** The timecode of the output at which the tag stands; null, with a finding, when there is no such frame. */
function placeOf(tag: SettingsReader<Id3Insertion>, rate: Rational, scope: JobScope): number | null {
  const text = tag.require('timecode');
  const timecode = parseTimecode(text ?? '');
  if (timecode === null) return null;
  const start = parseTimecode(scope.timeline.startTimecode(rate, timecode.isDropFrame));
  const number = frameNumberOf(timecode, rate, timecode.isDropFrame);
  const startNumber = start === null ? 0 : (frameNumberOf(start, rate, start.isDropFrame) ?? 0);
  if (number === null) {
    scope.findings.incompatible(tag.at('timecode'), 'the frame rate of the output has no such timecode');
    return null;
  }
  const at = Math.round(((number - startNumber) * 90_000) / rationalToNumber(rate));
  const end = endTicks(scope);
  if (at >= 0 && (end === null || at < end)) return at;
  scope.findings.notice('no-effect', tag.at('timecode'), 'the timecode lies outside the output');
  return null;
}

/** Points count from the first frame of the finished output: those behind its end are a mistake of the document. */
function tellPointsOutside(settings: SettingsReader<JobSettings>, scope: JobScope): void {
  const end = endTicks(scope);
  const pointer = settings.child('esam').child('signalProcessingNotification').at('sccXml');
  for (const { at, signalId } of scope.signals.esam?.cues ?? []) {
    if (end !== null && at > end)
      scope.findings.notice(
        'no-effect',
        pointer,
        `the point of ResponseSignal ${signalId} lies outside the output`,
      );
  }
}

/** The end of the output in ticks of 90 kHz; null: not known before the run. */
function endTicks({ durationUs }: JobScope): number | null {
  return durationUs === null ? null : Math.round((durationUs * 9) / 100);
}

/** It moves the splice points of inputs; an ESAM document says itself where its points are. */
function readAvailOffset(settings: SettingsReader<JobSettings>, { signals }: JobScope): number {
  if (signals.isUsed('scte35')) return settings.read('adAvailOffset') ?? 0;
  settings.withoutEffect('adAvailOffset', 'no output takes SCTE-35 messages of an input', [0]);
  return 0;
}

function readBlanking(settings: SettingsReader<JobSettings>, scope: JobScope): SignalPlan['blanking'] {
  const blanking = settings.child('availBlanking');
  if (!blanking.isPresent) return null;
  if (scope.signals.esam === null && !scope.signals.isUsed('scte35')) {
    blanking.withoutEffect('availBlankingImage', 'no output has SCTE-35 messages, so there are no ad avails');
    return null;
  }
  const copied = scope.renditions.audios.find(({ encoder }) => encoder.encoder === 'copy');
  if (copied !== undefined)
    scope.findings.incompatible(copied.pointer, 'sound that is passed through cannot be muted in ad avails');
  const steps = scope.renditions.videos.map(
    ({ rendition, blankSteps = [] }) => [rendition.id, blankSteps] as const,
  );
  return {
    imageLocation: blanking.read('availBlankingImage') ?? null,
    steps: Object.fromEntries(steps),
  };
}

/** Sound and pictures that play faster leave the times of the input's signals behind. */
function refuseFaster(
  settings: SettingsReader<JobSettings>,
  { signals, renditions, findings }: JobScope,
): void {
  const isRead = signals.isUsed('scte35') || signals.isUsed('id3') || signals.isUsed('klv');
  const slow = renditions.videos.find(({ speed }) => speed !== null);
  if (isRead && slow !== undefined)
    findings.incompatible(
      slow.rendition.pointer || settings.pointer,
      'signals of an input do not follow pictures that play faster',
    );
}
