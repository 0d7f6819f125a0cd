/** Channel mixing: a matrix from input channels to output channels (spec audio.md 2, 4). */
import type { RemixSettings } from '../contract/types.generated.ts';
import type { FindingLog } from './finding-log.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Linear gains, one row per output channel, one column per input channel. */
export interface Remix {
  readonly gains: readonly (readonly number[])[];
}

/** −60 dB is silence (spec audio.md 4). */
const muteDecibels = -60;

const minus3Decibels = Math.SQRT1_2;

/** Reads a remix; null when there is none or it is wrong. `channels` counts the channels that come in. */
export function readRemix(
  settings: SettingsReader<RemixSettings>,
  channels: number,
  findings: FindingLog,
): Remix | null {
  if (!settings.isPresent) return null;
  refuseDescriptionMix(settings, findings);
  const rows = settings.child('channelMapping').children('outputChannels');
  settings.withoutEffect(
    'channelsOut',
    'the number of output channels is the number of rows in channelMapping',
    [rows.length],
  );
  const gains = rows.map((row) => {
    const whole = row.read('inputChannels');
    const fine = row.read('inputChannelsFineTune');
    const decibels =
      fine !== undefined && fine.length > 0
        ? fine.map((gain) => Math.round(gain * 1000) / 1000)
        : (whole ?? []);
    return decibels.map((gain) => (gain <= muteDecibels ? 0 : 10 ** (gain / 20)));
  });
  const columns = Math.max(0, ...gains.map((row) => row.length));
  settings.withoutEffect(
    'channelsIn',
    'the number of input channels is the number of columns in channelMapping',
    [columns],
  );
  if (channels > 0 && columns > channels) {
    findings.incompatible(
      settings.at('channelMapping'),
      `it takes ${columns} channels, and the selected tracks have ${channels}`,
    );
  }
  return { gains };
}

/** No control signal of an audio description is recognised, so the data channel never has one (spec audio.md A-10). */
function refuseDescriptionMix(settings: SettingsReader<RemixSettings>, findings: FindingLog): void {
  const audio = settings.read('audioDescriptionAudioChannel');
  const control = settings.read('audioDescriptionDataChannel');
  if (audio === undefined && control === undefined) return;
  findings.jobError(1093, 'no-data-stream', {}, settings.pointer, {
    mediaFact: `no control signal of an audio description is recognised in channel ${control ?? 'none'}`,
  });
}

/**
 * One, to the last bit of any sample format, and yet not one: where all gains are 0 or 1 the library renames channels,
 * and between two layouts of equally many it also mixes them by position.
 */
const almostOne = '0.99999999';

/** The filter of a remix, onto a channel layout with as many channels as the remix has rows. */
export function remixStep(remix: Remix, layout: string): FilterStep {
  const one = remix.gains.length > 2 ? almostOne : '1';
  const rows = remix.gains.map((row, output) => {
    const terms = row.flatMap((gain, input) =>
      gain === 0 ? [] : [`${gain === 1 ? one : gain.toFixed(6)}*c${input}`],
    );
    return `c${output}=${terms.length === 0 ? '0*c0' : terms.join('+')}`;
  });
  return { name: 'pan', options: { args: [layout, ...rows].join('|') } };
}

/**
 * The mix from a channel count to another where the job gives none (spec audio.md 2): mono to stereo at 0 dB, 5.1 to stereo
 * as Lo/Ro with centre and surrounds at −3 dB, stereo to 5.1 as left and right alone. What no rule knows keeps its places,
 * and what has no place is left out. Mono is always the mean of what stereo would be. Null: nothing to do.
 */
export function automaticMix(from: number, to: number): Remix | null {
  if (from === to) return null;
  if (to === 1) return { gains: [meanOf(automaticMix(from, 2)?.gains ?? identityRows(from, 2))] };
  return { gains: knownMixes[`${from}→${to}`] ?? identityRows(from, to) };
}

/** How many channels that mix leaves out, because nothing says what they hold. */
export function channelsLeftOut(from: number, to: number): number {
  const places = Math.max(2, to);
  return `${from}→${places}` in knownMixes ? 0 : Math.max(0, from - places);
}

function meanOf(rows: readonly (readonly number[])[]): readonly number[] {
  const columns = rows[0]?.map((_, column) => column) ?? [];
  return columns.map((column) => rows.reduce((sum, row) => sum + (row[column] ?? 0), 0) / rows.length);
}

function identityRows(from: number, to: number): readonly (readonly number[])[] {
  return Array.from({ length: to }, (_, row) =>
    Array.from({ length: from }, (_, column) => (row === column ? 1 : 0)),
  );
}

/** Six-channel sources come as L R C LFE Ls Rs (spec audio.md 2); five have no LFE. */
const knownMixes: Readonly<Record<string, readonly (readonly number[])[]>> = {
  '1→2': [[1], [1]],
  '1→6': [[0], [0], [1], [0], [0], [0]],
  '2→6': [
    [1, 0],
    [0, 1],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ],
  '6→2': [
    [1, 0, minus3Decibels, 0, minus3Decibels, 0],
    [0, 1, minus3Decibels, 0, 0, minus3Decibels],
  ],
  '6→5': [
    [1, 0, 0, 0, 0, 0],
    [0, 1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0],
    [0, 0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0, 1],
  ],
  '5→6': [
    [1, 0, 0, 0, 0],
    [0, 1, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0, 0],
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 1],
  ],
  '5→2': [
    [1, 0, minus3Decibels, minus3Decibels, 0],
    [0, 1, minus3Decibels, 0, minus3Decibels],
  ],
  '8→5': [
    [1, 0, 0, 0, 0, 0, 0, 0],
    [0, 1, 0, 0, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 0, 1, 0],
    [0, 0, 0, 0, 0, 1, 0, 1],
  ],
  '8→2': [
    [1, 0, minus3Decibels, 0, minus3Decibels, 0, minus3Decibels, 0],
    [0, 1, minus3Decibels, 0, 0, minus3Decibels, 0, minus3Decibels],
  ],
  '8→6': [
    [1, 0, 0, 0, 0, 0, 0, 0],
    [0, 1, 0, 0, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0, 0, 0],
    [0, 0, 0, 1, 0, 0, 0, 0],
    [0, 0, 0, 0, 1, 0, 1, 0],
    [0, 0, 0, 0, 0, 1, 0, 1],
  ],
};
