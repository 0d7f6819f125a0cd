/** Plays the engine: feeds tiny tracks to the writers of a group the way its graph does. */
import type { OutputGroupResult } from '../../../src/engine/protocol.ts';
import type { HlsGroupWriter } from '../../../src/package/hls-group.ts';
import type { TinyTrack } from './tiny-encode.ts';

export interface DrivenOutput {
  readonly outputIndex: number;
  readonly tracks: readonly TinyTrack[];
}

/** Starts every writer, then feeds all tracks in order of decoding time, then finishes. */
export async function driveGroup(
  writer: HlsGroupWriter,
  outputs: readonly DrivenOutput[],
): Promise<OutputGroupResult> {
  await startAll(writer, outputs);
  await feedAll(writer, outputs);
  for (const { outputIndex } of outputs) await writer.outputWriter(outputIndex).finish();
  return writer.finish();
}

export async function startAll(writer: HlsGroupWriter, outputs: readonly DrivenOutput[]): Promise<void> {
  for (const { outputIndex, tracks } of outputs) {
    await writer.outputWriter(outputIndex).start(tracks.map(({ track }) => track));
  }
}

/** `stopAtSeconds` leaves the tracks unended, as when a graph stops. */
export async function feedAll(
  writer: HlsGroupWriter,
  outputs: readonly DrivenOutput[],
  stopAtSeconds = Number.POSITIVE_INFINITY,
): Promise<void> {
  const fed = outputs.flatMap(({ outputIndex, tracks }) =>
    tracks.flatMap(({ track, packets }, trackIndex) =>
      packets.map((packet) => ({
        outputIndex,
        trackIndex,
        packet,
        seconds: (Number(packet.dts) * track.timeBase.num) / track.timeBase.den,
        isLast: packet === packets.at(-1),
      })),
    ),
  );
  for (const { outputIndex, trackIndex, packet, seconds, isLast } of fed.sort(
    (a, b) => a.seconds - b.seconds,
  )) {
    if (seconds >= stopAtSeconds) return;
    await writer.outputWriter(outputIndex).writePacket(trackIndex, packet);
    if (isLast) await writer.outputWriter(outputIndex).endTrack(trackIndex);
  }
}
