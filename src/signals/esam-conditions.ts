/**
 * Manifest confirm condition notifications (CableLabs OC-SP-ESAM-API-I03 9): which lines an HLS playlist gets at the
 * points of a signal document, and whether the message itself goes into the segments.
 */
import { descendants, durationTicks, type EsamElement, EsamError, parseEsam } from './esam-xml.ts';

/** What happens to the playlist at one signal. */
export interface ManifestCondition {
  readonly signalId: string;
  /** Length of the span in ticks of 90 kHz; null: to the end of the break. */
  readonly durationTicks: number | null;
  readonly passesData: boolean;
  readonly first: readonly ManifestTag[];
  readonly span: readonly ManifestTag[];
  readonly last: readonly ManifestTag[];
}

/** A line. */
export interface ManifestTag {
  /** May hold `${secondsFromSignal}`. */
  readonly value: string;
  /** Behind the segment, not in front of it. */
  readonly isAfter: boolean;
}

/** Reads a document, in its order. Throws EsamError. */
export function readManifestConditions(text: string): readonly ManifestCondition[] {
  const root = parseEsam(text, 'ManifestConfirmConditionNotification');
  const responses = descendants(root, 'ManifestResponse');
  if (responses.length === 0) throw new EsamError('the document has no ManifestResponse');
  return responses.map(readResponse);
}

/** What a document writes for the time since the signal. */
const secondsVariable = `$\{secondsFromSignal}`;

/** The line at a segment that begins so long behind the signal. */
export function tagLine({ value }: ManifestTag, elapsedTicks: number): string {
  const seconds = String(Math.round(elapsedTicks / 90) / 1000);
  return value.replaceAll(secondsVariable, seconds);
}

function readResponse(response: EsamElement): ManifestCondition {
  const { acquisitionSignalID, duration, dataPassThrough } = response.attributes;
  if (acquisitionSignalID === undefined) throw new EsamError('a ManifestResponse has no acquisitionSignalID');
  const tags = (name: string): readonly ManifestTag[] =>
    descendants(response, name).flatMap((part) => descendants(part, 'Tag').map((tag) => readTag(tag)));
  return {
    signalId: acquisitionSignalID,
    durationTicks: duration === undefined ? null : durationTicks(duration),
    passesData: dataPassThrough === 'true' || dataPassThrough === '1',
    first: tags('FirstSegment'),
    span: tags('SpanSegment'),
    last: tags('LastSegment'),
  };
}

function readTag({ attributes }: EsamElement): ManifestTag {
  const { value, locality } = attributes;
  if (value === undefined) throw new EsamError('a Tag has no value');
  if (/[\r\n]/.test(value)) throw new EsamError('the value of a Tag has several lines');
  return { value, isAfter: locality === 'after' };
}
