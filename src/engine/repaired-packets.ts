/** Packets of an input with their times repaired; those that cannot be yet are kept until they can. */
import { Packet } from 'node-av/lib';
import type { Rational } from '../exact-time.ts';
import { type ContinuousTime, createContinuousTime, type StatedCuts } from './continuous-time.ts';

/** Kept packets after which the lead track is not waited for any more: some seconds of sound. */
const mostKept = 500;

/** The repair of one open input. */
export interface RepairedPackets {
  readonly time: ContinuousTime;
  /** Repairs the packet that was read; false: it is kept, and given out later. */
  accept(packet: Packet): boolean;
  /** Moves the next kept packet whose time is known by now into `packet`; false when there is none. */
  takeInto(packet: Packet): boolean;
  /** Nothing is read any more: what is kept is given out. */
  finish(): void;
  /** True when the lead track has come to every stretch between stated cuts. */
  readonly isLeadEverywhere: boolean;
  free(): void;
}

/** Begins. `sparse` are the tracks with long pauses. */
export function repairPackets(
  demuxer: string,
  timeBases: readonly Rational[],
  sparse: ReadonlySet<number>,
  stated: StatedCuts,
): RepairedPackets {
  const time = createContinuousTime(demuxer, stated);
  const ofLead = new Set<number>();
  const kept: { readonly packet: Packet; readonly stretch: number }[] = [];
  const repair = (packet: Packet, stretch: number): boolean => {
    const timeBase = timeBases[packet.streamIndex];
    return timeBase === undefined || time.repair(packet, timeBase, sparse.has(packet.streamIndex), stretch);
  };
  return {
    time,
    accept(packet) {
      const stretch = time.stretchOf(packet);
      if (packet.streamIndex === stated.leadIndex) ofLead.add(stretch);
      if (repair(packet, stretch)) return true;
      const copy = new Packet();
      copy.alloc();
      copy.ref(packet);
      packet.unref();
      kept.push({ packet: copy, stretch });
      if (kept.length >= mostKept) time.goOnWithoutLead();
      return false;
    },
    takeInto(packet) {
      const [next] = kept;
      if (next === undefined || !repair(next.packet, next.stretch)) return false;
      kept.shift();
      packet.ref(next.packet);
      next.packet.free();
      return true;
    },
    finish() {
      time.goOnWithoutLead();
    },
    get isLeadEverywhere() {
      return stated.cuts.length === 0 || ofLead.size === stated.cuts.length + 1;
    },
    free() {
      for (const { packet } of kept.splice(0)) packet.free();
    },
  };
}
