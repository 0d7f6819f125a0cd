/** Writes sound made of functions of time as a WAV file of 24 bits at 48 kHz. */
import { writeFileSync } from 'node:fs';

const sampleRateHz = 48_000;

/** One function for each channel: seconds to −1…1. */
export function writeWave(
  path: string,
  channels: readonly ((time: number) => number)[],
  seconds: number,
): void {
  const frames = Math.round(seconds * sampleRateHz);
  const data = Buffer.alloc(frames * channels.length * 3);
  for (let frame = 0; frame < frames; frame += 1) {
    for (const [channel, wave] of channels.entries()) {
      const value = Math.round(Math.max(-1, Math.min(1, wave(frame / sampleRateHz))) * 8_388_607);
      data.writeIntLE(value, (frame * channels.length + channel) * 3, 3);
    }
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels.length, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * channels.length * 3, 28);
  header.writeUInt16LE(channels.length * 3, 32);
  header.writeUInt16LE(24, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  writeFileSync(path, Buffer.concat([header, data]));
}
