/** Event messages of CMAF and DASH outputs: SCTE-35, ID3 and KLV in `emsg` boxes (spec containers.md 10, packaging.md 9, 10). */
import type { CmfcSettings, MpdSettings } from '../contract/types.generated.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { EventsPlan } from './signal-plan.ts';
import { takesSplices } from './splice-source.ts';

type EventSettings = SettingsReader<Pick<CmfcSettings & MpdSettings, keyof CmfcSettings & keyof MpdSettings>>;

/** Scheme of ID3 where the job names none (AOM, Carriage of ID3 Timed Metadata in CMAF). */
const id3Scheme = 'https://aomedia.org/emsg/ID3';

/** Reads the settings of an output; null: it has no event messages. */
export function readEvents(settings: EventSettings, scope: JobScope): EventsPlan | null {
  const events = {
    hasSplices: readSplices(settings, scope),
    id3: readId3(settings, scope),
    klv: readKlv(settings, scope),
  };
  const isEmpty = !events.hasSplices && events.id3 === null && events.klv === null;
  const isSignaled = settings.read('manifestMetadataSignaling') === 'ENABLED';
  if (!isEmpty) return { ...events, isSignaled };
  if (isSignaled)
    scope.findings.notice(
      'no-effect',
      settings.at('manifestMetadataSignaling'),
      'the output has no event messages',
    );
  return null;
}

function readSplices(settings: EventSettings, scope: JobScope): boolean {
  const isPassed = takesSplices(settings, scope);
  if (settings.read('scte35Esam') !== 'INSERT') return isPassed;
  if (scope.signals.esam !== null) return true;
  scope.findings.notice('no-effect', settings.at('scte35Esam'), 'the job has no ESAM document');
  return isPassed;
}

/** Tags of the job, and those of the inputs. */
function readId3(settings: EventSettings, { signals }: JobScope): EventsPlan['id3'] {
  if (settings.read('timedMetadata') !== 'PASSTHROUGH') {
    const reason = 'timedMetadata is not PASSTHROUGH';
    settings.withoutEffect('timedMetadataBoxVersion', reason, ['VERSION_0', 'VERSION_1']);
    settings.withoutEffect('timedMetadataSchemeIdUri', reason);
    settings.withoutEffect('timedMetadataValue', reason);
    return null;
  }
  signals.useTags();
  if (signals.trackOf('id3') !== null) signals.use('id3');
  return {
    version: settings.read('timedMetadataBoxVersion') === 'VERSION_1' ? 1 : 0,
    schemeIdUri: settings.read('timedMetadataSchemeIdUri') ?? id3Scheme,
    value: settings.read('timedMetadataValue') ?? '',
  };
}

/** `KLVx:01FC` names a synchronous track, `KLVx:01BD` an asynchronous one (MISB ST 1910.1); x counts tracks from 0. */
function readKlv(settings: EventSettings, { signals, findings }: JobScope): EventsPlan['klv'] {
  if (settings.read('klvMetadata') !== 'PASSTHROUGH') return null;
  const track = signals.trackOf('klv');
  if (track === null) {
    findings.notice('no-effect', settings.at('klvMetadata'), 'no input has KLV metadata');
    return null;
  }
  signals.use('klv');
  return { value: track.isSynchronous === true ? 'KLV0:01FC' : 'KLV0:01BD' };
}
