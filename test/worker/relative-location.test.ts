/** Where playlists and packages lead: URIs to keys, which are plain text. */
import { describe, expect, test } from 'vitest';
import { relativeUri } from '../../src/package/relative-uri.ts';
import { readPlaylist } from '../../src/worker/hls/playlist.ts';
import { ReferenceRefusedError, relativeLocation } from '../../src/worker/relative-location.ts';

const playlist = 's3://out/dir é #?%/a b/main.m3u8';

describe('a reference', () => {
  test.each([
    ['seg%201.ts', 's3://out/dir é #?%/a b/seg 1.ts'],
    ['a+b%2Bc.ts', 's3://out/dir é #?%/a b/a+b+c.ts'],
    ['100%.ts', 's3://out/dir é #?%/a b/100%.ts'],
    ['%2520.ts', 's3://out/dir é #?%/a b/%20.ts'],
    ['../c%23/./d%3F.ts', 's3://out/dir é #?%/c#/d?.ts'],
    ['/top/é.ts', 's3://out/top/é.ts'],
    ['.//e.ts', 's3://out/dir é #?%/a b//e.ts'],
    ['..e/e..ts', 's3://out/dir é #?%/a b/..e/e..ts'],
    ['%2Ee.ts', 's3://out/dir é #?%/a b/.e.ts'],
    ['f.ts?token=1#t', 's3://out/dir é #?%/a b/f.ts'],
    ['s3://other/g%20.ts', 's3://other/g%20.ts'],
    ['https://h/i%20.ts?x', 'https://h/i%20.ts?x'],
  ])('%s beside an object of a bucket leads to %s', (reference, location) => {
    expect(relativeLocation(reference, playlist)).toBe(location);
  });

  test.each([
    '%2E%2E/e.ts',
    '%2e/e.ts',
    '.%2E/e.ts',
    'a%2F..%2Fe.ts',
    '..%2Fe.ts',
    'e%00.ts',
    'e%0A.ts',
    'e%C2%85',
  ])('%s beside an object of a bucket is refused', (reference) => {
    expect(() => relativeLocation(reference, playlist)).toThrow(ReferenceRefusedError);
    const text = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${reference}\n#EXT-X-ENDLIST\n`;
    expect(() => readPlaylist(text, playlist, playlist)).toThrow("isn't formed correctly");
  });

  test('that is no URL is refused beside an HTTP object', () => {
    expect(() => relativeLocation('//h:port/a.ts', 'http://h/list.m3u8')).toThrow(ReferenceRefusedError);
  });

  test('of a folder whose key has steps keeps them', () => {
    expect(relativeLocation('b.ts', 's3://out/a/../x/./list.m3u8')).toBe('s3://out/a/../x/./b.ts');
  });

  test('beside an HTTP object stays escaped and loses the query of what names it', () => {
    expect(relativeLocation('a%20b.ts?c', 'http://h/d%20e/list.m3u8?token')).toBe(
      'http://h/d%20e/a%20b.ts?c',
    );
  });

  test.each([
    's3://out/dir é #?%/a b/v#1+é 100%.ts',
    's3://out/dir é #?%/c/%20?.ts',
    's3://out/x:y.ts',
    's3://out/dir é #?%/a b//v.ts',
    's3://out/dir é #?%/a b///c//v.ts',
    's3://out//v.ts',
  ])('that our own playlist makes of %s leads back to it', (target) => {
    expect(relativeLocation(relativeUri(playlist, target), playlist)).toBe(target);
  });
});
