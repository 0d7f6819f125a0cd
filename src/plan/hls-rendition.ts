/** Alternate audio of an HLS input: which rendition a selector means (spec inputs.md 7). */
import type { AudioSelector } from '../contract/types.generated.ts';
import { languageCodeOf } from '../language-codes.ts';
import type { HlsAudioFacts, InputFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/**
 * The rendition that fits all properties given; without any, the default one, else the first. Null, with a finding,
 * when none or several fit. A rendition without a location is the sound in the segments of the video.
 */
export function chooseRendition(
  selector: SettingsReader<AudioSelector>,
  facts: InputFacts,
  findings: FindingLog,
): HlsAudioFacts | 'in-segments' | null {
  const settings = selector.child('hlsRenditionGroupSettings');
  const group = settings.read('renditionGroupId');
  const name = settings.read('renditionName');
  const language = settings.read('renditionLanguageCode')?.toLowerCase();
  const all = facts.hlsAudio ?? [];
  if (group === undefined && name === undefined && language === undefined) {
    if (facts.audioTracks.length > 0) return 'in-segments';
    return all.find(({ isDefault }) => isDefault) ?? all[0] ?? 'in-segments';
  }
  const fitting = all.filter(
    (rendition) =>
      (group === undefined || rendition.groupId === group) &&
      (name === undefined || rendition.name === name) &&
      (language === undefined || sameLanguage(rendition.language, language)),
  );
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only.location === null ? 'in-segments' : only;
  const known =
    all.map((each) => `${each.groupId}/${each.name}/${each.language ?? '–'}`).join(', ') || 'none';
  findings.incompatible(
    settings.pointer,
    `${fitting.length === 0 ? 'no' : 'more than one'} audio rendition of the package fits; it has ${known}`,
  );
  return null;
}

/** Playlists write RFC 5646 tags, mostly of two letters; settings have ISO 639-2 codes. */
function sameLanguage(tag: string | null, code: string): boolean {
  const wanted = languageCodeOf(code);
  return wanted !== null && languageCodeOf(tag ?? '') === wanted;
}
