/** PNG files, written by hand: grey pictures (PNG specification, colour type 0). */
import { crc32, deflateSync } from 'node:zlib';
import { numberedPicture } from '../../engine/numbered-media.ts';

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The numbered picture that the readers of numbered clips recognize. */
export function numberedPng(number: number, size: Size): Buffer {
  return greyPng(numberedPicture(number, 0, size), size);
}

export function whitePng(size: Size): Buffer {
  return greyPng(Buffer.alloc(size.widthPx * size.heightPx, 255), size);
}

function greyPng(luma: Buffer, { widthPx, heightPx }: Size): Buffer {
  const rows = Array.from({ length: heightPx }, (_, y) =>
    Buffer.concat([Buffer.of(0), luma.subarray(y * widthPx, (y + 1) * widthPx)]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
