/** System job templates: ladders of system presets, as AWS's CLI examples and public documents made from them show. */
import type { JobTemplateSettings, OutputGroup } from '../../contract/types.generated.ts';
import type { SystemItem } from './system-item.ts';
import {
  cmafAudioNames,
  cmafCbrNames,
  cmafQvbrNames,
  dashAudioName,
  dashLadderNames,
  hlsLadderNames,
  progressiveNames,
  qvbrFileNames,
} from './system-preset-names.table.ts';

/** Instant that AWS's CLI example shows for a system job template. */
const createdAtMs = 1_568_321_779_000;

/** The system job template of that name, or null. */
export function systemJobTemplate(name: string): SystemItem<JobTemplateSettings> | null {
  return templates.get(name) ?? null;
}

function template(
  name: string,
  category: string,
  description: string,
  group: OutputGroup,
): SystemItem<JobTemplateSettings> {
  return { name, category, description, createdAtMs, settings: { adAvailOffset: 0, outputGroups: [group] } };
}

/**
 * Outputs as the service makes them: the modifier is the preset's name without `System-`, with the bit rate in kilobits
 * except in the oldest file template.
 */
function outputsOf(
  names: readonly string[],
  {
    extension,
    keepsMegabits = false,
  }: { readonly extension?: string; readonly keepsMegabits?: boolean } = {},
): NonNullable<OutputGroup['outputs']> {
  return names.map((preset) => ({
    preset,
    nameModifier: `_${(keepsMegabits ? preset : inKilobits(preset)).slice('System-'.length)}`,
    ...(extension === undefined ? {} : { extension }),
  }));
}

function inKilobits(name: string): string {
  return name.replace(/(\d+(?:\.\d+)?)Mbps/, (_, number) => `${Math.round(number * 1000)}Kbps`);
}

/** Group settings: those of the public copies of these templates; destinations come with the job. */
const fileGroup = (names: readonly string[], keepsMegabits: boolean): OutputGroup => ({
  name: 'File Group',
  outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: {} },
  outputs: outputsOf(names, { extension: 'mp4', keepsMegabits }),
});

const hlsGroup: OutputGroup = {
  name: 'Apple HLS',
  outputGroupSettings: {
    type: 'HLS_GROUP_SETTINGS',
    hlsGroupSettings: {
      manifestDurationFormat: 'INTEGER',
      segmentLength: 3,
      timedMetadataId3Period: 10,
      captionLanguageSetting: 'OMIT',
      timedMetadataId3Frame: 'PRIV',
      codecSpecification: 'RFC_4281',
      outputSelection: 'MANIFESTS_AND_SEGMENTS',
      programDateTimePeriod: 600,
      minSegmentLength: 0,
      directoryStructure: 'SINGLE_DIRECTORY',
      programDateTime: 'EXCLUDE',
      segmentControl: 'SEGMENTED_FILES',
      manifestCompression: 'NONE',
      clientCache: 'ENABLED',
      streamInfResolution: 'INCLUDE',
    },
  },
  outputs: outputsOf(hlsLadderNames),
};

const dashGroup: OutputGroup = {
  name: 'DASH ISO',
  outputGroupSettings: {
    type: 'DASH_ISO_GROUP_SETTINGS',
    dashIsoGroupSettings: {
      segmentLength: 30,
      fragmentLength: 3,
      segmentControl: 'SEGMENTED_FILES',
      hbbtvCompliance: 'NONE',
    },
  },
  outputs: outputsOf([...dashLadderNames, dashAudioName]),
};

const cmafGroup = (names: readonly string[]): OutputGroup => ({
  name: 'CMAF',
  outputGroupSettings: {
    type: 'CMAF_GROUP_SETTINGS',
    cmafGroupSettings: {
      writeHlsManifest: 'ENABLED',
      writeDashManifest: 'ENABLED',
      segmentLength: 30,
      fragmentLength: 3,
      segmentControl: 'SEGMENTED_FILES',
      manifestDurationFormat: 'INTEGER',
      streamInfResolution: 'INCLUDE',
      clientCache: 'ENABLED',
      manifestCompression: 'NONE',
      codecSpecification: 'RFC_4281',
    },
  },
  outputs: outputsOf([...names, ...cmafAudioNames]),
});

const templates: ReadonlyMap<string, SystemItem<JobTemplateSettings>> = new Map(
  [
    template(
      'System-Generic_Mp4_Hev1_Avc_Aac_Sdr_Qvbr',
      'GENERIC',
      'GENERIC, MP4, AVC and HEVC (hev1), AAC, SDR, QVBR',
      fileGroup(qvbrFileNames, false),
    ),
    template(
      'System-Generic_Mp4_Progressive',
      'GENERIC',
      'GENERIC, MP4, AVC and HEVC, AAC',
      fileGroup(progressiveNames, true),
    ),
    template(
      'System-Ott_Cmaf_Cmfc_Avc_Aac_Sdr_Cbr',
      'OTT-CMAF',
      'OTT, CMAF, AVC, AAC, SDR, CBR',
      cmafGroup(cmafCbrNames),
    ),
    template(
      'System-Ott_Cmaf_Cmfc_Avc_Aac_Sdr_Qvbr',
      'OTT-CMAF',
      'OTT, CMAF, AVC, AAC, SDR, QVBR',
      cmafGroup(cmafQvbrNames),
    ),
    template('System-Ott_Dash_Mp4_Avc_Aac', 'OTT-DASH', 'OTT, DASH, AVC, AAC', dashGroup),
    template('System-Ott_Hls_Ts_Avc_Aac', 'OTT-HLS', 'OTT, HLS, AVC, AAC', hlsGroup),
  ].map((item) => [item.name, item]),
);

/** Names that lists show, in order of code points. */
export const systemJobTemplateNames: readonly string[] = [...templates.keys()].toSorted();
