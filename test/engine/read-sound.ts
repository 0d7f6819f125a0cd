/** Decodes the sound of a finished file to numbers: one array of samples per channel, −1…1, for measurements. */
import { type AV_SAMPLE_FMT_FLTP, AVMEDIA_TYPE_AUDIO } from 'node-av/constants';
import { avGetSampleFmtName, Codec, CodecContext, FormatContext, Frame, Packet } from 'node-av/lib';

export interface ReadSound {
  readonly sampleRateHz: number;
  readonly channels: readonly Float64Array[];
}

/** Reads the sound track with the given place among the sound tracks of a file. */
export function readSound(path: string, place = 0): ReadSound {
  const context = new FormatContext();
  if (context.openInputSync(path, null, null) < 0 || context.findStreamInfoSync(null) < 0)
    throw new Error(`${path} does not open`);
  const stream = context.streams.filter(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO)[place];
  const codec = stream === undefined ? null : Codec.findDecoder(stream.codecpar.codecId);
  if (stream === undefined || codec === null) throw new Error(`${path} has no sound track ${place}`);
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.pktTimebase = stream.timeBase;
  // Levels as they were written: no compression of the dynamic range.
  if (codec.name === 'ac3' || codec.name === 'eac3') decoder.setOption('drc_scale', '0');
  if (decoder.open2Sync(codec, null) < 0) throw new Error(`${path}: the decoder does not open`);
  const pieces: Float64Array[][] = [];
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  const drain = (): void => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      pieces.push(samplesOf(frame));
      frame.unref();
    }
  };
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      if (decoder.sendPacketSync(packet) < 0) throw new Error(`${path}: a packet does not decode`);
      drain();
    }
    packet.unref();
  }
  decoder.sendPacketSync(null);
  drain();
  const sampleRateHz = decoder.sampleRate;
  const count = pieces[0]?.length ?? 0;
  decoder.freeContext();
  packet.free();
  frame.free();
  context.closeInputSync();
  return {
    sampleRateHz,
    channels: Array.from({ length: count }, (_, channel) =>
      joined(pieces.map((piece) => piece[channel] ?? new Float64Array())),
    ),
  };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function samplesOf(frame: Frame): Float64Array[] {
  const { nbSamples, channels } = frame;
  const format = avGetSampleFmtName(frame.format as typeof AV_SAMPLE_FMT_FLTP) ?? '';
  const planes = frame.extendedData ?? frame.data ?? [];
  const isPlanar = format.endsWith('p');
  const read = readers[format.replace(/p$/, '')];
  if (read === undefined) throw new Error(`samples of format ${format}`);
  return Array.from({ length: channels }, (_, channel) =>
    Float64Array.from({ length: nbSamples }, (_, index) =>
      isPlanar
        ? read(planes[channel] as Buffer, index)
        : read(planes[0] as Buffer, index * channels + channel),
    ),
  );
}

const readers: Readonly<Record<string, (plane: Buffer, index: number) => number>> = {
  flt: (plane, index) => plane.readFloatLE(index * 4),
  s16: (plane, index) => plane.readInt16LE(index * 2) / 32_768,
  s32: (plane, index) => plane.readInt32LE(index * 4) / 2_147_483_648,
};

/** Strength of one frequency in a channel, as the amplitude of a sine (Goertzel). */
export function amplitudeOf(samples: Float64Array, sampleRateHz: number, hertz: number): number {
  const turn = (2 * Math.PI * hertz) / sampleRateHz;
  let real = 0;
  let imaginary = 0;
  for (const [index, value] of samples.entries()) {
    real += value * Math.cos(turn * index);
    imaginary += value * Math.sin(turn * index);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}
