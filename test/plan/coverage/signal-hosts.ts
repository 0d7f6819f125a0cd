/** Host jobs in which settings of signals take effect: SCTE-35 and metadata of an input, ESAM documents, inserted tags. */
import type { JobSettings, Output, OutputGroup } from '../../../src/contract/types.generated.ts';
import type { DataTrackFacts } from '../../../src/plan/facts.ts';
import { breaksDocument, manifestDocument } from '../../signals/support/esam-documents.ts';
import { audioTrack, hdFacts, videoTrack } from '../facts-fixtures.ts';
import type { HostJob } from './host-jobs.ts';

/** Other documents, and another tag, to change the hosts' own for. */
export const signalValues: Readonly<Record<string, readonly unknown[]>> = {
  '/esam/signalProcessingNotification/sccXml': [breaksDocument([[12, 20]])],
  '/esam/manifestConfirmConditionNotification/mccXml': [manifestDocument.replaceAll('CUE-OUT', 'OTHER-OUT')],
  '/timedMetadataInsertion/id3Insertions[]/id3': ['SUQzBAAAAAAAEFRYWFgAAAAGAAADaGkAb2s='],
  '/timedMetadataInsertion/id3Insertions[]/timecode': ['00:00:10:00'],
};

const track = (codec: string, streamIndex: number, changes: Partial<DataTrackFacts> = {}): DataTrackFacts => {
  const { kind: _kind, channels: _c, channelLayout: _l, sampleRateHz: _s, bitDepth: _b, audioType: _a, ...common } = audioTrack();
  return { ...common, kind: 'data', codec, streamIndex, trackId: 500 + streamIndex, ...changes };
};

const facts = hdFacts({
  location: 's3://in/film.ts',
  container: 'mpegts',
  demuxer: 'mpegts',
  videoTracks: [videoTrack({ trackId: 256, fourCc: '' })],
  audioTracks: [audioTrack({ trackId: 257 })],
  dataTracks: [track('scte_35', 2), track('timed_id3', 3), track('klv', 4, { isSynchronous: true })],
});

const video = {
  width: 640,
  height: 360,
  codecSettings: { codec: 'H_264', h264Settings: { rateControlMode: 'VBR', bitrate: 1_000_000 } },
} as const;
const audioDescriptions = [
  {
    audioSourceName: 'Audio Selector 1',
    codecSettings: { codec: 'AAC', aacSettings: { bitrate: 96000, codingMode: 'CODING_MODE_2_0', sampleRate: 48000 } },
  },
] as const;

function output(nameModifier: string, containerSettings: Output['containerSettings']): Output {
  const isCmaf = containerSettings?.container === 'CMFC';
  return { nameModifier, containerSettings, videoDescription: video, ...(isCmaf ? {} : { audioDescriptions }) } as Output;
}

interface Blocks {
  readonly m2ts: object;
  readonly m3u8: object;
  readonly fragmented: object;
  readonly hls: object;
}

function groups({ m2ts, m3u8, fragmented, hls }: Blocks): readonly OutputGroup[] {
  const segments = { segmentLength: 6, fragmentLength: 2, writeSegmentTimelineInRepresentation: 'ENABLED' };
  return [
    {
      outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination: 's3://out/file' } },
      outputs: [output('_ts', { container: 'M2TS', m2tsSettings: { segmentationMarkers: 'RAI_SEGSTART', segmentationTime: 4, ...m2ts } })],
    },
    {
      outputGroupSettings: {
        type: 'HLS_GROUP_SETTINGS',
        hlsGroupSettings: { destination: 's3://out/hls/main', segmentLength: 6, minSegmentLength: 0, ...hls },
      },
      outputs: [output('_hls', { container: 'M3U8', m3u8Settings: m3u8 })],
    },
    {
      outputGroupSettings: { type: 'CMAF_GROUP_SETTINGS', cmafGroupSettings: { destination: 's3://out/cmaf/main', ...segments } },
      outputs: [output('_cmaf', { container: 'CMFC', cmfcSettings: fragmented })],
    },
    {
      outputGroupSettings: { type: 'DASH_ISO_GROUP_SETTINGS', dashIsoGroupSettings: { destination: 's3://out/dash/main', ...segments } },
      outputs: [output('_dash', { container: 'MPD', mpdSettings: fragmented })],
    },
  ] as readonly OutputGroup[];
}

function job(blocks: Blocks, changes: Partial<JobSettings>): JobSettings {
  return {
    timecodeConfig: { source: 'ZEROBASED' },
    inputs: [{ fileInput: 's3://in/film.ts', audioSelectors: { 'Audio Selector 1': { defaultSelection: 'DEFAULT' } } }],
    timedMetadataInsertion: { id3Insertions: [{ id3: 'SUQzBAAAAAAAEFRYWFgAAAAGAAADaGkAbm8=', timecode: '00:00:05:00' }] },
    availBlanking: {},
    outputGroups: groups(blocks),
    ...changes,
  };
}

const passed = { scte35Source: 'PASSTHROUGH', klvMetadata: 'PASSTHROUGH' };
const tagged = { timedMetadata: 'PASSTHROUGH' };

const paths = /scte35|esam|klv|timedMetadata|adMarkers|avail|dataPTSControl|Metadata|minSegmentLength|segmentationStyle/i;

/** Made for signals alone. */
export const signalHosts: readonly HostJob[] = [
  {
    name: 'signals of a transport stream',
    covers: paths,
    facts,
    settings: job(
      {
        m2ts: passed,
        m3u8: { scte35Source: 'PASSTHROUGH', ...tagged },
        fragmented: { ...passed, ...tagged, timedMetadataValue: 'one' },
        hls: { timedMetadataId3Frame: 'PRIV' },
      },
      {},
    ),
  },
  {
    name: 'signals of an ESAM document',
    covers: paths,
    facts,
    settings: job(
      {
        m2ts: { scte35Esam: { scte35EsamPid: 508 } },
        m3u8: { scte35Source: 'PASSTHROUGH' },
        fragmented: { scte35Esam: 'INSERT' },
        hls: { adMarkers: ['ELEMENTAL_SCTE35'] },
      },
      {
        esam: {
          responseSignalPreroll: 1000,
          signalProcessingNotification: { sccXml: breaksDocument([[10, 40]]) },
          manifestConfirmConditionNotification: { mccXml: manifestDocument },
        },
      },
    ),
  },
];
