/** CreateJob's dry run as docs/serve.md tells users of the SDK: a header before signing, and the raw answer beside the read one. */
import type { CreateJobCommand, MediaConvertClient } from '@aws-sdk/client-mediaconvert';

/** What an SDK leaves of an answer, and the answer itself. */
export interface DryAnswer {
  readonly status: number;
  readonly body: {
    readonly openconvert: {
      readonly canRun: boolean;
      readonly estimate: object | null;
      readonly findings: readonly DryFinding[];
    };
  };
  readonly job: Record<string, unknown>;
}

/** A finding of the answer. */
export interface DryFinding {
  readonly severity: string;
  readonly code?: number;
  readonly pointer: string;
  readonly message: string;
}

/** Sends a CreateJob with the header. */
export async function askDryRun(
  client: MediaConvertClient,
  asked: CreateJobCommand,
  value = 'true',
): Promise<DryAnswer> {
  let raw = { status: 0, text: '{}' };
  asked.middlewareStack.add(
    (next) => (given) => {
      (given.request as { headers: Record<string, string> }).headers['x-openconvert-dry-run'] = value;
      return next(given);
    },
    { step: 'build', name: 'dryRun' },
  );
  asked.middlewareStack.add(
    (next) => async (given) => {
      const answer = await next(given);
      const response = answer.response as { statusCode: number; body: AsyncIterable<Uint8Array> };
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(piece);
      const bytes = Buffer.concat(pieces);
      raw = { status: response.statusCode, text: bytes.toString() };
      response.body = bytes as never;
      return answer;
    },
    { step: 'deserialize', name: 'readDryRun', priority: 'low' },
  );
  const { Job } = await client.send(asked);
  return { status: raw.status, body: JSON.parse(raw.text), job: Job as never };
}
