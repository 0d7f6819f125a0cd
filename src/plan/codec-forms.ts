/** The form of CODECS in playlists (spec packaging.md 4.4). */
import type { HlsGroupSettings } from '../contract/types.generated.ts';
import type { SettingsReader } from './settings-reader.ts';

/** Says that both forms are one: playlists of the service that ask for RFC_4281 show the text of RFC 6381. */
export function declareCodecForms(
  settings: SettingsReader<Pick<HlsGroupSettings, 'codecSpecification'>>,
): void {
  settings.withoutEffect(
    'codecSpecification',
    'RFC 6381 replaced RFC 4281, and playlists write the codecs its way with either value',
    ['RFC_4281'],
  );
}
