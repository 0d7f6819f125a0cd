/** M2TS settings → how a transport stream file is multiplexed (spec containers.md 7). */
import type { M2tsSettings } from '../contract/types.generated.ts';
import { dataPids, readM2tsData } from './data-streams.ts';
import type { ContainerPlan } from './file-container.ts';
import type { TransportPlan } from './file-plan.ts';
import type { FindingLog } from './finding-log.ts';
import type { JobScope, OutputTracks } from './job-scope.ts';
import { readTransportSegmentation } from './m2ts-segmentation.ts';
import { readServiceDescription } from './service-description.ts';
import type { SettingsReader } from './settings-reader.ts';
import { readTimestampOffset } from './timestamp-offset.ts';
import { refuseNetworkProgram } from './transport-stream.ts';

/** What the service writes where nothing is said (spec containers.md 7). */
const defaults = {
  pmtPid: 480,
  videoPid: 481,
  firstAudioPid: 482,
  programNumber: 1,
  transportStreamId: 1,
  audioFramesPerPes: 2,
  tableIntervalMs: 100,
  pcrIntervalMs: 40,
  nitIntervalMs: 500,
  tdtIntervalMs: 30_000,
};

/** Headers, tables and clock references on top of the tracks (spec containers.md 7, recommended). */
const overhead = { factor: 1.06, fixedBps: 150_000 };

/** A transport packet of 188 bytes. */
const packetBits = 1504;

/** Where the video encoder names no peak: enough for any picture the service makes. */
const unboundedVideoBps = 50_000_000;

/** Plans the file. */
export function planM2ts(
  settings: SettingsReader<M2tsSettings>,
  tracks: OutputTracks,
  scope: JobScope,
): ContainerPlan {
  const { findings } = scope;
  refuseFeatures(settings, findings);
  refuseNetworkProgram(settings, findings);
  const data = readM2tsData(settings, tracks.video !== null, scope);
  const pcrIntervalMs = settings.read('maxPcrInterval') || defaults.pcrIntervalMs;
  const audioOffsetMs = readAudioOffset(settings, tracks);
  const transport: TransportPlan = {
    programNumber: settings.read('programNumber') ?? defaults.programNumber,
    transportStreamId: settings.read('transportStreamId') ?? defaults.transportStreamId,
    pids: readPids(settings, tracks, dataPids(data), findings),
    ...readRate(settings, tracks, pcrIntervalMs, findings),
    patIntervalMs: settings.read('patInterval') ?? defaults.tableIntervalMs,
    pmtIntervalMs: settings.read('pmtInterval') ?? defaults.tableIntervalMs,
    pcrIntervalMs,
    pcrEveryPes: settings.read('pcrControl') !== 'CONFIGURED_PCR_PERIOD',
    timestampOffsetMs: readTimestampOffset(settings, findings, {
      frameRate: tracks.video?.rendition.frameRate ?? null,
      audioOffsetMs,
    }),
    audioOffsetMs,
    audioFramesPerPes: readFramesPerPes(settings, tracks),
    audioModel: readAudioModel(settings, tracks),
    keepsBufferModel: settings.read('bufferModel') !== 'NONE',
    esRateInPes: settings.read('esRateInPes') === 'INCLUDE',
    sdt: readServiceDescription(settings.child('dvbSdtSettings'), scope),
    nit: readNit(settings, findings),
    tdt: readTdt(settings, scope),
    segmentation: readTransportSegmentation(settings, tracks, scope),
    mpeg2Audio: tracks.audio.map(({ isMpeg2 }) => isMpeg2),
    ...(data === null ? {} : { data }),
  };
  return {
    container: 'M2TS',
    muxer: null,
    muxerOptions: {},
    contentType: 'video/MP2T',
    needsScratch: false,
    extension: 'm2ts',
    transport,
  };
}

function readPids(
  settings: SettingsReader<M2tsSettings>,
  tracks: OutputTracks,
  data: readonly number[],
  findings: FindingLog,
): TransportPlan['pids'] {
  const hasVideo = tracks.video !== null;
  const given = settings.read('audioPids') ?? [];
  const audio: number[] = [];
  for (let index = 0; index < tracks.audio.length; index += 1)
    audio.push(given[index] ?? (audio.at(-1) ?? defaults.firstAudioPid - 1) + 1);
  const pmt = settings.read('pmtPid') ?? defaults.pmtPid;
  if (!hasVideo) settings.withoutEffect('videoPid', 'the output has no video', [defaults.videoPid]);
  const video = hasVideo ? (settings.read('videoPid') ?? defaults.videoPid) : 0;
  const pcr = settings.read('pcrPid') ?? (hasVideo ? video : (audio[0] ?? defaults.videoPid));
  const used = [pmt, ...(hasVideo ? [video] : []), ...audio, ...data];
  if (new Set(used).size !== used.length || pcr === pmt || data.includes(pcr))
    findings.incompatible(
      settings.pointer,
      `two tables or tracks share a PID (${[...used, pcr].join(', ')})`,
    );
  return { pmt, pcr, video, audio };
}

function readRate(
  settings: SettingsReader<M2tsSettings>,
  tracks: OutputTracks,
  pcrIntervalMs: number,
  findings: FindingLog,
): Pick<TransportPlan, 'rateBps' | 'isConstantRate' | 'isRateGiven' | 'nullRateBps'> {
  const isConstantRate = settings.read('rateMode') !== 'VBR';
  const given = settings.read('bitrate') ?? 0;
  const nullRateBps = Math.round(settings.read('nullPacketBitrate') ?? 0);
  const encoder = tracks.video?.rendition.encoder;
  const peakBps =
    encoder === undefined ? 0 : encoder.maxBitrateBps || encoder.bitrateBps || unboundedVideoBps;
  const soundBps = tracks.audio.reduce(
    (sum, { rendition, nominalBitrateBps }) =>
      sum + Math.max(rendition.encoder.bitrateBps, nominalBitrateBps),
    0,
  );
  const payloadBps = peakBps + soundBps;
  if (given > 0 && given < payloadBps + nullRateBps) {
    findings.notice(
      'substituted',
      settings.at('bitrate'),
      `the tracks may need ${payloadBps + nullRateBps} bit/s: where they do, the stream exceeds the ${given} bit/s it was given (warning 260000)`,
    );
  }
  // Clock references closer than usual may each need a packet; between two of them there is room for one other.
  const clockBps = (packetBits * 1000) / pcrIntervalMs;
  const usualClockBps = (packetBits * 1000) / defaults.pcrIntervalMs;
  const neededBps =
    payloadBps * overhead.factor + overhead.fixedBps + nullRateBps + Math.max(0, clockBps - usualClockBps);
  const automatic = Math.ceil(Math.max(neededBps, 2.01 * clockBps) / 1000) * 1000;
  if (given > 0 && given < 2 * clockBps)
    findings.notice(
      'substituted',
      settings.at('maxPcrInterval'),
      `two packets at ${given} bit/s take longer than ${pcrIntervalMs} ms: clock references stand further apart`,
    );
  if (given > 0 && given < overhead.fixedBps) {
    findings.incompatible(
      settings.at('bitrate'),
      `tables and clock references alone need ${overhead.fixedBps} bit/s, and the transport stream has ${given}`,
    );
  }
  const isRateGiven = given > 0;
  return { rateBps: isRateGiven ? given : automatic, isConstantRate, isRateGiven, nullRateBps };
}

function readAudioOffset(settings: SettingsReader<M2tsSettings>, tracks: OutputTracks): number {
  if (tracks.audio.length > 0) return settings.read('audioPtsOffsetDelta') ?? 0;
  settings.withoutEffect('audioPtsOffsetDelta', 'the output has no audio', [0]);
  return 0;
}

function readFramesPerPes(settings: SettingsReader<M2tsSettings>, tracks: OutputTracks): number {
  if (tracks.audio.length > 0)
    return Math.max(1, settings.read('audioFramesPerPes') ?? defaults.audioFramesPerPes);
  settings.withoutEffect('audioFramesPerPes', 'the output has no audio', [defaults.audioFramesPerPes]);
  settings.withoutEffect('audioPids', 'the output has no audio');
  return defaults.audioFramesPerPes;
}

/** Dolby tracks alone are described in two ways. */
function readAudioModel(settings: SettingsReader<M2tsSettings>, tracks: OutputTracks): 'ATSC' | 'DVB' {
  const isDolby = tracks.audio.some(({ rendition }) => /^E?AC3$/.test(rendition.encoder.codec));
  if (isDolby) return settings.read('audioBufferModel') ?? 'ATSC';
  settings.withoutEffect('audioBufferModel', 'it describes Dolby Digital tracks', ['ATSC', 'DVB']);
  return 'ATSC';
}

/** The name is a descriptor, behind the code of its alphabet where it is not plain (EN 300 468 6.2.28). */
const mostNetworkNameBytes = 254;

function readNit(settings: SettingsReader<M2tsSettings>, findings: FindingLog): TransportPlan['nit'] {
  const nit = settings.child('dvbNitSettings');
  if (!nit.isPresent) return null;
  const networkName = nit.read('networkName') ?? '';
  const bytes = Buffer.byteLength(networkName);
  if (bytes > mostNetworkNameBytes)
    findings.incompatible(
      nit.at('networkName'),
      `a descriptor holds ${mostNetworkNameBytes} bytes, and the name has ${bytes}`,
    );
  return {
    intervalMs: nit.read('nitInterval') ?? defaults.nitIntervalMs,
    networkId: nit.read('networkId') ?? 0,
    networkName,
  };
}

function readTdt(settings: SettingsReader<M2tsSettings>, scope: JobScope): TransportPlan['tdt'] {
  const tdt = settings.child('dvbTdtSettings');
  if (!tdt.isPresent) return null;
  return { intervalMs: tdt.read('tdtInterval') ?? defaults.tdtIntervalMs, startTimeMs: scope.startTimeMs };
}

function refuseFeatures(settings: SettingsReader<M2tsSettings>, findings: FindingLog): void {
  if (settings.read('nielsenId3') === 'INSERT') {
    findings.jobError(
      1601,
      'not-available',
      { reason: 'no watermark engine is installed.' },
      settings.at('nielsenId3'),
    );
  }
  settings.withoutEffect(
    'preventBufferUnderflow',
    'the encoder keeps its own buffer, which the multiplex honours',
    ['DISABLED', 'ENABLED'],
  );
  const absent = 'the stream carries no such data';
  settings.postponed('dvbSubPids', absent);
  settings.postponed('dvbTeletextPid', absent, [499]);
}
