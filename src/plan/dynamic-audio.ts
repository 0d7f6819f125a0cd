/** Dynamic audio selectors in jobs of several inputs (spec inputs.md 9). */
import type { FindingLog } from './finding-log.ts';
import type { ReadInput } from './read-input.ts';

/**
 * Each input must give a dynamic selector that outputs use the same number of tracks, with the same channels: one output
 * track goes through all of them. Finding 1040 at the first that differs.
 */
export function compareDynamicAudio(
  inputs: readonly ReadInput[],
  used: ReadonlySet<string>,
  findings: FindingLog,
): void {
  for (const name of used) {
    const having = inputs.filter(({ audio }) => audio.dynamicNames.has(name));
    const [first, ...others] = having.map((input) => ({ input, channels: channelsOf(input, name) }));
    const unlike = others.find(({ channels }) => channels.join() !== first?.channels.join());
    if (first === undefined || unlike === undefined) continue;
    findings.incompatible(
      `${unlike.input.pointer}/dynamicAudioSelectors/${name}`,
      `all inputs need the same number of audio tracks and channels: input ${first.input.index + 1} has ${describe(first.channels)}, input ${unlike.input.index + 1} has ${describe(unlike.channels)}`,
    );
  }
}

/** Channels of each track that the selector finds. */
function channelsOf({ audio }: ReadInput, name: string): readonly number[] {
  return (audio.byName.get(name) ?? []).map(({ tracks }) =>
    tracks.reduce((sum, { channels }) => sum + channels, 0),
  );
}

function describe(channels: readonly number[]): string {
  return channels.length === 0 ? 'none' : `${channels.length} with ${channels.join(', ')} channels`;
}
