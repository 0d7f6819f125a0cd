/** Containers that their bytes tell, where the library's own probe is misled. */
import { InputFormat } from 'node-av/lib';
import { expect, it } from 'vitest';
import type { ByteSource } from '../../src/engine/probe/byte-source.ts';
import { recognizeContainer } from '../../src/engine/probe/recognize-container.ts';

/** A picture's packet begins: stream E0, a time of presentation (ISO/IEC 13818-1 2.4.3.7). */
const pictureStart = Buffer.from([0, 0, 1, 0xe0, 0, 0x20, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1]);

it.each([
  ['packets', 188, 0],
  ['packets behind arrival times', 192, 4],
])('takes a few %s of a transport stream for one, whatever they carry', async (_, length, syncAt) => {
  const bytes = Buffer.concat(pictures(length, syncAt));
  expect(await recognizeContainer(bytesOf(bytes), 'file.m2ts')).toEqual({
    demuxer: 'mpegts',
    isAccepted: true,
  });
});

it('leaves to the library what is not in packets throughout', async () => {
  const packets = pictures(188, 0);
  expect(InputFormat.probe(Buffer.concat(packets))?.name).toBe('mpeg');
  packets[5]?.fill(0);
  const broken = await recognizeContainer(bytesOf(Buffer.concat(packets)), 'file.m2ts');
  expect(broken.demuxer).toBe('mpeg');
});

it('takes text for no media', async () => {
  const text = Buffer.from('Good morning.\n'.repeat(200));
  await expect(recognizeContainer(bytesOf(text), 'file.m2ts')).rejects.toMatchObject({ code: 1010 });
});

/** Eight packets, each with the beginning of a picture. */
function pictures(length: number, syncAt: number): Buffer[] {
  return Array.from({ length: 8 }, () => {
    const packet = Buffer.alloc(length, 0xff);
    packet[syncAt] = 0x47;
    pictureStart.copy(packet, syncAt + 4);
    return packet;
  });
}

function bytesOf(bytes: Buffer): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  } as ByteSource;
}
