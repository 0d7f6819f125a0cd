/** Which places the channels of a layout have, in the library's order, and how one place goes into others (spec audio.md 2). */

/** `S` is the one surround channel in the middle. Side and back surrounds are the same pair; `Lc` and `Rc` are beside the centre. */
export type ChannelPlace = 'L' | 'R' | 'C' | 'LFE' | 'S' | 'Ls' | 'Rs' | 'Lc' | 'Rc';

/** Places by layout, FFmpeg names (libavutil/channel_layout.c, version 8). */
export const placesOfLayout: Readonly<Record<string, readonly ChannelPlace[]>> = {
  mono: ['C'],
  stereo: ['L', 'R'],
  '2.1': ['L', 'R', 'LFE'],
  '3.0': ['L', 'R', 'C'],
  '3.0(back)': ['L', 'R', 'S'],
  '3.1': ['L', 'R', 'C', 'LFE'],
  '4.0': ['L', 'R', 'C', 'S'],
  quad: ['L', 'R', 'Ls', 'Rs'],
  'quad(side)': ['L', 'R', 'Ls', 'Rs'],
  '4.1': ['L', 'R', 'C', 'LFE', 'S'],
  '5.0': ['L', 'R', 'C', 'Ls', 'Rs'],
  '5.0(side)': ['L', 'R', 'C', 'Ls', 'Rs'],
  '5.1': ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
  '5.1(side)': ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
  '6.0': ['L', 'R', 'C', 'S', 'Ls', 'Rs'],
  '6.0(front)': ['L', 'R', 'Lc', 'Rc', 'Ls', 'Rs'],
  hexagonal: ['L', 'R', 'C', 'Ls', 'Rs', 'S'],
  '6.1': ['L', 'R', 'C', 'LFE', 'S', 'Ls', 'Rs'],
  '6.1(back)': ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'S'],
  '6.1(front)': ['L', 'R', 'LFE', 'Lc', 'Rc', 'Ls', 'Rs'],
  '7.0': ['L', 'R', 'C', 'Ls', 'Rs', 'Ls', 'Rs'],
  '7.0(front)': ['L', 'R', 'C', 'Lc', 'Rc', 'Ls', 'Rs'],
  '7.1': ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'Ls', 'Rs'],
  '7.1(wide)': ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'Lc', 'Rc'],
  '7.1(wide-side)': ['L', 'R', 'C', 'LFE', 'Lc', 'Rc', 'Ls', 'Rs'],
  octagonal: ['L', 'R', 'C', 'Ls', 'Rs', 'S', 'Ls', 'Rs'],
};

/** Places by number, for channels that nothing names: six come as L R C LFE Ls Rs, five have no LFE. */
export const placesOfCount: Readonly<Record<number, readonly ChannelPlace[]>> = {
  1: ['C'],
  2: ['L', 'R'],
  5: ['L', 'R', 'C', 'Ls', 'Rs'],
  6: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'],
  8: ['L', 'R', 'C', 'LFE', 'Ls', 'Rs', 'Ls', 'Rs'],
};

const minus3Decibels = Math.SQRT1_2;

/**
 * Where a channel goes whose place the other side does not have, by gain: the first of these ways whose places are all
 * there. Lo/Ro of ATSC A/52 7.8 with centre and surrounds at −3 dB; no low frequencies.
 */
export const waysOfPlace: Readonly<
  Record<ChannelPlace, readonly Readonly<Partial<Record<ChannelPlace, number>>>[]>
> = {
  L: [],
  R: [],
  C: [{ L: minus3Decibels, R: minus3Decibels }],
  LFE: [],
  S: [
    { Ls: minus3Decibels, Rs: minus3Decibels },
    { L: 0.5, R: 0.5 },
  ],
  Ls: [{ S: minus3Decibels }, { L: minus3Decibels }],
  Rs: [{ S: minus3Decibels }, { R: minus3Decibels }],
  // As the library mixes them (libswresample/rematrix.c).
  Lc: [{ L: 1 }],
  Rc: [{ R: 1 }],
};
