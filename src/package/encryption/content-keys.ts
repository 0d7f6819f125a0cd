/** Keys of an output group as the engine gets them: resolved by the worker, never part of a plan, never printed. */
import type { EncodedTrack } from '../../engine/output-writer.ts';
import type { EncryptionScheme } from '../../plan/encryption-plan.ts';
import type { XmlElement } from '../xml.ts';

/** One content key with what manifests say of it. */
export interface ContentKey {
  /** 32 hexadecimal digits, lower case. */
  readonly keyId: string;
  readonly key: string;
  /** 16 bytes: constant IV of cbcs and AES-128; the first 8 begin the counting IVs of cenc (counter-start.ts). Null: the segment's number. */
  readonly iv: string | null;
  /** Tracks it encrypts; null: all of the group. */
  readonly tracks: readonly ProtectedTrack[] | null;
  /** Whole `#EXT-X-KEY` lines, and lines of the multivariant playlist. */
  readonly keyLines: readonly string[];
  readonly sessionLines: readonly string[];
  /** `ContentProtection` elements. */
  readonly mpdElements: readonly XmlElement[];
  /** Whole `pssh` boxes in base64. */
  readonly headerBoxes: readonly string[];
  /** What Smooth manifests and files say of a system: the PlayReady object in base64. */
  readonly protectionHeaders: readonly { readonly systemId: string; readonly data: string }[];
}

/** A track by its place. */
export interface ProtectedTrack {
  readonly outputIndex: number;
  readonly kind: 'video' | 'audio';
}

/** Everything an encrypted group needs. */
export interface GroupKeys {
  readonly groupIndex: number;
  readonly scheme: EncryptionScheme;
  readonly clearSegments: number;
  readonly keys: readonly ContentKey[];
}

/** The keys of an output's tracks, pictures first; null leaves them clear. Empty for clear groups. */
export function keysOfOutput(
  keys: GroupKeys | null,
  { outputIndex, videoRenditionId, audioRenditionIds }: KeyedOutput,
): readonly (ContentKey | null)[] {
  if (keys === null) return [];
  return [
    ...(videoRenditionId === null ? [] : [keyOf(keys, outputIndex, 'video')]),
    ...(audioRenditionIds.length === 0 ? [] : [keyOf(keys, outputIndex, 'audio')]),
  ];
}

interface KeyedOutput {
  readonly outputIndex: number;
  readonly videoRenditionId: string | null;
  readonly audioRenditionIds: readonly string[];
}

/**
 * The one key of an output whose playlist has one place to name it: transport streams and packed audio. Throws TypeError where
 * pictures and sound would have two, which the contract refuses.
 */
export function singleKeyOf(keys: GroupKeys | null, output: KeyedOutput): ContentKey | null {
  const [key = null, ...others] = new Set(keysOfOutput(keys, output));
  if (others.length > 0) throw new TypeError(`output ${output.outputIndex} would have several keys`);
  return key;
}

/** The key of a track; null leaves it clear. */
export function keyOf(
  { keys }: GroupKeys,
  outputIndex: number,
  kind: EncodedTrack['kind'],
): ContentKey | null {
  const covers = ({ tracks }: ContentKey): boolean =>
    tracks === null || tracks.some((track) => track.outputIndex === outputIndex && track.kind === kind);
  return keys.find(covers) ?? null;
}
