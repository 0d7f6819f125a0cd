/** One request on its way through the ordered list of handlers (style 7). */
import type { Operation as OperationContract } from '../contract/operations.ts';
import type { JsonObject } from '../database/job-repository.ts';
import type { Caller } from '../identity/caller.ts';

/** What is known of a request, as received, and what handlers add to it. */
export interface Exchange {
  /** `x-amzn-RequestId`, a UUID. */
  readonly requestId: string;
  readonly operation: OperationContract;
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly rawUrl: string;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  /** `Host` as received; null for HTTP/1.0 clients that send none. */
  readonly host: string | null;
  /** `Origin`: present when a web page is behind the request. */
  readonly origin: string | null;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Address the request came from; null when the connection is gone. */
  readonly sourceIp: string | null;
  /** Who signed; set by authentication. */
  caller: Caller | null;
  /** Set once the body is read. */
  input: JsonObject | null;
  /** The response body; set by the operation. */
  output: JsonObject | null;
  /** HTTP status of the answer: the contract's, unless the operation was not run. */
  status: number;
}

/** Looks at a request, adds what it finds, or throws ApiFault. */
export type RequestHandler = (exchange: Exchange) => void | Promise<void>;

/** Passes a request through the list, in order. The first fault ends it. */
export async function passThrough(handlers: readonly RequestHandler[], exchange: Exchange): Promise<void> {
  for (const handle of handlers) await handle(exchange);
}
