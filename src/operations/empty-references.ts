/** Documents made from a skeleton name `""` as queue or template where they mean none, in their hops too. */
import type { JsonObject } from '../database/job-repository.ts';

/** What a job or a job template says, without them. */
export function withoutEmptyReferences(input: JsonObject): JsonObject {
  const { hopDestinations: hops } = input;
  return {
    ...withoutEmpty(input, ['queue', 'jobTemplate']),
    ...(Array.isArray(hops)
      ? { hopDestinations: hops.map((hop) => (isObject(hop) ? withoutEmpty(hop, ['queue']) : hop)) }
      : {}),
  };
}

function withoutEmpty(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !(names.includes(name) && value === '')),
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
