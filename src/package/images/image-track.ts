/**
 * One image track of a group while it is made (spec packaging.md 8.4): raw pictures come in, sheets of them leave as JPEG
 * objects. The last picture waits until the next comes or the end of the group is known: one that would be shown at or
 * after the end is none.
 */
import type { EngineObjects } from '../../engine/objects.ts';
import type { OutputWriter } from '../../engine/output-writer.ts';
import type { ObjectSettings } from '../../plan/group-plan.ts';
import type { ImageTrackPlan } from '../../plan/streaming-plan.ts';
import { toMicroseconds } from '../instant.ts';
import { writeOptions } from '../object-options.ts';
import { segmentLocation } from '../segment-location.ts';
import { createSheet, type Sheet } from './sheet.ts';

/** A published sheet. */
export interface WrittenSheet {
  readonly location: string;
  readonly sizeBytes: number;
  readonly startUs: number;
  readonly endUs: number;
}

/** A track in the making. */
export interface ImageTrack {
  readonly plan: ImageTrackPlan;
  /** What the engine drives; its `finish` is never called. */
  readonly writer: OutputWriter;
  /** Publishes what is left; the group ends at `endUs`. */
  finish(endUs: number): Promise<void>;
  abort(): Promise<void>;
  /** In order; complete after `finish`. */
  readonly sheets: readonly WrittenSheet[];
}

/** Starts a track. Nothing is written before the first sheet is full. */
export function createImageTrack(
  plan: ImageTrackPlan,
  objectSettings: ObjectSettings,
  objects: EngineObjects,
): ImageTrack {
  const options = writeOptions(objectSettings, 'image/jpeg');
  const { intervalSeconds, columns, rows } = plan;
  const sheets: WrittenSheet[] = [];
  let sheet: Sheet | null = null;
  let waiting: { readonly picture: Buffer; readonly index: bigint } | null = null;
  let isAborted = false;

  const startOf = (index: bigint): number =>
    toMicroseconds({ ticks: index, base: { num: intervalSeconds.num, den: intervalSeconds.den } });

  async function place(picture: Buffer, index: bigint, endUs: number): Promise<void> {
    sheet ??= createSheet(plan);
    const firstOfSheet = index - (index % BigInt(columns * rows));
    sheet.put(Number(index - firstOfSheet), picture);
    const isFull = index - firstOfSheet === BigInt(columns * rows - 1);
    if (isFull) await publish(startOf(firstOfSheet), endUs);
  }

  async function publish(startUs: number, endUs: number): Promise<void> {
    if (sheet === null || isAborted) return;
    const bytes = await sheet.encode();
    sheet.free();
    sheet = null;
    const location = segmentLocation.fragmented(plan.location, sheets.length + 1, 0n);
    const object = objects.create(location, options);
    try {
      object.write(bytes);
      const { sizeBytes } = await object.publish();
      sheets.push({ location, sizeBytes, startUs, endUs });
    } catch (error) {
      await object.abort();
      throw error;
    }
  }

  return {
    plan,
    sheets,
    writer: {
      async start() {},
      async writePacket(_trackIndex, packet) {
        if (waiting !== null) await place(waiting.picture, waiting.index, startOf(packet.pts));
        waiting = { picture: Buffer.from(packet.data ?? []), index: packet.pts };
      },
      endTrack() {},
      finish: () => Promise.reject(new TypeError('an image track ends with its group')),
      async abort() {
        isAborted = true;
        sheet?.free();
        sheet = null;
      },
    },
    async finish(endUs) {
      let last = sheets.at(-1)?.endUs ?? 0;
      if (waiting !== null && startOf(waiting.index) < endUs) {
        await place(waiting.picture, waiting.index, endUs);
        last = sheets.at(-1)?.endUs ?? 0;
      }
      waiting = null;
      await publish(last, endUs);
    },
    async abort() {
      isAborted = true;
      sheet?.free();
      sheet = null;
    },
  };
}
