/**
 * A fault: the reason a job cannot go on, with the facts that decided it (style 13).
 * Codes, names and message templates come from the catalogue alone; a fault names an entry
 * and gives its parameters, the catalogue renders the message.
 */
import { type JobErrorCode, renderMessage } from './codes.ts';

/** What a fault knows beyond its code. All members are plain data: faults cross process borders as JSON. */
export interface FaultFacts {
  /** JSON pointer (wire names, below `settings`) of the guilty setting, when a setting is guilty. */
  readonly pointer?: string;
  /** What was found in the media or at the location, in one sentence. */
  readonly mediaFact?: string;
  /** What would have been accepted. */
  readonly expected?: string;
  /** The component that saw it: `probe`, `demuxer`, `decoder`, `filter`, `encoder`, `muxer`, `gateway`, `planner`, `worker`. */
  readonly component?: string;
  /** URL of the object concerned, as the job has it. The pointer follows from it where an object is guilty. */
  readonly location?: string;
  /** Phase of the job in which it ended the attempt; absent outside of attempts. */
  readonly phase?: 'PROBING' | 'TRANSCODING' | 'UPLOADING';
  /** Library or protocol detail: log lines of the failing component, HTTP status, S3 code. Never parsed. */
  readonly detail?: string;
}

/** A fault as plain data. */
export interface FaultRecord extends FaultFacts {
  readonly code: JobErrorCode;
  /** Name of the message template inside the catalogue entry. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly message: string;
  /** What else was found wrong at the same time; none of them has others. */
  readonly others?: readonly FaultRecord[];
}

/** The exception form of a fault. Thrown at the component that saw the cause; carried unchanged to the job. */
export class JobFault extends Error {
  override readonly name = 'JobFault';
  readonly record: FaultRecord;

  constructor(record: FaultRecord, options?: { cause?: unknown }) {
    super(record.message, options);
    this.record = record;
  }

  get code(): JobErrorCode {
    return this.record.code;
  }
}

/**
 * Makes a fault from a catalogue entry. `template` names one of the entry's message templates,
 * `parameters` fill its placeholders. Throws TypeError (a bug of ours) when the template does not exist.
 */
export function jobFault(
  code: JobErrorCode,
  template: string,
  parameters: Readonly<Record<string, string | number>>,
  facts: FaultFacts = {},
  cause?: unknown,
): JobFault {
  const message = renderMessage(code, template, parameters);
  return new JobFault(
    { ...facts, code, template, parameters, message },
    cause === undefined ? undefined : { cause },
  );
}

/** Restores a fault that crossed a process border. */
export function faultFromRecord(record: FaultRecord): JobFault {
  return new JobFault(record);
}
