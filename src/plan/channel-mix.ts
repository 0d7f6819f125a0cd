/** Channel mixing: from one number or layout of channels to another (spec audio.md 2). */
import { type ChannelPlace, placesOfCount, placesOfLayout, waysOfPlace } from './channel-mixes.table.ts';
import type { FilterStep } from './plan.ts';

/** Linear gains, one row per output channel, one column per input channel. */
export interface Remix {
  readonly gains: readonly (readonly number[])[];
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

/** Channels of sound: how many, and the library's name of their layout; null: nothing names them. */
export interface ChannelForm {
  readonly channels: number;
  readonly layout: string | null;
}

/**
 * The mix from a channel count to another where the job gives none (spec audio.md 2): mono to stereo at 0 dB, 5.1 to stereo
 * as Lo/Ro with centre and surrounds at −3 dB, stereo to 5.1 as left and right alone. What no rule knows keeps its places,
 * and what has no place is left out. Mono is always the mean of what stereo would be. `layout` names the channels that come
 * in; as many others go out by number. Null: nothing to do.
 */
export function automaticMix(from: number, to: number, layout: string | null = null): Remix | null {
  const [source, target] = [
    { channels: from, layout },
    { channels: to, layout: null },
  ];
  return from === to && !haveOtherPlaces(source, target) ? null : mixBetween(source, target);
}

/**
 * The mix of a part of a track into the track's own channels, from which every output mixes on. Mono goes left and right:
 * in the centre it would come out of stereo 3 dB softer than mono does by itself.
 */
export function mixOfPart(from: ChannelForm, to: ChannelForm): Remix {
  if (from.channels > 1 || to.channels < 2) return mixBetween(from, to);
  const { gains } = mixBetween({ channels: 2, layout: null }, to);
  return { gains: gains.map((row) => [row.reduce((sum, gain) => sum + gain, 0)]) };
}

/** The same between any two forms, also of equally many channels, whose places may differ. */
export function mixBetween(from: ChannelForm, to: ChannelForm): Remix {
  if (to.channels === 1) return { gains: [meanOf(rowsBetween(from, { channels: 2, layout: null }))] };
  return { gains: rowsBetween(from, to) };
}

/** How many channels the automatic mix leaves out, because nothing says what they hold. */
export function channelsLeftOut(from: number, to: number, layout: string | null = null): number {
  const places = Math.max(2, to);
  const isKnown =
    placesOf({ channels: from, layout }) !== null && placesOf({ channels: places, layout: null }) !== null;
  return isKnown ? 0 : Math.max(0, from - places);
}

function placesOf({ channels, layout }: ChannelForm): readonly ChannelPlace[] | null {
  const named = placesOfLayout[layout ?? ''];
  return (named?.length === channels ? named : placesOfCount[channels]) ?? null;
}

function haveOtherPlaces(from: ChannelForm, to: ChannelForm): boolean {
  const [sources, targets] = [placesOf(from), placesOf(to)];
  return sources !== null && targets !== null && sources.join() !== targets.join();
}

function rowsBetween(from: ChannelForm, to: ChannelForm): readonly (readonly number[])[] {
  const [sources, targets] = [placesOf(from), placesOf(to)];
  if (sources === null || targets === null || !haveOtherPlaces(from, to))
    return identityRows(from.channels, to.channels);
  const ways = sources.map((place) => wayOf(place, sources, targets));
  return targets.map((target, row) =>
    ways.map((way, column) => (rowOf(target, column, sources, targets) === row ? (way[target] ?? 0) : 0)),
  );
}

/** A pair that is there twice is filled once, by all but a second pair. */
function rowOf(
  target: ChannelPlace,
  column: number,
  sources: readonly ChannelPlace[],
  targets: readonly ChannelPlace[],
): number {
  const isSecond = sources[column] === target && sources.indexOf(target) < column;
  const second = targets.lastIndexOf(target);
  return isSecond ? second : targets.indexOf(target);
}

function wayOf(
  place: ChannelPlace,
  sources: readonly ChannelPlace[],
  targets: readonly ChannelPlace[],
): Readonly<Partial<Record<ChannelPlace, number>>> {
  if (targets.includes(place)) return { [place]: 1 };
  if (sources.length === 1 && targets.includes('L')) return { L: 1, R: 1 };
  const isThere = (other: string): boolean => targets.some((target) => target === other);
  return waysOfPlace[place].find((way) => Object.keys(way).every(isThere)) ?? {};
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
