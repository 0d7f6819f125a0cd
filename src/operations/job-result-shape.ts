/**
 * What GetJob tells of a job that has begun, beside what the service does: its attempts with their faults, what was
 * probed, and when it has ended where its outputs are, what was measured, what checking them found, and of a failure its
 * place, facts and remedy. All of it under one member, `openconvert`; clients
 * made from the service model drop members they do not know (docs/serve.md, "GetJob").
 */
import type { AttemptRecord, JobResultRecord, JsonObject } from '../database/job-repository.ts';
import type { CompleteBody } from '../events/bodies.ts';

/** The member's value; null when nothing is known. */
export function toJobResult({ lastBody, probedBody, attempts, outputs }: JobResultRecord): JsonObject | null {
  const members = {
    ...(lastBody?.status === 'COMPLETE' ? { outputGroups: toOutputGroups(lastBody, outputs) } : {}),
    ...(lastBody?.status === 'ERROR' && lastBody.openconvert !== undefined
      ? { failure: lastBody.openconvert }
      : {}),
    ...(attempts.length === 0 ? {} : { attempts: attempts.map(toAttempt) }),
    ...(probedBody?.status === 'INPUT_INFORMATION' ? { inputs: probedBody.inputDetails } : {}),
  };
  return Object.keys(members).length === 0 ? null : members;
}

/** Absent members are not known; the fault loses what only the catalogue reads. */
function toAttempt(attempt: AttemptRecord): JsonObject {
  const { template, parameters, ...fault } = attempt.fault ?? {};
  const known = Object.entries({ ...attempt, fault: attempt.fault === null ? null : fault });
  return Object.fromEntries(known.filter(([, value]) => value !== null));
}

/** Groups and outputs in job order, named as in the COMPLETE event. */
function toOutputGroups(
  { outputGroupDetails }: CompleteBody,
  outputs: JobResultRecord['outputs'],
): readonly JsonObject[] {
  return outputGroupDetails.map(({ type, playlistFilePaths, outputDetails }, groupIndex) => {
    const stored = outputs.filter((output) => output.groupIndex === groupIndex);
    return {
      type,
      ...(playlistFilePaths === undefined ? {} : { playlistFilePaths }),
      outputs: outputDetails.map((detail, index) => ({ ...detail, ...toMeasurements(stored[index]) })),
    };
  });
}

/** What the worker stores of an output: the engine's result, of which this is shown. */
interface StoredMeasurements {
  readonly objects?: readonly { readonly sizeBytes: number }[];
  readonly video?: { readonly frames: number; readonly bytes: number } | null;
  readonly audio?: readonly {
    readonly samples: number;
    readonly sampleRateHz: number;
    readonly bytes: number;
  }[];
}

function toMeasurements(output: JobResultRecord['outputs'][number] | undefined): JsonObject {
  if (output === undefined) return {};
  const { objects = [], video = null, audio = [] } = output.details as StoredMeasurements;
  const { groupIndex, outputIndex, ...verdict } = output.verdict ?? {};
  return {
    objectCount: objects.length,
    sizeInBytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ...(video === null ? {} : { video: { frames: video.frames, sizeInBytes: video.bytes } }),
    audio: audio.map(({ samples, sampleRateHz, bytes }) => ({
      samples,
      sampleRate: sampleRateHz,
      sizeInBytes: bytes,
    })),
    verdict: output.verdict === null ? null : verdict,
  };
}
