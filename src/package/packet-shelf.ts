/** Packets kept while they wait for their turn. Structures are used again, and all freed together (style 19). */
import { Packet } from 'node-av/lib';
import { assertMuxed } from './muxer-fault.ts';

/** Owner of kept packets. */
export interface PacketShelf {
  /** A packet of ours that shares the bytes of `source`. */
  keep(source: Packet): Packet;
  /** Takes a kept packet back. */
  give(packet: Packet): void;
  /** Frees every packet, kept or not. Nothing of the shelf is touched afterwards; tolerates being called twice. */
  free(): void;
}

/** Makes an empty shelf. */
export function createPacketShelf(): PacketShelf {
  const all: Packet[] = [];
  const idle: Packet[] = [];
  return {
    keep(source) {
      const packet = idle.pop() ?? make();
      assertMuxed(packet.ref(source), 'reference packet');
      return packet;
    },
    give(packet) {
      packet.unref();
      idle.push(packet);
    },
    free() {
      for (const packet of all.splice(0)) packet.free();
      idle.length = 0;
    },
  };

  function make(): Packet {
    const packet = new Packet();
    packet.alloc();
    all.push(packet);
    return packet;
  }
}
