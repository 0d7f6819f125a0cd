/** What fastify refuses before our handlers see it, in the service's words. */
import { ApiFault, apiFault } from '../operations/api-fault.ts';

/** The API fault of an error that is none: refusals of the framework, and bugs of ours. */
export function toApiFault(error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return apiFault(
        'RequestEntityTooLargeException',
        'Request size exceeded the limit of this server.',
        "raise 'bodyLimitBytes' of the server configuration",
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return apiFault(
        'UnsupportedMediaTypeException',
        'The Content-Type header is malformed.',
        'send application/json',
      );
    case 'FST_ERR_BAD_URL':
      return apiFault('BadRequestException', 'The request path is not correctly percent-encoded UTF-8.');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return apiFault('BadRequestException', 'A name in the request path is too long.');
  }
  // Other refusals of the framework: a body shorter than its length, a method with too much of something.
  if (status >= 400 && status < 500)
    return apiFault('BadRequestException', 'The request is not well-formed HTTP.');
  const remedy = "the server's log has the cause, under the request id";
  return new ApiFault('InternalServerErrorException', 'Internal server error', [{ pointer: '', remedy }], {
    cause: error,
  });
}
