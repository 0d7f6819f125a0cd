/** A WAV file with format tag 2 (Microsoft ADPCM) and blocks of zeros. */
export function adpcmWave(): Buffer {
  const format = Buffer.alloc(20);
  format.writeUInt16LE(2, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(8000, 4);
  format.writeUInt32LE(4096, 8);
  format.writeUInt16LE(256, 12);
  format.writeUInt16LE(4, 14);
  format.writeUInt16LE(2, 16);
  format.writeUInt16LE(500, 18);
  const chunk = (id: string, content: Buffer) => {
    const header = Buffer.alloc(8);
    header.write(id, 0, 'latin1');
    header.writeUInt32LE(content.length, 4);
    return Buffer.concat([header, content]);
  };
  const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), chunk('data', Buffer.alloc(4096))]);
  return chunk('RIFF', body);
}
