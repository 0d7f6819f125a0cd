/** Object names (spec naming.md 1–5, 11, 13). */
import { describe, expect, test } from 'vitest';
import { rational } from '../../src/exact-time.ts';
import {
  destinationBase,
  inputBaseName,
  type NameVariables,
  resolveIdentifiers,
} from '../../src/plan/naming.ts';

const variables: NameVariables = {
  startTimeMs: Date.parse('2020-06-04T15:05:28Z'),
  firstInputName: 'my video',
  widthPx: 1280,
  heightPx: 720,
  frameRate: rational(60000, 1001),
  videoBitrateBps: 5_000_999,
  audioBitrateBps: 96_000,
  extension: 'm2ts',
};

describe('identifiers', () => {
  test.each([
    ['$dt$', '20200604T150528', '20200604T150528', '$dt$'],
    ['$d$', '20200604', '20200604', '$d$'],
    ['$t$', '150528', '150528', '$t$'],
    ['$rv$', '$rv$', '5000', '5000'],
    ['$ra$', '$ra$', '96', '96'],
    ['$rc$', '$rc$', '5096', '5096'],
    ['$w$', '$w$', '1280', '1280'],
    ['$h$', '$h$', '720', '720'],
    ['$f$', '$f$', '59', '59'],
    ['$fn$', 'my video', 'my video', 'my video'],
    ['$ex$', '$ex$', 'm2ts', 'm2ts'],
    ['$$', '$$', '$', '$'],
    ['$rt$', '$rt$', '$rt$', '$rt$'],
  ])(
    '%s is %s in a destination, %s in a name modifier, %s in a segment modifier',
    (text, destination, name, segment) => {
      expect(resolveIdentifiers(text, 'destination', variables)).toBe(destination);
      expect(resolveIdentifiers(text, 'nameModifier', variables)).toBe(name);
      expect(resolveIdentifiers(text, 'segmentModifier', variables)).toBe(segment);
    },
  );

  test.each([
    ['_$w$x$h$_$rv$', '_1280x720_5000'],
    ['$w$$h$', '1280720'],
    ['a$$b', 'a$b'],
    ['$h%04$', '0720'],
    ['$w%02$', '1280'],
    ['$w%099$', '1280'.padStart(99, '0')],
    ['$w%0100$', '$w%0100$'],
    ['$dt%04$', '$dt%04$'],
    ['price $5', 'price $5'],
    ['$W$', '$W$'],
    ['$w', '$w'],
  ])('%s becomes %s', (text, resolved) => {
    expect(resolveIdentifiers(text, 'nameModifier', variables)).toBe(resolved);
  });

  test('absent tracks count as 0', () => {
    const soundOnly = { ...variables, widthPx: 0, heightPx: 0, frameRate: null, videoBitrateBps: 0 };
    expect(resolveIdentifiers('$w$-$f$-$rv$-$ra$', 'nameModifier', soundOnly)).toBe('0-0-0-96');
  });
});

describe('destinations', () => {
  test.each([
    ['s3://out/a/clip', 's3://out/a/clip'],
    ['s3://out/a/', 's3://out/a/my video'],
    ['s3://out', 's3://out/my video'],
    ['s3://out/$d$/$fn$/main', 's3://out/20200604/my video/main'],
    ['s3://out/movie.mp4', 's3://out/movie.mp4'],
    ['s3://out//two//slashes', 's3://out//two//slashes'],
    ['s3://o/p$$q', 's3://o/p$$q'],
  ])('%s has the base %s', (destination, base) => {
    expect(destinationBase(destination, variables)).toBe(base);
  });

  test('without a file name the base is output', () => {
    expect(destinationBase('s3://out/a/', { ...variables, firstInputName: null })).toBe('s3://out/a/output');
  });
});

test.each([
  ['s3://in/film.mov', 'film'],
  ['s3://in/a.b/Film.2020.final.mov', 'Film.2020.final'],
  ['s3://in/folder/no-extension', 'no-extension'],
  ['s3://in/.hidden', '.hidden'],
  ['s3://in/what?.mp4', 'what?'],
  ['https://h/p/My%20Clip.mp4?sig=1', 'My%20Clip'],
  ['https://h/p/Ünïcode 1.mp4', 'Ünïcode 1'],
  ['s3://in/', null],
])('the input %s is called %s', (location, name) => {
  expect(inputBaseName(location)).toBe(name);
});
