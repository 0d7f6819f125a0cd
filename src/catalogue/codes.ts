/**
 * The catalogue of job error and warning codes (design D7, style 11): the only place where a code or its
 * message is written. Sources: spec errors.md. Message stems are interface strings; clients match on them.
 */
import { jobErrors } from './job-errors.table.ts';
import { warnings } from './warnings.table.ts';

/** All 48 job error codes (spec errors.md 7). */
export type JobErrorCode =
  | 1010
  | 1020
  | 1021
  | 1022
  | 1030
  | 1040
  | 1041
  | 1042
  | 1043
  | 1050
  | 1056
  | 1060
  | 1075
  | 1076
  | 1080
  | 1091
  | 1092
  | 1093
  | 1401
  | 1404
  | 1432
  | 1433
  | 1434
  | 1507
  | 1515
  | 1517
  | 1522
  | 1550
  | 1601
  | 1602
  | 1603
  | 1700
  | 1999
  | 3400
  | 3401
  | 3403
  | 3404
  | 3408
  | 3450
  | 3451
  | 3452
  | 3453
  | 3454
  | 3455
  | 3456
  | 3457
  | 3458
  | 3999;

/** All 18 warning codes (spec errors.md 6). */
export type WarningCode =
  | 100000
  | 220000
  | 230001
  | 230002
  | 230004
  | 230005
  | 230006
  | 230007
  | 230008
  | 240000
  | 240001
  | 240003
  | 250000
  | 250001
  | 250002
  | 250003
  | 260000
  | 270000;

/** Features that are not built yet and whose codes nothing can provoke before they are: a closed set, checked against the entries. */
export type UnbuiltFeature =
  | 'accelerated transcoding'
  | 'burn-in captions'
  | 'Dolby immersive inputs'
  | 'Dolby Vision'
  | 'HDR10+'
  | 'overlays'
  | 'saliency aware encoding';

/**
 * How an entry is proved: by the test that provokes it from a real cause, as `file: title`, or not before the
 * feature it belongs to is built.
 */
export type Proof =
  | { readonly provokedBy: string; readonly awaits?: never }
  | { readonly provokedBy: null; readonly awaits: UnbuiltFeature };

/** One job error code. */
export type JobErrorEntry = Proof & {
  readonly code: JobErrorCode;
  /** Title in the service's documentation. */
  readonly name: string;
  /** Phases in which it is raised: submit, probe, decode, encode, package, upload. */
  readonly phases: readonly ('submit' | 'probe' | 'decode' | 'encode' | 'package' | 'upload')[];
  /** Real causes, one sentence each. */
  readonly causes: readonly string[];
  /** Message templates by name; `{placeholder}` is filled from the fault's parameters. */
  readonly templates: Readonly<Record<string, string>>;
  /** Whole sentences that stand for a placeholder of a template, by name; absent: there are no fixed ones. */
  readonly sentences?: Readonly<Record<string, string>>;
  /** What the service is known to say under this code and openconvert never does, and what it does instead. */
  readonly neverSaid?: readonly { readonly text: string; readonly instead: string }[];
  /** Who must act. */
  readonly actor: 'submitter' | 'operator' | 'vendor';
  /** True for environment faults that a worker tries again within the bound (spec errors.md 1, retry set). */
  readonly retriable: boolean;
  /** Templates of a retriable code whose cause does not pass by itself: they are not tried again. */
  readonly finalTemplates?: readonly string[];
  readonly remedy: string;
  /** Remedies of messages that `remedy` does not help with, by the message's template. */
  readonly remedyOf?: Readonly<Record<string, string>>;
  /** Which setting the fault's pointer names; null: no setting is guilty. */
  readonly pointsAt: string | null;
  /** What the fault tells of the medium or the process; null: nothing beyond its message. */
  readonly mediaFact: string | null;
};

/** One warning code. Warnings have one fixed text. */
export type WarningEntry = Proof & {
  readonly code: WarningCode;
  /** Title in the service's documentation. */
  readonly name: string;
  /** `warningMessage` of the NEW_WARNING event. */
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
};

/** The catalogue entry of a warning code. */
export function warningEntry(code: WarningCode): WarningEntry {
  return warnings[code];
}

/** All job errors, ascending by code. */
export function allJobErrors(): readonly JobErrorEntry[] {
  return Object.values(jobErrors).sort((a, b) => a.code - b.code);
}

/** All warnings, ascending by code. */
export function allWarnings(): readonly WarningEntry[] {
  return Object.values(warnings).sort((a, b) => a.code - b.code);
}

/** The catalogue entry of a code. */
export function jobErrorEntry(code: JobErrorCode): JobErrorEntry {
  return jobErrors[code];
}

/** What helps against one fault; without a template, against the code in general. */
export function remedyOf({ code, template = '' }: { code: JobErrorCode; template?: string }): string {
  const entry = jobErrorEntry(code);
  return entry.remedyOf?.[template] ?? entry.remedy;
}

/** Fills a template. Throws TypeError for an unknown template or a missing parameter: both are bugs of ours. */
export function renderMessage(
  code: JobErrorCode,
  template: string,
  parameters: Readonly<Record<string, string | number>>,
): string {
  return fill(code, template, jobErrors[code].templates[template], parameters);
}

/** Fills a sentence that will stand for a placeholder of a template. Throws as `renderMessage` does. */
export function renderSentence(
  code: JobErrorCode,
  sentence: string,
  parameters: Readonly<Record<string, string | number>>,
): string {
  return fill(code, sentence, jobErrors[code].sentences?.[sentence], parameters);
}

function fill(
  code: JobErrorCode,
  name: string,
  text: string | undefined,
  parameters: Readonly<Record<string, string | number>>,
): string {
  if (text === undefined) throw new TypeError(`error ${code} has no message template '${name}'`);
  return text.replace(/\{(\w+)\}/g, (_, placeholder: string) => {
    const value = parameters[placeholder];
    if (value === undefined)
      throw new TypeError(`error ${code}, template '${name}': parameter '${placeholder}' is missing`);
    return String(value);
  });
}
