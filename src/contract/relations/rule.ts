/**
 * What a relation rule is, and the sentences rules share. Wordings marked observed are the service's own
 * (spec usage.md, "Refusals of CreateJob"); clients match on them.
 */
import type { ErrorFinding } from '../../catalogue/finding.ts';
import type {
  AacSettings,
  Ac3Settings,
  AiffSettings,
  AudioChannelTaggingSettings,
  AudioCodecSettings,
  AutomatedAbrSettings,
  Av1Settings,
  AvcIntraSettings,
  BurninDestinationSettings,
  CaptionDestinationSettings,
  CmafEncryptionSettings,
  CmafGroupSettings,
  CmfcSettings,
  ColorCorrector,
  DashIsoEncryptionSettings,
  DashIsoGroupSettings,
  DurationControl,
  DvbSubDestinationSettings,
  Eac3Settings,
  EncryptionContractConfiguration,
  FlacSettings,
  GifSettings,
  H264Settings,
  H265Settings,
  HlsEncryptionSettings,
  HlsGroupSettings,
  ImageInserter,
  Input,
  InputDecryptionSettings,
  InputTemplate,
  M2tsSettings,
  MotionImageInserter,
  Mp3Settings,
  Mp4Settings,
  MpdSettings,
  Mpeg2Settings,
  MsSmoothEncryptionSettings,
  OutputGroupSettings,
  ProresSettings,
  RemixSettings,
  S3EncryptionSettings,
  StaticKeyProvider,
  UncompressedSettings,
  Vc3Settings,
  VideoCodecSettings,
  VideoDescription,
  Vp8Settings,
  Vp9Settings,
  WavSettings,
  XavcSettings,
} from '../types.generated.ts';

/** Structures that have rules about themselves. */
export interface RuledStructures {
  AacSettings: AacSettings;
  Ac3Settings: Ac3Settings;
  AiffSettings: AiffSettings;
  AudioChannelTaggingSettings: AudioChannelTaggingSettings;
  AudioCodecSettings: AudioCodecSettings;
  AutomatedAbrSettings: AutomatedAbrSettings;
  Av1Settings: Av1Settings;
  AvcIntraSettings: AvcIntraSettings;
  BurninDestinationSettings: BurninDestinationSettings;
  CaptionDestinationSettings: CaptionDestinationSettings;
  CmafEncryptionSettings: CmafEncryptionSettings;
  CmafGroupSettings: CmafGroupSettings;
  CmfcSettings: CmfcSettings;
  ColorCorrector: ColorCorrector;
  DashIsoEncryptionSettings: DashIsoEncryptionSettings;
  DashIsoGroupSettings: DashIsoGroupSettings;
  DurationControl: DurationControl;
  DvbSubDestinationSettings: DvbSubDestinationSettings;
  Eac3Settings: Eac3Settings;
  EncryptionContractConfiguration: EncryptionContractConfiguration;
  FlacSettings: FlacSettings;
  GifSettings: GifSettings;
  H264Settings: H264Settings;
  H265Settings: H265Settings;
  HlsEncryptionSettings: HlsEncryptionSettings;
  HlsGroupSettings: HlsGroupSettings;
  ImageInserter: ImageInserter;
  Input: Input;
  InputDecryptionSettings: InputDecryptionSettings;
  InputTemplate: InputTemplate;
  M2tsSettings: M2tsSettings;
  MotionImageInserter: MotionImageInserter;
  Mp3Settings: Mp3Settings;
  Mp4Settings: Mp4Settings;
  MpdSettings: MpdSettings;
  Mpeg2Settings: Mpeg2Settings;
  MsSmoothEncryptionSettings: MsSmoothEncryptionSettings;
  OutputGroupSettings: OutputGroupSettings;
  ProresSettings: ProresSettings;
  RemixSettings: RemixSettings;
  S3EncryptionSettings: S3EncryptionSettings;
  StaticKeyProvider: StaticKeyProvider;
  UncompressedSettings: UncompressedSettings;
  Vc3Settings: Vc3Settings;
  VideoCodecSettings: VideoCodecSettings;
  VideoDescription: VideoDescription;
  Vp8Settings: Vp8Settings;
  Vp9Settings: Vp9Settings;
  WavSettings: WavSettings;
  XavcSettings: XavcSettings;
}

/** What a rule about one structure knows of the place where it stands. */
export interface RuleContext {
  /** Inside an output group that the service lays out itself: bitrates are its decision (spec auto-abr.md A.4). */
  readonly isAutomatedAbr: boolean;
}

/** A rule about the members of one structure. `pointer` is the structure's place below `settings`. */
export type StructureRule<Name extends keyof RuledStructures> = (
  settings: RuledStructures[Name],
  pointer: string,
  context: RuleContext,
) => readonly ErrorFinding[];

/** Rules by structure name. */
export type StructureRules = { readonly [Name in keyof RuledStructures]?: readonly StructureRule<Name>[] };

/** A refusal at submit. */
export function refuse(pointer: string, message: string, remedy: string, expected?: string): ErrorFinding {
  const finding = { severity: 'error', code: 400, pointer, message, remedy } as const;
  return expected === undefined ? finding : { ...finding, expected };
}

/** `{name} is a required property` at the object that lacks it (observed). */
export function refuseMissing(pointer: string, name: string, remedy = `Add ${name}.`): ErrorFinding {
  return refuse(pointer, `${name} is a required property`, remedy);
}

/** `Should be equal to one of the allowed values in […]` (observed). */
export function refuseValue(pointer: string, allowed: readonly string[], remedy?: string): ErrorFinding {
  return refuse(
    pointer,
    allowedValuesText(allowed),
    remedy ?? `Use one of ${allowed.join(', ')}.`,
    allowed.join(', '),
  );
}

/**
 * A member that is only legal beside another: the head clause at the member, then the concrete clauses, as one
 * finding (observed, e.g. for a codec block beside another codec).
 */
export function refuseDependency(pointer: string, clauses: readonly string[], remedy: string): ErrorFinding {
  return refuse(pointer, [dependencyText, ...clauses].join(' | '), remedy);
}

/** Head clause of a dependency failure (observed). */
export const dependencyText = 'Should match all dependencies: See other errors for more details';

/** Enumeration text (observed). */
export function allowedValuesText(allowed: readonly string[]): string {
  return `Should be equal to one of the allowed values in ${JSON.stringify(allowed)}`;
}

/** `Must be X` for one legal value (observed), the enumeration text for several. */
export function mustBeText(allowed: readonly string[]): string {
  return allowed.length === 1 ? `Must be ${allowed[0]}` : allowedValuesText(allowed);
}
