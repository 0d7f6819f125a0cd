/** Transport stream settings of HLS outputs (spec containers.md 8, packaging.md 5.3). */
import type { M3u8Settings } from '../contract/types.generated.ts';
import { dataPids, readM3u8Data } from './data-streams.ts';
import type { FindingLog } from './finding-log.ts';
import type { HlsOutput } from './group-plan.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';
import { readTimestampOffset } from './timestamp-offset.ts';

type TransportStream = Pick<
  HlsOutput,
  | 'muxerOptions'
  | 'pids'
  | 'clockIntervalMs'
  | 'pesAudioFrames'
  | 'timestampOffsetMs'
  | 'audioOffsetMs'
  | 'data'
>;

/** Defaults of the service (spec packaging.md 5.3, column M3U8). */
const defaults = {
  pmtPid: 480,
  videoPid: 481,
  firstAudioPid: 482,
  programNumber: 1,
  transportStreamId: 1,
  audioFramesPerPes: 4,
  maxPcrIntervalMs: 80,
};

/** Reads the block; for packed audio (`isPacked`) only the timestamp counts, the rest has nothing to shape. */
export function readTransportStream(
  settings: SettingsReader<M3u8Settings>,
  audioTracks: number,
  hasVideo: boolean,
  isPacked: boolean,
  scope: JobScope,
): TransportStream {
  const { findings } = scope;
  refuseFeatures(settings, findings);
  const data = readM3u8Data(settings, hasVideo, isPacked, scope);
  const audioOffsetMs = settings.read('audioPtsOffsetDelta') ?? 0;
  const times = {
    timestampOffsetMs: readTimestampOffset(settings, findings),
    ...(audioOffsetMs === 0 ? {} : { audioOffsetMs }),
  };
  if (isPacked) {
    declareUnused(settings);
    return {
      muxerOptions: {},
      pids: { video: 0, audio: [], pmt: 0, pcr: 0 },
      pesAudioFrames: 1,
      ...times,
    };
  }
  refuseNetworkProgram(settings, findings);
  const clock = readClockInterval(settings);
  const pids = readPids(settings, audioTracks, hasVideo, dataPids(data), findings);
  if (data !== null) refuseLargeMaps(settings, audioTracks, findings);
  return {
    muxerOptions: {
      mpegts_service_id: `${settings.read('programNumber') ?? defaults.programNumber}`,
      mpegts_transport_stream_id: `${settings.read('transportStreamId') ?? defaults.transportStreamId}`,
      mpegts_pmt_start_pid: `${pids.pmt}`,
      ...(clock.clockIntervalMs === undefined ? { pcr_period: '1' } : {}),
      ...tableOptions(settings),
    },
    pids,
    ...clock,
    pesAudioFrames: settings.read('audioFramesPerPes') ?? defaults.audioFramesPerPes,
    ...times,
    ...(data === null ? {} : { data }),
  };
}

/** Program 0 of the association is the place of the network's table (ISO/IEC 13818-1 2.4.4.5). */
export function refuseNetworkProgram(
  settings: SettingsReader<Pick<M3u8Settings, 'programNumber'>>,
  findings: FindingLog,
): void {
  if (settings.read('programNumber') === 0)
    findings.incompatible(
      settings.at('programNumber'),
      'program 0 of a transport stream is the network information, and no program',
    );
}

function readPids(
  settings: SettingsReader<M3u8Settings>,
  audioTracks: number,
  hasVideo: boolean,
  data: readonly number[],
  findings: FindingLog,
): TransportStream['pids'] {
  const given = settings.read('audioPids') ?? [];
  const audio: number[] = [];
  for (let index = 0; index < audioTracks; index += 1) {
    audio.push(given[index] ?? (audio.at(-1) ?? defaults.firstAudioPid - 1) + 1);
  }
  const video = settings.read('videoPid') ?? defaults.videoPid;
  const pmt = settings.read('pmtPid') ?? defaults.pmtPid;
  const carrier = hasVideo ? video : (audio[0] ?? video);
  const pcr = settings.read('pcrPid') ?? carrier;
  if (pcr === pmt || data.includes(pcr))
    findings.incompatible(settings.at('pcrPid'), `PID ${pcr} is that of a table or of data`);
  const used = [pmt, ...(hasVideo ? [video] : []), ...audio, ...data];
  if (new Set(used).size !== used.length)
    findings.incompatible(settings.pointer, `two tables or tracks share a PID (${used.join(', ')})`);
  return { video: hasVideo ? video : 0, audio, pmt, pcr };
}

/** A clock reference with every packet of the carrier, or at least every `maxPcrInterval`; 0 is the default. */
function readClockInterval(settings: SettingsReader<M3u8Settings>): Pick<HlsOutput, 'clockIntervalMs'> {
  if (settings.read('pcrControl') === 'CONFIGURED_PCR_PERIOD')
    return { clockIntervalMs: settings.read('maxPcrInterval') || defaults.maxPcrIntervalMs };
  settings.withoutEffect('maxPcrInterval', 'pcrControl is PCR_EVERY_PES_PACKET');
  return {};
}

/** 0 writes the tables once, at the start of each segment. The muxer has one period for both tables: the shorter. */
function tableOptions(settings: SettingsReader<M3u8Settings>): Readonly<Record<string, string>> {
  const periods = [settings.read('patInterval') ?? 0, settings.read('pmtInterval') ?? 0].filter(
    (period) => period > 0,
  );
  return periods.length === 0 ? {} : { pat_period: (Math.min(...periods) / 1000).toFixed(3) };
}

function refuseFeatures(settings: SettingsReader<M3u8Settings>, findings: FindingLog): void {
  if (settings.read('nielsenId3') === 'INSERT') {
    findings.jobError(
      1601,
      'not-available',
      { reason: 'no watermark engine is installed.' },
      settings.at('nielsenId3'),
    );
  }
}

/** The map of a program with data is one packet long: so many descriptors of tracks fit beside those of the data. */
const mostAudioTracks = 8;

function refuseLargeMaps(
  settings: SettingsReader<M3u8Settings>,
  audioTracks: number,
  findings: FindingLog,
): void {
  if (audioTracks > mostAudioTracks)
    findings.incompatible(
      settings.pointer,
      `an output with data streams has at most ${mostAudioTracks} audio tracks`,
    );
}

/** Packed audio has no transport stream around it; usual values pass without a word. */
function declareUnused(settings: SettingsReader<M3u8Settings>): void {
  const reason = 'the output is packed audio: it has no transport stream';
  settings.withoutEffect('programNumber', reason, [1]);
  settings.withoutEffect('transportStreamId', reason, [1]);
  settings.withoutEffect('pmtPid', reason, [480]);
  settings.withoutEffect('videoPid', reason, [481]);
  settings.withoutEffect('pcrPid', reason, [481]);
  settings.withoutEffect('audioPids', reason);
  settings.withoutEffect('audioFramesPerPes', reason, [4, 2]);
  settings.withoutEffect('pcrControl', reason, ['PCR_EVERY_PES_PACKET', 'CONFIGURED_PCR_PERIOD']);
  settings.withoutEffect('maxPcrInterval', reason);
  settings.withoutEffect('patInterval', reason, [0, 100]);
  settings.withoutEffect('pmtInterval', reason, [0, 100]);
}
