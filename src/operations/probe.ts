/**
 * Probe: what is in a media file, from the engine's own probe (spec api.md 15). One file a request, as documented. The
 * file is opened with the rules of job inputs, private addresses included.
 */
import { JobFault } from '../catalogue/fault.ts';
import { type ApiFault, apiFault, validationFault } from './api-fault.ts';
import { checkedRequest } from './checked-request.ts';
import type { Operation, ProbedInput } from './operation.ts';
import { toProbeResult } from './probe-shape.ts';

/** Longest URL, as for inputs of jobs (spec api.md 6.5). */
const longestUrl = 2048;

/** Probe. */
export const probe: Operation = async (input, { probeInput }) => {
  const { inputFiles } = checkedRequest('Probe', input);
  const fileUrl = theOneFile(inputFiles);
  let probed: ProbedInput;
  try {
    probed = await probeInput(fileUrl);
  } catch (error) {
    throw error instanceof JobFault ? toApiFault(error, fileUrl) : error;
  }
  return { probeResults: [toProbeResult(probed)] };
};

function theOneFile(files: readonly { readonly fileUrl?: string | undefined }[] | undefined): string {
  const [first, ...others] = files ?? [];
  if (files === undefined || first === undefined)
    throw refusal(
      '/inputFiles',
      files === undefined ? "The 'inputFiles' field is required." : 'Should have at least 1 items',
    );
  if (others.length > 0) throw refusal('/inputFiles', 'Should have at most 1 items');
  const { fileUrl } = first;
  if (fileUrl === undefined) throw refusal('/inputFiles/0', 'fileUrl is a required property');
  if (fileUrl.length > longestUrl)
    throw refusal('/inputFiles/0/fileUrl', `Should have at most ${longestUrl} characters`);
  if (!/^(s3:\/\/[^/]+\/.+|https?:\/\/[^/]+.*)$/.test(fileUrl))
    throw refusal('/inputFiles/0/fileUrl', 'Should be the URL of a file: s3://, http:// or https://');
  return fileUrl;
}

function refusal(pointer: string, message: string): ApiFault {
  return validationFault([{ severity: 'error', code: 400, pointer, message }]);
}

/** Faults of the environment and of ours are server errors; a missing file is 404; all others are about the file. */
function toApiFault(fault: JobFault, fileUrl: string): ApiFault {
  const { code, message, mediaFact } = fault.record;
  if (notFound.has(code))
    return apiFault('NotFoundException', `The specified file was not found: fileUrl=${fileUrl}.`, message);
  if (code === 1999 || code === 1517) {
    return apiFault('InternalServerErrorException', `The file could not be probed: ${message}`, mediaFact);
  }
  return apiFault('BadRequestException', message, mediaFact);
}

/** Missing objects and buckets (1404), and HTTP 404 and 410 (3404). */
const notFound: ReadonlySet<number> = new Set([1404, 3404]);
