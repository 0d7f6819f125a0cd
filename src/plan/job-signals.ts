/**
 * What the job signals and what its inputs bring: the ESAM documents, the data tracks, and what of them the outputs take
 * along (spec packaging.md 9, 10; overlays.md 5). Read before the outputs, completed after them.
 */
import type { JobSettings } from '../contract/types.generated.ts';
import { type Rational, rational } from '../exact-time.ts';
import { type ManifestCondition, readManifestConditions } from '../signals/esam-conditions.ts';
import { readEsamSignals } from '../signals/esam-signals.ts';
import { EsamError } from '../signals/esam-xml.ts';
import type { DataTrackFacts } from './facts.ts';
import type { FindingLog } from './finding-log.ts';
import { programOf } from './program.ts';
import type { ReadInput } from './read-input.ts';
import type { SettingsReader } from './settings-reader.ts';
import type { DataKind, PlannedCue, PlannedDataTrack } from './signal-plan.ts';

/** Signals while a job is planned. */
export interface JobSignals {
  /** Null: the job has no ESAM document that could be read. */
  readonly esam: {
    readonly cues: readonly PlannedCue[];
    readonly conditions: readonly ManifestCondition[];
  } | null;
  /** The job inserts ID3 tags. */
  readonly hasTags: boolean;
  /** The first track of a kind in the inputs; null: none has one. */
  trackOf(kind: DataKind): DataTrackFacts | null;
  /** An output takes the kind along: the inputs' tracks are read. */
  use(kind: DataKind): void;
  isUsed(kind: DataKind): boolean;
  /** An output takes the job's tags along. */
  useTags(): void;
  readonly areTagsUsed: boolean;
  /** The encode has a key frame at every splice point. */
  condition(renditionId: string): void;
  readonly conditioned: ReadonlySet<string>;
  /** Data tracks of an input that are read, in order. */
  tracksReadOf(inputIndex: number): readonly PlannedDataTrack[];
}

/** Codec names of the kinds, as probes report them. */
const codecs: Readonly<Record<DataKind, string>> = { scte35: 'scte_35', id3: 'timed_id3', klv: 'klv' };
const kinds = ['scte35', 'id3', 'klv'] as const;

/** How long before its point a message is told (`responseSignalPreroll`). */
const defaultPrerollMs = 4000;

/** Reads the documents of the job and looks through its inputs. */
export function readJobSignals(
  settings: SettingsReader<JobSettings>,
  inputs: readonly ReadInput[],
  frameRate: Rational | null,
  findings: FindingLog,
): JobSignals {
  const tracks = inputs.map((input) => new Map(kinds.map((kind) => [kind, tracksOf(input, kind)] as const)));
  const used = new Set<DataKind>();
  const conditioned = new Set<string>();
  let areTagsUsed = false;
  return {
    esam: readEsam(settings, frameRate ?? rational(25), findings),
    hasTags: settings.child('timedMetadataInsertion').has('id3Insertions'),
    trackOf: (kind) => tracks.flatMap((one) => one.get(kind) ?? [])[0] ?? null,
    use: (kind) => void used.add(kind),
    isUsed: (kind) => used.has(kind),
    useTags() {
      areTagsUsed = true;
    },
    get areTagsUsed() {
      return areTagsUsed;
    },
    condition: (id) => void conditioned.add(id),
    conditioned,
    tracksReadOf(inputIndex) {
      const place = inputs.findIndex(({ index }) => index === inputIndex);
      return kinds
        .filter((kind) => used.has(kind))
        .flatMap((kind) => (tracks[place]?.get(kind) ?? []).map(({ streamIndex }) => ({ streamIndex, kind })))
        .toSorted((a, b) => a.streamIndex - b.streamIndex);
    },
  };
}

/** Tracks of the program that the video belongs to; the first of a kind stands for it. */
function tracksOf({ facts, video }: ReadInput, kind: DataKind): readonly DataTrackFacts[] {
  const program = video === null ? null : programOf(facts, video.track);
  return facts.dataTracks
    .filter(({ codec }) => codec === codecs[kind])
    .filter(({ streamIndex }) => program === null || program.streamIndexes.includes(streamIndex))
    .slice(0, 1);
}

function readEsam(
  settings: SettingsReader<JobSettings>,
  frameRate: Rational,
  findings: FindingLog,
): JobSignals['esam'] {
  const esam = settings.child('esam');
  const notification = esam.child('signalProcessingNotification');
  const manifest = esam.child('manifestConfirmConditionNotification');
  const text = notification.read('sccXml');
  if (text === undefined) {
    const reason = 'the job has no signal processing notification';
    manifest.withoutEffect('mccXml', reason);
    esam.withoutEffect('responseSignalPreroll', reason, [defaultPrerollMs]);
    return null;
  }
  const manifestText = manifest.read('mccXml');
  const prerollTicks = (esam.read('responseSignalPreroll') ?? defaultPrerollMs) * 90;
  const signals = readDocument(notification.at('sccXml'), () => readEsamSignals(text, frameRate), findings);
  const conditions =
    manifestText === undefined
      ? []
      : readDocument(manifest.at('mccXml'), () => readManifestConditions(manifestText), findings);
  if (signals === null || conditions === null) return null;
  refuseUnknownSignals(manifest.at('mccXml'), signals, conditions, findings);
  const cues = signals.map(
    ({ id, at, section, edges }): PlannedCue => ({
      at,
      messageAt: Math.max(0, at - prerollTicks),
      section: section?.toString('base64') ?? null,
      edges,
      signalId: id,
      isInSegments:
        manifestText === undefined ||
        conditions.some(({ signalId, passesData }) => signalId === id && passesData),
    }),
  );
  return { cues, conditions };
}

/** The pattern of the model is all that the request can be held to; what the XML says is read here (1040). */
function readDocument<Content>(pointer: string, read: () => Content, findings: FindingLog): Content | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsamError)) throw error;
    findings.incompatible(pointer, error.message);
    return null;
  }
}

function refuseUnknownSignals(
  pointer: string,
  signals: readonly { readonly id: string }[],
  conditions: readonly ManifestCondition[],
  findings: FindingLog,
): void {
  for (const { signalId } of conditions) {
    if (signals.some(({ id }) => id === signalId)) continue;
    findings.incompatible(
      pointer,
      `the ManifestResponse ${signalId} answers a signal that the job does not have`,
    );
  }
}
