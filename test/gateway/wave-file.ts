/** A WAVE file of a given length with recognisable samples: real media for the library, made in memory. */
export function waveFile(sampleCount: number): Buffer {
  const dataBytes = sampleCount * 2;
  const file = Buffer.alloc(44 + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(48_000, 24);
  file.writeUInt32LE(96_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  for (let sample = 0; sample < sampleCount; sample += 1)
    file.writeInt16LE((sample * 7919) % 32_768, 44 + sample * 2);
  return file;
}
