/** Whether an output takes splice messages along (`scte35Source`), and what follows for its key frames and segments. */
import type {
  CmafGroupSettings,
  DashIsoGroupSettings,
  M2tsScte35Source,
  Output,
  OutputGroup,
} from '../contract/types.generated.ts';
import type { JobScope } from './job-scope.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { SpliceConditions } from './signal-plan.ts';

type SourceSettings = SettingsReader<{ readonly scte35Source?: M2tsScte35Source | undefined }>;

/** Reads the setting. Messages come from the ESAM document where the job has one (HLS outputs), else from the inputs. */
export function takesSplices(settings: SourceSettings, { signals, findings }: JobScope): boolean {
  settings.accept(
    'scte35Source',
    ['NONE', 'PASSTHROUGH'],
    'cues of HLS playlists are not turned into SCTE-35 messages',
  );
  if (settings.read('scte35Source') !== 'PASSTHROUGH') return false;
  if (signals.esam !== null) return true;
  if (signals.trackOf('scte35') === null) {
    findings.notice('no-effect', settings.at('scte35Source'), 'no input has SCTE-35 messages');
    return false;
  }
  signals.use('scte35');
  return true;
}

/**
 * Conditions of a group: all its outputs are cut at the splice points when the job has an ESAM document, or when one of
 * them takes messages of the inputs. Null: the group knows of no splices.
 */
export function spliceConditions(
  group: SettingsReader<OutputGroup>,
  minSegmentSeconds: number,
  scope: JobScope,
): SpliceConditions | null {
  return group.children('outputs').some((output) => isSpliced(output, scope)) ? { minSegmentSeconds } : null;
}

/** The same for media in fragments, whose segments then need a timeline: no single duration describes them. */
export function readFragmentSplices(
  settings: SettingsReader<
    Pick<CmafGroupSettings & DashIsoGroupSettings, 'writeSegmentTimelineInRepresentation'>
  >,
  group: SettingsReader<OutputGroup>,
  scope: JobScope,
): SpliceConditions | null {
  const splices = spliceConditions(group, 0, scope);
  if (splices !== null && settings.read('writeSegmentTimelineInRepresentation') === 'DISABLED')
    scope.findings.notice(
      'substituted',
      settings.at('writeSegmentTimelineInRepresentation'),
      'segments are cut at splice points, so the MPD lists their times',
    );
  return splices;
}

/** An ESAM document conditions every output; messages of the inputs those that take them along. */
export function isSpliced(output: SettingsReader<Output>, { signals }: JobScope): boolean {
  return signals.esam !== null || (signals.trackOf('scte35') !== null && passesSplices(output));
}

/** Encodes of an output whose group is cut at splice points. Captured pictures have no key frames to force. */
export function conditionOutput(
  output: { readonly videoRenditionId: string | null },
  conditions: SpliceConditions | null,
  { signals }: JobScope,
): void {
  if (conditions !== null && output.videoRenditionId !== null) signals.condition(output.videoRenditionId);
}

function passesSplices(output: SettingsReader<Output>): boolean {
  const container = output.child('containerSettings');
  return (
    container.child('m2tsSettings').read('scte35Source') === 'PASSTHROUGH' ||
    container.child('m3u8Settings').read('scte35Source') === 'PASSTHROUGH' ||
    container.child('cmfcSettings').read('scte35Source') === 'PASSTHROUGH' ||
    container.child('mpdSettings').read('scte35Source') === 'PASSTHROUGH'
  );
}
