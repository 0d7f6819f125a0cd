/**
 * OutputWriter for WAV files: RIFF, RF64 (EBU Tech 3306) or RIFF with WAVE_FORMAT_EXTENSIBLE, exactly as the job says.
 * Made in the scratch folder, because the header names sizes that are known at the end.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { jobFault } from '../catalogue/fault.ts';
import type { FileOutput } from '../plan/group-plan.ts';
import type { FileWriterPlace } from './media-file-writer.ts';
import type { EncodedTrack, OutputWriter } from './output-writer.ts';
import type { OutputResult } from './protocol.ts';
import { createTrackTally, resultOfTracks, type TrackTally } from './track-tally.ts';

type WaveForm = 'RIFF' | 'RF64' | 'EXTENSIBLE';

/** What the header says of the samples. */
interface WaveShape {
  readonly form: WaveForm;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bitDepth: 16 | 24;
  readonly channelMask: number;
}

/** The most a RIFF chunk can name. */
const largestRiffBytes = 0xffff_ffff;

/** Makes the writer. Faults: 1050 when the scratch folder is full, 1056 when RIFF cannot hold so much. */
export function createWaveFileWriter(output: FileOutput, place: FileWriterPlace): OutputWriter {
  let file: number | null = null;
  let shape: WaveShape | null = null;
  let tally: TrackTally | null = null;
  let dataBytes = 0;

  const guard = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
      throw isFull
        ? jobFault(1050, 'scratch', { path: place.scratchPath }, { component: 'muxer' }, error)
        : error;
    }
  };
  const close = (): void => {
    if (file !== null) closeSync(file);
    file = null;
  };

  return {
    async start([track]) {
      if (track?.kind !== 'audio') throw new TypeError('a WAV file has one sound track');
      shape = shapeOf(track, (output.muxerOptions['header'] ?? 'RIFF') as WaveForm);
      tally = createTrackTally(track);
      const header = waveHeader(shape, 0);
      guard(() => {
        file = openSync(place.scratchPath, 'w');
        writeAll(file, header, 0);
      });
    },
    writePacket(_trackIndex, packet) {
      const bytes = packet.data;
      if (file === null || shape === null || bytes === null) return;
      const [open, at] = [file, waveHeader(shape, 0).length + dataBytes];
      if (shape.form !== 'RF64' && at + bytes.length > largestRiffBytes) {
        const cause = 'the sound is longer than RIFF can hold (4 GiB): use the format RF64';
        throw jobFault(1056, 'output-open', { url: output.location, cause }, { component: 'muxer' });
      }
      guard(() => writeAll(open, bytes, at));
      dataBytes += bytes.length;
      tally?.count(packet);
    },
    endTrack() {},
    async finish() {
      const [open, known, counted] = [file, shape, tally];
      if (open === null || known === null || counted === null)
        throw new TypeError('the writer is not started');
      guard(() => {
        writeAll(open, waveHeader(known, dataBytes), 0);
        // Chunks have an even length.
        if (dataBytes % 2 === 1) writeAll(open, Buffer.alloc(1), waveHeader(known, 0).length + dataBytes);
      });
      close();
      const { sizeBytes } = await place.objects.publishFile(
        place.scratchPath,
        output.location,
        place.writeOptions,
      );
      const { outputIndex, location } = output;
      return {
        outputIndex,
        locations: [location],
        objects: [{ location, sizeBytes }],
        ...resultOfTracks([counted]),
      } satisfies OutputResult;
    },
    async abort() {
      close();
      await rm(place.scratchPath, { force: true });
    },
  };
}

function shapeOf(track: Extract<EncodedTrack, { readonly kind: 'audio' }>, form: WaveForm): WaveShape {
  const layout = track.encoder.channelLayout;
  return {
    form,
    channels: layout.nbChannels,
    sampleRateHz: track.rendition.sampleRateHz,
    bitDepth: track.rendition.sampleFormat === 's16' ? 16 : 24,
    // A layout that is only a number of channels has no places to name.
    channelMask: layout.order === 1 ? Number(layout.mask & 0xffff_ffffn) : 0,
  };
}

/** `KSDATAFORMAT_SUBTYPE_PCM`. */
const pcmSubFormat = Buffer.from('0100000000001000800000aa00389b71', 'hex');

/** The header in front of the samples; sizes of 64 bits go into `ds64`. */
function waveHeader(shape: WaveShape, dataBytes: number): Buffer {
  const { form, channels, sampleRateHz, bitDepth, channelMask } = shape;
  const frameBytes = (channels * bitDepth) / 8;
  const isExtensible = form === 'EXTENSIBLE';
  const format = Buffer.alloc(isExtensible ? 40 : 16);
  format.writeUInt16LE(isExtensible ? 0xfffe : 1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRateHz, 4);
  format.writeUInt32LE(sampleRateHz * frameBytes, 8);
  format.writeUInt16LE(frameBytes, 12);
  format.writeUInt16LE(bitDepth, 14);
  if (isExtensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bitDepth, 18);
    format.writeUInt32LE(channelMask, 20);
    pcmSubFormat.copy(format, 24);
  }
  const isLong = form === 'RF64';
  const sizes = isLong ? [chunk('ds64', Buffer.alloc(28))] : [];
  const head = Buffer.concat([Buffer.from('WAVE'), ...sizes, chunk('fmt ', format)]);
  const riffBytes = head.length + 8 + dataBytes + (dataBytes % 2);
  if (isLong) {
    head.writeBigUInt64LE(BigInt(riffBytes), 12);
    head.writeBigUInt64LE(BigInt(dataBytes), 20);
    head.writeBigUInt64LE(BigInt(Math.floor(dataBytes / frameBytes)), 28);
  }
  const start = Buffer.alloc(8);
  start.write(isLong ? 'RF64' : 'RIFF', 0, 'latin1');
  start.writeUInt32LE(isLong ? 0xffff_ffff : riffBytes, 4);
  const data = Buffer.alloc(8);
  data.write('data', 0, 'latin1');
  data.writeUInt32LE(isLong ? 0xffff_ffff : dataBytes, 4);
  return Buffer.concat([start, head, data]);
}

function chunk(name: string, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, 0, 'latin1');
  header.writeUInt32LE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
