/** Encoders that follow one another in one track: one at a time is open, and the graph frees whichever it is. */
import type { CodecContext } from 'node-av/lib';
import type { Graph } from './graph.ts';

/** The place of a track's encoder, and the one owner of who has it. */
export interface EncoderSeat {
  /**
   * Frees the encoder that ran, then opens the next: two at a time would take twice the memory. What `open` throws is
   * thrown, and the seat is empty.
   */
  replace(open: () => Promise<CodecContext>): Promise<CodecContext>;
}

/** Seats the first encoder; the graph frees the one that is there when all nodes have ended. */
export function seatEncoder(graph: Pick<Graph, 'own'>, first: CodecContext): EncoderSeat {
  let seated: CodecContext | null = first;
  graph.own(first, () => seated?.freeContext());
  return {
    async replace(open) {
      seated?.freeContext();
      seated = null;
      seated = await open();
      return seated;
    },
  };
}
