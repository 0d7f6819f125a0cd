/** Writes AC-3 or E-AC-3 with the metadata asked for, by the library's own encoders: sources for tests. */
import { writeFileSync } from 'node:fs';
import { AV_SAMPLE_FMT_FLTP, FF_ENCODER_AC3, FF_ENCODER_EAC3 } from 'node-av/constants';
import { avChannelLayoutDefault, Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';

const frameSamples = 1536;

/** An elementary stream of a soft tone on all channels, with options of the encoder by name. */
export function writeDolby(
  path: string,
  encoder: 'ac3' | 'eac3',
  channels: 1 | 2 | 6,
  options: Readonly<Record<string, string>>,
  seconds = 0.5,
): void {
  const codec = Codec.findEncoderByName(encoder === 'ac3' ? FF_ENCODER_AC3 : FF_ENCODER_EAC3);
  if (codec === null) throw new Error(`no encoder ${encoder}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.sampleRate = 48_000;
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.channelLayout = layoutOf(channels);
  context.timeBase = new Rational(1, 48_000);
  context.bitRate = channels === 6 ? 448_000n : 192_000n;
  for (const [name, value] of Object.entries(options))
    if (context.setOption(name, value) < 0) throw new Error(`${encoder} has no option ${name}=${value}`);
  if (context.open2Sync(codec, null) < 0) throw new Error(`${encoder} does not open`);
  const packet = new Packet();
  packet.alloc();
  const pieces: Buffer[] = [];
  const collect = (): void => {
    while (context.receivePacketSync(packet) >= 0) {
      pieces.push(Buffer.from(packet.data ?? []));
      packet.unref();
    }
  };
  for (let start = 0; start < seconds * 48_000; start += frameSamples) {
    const frame = toneFrame(channels, start);
    context.sendFrameSync(frame);
    frame.free();
    collect();
  }
  context.sendFrameSync(null);
  collect();
  packet.free();
  context.freeContext();
  writeFileSync(path, Buffer.concat(pieces));
}

/** The standard's 5.1 has its surrounds at the sides. */
function layoutOf(channels: number) {
  const layout = avChannelLayoutDefault(channels);
  return channels === 6 ? { ...layout, mask: 0x60fn } : layout;
}

function toneFrame(channels: number, start: number): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.format = AV_SAMPLE_FMT_FLTP;
  frame.nbSamples = frameSamples;
  frame.sampleRate = 48_000;
  frame.channelLayout = layoutOf(channels);
  if (frame.getBuffer(0) < 0) throw new Error('no buffer for a frame');
  frame.pts = BigInt(start);
  for (const plane of frame.extendedData ?? frame.data ?? [])
    for (let index = 0; index < frameSamples; index += 1)
      plane?.writeFloatLE(0.1 * Math.sin((2 * Math.PI * 440 * (start + index)) / 48_000), index * 4);
  return frame;
}
