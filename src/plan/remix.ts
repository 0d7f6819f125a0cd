/** The mix that a job asks for: a matrix from input channels to output channels (spec audio.md 4). */
import type { RemixSettings } from '../contract/types.generated.ts';
import type { Remix } from './channel-mix.ts';
import type { FindingLog } from './finding-log.ts';
import type { SettingsReader } from './settings-reader.ts';

/** −60 dB is silence (spec audio.md 4). */
const muteDecibels = -60;

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
