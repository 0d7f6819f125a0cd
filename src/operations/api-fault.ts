/**
 * A refused request: what an operation, or the wire before it, throws instead of answering. The wire turns it
 * into the service's error format (spec api.md 2.1). Job error codes live in the catalogue; these are the HTTP
 * errors of the API.
 */
import type { ErrorFinding } from '../catalogue/finding.ts';
import { formatValidationMessage } from '../contract/validate.ts';

/** Error names clients know, with their HTTP status (spec api.md 2.1; the last two are API Gateway's). */
export const apiErrorStatus = {
  BadRequestException: 400,
  ServiceQuotaExceededException: 402,
  ForbiddenException: 403,
  AccessDeniedException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  InvalidSignatureException: 403,
  ExpiredTokenException: 403,
  IncompleteSignatureException: 403,
  NotFoundException: 404,
  ConflictException: 409,
  TooManyRequestsException: 429,
  InternalServerErrorException: 500,
  RequestEntityTooLargeException: 413,
  UnsupportedMediaTypeException: 415,
} as const;

/** Name of an API error, as `x-amzn-ErrorType` carries it. */
export type ApiErrorType = keyof typeof apiErrorStatus;

/** What the caller should do, for people; travels in the `x-openconvert-remedy` header. */
export interface Remedy {
  /** JSON pointer into the settings; '' when no setting is guilty. */
  readonly pointer: string;
  readonly remedy: string;
}

/** A refused request, with the text AWS would send and remedies in our words. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  readonly type: ApiErrorType;
  readonly remedies: readonly Remedy[];
  /** What validation found, all of it; empty for refusals of other kinds. */
  readonly findings: readonly ErrorFinding[];

  constructor(
    type: ApiErrorType,
    message: string,
    remedies: readonly Remedy[] = [],
    { cause, findings = [] }: { readonly cause?: unknown; readonly findings?: readonly ErrorFinding[] } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.type = type;
    this.remedies = remedies;
    this.findings = findings;
  }

  /** HTTP status of the answer. */
  get status(): number {
    return apiErrorStatus[this.type];
  }
}

/** A fault with one remedy that concerns the whole request. */
export function apiFault(type: ApiErrorType, message: string, remedy?: string): ApiFault {
  return new ApiFault(type, message, remedy === undefined ? [] : [{ pointer: '', remedy }]);
}

/** More clauses help nobody: a refusal stays within some tens of kilobytes. */
const mostClauses = 200;

/** 400 from the findings of validation, in the service's grammar: the first 200, all others left out. */
export function validationFault(findings: readonly ErrorFinding[]): ApiFault {
  const remedies = findings.flatMap(({ pointer, remedy, expected }) => {
    const text = remedy ?? (expected === undefined ? undefined : `expected: ${expected}`);
    return text === undefined ? [] : [{ pointer, remedy: text }];
  });
  return new ApiFault(
    'BadRequestException',
    formatValidationMessage(findings.slice(0, mostClauses)),
    remedies,
    { findings },
  );
}
