/** Which keys a group asks a key server for, and which tracks each encrypts (spec drm.md 3, 4). */
import { randomUUID } from 'node:crypto';
import type { ProtectedTrack } from '../package/encryption/content-keys.ts';
import type { KeyProviderPlan } from '../plan/encryption-plan.ts';
import type { FileOutputGroup, PlannedOutputGroup } from '../plan/group-plan.ts';
import type { JobPlan } from '../plan/plan.ts';
import { type ContractClass, contractPresets } from './contract-presets.table.ts';

/** A group that can be encrypted. */
export type EncryptableGroup = Exclude<PlannedOutputGroup, FileOutputGroup>;

/** One key before its value is known. */
export interface WantedKey {
  /** UUID in lower case. */
  readonly keyId: string;
  /** Null with SPEKE 1, whose one key is for everything. */
  readonly contractClass: ContractClass | null;
  /** Tracks; null: all. */
  readonly tracks: readonly ProtectedTrack[] | null;
}

/** The keys of a group in the order they are asked for. */
export function wantedKeys(
  plan: JobPlan,
  group: EncryptableGroup,
  provider: Extract<KeyProviderPlan, { readonly kind: 'speke' }>,
): readonly WantedKey[] {
  const { contract } = provider;
  if (contract === null) return [{ keyId: randomUUID(), contractClass: null, tracks: null }];
  if (contract.video === 'SHARED') {
    const shared: ContractClass = { intendedTrackType: 'ALL', kind: 'video', least: null, most: null };
    return [{ keyId: randomUUID(), contractClass: shared, tracks: null }];
  }
  const classes = [contract.video, contract.audio].flatMap((preset) => contractPresets[preset] ?? []);
  return classes.map((contractClass) => ({
    keyId: randomUUID(),
    contractClass,
    tracks: tracksOf(plan, group, contractClass),
  }));
}

function tracksOf(plan: JobPlan, group: EncryptableGroup, of: ContractClass): ProtectedTrack[] {
  return group.outputs.flatMap(({ outputIndex, videoRenditionId, audioRenditionIds }) => {
    const sizes =
      of.kind === 'video'
        ? plan.videoRenditions
            .filter(({ id }) => id === videoRenditionId)
            .map(({ widthPx, heightPx }) => widthPx * heightPx)
        : plan.audioRenditions
            .filter(({ id }) => audioRenditionIds.includes(id))
            .map(({ channelLayout }) => channelsOf(channelLayout));
    const isCovered = sizes.some(
      (size) => (of.least === null || size >= of.least) && (of.most === null || size <= of.most),
    );
    return isCovered ? [{ outputIndex, kind: of.kind }] : [];
  });
}

/** Channels of the layouts that audio plans name. */
function channelsOf(layout: string): number {
  const named: Readonly<Record<string, number>> = { mono: 1, stereo: 2 };
  const [front, low] = /^(\d)\.(\d)/.exec(layout)?.slice(1) ?? [];
  return named[layout] ?? (front === undefined ? 2 : Number(front) + Number(low));
}
