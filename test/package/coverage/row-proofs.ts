/** By what a row is proven: players in a browser, and who decrypted it. */
import { playedPackages } from '../../e2e/players/packages.table.ts';
import { type PackageRow, rowNameOf } from './package-rows.table.ts';

/** Names of the packages in the players' suite that show a row. */
export function playersOf(row: PackageRow): readonly string[] {
  const name = rowNameOf(row);
  return playedPackages.filter(({ rows }) => rows.includes(name)).map((each) => each.name);
}

/**
 * Who decrypts a row in `make-package-row.ts`. Tools with a decoder of their own wherever one reads the form; for whole
 * segments the cipher itself (OpenSSL's, through Node), for Smooth Streaming's boxes and for Dolby frames the test reads
 * where the cipher text lies.
 */
export function decryptedBy({ group, codec, encryption }: PackageRow): string | null {
  if (encryption === 'none') return null;
  if (group === 'CMAF' || group === 'DASH_ISO') return 'shaka-packager';
  if (group === 'MS_SMOOTH' || encryption === 'AES128') return 'OpenSSL';
  return codec === 'AC3' ? 'OpenSSL' : 'FFmpeg';
}

/** Codecs that Debian's Chromium decodes in the containers of streaming groups. */
const decodedCodecs: readonly string[] = ['H_264', 'AV1', 'VP9', 'AAC', 'PASSTHROUGH'];

/**
 * True where a browser can show the row: Smooth Streaming's encryption is PlayReady's alone, which Chromium has not, and no
 * player decrypts samples of transport streams reliably (`test/e2e/players/packages.table.ts`).
 */
export function isForBrowsers({ group, codec, encryption }: PackageRow): boolean {
  const isBeyondPlayers =
    (group === 'MS_SMOOTH' && encryption !== 'none') || (group === 'HLS' && encryption === 'SAMPLE_AES');
  return decodedCodecs.includes(codec) && !isBeyondPlayers;
}
