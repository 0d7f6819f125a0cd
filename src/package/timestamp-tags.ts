/** ID3 tags that tell the time of a stream, between the other signals of an output (spec packaging.md 10). */
import type { TimestampTags } from '../plan/signal-plan.ts';
import { releaseTimeTag, timestampTag } from '../signals/id3-tags.ts';
import { type SignalReader, signalRate, type TimedPayload } from '../signals/signal-timeline.ts';

/** A reader that also gives a tag each period, from output time 0. `offset90k`: time of output time 0 in the stream. */
export function withTimestampTags(
  reader: SignalReader,
  tags: TimestampTags,
  offset90k: bigint,
): SignalReader {
  const period = tags.periodSeconds * signalRate;
  let next = 0;
  const tagAt = (at: number): TimedPayload => ({
    kind: 'id3',
    at,
    bytes:
      tags.frame === 'PRIV'
        ? timestampTag(BigInt(at) + offset90k)
        : releaseTimeTag(tags.startMs + at / (signalRate / 1000)),
  });
  return {
    takeBefore(end) {
      const own: TimedPayload[] = [];
      for (; next < end; next += period) own.push(tagAt(next));
      return [...own, ...reader.takeBefore(end)].toSorted((a, b) => a.at - b.at);
    },
  };
}
