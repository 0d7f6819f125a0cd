/** OutputWriter for frame capture: every packet is a whole picture and becomes an object of its own (spec video.md 14). */
import type { FileOutput } from '../plan/group-plan.ts';
import type { WriteOptions } from '../store/store.ts';
import type { EngineObjects, OutputObject } from './objects.ts';
import type { OutputWriter } from './output-writer.ts';
import { createTrackTally, resultOfTracks, type TrackTally } from './track-tally.ts';

/** The counter in a location, its width as in C's printf (spec naming.md). */
const counterPattern = /%0(\d)d/;

/** Makes the writer. Pictures count from 0; the last one is the location the result names. */
export function createFrameCaptureWriter(
  output: FileOutput,
  objects: Pick<EngineObjects, 'create'>,
  writeOptions: WriteOptions,
): OutputWriter {
  const written: { readonly location: string; readonly sizeBytes: number }[] = [];
  let tallies: readonly TrackTally[] = [];
  let current: OutputObject | null = null;
  return {
    async start(tracks) {
      tallies = tracks.map(createTrackTally);
    },
    async writePacket(_trackIndex, packet) {
      const location = numberedLocation(output.location, written.length);
      current = objects.create(location, writeOptions);
      current.write(packet.data ?? Buffer.alloc(0));
      const { sizeBytes } = await current.publish();
      current = null;
      written.push({ location, sizeBytes });
      tallies[0]?.count(packet);
    },
    endTrack() {},
    async finish() {
      const last = written.at(-1);
      return {
        outputIndex: output.outputIndex,
        locations: last === undefined ? [] : [last.location],
        objects: written,
        ...resultOfTracks(tallies),
      };
    },
    async abort() {
      await current?.abort();
      current = null;
    },
  };
}

/** Puts a number into a location with one counter. */
function numberedLocation(location: string, number: number): string {
  return location.replace(counterPattern, (_, width: string) => String(number).padStart(Number(width), '0'));
}
