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
