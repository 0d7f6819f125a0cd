/** Everything of an input that is neither video nor audio selection: its filters, tables, captions. */
import type { Input } from '../contract/types.generated.ts';
import type { InputFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What these settings add to the reading of an input. */
export interface InputExtras {
  readonly demuxerOptions: Readonly<Record<string, string>>;
  /** In front of the other shared filters. */
  readonly filters: readonly FilterStep[];
}

/** Codecs on which the service lets the user control denoising and deblocking (spec inputs.md 1). */
const denoisedCodecs = new Set(['mpeg2video', 'h264', 'hevc', 'rawvideo', 'v210', 'v410']);
const deblockedCodecs = new Set(['mpeg2video', 'rawvideo', 'v210', 'v410']);

/** Reads what remains of an input after its video and audio selection. */
export function readInputExtras(
  input: SettingsReader<Input>,
  facts: InputFacts,
  findings: FindingLog,
): InputExtras {
  declareFilters(input, facts);
  input.postponed('captionSelectors', 'no output of this release carries captions');
  if (facts.videoTracks.some((track) => track.hasEmbeddedCaptions)) {
    findings.notice(
      'captions-dropped',
      input.pointer,
      'The captions embedded in the video are not carried into the outputs.',
    );
  }
  return {
    demuxerOptions: readProgramTables(input, facts),
    filters: input.read('inputScanType') === 'PSF' ? [{ name: 'setfield', options: { mode: 'prog' } }] : [],
  };
}

/** AUTO filters noisy sources at the transcoder's discretion: this one filters none (spec inputs.md 11). */
function declareFilters(input: SettingsReader<Input>, facts: InputFacts): void {
  const codec = facts.videoTracks.find((track) => !track.isAttachedPicture)?.codec ?? '';
  const mode = input.read('filterEnable') ?? 'AUTO';
  const notBuilt = 'input filters are not built yet';
  if (mode === 'DISABLE') {
    for (const key of ['deblockFilter', 'denoiseFilter', 'filterStrength'] as const) {
      input.withoutEffect(key, 'filterEnable is DISABLE');
    }
  }
  input.accept('filterEnable', ['AUTO', 'DISABLE'], notBuilt);
  input.postponed('filterStrength', 'it counts with filterEnable FORCE only', [0]);
  declareFilter(input, 'deblockFilter', deblockedCodecs.has(codec), codec, notBuilt);
  declareFilter(input, 'denoiseFilter', denoisedCodecs.has(codec), codec, notBuilt);
  input.accept('advancedInputFilter', ['DISABLED'], notBuilt);
  if (input.read('advancedInputFilter') !== 'ENABLED') {
    input.postponed('advancedInputFilterSettings', 'advancedInputFilter is DISABLED');
  }
}

function declareFilter(
  input: SettingsReader<Input>,
  key: 'deblockFilter' | 'denoiseFilter',
  applies: boolean,
  codec: string,
  notBuilt: string,
): void {
  if (applies && input.read('filterEnable') !== 'DISABLE') input.accept(key, ['DISABLED'], notBuilt);
  else
    input.withoutEffect(key, `the filter does not apply to ${codec || 'inputs without video'}`, ['DISABLED']);
}

/** IGNORE_PSI looks for tracks in all PIDs (spec inputs.md 11). */
function readProgramTables(
  input: SettingsReader<Input>,
  facts: InputFacts,
): Readonly<Record<string, string>> {
  if (facts.container !== 'mpegts') {
    input.withoutEffect('psiControl', 'the input is not a transport stream', ['USE_PSI']);
    return {};
  }
  return input.read('psiControl') === 'IGNORE_PSI' ? { scan_all_pmts: '1' } : {};
}
