/** Places and pieces of `validJob` that the relation tests change, and the refusal a set of changes gets. */
import { validateRelations } from '../../src/contract/relations.ts';
import { formatValidationMessage } from '../../src/contract/validate.ts';
import { changed, validSettings } from './valid-job.ts';

/** Head clause of a dependency failure. */
export const dependency = 'Should match all dependencies: See other errors for more details';
export const hlsGroup = '/outputGroups/0/outputGroupSettings/hlsGroupSettings';
export const output = '/outputGroups/0/outputs/0';
export const video = `${output}/videoDescription`;
export const codec = `${video}/codecSettings`;
export const audio = `${output}/audioDescriptions/0`;
export const file = '/outputGroups/1/outputs/0';

export type Change = readonly [pointer: string, value: unknown];

export function refusal(changes: readonly Change[]): string {
  const settings = changes.reduce(
    (document, [pointer, value]) => changed(document, pointer, value),
    validSettings(),
  );
  return formatValidationMessage(validateRelations(settings));
}

export const aac = { codec: 'AAC', aacSettings: { codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 } };
export const h264 = { codec: 'H_264', h264Settings: { rateControlMode: 'QVBR', maxBitrate: 1_000_000 } };
export const audioOutput = {
  nameModifier: '_audio',
  containerSettings: { container: 'M3U8' },
  audioDescriptions: [{ codecSettings: aac }],
};

export function group(type: string, settings: object, outputs: readonly object[]): Change {
  const block =
    {
      DASH_ISO: 'dashIsoGroupSettings',
      CMAF: 'cmafGroupSettings',
      MS_SMOOTH: 'msSmoothGroupSettings',
      HLS: 'hlsGroupSettings',
    }[type] ?? '';
  const outputGroupSettings = {
    type: `${type}_GROUP_SETTINGS`,
    [block]: { destination: 's3://out/x/clip', ...settings },
  };
  return ['/outputGroups/0', { outputGroupSettings, outputs }];
}

export function captions(destinationType: string, settings: object = {}): object {
  return { captionSelectorName: 'Captions 1', destinationSettings: { destinationType, ...settings } };
}

export const abr = { abrSettings: { maxAbrBitrate: 5_000_000 } };
export const abrEncode = {
  codec: 'H_264',
  h264Settings: { rateControlMode: 'QVBR', qualityTuningLevel: 'MULTI_PASS_HQ' },
};
