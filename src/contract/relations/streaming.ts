/** Rules between the outputs of a streaming group and its settings (spec packaging.md 1, 3, 4.5; drm.md 2, 10). */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type { AudioCodecSettings, VideoCodecSettings } from '../types.generated.ts';
import { unprotectedCodecs } from './encryption.table.ts';
import { fragmentFindings } from './fragments.ts';
import { type GroupPlace, hasAudio, hasVideo, type OutputPlace } from './place.ts';
import { refuse, refuseMissing, refuseValue } from './rule.ts';

/** Findings of one group; empty for file groups. */
export function streamingFindings(group: GroupPlace): readonly ErrorFinding[] {
  if (group.type === undefined || group.type === 'FILE_GROUP_SETTINGS') return [];
  return [
    ...openGops(group),
    ...renditionSets(group),
    ...cmafAudioTracks(group),
    ...matchedSegments(group),
    ...thumbnailsNeedVideo(group),
    ...protectedCodecs(group),
    ...hbbtvChoices(group),
    ...oneKeyPerOutput(group),
    ...fragmentFindings(group),
  ];
}

/** Segments begin with a closed GOP (spec README: explicit `gopClosedCadence` 0 is refused). */
function openGops({ outputs }: GroupPlace): ErrorFinding[] {
  return outputs.flatMap(({ output, pointer }) =>
    (['h264Settings', 'h265Settings', 'mpeg2Settings'] as const)
      .filter((block) => output.videoDescription?.codecSettings?.[block]?.gopClosedCadence === 0)
      .map((block) =>
        refuse(
          `${pointer}/videoDescription/codecSettings/${block}/gopClosedCadence`,
          'Should be greater than or equal to 1',
          'Segments begin with a closed GOP: use 1.',
          'at least 1',
        ),
      ),
  );
}

/** Group id of an audio output that names none (spec packaging.md 4.2). */
const DEFAULT_AUDIO_GROUP = 'program_audio';

/** Each rendition set a video names exists as the group of an audio output. */
function renditionSets({ outputs }: GroupPlace): ErrorFinding[] {
  const groupIds = new Set(
    outputs
      .filter(isAudioOnly)
      .map((place) => audioGroupSettings(place)?.settings.audioGroupId ?? DEFAULT_AUDIO_GROUP),
  );
  if (outputs.some(({ hasPreset }) => hasPreset)) return [];
  return outputs.flatMap((place) => {
    const found = audioGroupSettings(place);
    const names = found?.settings.audioRenditionSets?.split(',').map((name) => name.trim()) ?? [];
    const unknown = names.filter(
      (name) => name !== '' && !groupIds.has(name) && !name.startsWith(DEFAULT_AUDIO_GROUP),
    );
    if (found === undefined || unknown.length === 0) return [];
    const message = `Should name audioGroupId of audio outputs of the output group; unknown: ${unknown.join(', ')}`;
    const remedy =
      groupIds.size === 0 ? 'The group has no audio output.' : `Use ${[...groupIds].join(', ')}.`;
    return [refuse(`${found.pointer}/audioRenditionSets`, message, remedy)];
  });
}

function isAudioOnly(place: OutputPlace): boolean {
  return hasAudio(place) && !hasVideo(place);
}

interface AudioGroupSettings {
  readonly audioGroupId?: string | undefined;
  readonly audioRenditionSets?: string | undefined;
  readonly audioTrackType?: string | undefined;
}

function audioGroupSettings({
  output,
  pointer,
}: OutputPlace): { readonly settings: AudioGroupSettings; readonly pointer: string } | undefined {
  const hls = output.outputSettings?.hlsSettings;
  if (hls !== undefined) return { settings: hls, pointer: `${pointer}/outputSettings/hlsSettings` };
  const cmfc = output.containerSettings?.cmfcSettings;
  if (cmfc !== undefined) return { settings: cmfc, pointer: `${pointer}/containerSettings/cmfcSettings` };
  return undefined;
}

/** With several audio outputs, each says what it is to the player. */
function cmafAudioTracks({ outputs, type }: GroupPlace): ErrorFinding[] {
  const audio = outputs.filter((place) => isAudioOnly(place) && !place.hasPreset);
  if (type !== 'CMAF_GROUP_SETTINGS' || audio.length < 2) return [];
  return audio
    .filter(({ output }) => output.containerSettings?.cmfcSettings?.audioTrackType === undefined)
    .map(({ pointer }) =>
      refuseMissing(
        `${pointer}/containerSettings/cmfcSettings`,
        'audioTrackType',
        'The group has several audio outputs: say which is the default.',
      ),
    );
}

/** `segmentLengthControl` MATCH aligns AAC frames with pictures, so it wants both and their rates (packaging.md 3.5). */
function matchedSegments({ group, pointer, outputs }: GroupPlace): ErrorFinding[] {
  const settings = group.outputGroupSettings;
  const block = (['hlsGroupSettings', 'dashIsoGroupSettings', 'cmafGroupSettings'] as const).find(
    (name) => settings?.[name]?.segmentLengthControl === 'MATCH',
  );
  if (block === undefined || outputs.some(({ hasPreset }) => hasPreset)) return [];
  const at = `${pointer}/outputGroupSettings/${block}/segmentLengthControl`;
  const findings: ErrorFinding[] = [];
  if (!outputs.some(hasVideo) || !outputs.some(hasAudio)) {
    findings.push(
      refuse(
        at,
        'Should only be MATCH for an output group with video and audio',
        'Use EXACT or GOP_MULTIPLE.',
      ),
    );
  }
  for (const place of outputs) findings.push(...matchedVideo(place), ...matchedAudio(place));
  return findings;
}

function matchedVideo({ output, pointer }: OutputPlace): ErrorFinding[] {
  const codecSettings = output.videoDescription?.codecSettings;
  const found = frameRateBlock(codecSettings);
  if (found === undefined || found.framerateControl === 'SPECIFIED') return [];
  const at = `${pointer}/videoDescription/codecSettings/${found.block}/framerateControl`;
  return [refuseValue(at, ['SPECIFIED'], 'MATCH needs a specified frame rate.')];
}

function frameRateBlock(
  settings: VideoCodecSettings | undefined,
): { readonly block: string; readonly framerateControl: string | undefined } | undefined {
  const block = (['h264Settings', 'h265Settings', 'av1Settings', 'vp8Settings', 'vp9Settings'] as const).find(
    (name) => settings?.[name] !== undefined,
  );
  return block === undefined ? undefined : { block, framerateControl: settings?.[block]?.framerateControl };
}

function matchedAudio({ output, pointer }: OutputPlace): ErrorFinding[] {
  return (output.audioDescriptions ?? []).flatMap((description, index) => {
    const settings: AudioCodecSettings | undefined = description.codecSettings;
    const at = `${pointer}/audioDescriptions/${index}/codecSettings`;
    if (settings?.codec !== undefined && settings.codec !== 'AAC')
      return [refuseValue(`${at}/codec`, ['AAC'], 'MATCH needs AAC.')];
    if (settings?.aacSettings?.sampleRate === undefined || settings.aacSettings.sampleRate === 48_000)
      return [];
    return [refuse(`${at}/aacSettings/sampleRate`, 'Must be 48000', 'MATCH needs 48 kHz.', '48000')];
  });
}

function thumbnailsNeedVideo({ group, pointer, outputs }: GroupPlace): ErrorFinding[] {
  if (outputs.some((place) => place.hasPreset || hasVideo(place))) return [];
  return (['hlsGroupSettings', 'dashIsoGroupSettings', 'cmafGroupSettings'] as const)
    .filter((block) => (group.outputGroupSettings?.[block]?.imageBasedTrickPlay ?? 'NONE') !== 'NONE')
    .map((block) =>
      refuseValue(
        `${pointer}/outputGroupSettings/${block}/imageBasedTrickPlay`,
        ['NONE'],
        'Thumbnails need an output with video in the group.',
      ),
    );
}

/** Most alternatives HbbTV players choose from (ETSI TS 102 796 E.2.1). */
const MAX_HBBTV_OUTPUTS = 16;

function hbbtvChoices({ group, pointer, outputs }: GroupPlace): ErrorFinding[] {
  const settings = group.outputGroupSettings?.dashIsoGroupSettings;
  const isTooMany = [outputs.filter(hasVideo), outputs.filter(isAudioOnly)].some(
    (alternatives) => alternatives.length > MAX_HBBTV_OUTPUTS,
  );
  if (settings?.hbbtvCompliance !== 'HBBTV_1_5' || !isTooMany) return [];
  return [
    refuse(
      `${pointer}/outputs`,
      `Should have at most ${MAX_HBBTV_OUTPUTS} outputs of a kind with hbbtvCompliance HBBTV_1_5`,
      'Remove outputs, or set hbbtvCompliance to NONE.',
      `at most ${MAX_HBBTV_OUTPUTS}`,
    ),
  ];
}

/**
 * A transport stream has one place to name a key, in its playlist: with pictures and sound in it, both have the same one
 * (spec drm.md 4.1).
 */
function oneKeyPerOutput({ group, pointer, outputs }: GroupPlace): ErrorFinding[] {
  const speke = group.outputGroupSettings?.hlsGroupSettings?.encryption?.spekeKeyProvider;
  const contract = speke?.encryptionContractConfiguration;
  const presets = [contract?.spekeAudioPreset, contract?.spekeVideoPreset];
  const isMuxed = outputs.some((place) => hasVideo(place) && hasAudio(place));
  // Half a contract, and SHARED on one side, have rules of their own.
  if (presets.some((preset) => preset === undefined || preset === 'SHARED') || !isMuxed) return [];
  return [
    refuse(
      `${pointer}/outputGroupSettings/hlsGroupSettings/encryption/spekeKeyProvider/encryptionContractConfiguration`,
      'Should be SHARED for both audio and video where an output has both',
      'One key encrypts video and sound that are in one file: use SHARED, or give the sound outputs of its own.',
      'SHARED',
    ),
  ];
}

function protectedCodecs({ group, outputs, type }: GroupPlace): ErrorFinding[] {
  const { hlsGroupSettings, dashIsoGroupSettings, cmafGroupSettings, msSmoothGroupSettings } =
    group.outputGroupSettings ?? {};
  const encryption =
    hlsGroupSettings?.encryption ??
    dashIsoGroupSettings?.encryption ??
    cmafGroupSettings?.encryption ??
    msSmoothGroupSettings?.encryption;
  if (encryption === undefined) return [];
  const isSampleAesInTs =
    type === 'HLS_GROUP_SETTINGS' && hlsGroupSettings?.encryption?.encryptionMethod === 'SAMPLE_AES';
  const refused = [...unprotectedCodecs, ...(isSampleAesInTs ? ['H_265'] : [])];
  return outputs.flatMap(({ output, pointer }) => {
    const codec = output.videoDescription?.codecSettings?.codec;
    if (codec === undefined || !refused.includes(codec)) return [];
    const message = `Should not be ${codec} in an output group with this encryption`;
    return [
      refuse(
        `${pointer}/videoDescription/codecSettings/codec`,
        message,
        'Use H_264, or remove the encryption.',
      ),
    ];
  });
}
