/**
 * Library calls on the event loop as long as that is quick, in the thread pool otherwise. How long one takes hangs on codecs,
 * on sizes, and on what pictures show, so the first ones are tried.
 */
import type { CodecContext, Packet } from 'node-av/lib';

/** The two ways of a call. */
export interface CallWays<Argument, Result> {
  /** On the event loop. */
  readonly now: (argument: Argument) => Result;
  /** In the thread pool. */
  readonly pooled: (argument: Argument) => Promise<Result>;
}

/** What is quick. */
export interface InlineLimits {
  readonly mostInlineMs: number;
  /** One call that takes longer may be the machine's fault: so much time may go into such calls in a row. */
  readonly mostSlowMs: number;
}

/** The event loop serves encoders, progress and cancel too; a cancel waits half a second before the process is ended. */
export const decoding: InlineLimits = { mostInlineMs: 50, mostSlowMs: 150 };
/** A hop costs a fifth of a millisecond. What takes longer than these is better done beside the decoder. */
export const filtering: InlineLimits = { mostInlineMs: 2, mostSlowMs: 30 };

/** Makes the call. It goes to the thread pool for good once it has been slow, and from the start without limits. */
export function createInlineCall<Argument, Result>(
  { now, pooled }: CallWays<Argument, Result>,
  limits: InlineLimits | null,
  clock: () => number = () => performance.now(),
): (argument: Argument) => Promise<Result> | Result {
  let isInline = limits !== null;
  let slowMs = 0;
  return (argument) => {
    if (!isInline || limits === null) return pooled(argument);
    const began = clock();
    const result = now(argument);
    const tookMs = clock() - began;
    slowMs = tookMs > limits.mostInlineMs ? slowMs + tookMs : 0;
    isInline = slowMs <= limits.mostSlowMs;
    return result;
  };
}

/** Makes what gives packets to a decoder; null is the end. Resolves with the library's result. */
export function createPacketSender(
  decoder: Pick<CodecContext, 'sendPacket' | 'sendPacketSync'>,
  startsInline: boolean,
): (packet: Packet | null) => Promise<number> | number {
  return createInlineCall<Packet | null, number>(
    {
      now: (packet) => decoder.sendPacketSync(packet),
      pooled: (packet) => decoder.sendPacket(packet),
    },
    startsInline ? decoding : null,
  );
}
