/** Data that transport streams carry beside picture and sound: SCTE-35, ID3, KLV (spec containers.md 7, 8, 13). */
import type { M2tsSettings, M3u8Settings } from '../contract/types.generated.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { DataStreamsPlan } from './signal-plan.ts';
import { takesSplices } from './splice-source.ts';

/** PIDs of the service (spec containers.md 7). */
const defaults = { scte35Pid: 500, id3Pid: 502, klvPid: 503 };

/** What one of the kinds takes part with. */
const absent = 'the stream carries no such data';

/** Data of an M2TS file; null: none. */
export function readM2tsData(
  settings: SettingsReader<M2tsSettings>,
  hasVideo: boolean,
  scope: JobScope,
): DataStreamsPlan | null {
  const { signals } = scope;
  const isPassed = takesSplices(settings, scope);
  const scte35Pid = isPassed ? readPassedPid(settings) : readEsamPid(settings, scope);
  const klv = readKlv(settings, scope);
  return finishData(
    settings,
    { scte35Pid, id3Pid: signals.hasTags ? readId3Pid(settings, scope) : noId3(settings), klv },
    hasVideo,
  );
}

/** Data of an HLS output in transport streams; null: none. `isPacked`: bare audio, which has no room for it. */
export function readM3u8Data(
  settings: SettingsReader<M3u8Settings>,
  hasVideo: boolean,
  isPacked: boolean,
  scope: JobScope,
): DataStreamsPlan | null {
  settings.withoutEffect('privateMetadataPid', 'HLS segments carry no private metadata', [defaults.klvPid]);
  const hasSplices = takesSplices(settings, scope) && !isPacked;
  const wantsTags = settings.read('timedMetadata') === 'PASSTHROUGH';
  if (wantsTags && isPacked)
    scope.findings.notice(
      'no-effect',
      settings.at('timedMetadata'),
      'the output is packed audio: timed metadata travels in transport streams',
    );
  const isInSegments = scope.signals.esam?.cues.some((cue) => cue.isInSegments) ?? true;
  return finishData(
    settings,
    {
      scte35Pid: hasSplices && isInSegments ? readPassedPid(settings) : noSplices(settings),
      id3Pid: wantsTags && !isPacked ? readId3Pid(settings, scope) : noId3(settings),
      klv: null,
    },
    hasVideo,
  );
}

/** PIDs that the data takes. */
export function dataPids(data: DataStreamsPlan | null): readonly number[] {
  return [data?.scte35Pid, data?.id3Pid, data?.klv?.pid].flatMap((pid) => pid ?? []);
}

type DataSettings = SettingsReader<
  Pick<M2tsSettings & M3u8Settings, 'scte35Pid' | 'timedMetadataPid' | 'dataPTSControl'>
>;

function finishData(
  settings: DataSettings,
  streams: Pick<DataStreamsPlan, 'scte35Pid' | 'id3Pid' | 'klv'>,
  hasVideo: boolean,
): DataStreamsPlan | null {
  const isEmpty = streams.scte35Pid === null && streams.id3Pid === null && streams.klv === null;
  if (isEmpty || !hasVideo) {
    const reason = isEmpty ? absent : 'the output has no video to align to';
    settings.withoutEffect('dataPTSControl', reason, ['AUTO', 'ALIGN_TO_VIDEO']);
    return isEmpty ? null : { ...streams, startsWithVideo: false };
  }
  return { ...streams, startsWithVideo: settings.read('dataPTSControl') === 'ALIGN_TO_VIDEO' };
}

function readPassedPid(settings: DataSettings): number {
  return settings.read('scte35Pid') ?? defaults.scte35Pid;
}

function noSplices(settings: DataSettings): null {
  settings.withoutEffect('scte35Pid', absent, [defaults.scte35Pid]);
  return null;
}

/** M2TS files take the messages of ESAM documents when they have a PID for them (guide, "ESAM SCTE-35"). */
function readEsamPid(settings: SettingsReader<M2tsSettings>, { signals }: JobScope): number | null {
  noSplices(settings);
  const esam = settings.child('scte35Esam');
  if (!esam.isPresent) return null;
  if (signals.esam !== null) return esam.read('scte35EsamPid') ?? defaults.scte35Pid;
  esam.withoutEffect('scte35EsamPid', 'the job has no ESAM document');
  return null;
}

function readKlv(
  settings: SettingsReader<M2tsSettings>,
  { signals, findings }: JobScope,
): DataStreamsPlan['klv'] {
  const track = signals.trackOf('klv');
  if (settings.read('klvMetadata') === 'PASSTHROUGH') {
    if (track !== null) {
      signals.use('klv');
      const pid = settings.read('privateMetadataPid') ?? defaults.klvPid;
      return { pid, isSynchronous: track.isSynchronous === true };
    }
    findings.notice('no-effect', settings.at('klvMetadata'), 'no input has KLV metadata');
  }
  settings.withoutEffect('privateMetadataPid', absent, [defaults.klvPid]);
  return null;
}

/** Tags of the job, and those of the inputs. */
function readId3Pid(settings: DataSettings, { signals }: JobScope): number {
  signals.useTags();
  if (signals.trackOf('id3') !== null) signals.use('id3');
  return settings.read('timedMetadataPid') ?? defaults.id3Pid;
}

function noId3(settings: DataSettings): null {
  settings.withoutEffect('timedMetadataPid', absent, [defaults.id3Pid]);
  return null;
}
