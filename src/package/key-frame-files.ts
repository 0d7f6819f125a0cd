/**
 * Key frames of an HLS output as transport streams of their own (`iFrameOnlyManifest` INCLUDE_AS_TS; spec packaging.md
 * 8.2): tables and one picture each, so that a player needs no byte ranges.
 */
import type { Cipher } from 'node:crypto';
import type { Packet } from 'node-av/lib';
import type { EngineObjects, OutputObject } from '../engine/objects.ts';
import type { EncodedTrack } from '../engine/output-writer.ts';
import type { HlsOutput, HlsOutputGroup } from '../plan/group-plan.ts';
import type { Instant } from './instant.ts';
import { hlsContentTypes, writeOptions } from './object-options.ts';
import type { SampleEncryption } from './sample-aes/sample-encryption.ts';
import type { KeyFrameSpan } from './segment-files.ts';
import { segmentLocation } from './segment-location.ts';
import { openTsMuxer } from './ts-muxer.ts';

/** The files in the making. */
export interface KeyFrameFiles {
  /** Writes the next one; it is published in the background. */
  write(packet: Packet, start: Instant, startUs: number): KeyFrameSpan;
  /** Resolves when the last one is readable, or at once; rejects with the failure of one before. */
  ready(): Promise<void> | null;
  abort(): Promise<void>;
  /** Frees what is native. Tolerates being called twice. */
  close(): void;
  /** What was written. */
  readonly objects: readonly { readonly location: string; readonly sizeBytes: number }[];
}

/** What decides about the files. */
export interface KeyFrameFilesOptions {
  readonly group: HlsOutputGroup;
  readonly output: HlsOutput;
  /** With its one `%05d`. */
  readonly location: string;
  readonly video: EncodedTrack;
  readonly objects: EngineObjects;
  readonly cipherOf: ((number: number) => Cipher) | null;
  readonly encryption: SampleEncryption | null;
}

/** Opens the muxer of the pictures alone. */
export function createKeyFrameFiles(options: KeyFrameFilesOptions): KeyFrameFiles {
  const { group, output, location: template, video, objects, cipherOf, encryption } = options;
  const written: { readonly location: string; readonly sizeBytes: number }[] = [];
  let parts: Buffer[] = [];
  // Each file has one picture, which tells the clock.
  const { clockIntervalMs: _betweenPictures, ...form } = output;
  const muxer = openTsMuxer(
    { ...form, audioRenditionIds: [], muxerOptions: { ...form.muxerOptions, pcr_period: '1' } },
    [video],
    (bytes) => void parts.push(Buffer.from(bytes)),
    encryption,
  );
  let publishing: Promise<void> | null = null;
  let open: OutputObject | null = null;
  let failure: unknown = null;

  async function publish(object: OutputObject, before: Promise<void> | null): Promise<void> {
    try {
      await before;
      if (failure !== null) throw failure;
      await object.publish();
    } catch (error) {
      failure ??= error;
      await object.abort();
    } finally {
      open = null;
    }
  }

  return {
    write(packet, start, startUs) {
      muxer.beginSegment(start);
      parts = [];
      muxer.writeVideo(packet);
      muxer.flush();
      const number = written.length + 1;
      const clear = Buffer.concat(parts);
      const cipher = cipherOf?.(number) ?? null;
      const bytes = cipher === null ? clear : Buffer.concat([cipher.update(clear), cipher.final()]);
      const location = segmentLocation.numbered(template, number, 0);
      const object = objects.create(location, writeOptions(group.objectSettings, hlsContentTypes.mpegts));
      object.write(bytes);
      written.push({ location, sizeBytes: bytes.length });
      open = object;
      publishing = publish(object, publishing);
      return { location, offsetBytes: 0, sizeBytes: bytes.length, startUs };
    },
    ready() {
      if (failure !== null) return Promise.reject(failure);
      const waiting = publishing;
      publishing = null;
      if (waiting === null) return null;
      return waiting.then(() => {
        if (failure !== null) throw failure;
      });
    },
    async abort() {
      failure ??= new Error('output aborted');
      await open?.abort();
      await publishing;
    },
    close: muxer.close,
    objects: written,
  };
}
