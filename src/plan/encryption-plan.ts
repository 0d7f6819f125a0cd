/** How a streaming group is encrypted, decided (spec drm.md 1). */

/** AES-128 over whole segments, its sample form inside transport streams, or Common Encryption of MP4 samples. */
export type EncryptionScheme = 'aes-128' | 'sample-aes' | 'cenc' | 'cbcs';

/** How a group is encrypted (spec drm.md 1). Keys themselves are no part of a plan. */
export interface EncryptionPlan {
  readonly scheme: EncryptionScheme;
  /** 32 hexadecimal digits; null leaves the IV to the scheme. */
  readonly constantIv: string | null;
  readonly isIvInManifest: boolean;
  /** EXT-X-SESSION-KEY in the multivariant playlist. */
  readonly hasSessionKey: boolean;
  /** Segments at the beginning that stay clear. */
  readonly clearSegments: number;
  readonly provider: KeyProviderPlan;
}

/** Where keys come from: the job document, or a key server that speaks SPEKE. */
export type KeyProviderPlan =
  | {
      readonly kind: 'static';
      /** Place of the key in the settings. */
      readonly pointer: string;
      /** First digits of the key's SHA-256, so that plans of different keys differ; the key cannot be told from it. */
      readonly fingerprint: string;
      readonly url: string;
      readonly keyFormat: string | null;
      readonly keyFormatVersions: string | null;
    }
  | {
      readonly kind: 'speke';
      /** Place of the provider in the settings. */
      readonly pointer: string;
      readonly url: string;
      readonly resourceId: string;
      /** DRM systems signalled in playlists and in the MPD, lower case. */
      readonly hlsSystemIds: readonly string[];
      readonly dashSystemIds: readonly string[];
      /** Systems signalled in Smooth manifests. */
      readonly smoothSystemIds: readonly string[];
      /** Certificate to which the server encrypts the keys; null: they come in the clear, protected by TLS alone. */
      readonly certificateArn: string | null;
      /** Presets of SPEKE 2; null speaks version 1. */
      readonly contract: { readonly audio: string; readonly video: string } | null;
    };
