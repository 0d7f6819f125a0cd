/** `audioChannelTaggingSettings` → labels of a QuickTime track's channels (spec audio.md 6). */
import type { AudioDescription } from '../contract/types.generated.ts';
import type { AudioEncode } from './audio-encode.ts';
import { channelLabels } from './channel-labels.table.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** One tag per channel, in order; null when the job tags none. Without tags a mono track of MOV is a centre. */
export function readChannelLabels(
  settings: SettingsReader<AudioDescription>,
  encode: AudioEncode,
  container: string,
  findings: FindingLog,
): readonly number[] | null {
  const tagging = settings.child('audioChannelTaggingSettings');
  if (!tagging.isPresent) return null;
  const list = tagging.read('channelTags');
  const single = tagging.read('channelTag');
  if (list !== undefined) tagging.withoutEffect('channelTag', 'channelTags takes its place');
  const tags = list ?? (single === undefined ? [] : [single]);
  if (tags.length === 0 || container !== 'MOV') return null;
  if (tags.length !== encode.channels) {
    findings.incompatible(
      tagging.pointer,
      `it tags ${tags.length} channels, and the track has ${encode.channels}`,
    );
  }
  return tags.map((tag) => channelLabels[tag]);
}
