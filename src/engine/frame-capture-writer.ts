/** OutputWriter for frame capture: every packet is a whole picture and becomes an object of its own (spec video.md 14). */
import type { FileOutput } from '../plan/group-plan.ts';
import type { WriteOptions } from '../store/store.ts';
import type { EngineObjects, OutputObject } from './objects.ts';
import type { OutputWriter } from './output-writer.ts';
import { createTrackTally, resultOfTracks, type TrackTally } from './track-tally.ts';

/** Pictures that are on their way to the store at the same time: hides its round trips. */
const picturesInFlight = 4;
/** The counter in a location, its width as in C's printf (spec naming.md). */
const counterPattern = /%0(\d)d/;

/** Makes the writer. Pictures count from 0; the last one is the location the result names. */
export function createFrameCaptureWriter(
  output: FileOutput,
  objects: Pick<EngineObjects, 'create'>,
  writeOptions: WriteOptions,
): OutputWriter {
  const written: { readonly location: string; readonly sizeBytes: number }[] = [];
  const open = new Set<OutputObject>();
  const inFlight: Promise<void>[] = [];
  let tallies: readonly TrackTally[] = [];
  let pictures = 0;

  const create = (number: number): OutputObject => {
    const object = objects.create(numberedLocation(output.location, number), writeOptions);
    open.add(object);
    return object;
  };
  /** Of the next picture: a local store keeps its parts folder as long as an object is open. */
  let next: OutputObject | null = null;
  const publish = async (object: OutputObject, number: number): Promise<void> => {
    const { sizeBytes } = await object.publish();
    open.delete(object);
    written[number] = { location: object.location, sizeBytes };
  };
  return {
    async start(tracks) {
      tallies = tracks.map(createTrackTally);
    },
    async writePacket(_trackIndex, packet) {
      if (inFlight.length === picturesInFlight) await inFlight.shift();
      const object = next ?? create(pictures);
      next = create(pictures + 1);
      object.write(packet.data ?? Buffer.alloc(0));
      const published = publish(object, pictures);
      // Whoever waits for it next is told.
      published.catch(() => {});
      inFlight.push(published);
      pictures += 1;
      tallies[0]?.count(packet);
    },
    endTrack() {},
    async finish() {
      await next?.abort();
      await Promise.all(inFlight);
      const last = written.at(-1);
      return {
        outputIndex: output.outputIndex,
        locations: last === undefined ? [] : [last.location],
        objects: written,
        ...resultOfTracks(tallies),
      };
    },
    async abort() {
      await Promise.all([...open].map((object) => object.abort()));
    },
  };
}

/** Puts a number into a location with one counter. */
function numberedLocation(location: string, number: number): string {
  return location.replace(counterPattern, (_, width: string) => String(number).padStart(Number(width), '0'));
}
