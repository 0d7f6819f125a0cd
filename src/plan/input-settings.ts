/** Everything of an input that is neither video nor audio selection: its filters, tables, captions. */
import type { Input } from '../contract/types.generated.ts';
import type { InputFacts, VideoTrackFacts } from './facts.ts';
import { filterWithinFields } from './field-steps.ts';
import type { FindingLog } from './finding-log.ts';
import { readInputFilters } from './input-filters.ts';
import type { FilterStep } from './plan.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What these settings add to the reading of an input. */
export interface InputExtras {
  readonly demuxerOptions: Readonly<Record<string, string>>;
  /** In front of the other shared filters. */
  readonly filters: readonly FilterStep[];
}

/** Reads what remains of an input after its video and audio selection. `video` is the selected track. */
export function readInputExtras(
  input: SettingsReader<Input>,
  video: VideoTrackFacts | null,
  facts: InputFacts,
  findings: FindingLog,
): InputExtras {
  input.postponed('captionSelectors', 'no output of this release carries captions');
  if (facts.videoTracks.some((track) => track.hasEmbeddedCaptions)) {
    findings.notice(
      'captions-dropped',
      input.pointer,
      'The captions embedded in the video are not carried into the outputs.',
    );
  }
  const isSegmented = input.read('inputScanType') === 'PSF';
  const scan = isSegmented ? 'progressive' : (video?.scan ?? 'progressive');
  return {
    demuxerOptions: readProgramTables(input, facts),
    filters: [
      ...(isSegmented ? [{ name: 'setfield', options: { mode: 'prog' } }] : []),
      ...filterWithinFields(readInputFilters(input, video), scan),
    ],
  };
}

/** IGNORE_PSI looks for tracks in all PIDs (spec inputs.md 11). */
function readProgramTables(
  input: SettingsReader<Input>,
  facts: InputFacts,
): Readonly<Record<string, string>> {
  if (facts.container !== 'mpegts' && facts.container !== 'hls') {
    input.withoutEffect('psiControl', 'the input is not a transport stream', ['USE_PSI']);
    return {};
  }
  return input.read('psiControl') === 'IGNORE_PSI' ? { scan_all_pmts: '1' } : {};
}
