/** Where playlists and packages lead: URIs to keys, which are plain text. */
import { describe, expect, test } from 'vitest';
import { relativeUri } from '../../src/package/relative-uri.ts';
import { relativeLocation } from '../../src/worker/relative-location.ts';

const playlist = 's3://out/dir é #?%/a b/main.m3u8';

describe('a reference', () => {
  test.each([
    ['seg%201.ts', 's3://out/dir é #?%/a b/seg 1.ts'],
    ['a+b%2Bc.ts', 's3://out/dir é #?%/a b/a+b+c.ts'],
    ['100%.ts', 's3://out/dir é #?%/a b/100%.ts'],
    ['%2520.ts', 's3://out/dir é #?%/a b/%20.ts'],
    ['../c%23/./d%3F.ts', 's3://out/dir é #?%/c#/d?.ts'],
    ['/top/é.ts', 's3://out/top/é.ts'],
    ['%2E%2E/e.ts', 's3://out/dir é #?%/a b/../e.ts'],
    ['f.ts?token=1#t', 's3://out/dir é #?%/a b/f.ts'],
    ['s3://other/g%20.ts', 's3://other/g%20.ts'],
    ['https://h/i%20.ts?x', 'https://h/i%20.ts?x'],
  ])('%s beside an object of a bucket leads to %s', (reference, location) => {
    expect(relativeLocation(reference, playlist)).toBe(location);
  });

  test('of a folder whose key has steps keeps them', () => {
    expect(relativeLocation('b.ts', 's3://out/a/../x/./list.m3u8')).toBe('s3://out/a/../x/./b.ts');
  });

  test('beside an HTTP object stays escaped and loses the query of what names it', () => {
    expect(relativeLocation('a%20b.ts?c', 'http://h/d%20e/list.m3u8?token')).toBe(
      'http://h/d%20e/a%20b.ts?c',
    );
  });

  test.each(['s3://out/dir é #?%/a b/v#1+é 100%.ts', 's3://out/dir é #?%/c/%20?.ts', 's3://out/x:y.ts'])(
    'that our own playlist makes of %s leads back to it',
    (target) => {
      expect(relativeLocation(relativeUri(playlist, target), playlist)).toBe(target);
    },
  );
});
