/**
 * What GetJob tells of a job that has ended, beside what the service does: where its outputs are, what was measured, what
 * checking them found, and of a failure its place, facts and remedy. All of it under one member, `openconvert`; clients
 * made from the service model drop members they do not know (docs/serve.md, "GetJob").
 */
import type { JobResultRecord, JsonObject } from '../database/job-repository.ts';
import type { CompleteBody } from '../events/bodies.ts';

/** The member's value; null when nothing is known. */
export function toJobResult({ lastBody, outputs }: JobResultRecord): JsonObject | null {
  if (lastBody?.status === 'COMPLETE') return { outputGroups: toOutputGroups(lastBody, outputs) };
  if (lastBody?.status === 'ERROR' && lastBody.openconvert !== undefined)
    return { failure: lastBody.openconvert };
  return null;
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
