/** Sources that hold red, green and blue: outputs hold luma and chroma of the range and matrix that they say. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { makeClip } from '../probe/tiny-media.ts';
import { inputOf, oneOutput, runSettings } from './run-settings.ts';
import { watchPictures } from './watch-pictures.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(() => {
  quietLibraryLog();
  workshop = openWorkshop();
});
afterAll(() => workshop?.close());

const smpte170m = 6;
const bt709 = 1;

/** White on the left, red on the right. */
function whiteAndRed(widthPx: number, heightPx: number): Buffer {
  const half = (right: number) =>
    Buffer.from(
      Array.from({ length: widthPx * heightPx }, (_, at) => (at % widthPx < widthPx / 2 ? 255 : right)),
    );
  return Buffer.concat([half(0), half(0), half(255)]);
}

// Luma of full red: 16 + 219 × 0.299 (BT.601), 16 + 219 × 0.2126 (BT.709).
it.each([
  ['VP9 of low height', 128, 96, smpte170m, 81],
  ['VP9 of great height', 128, 720, bt709, 63],
])(
  '%s becomes limited range, with the matrix it is labelled with',
  async (name, widthPx, heightPx, matrix, red) => {
    const key = `${name.replaceAll(' ', '-')}.webm`;
    makeClip(workshop.inputPath(key), {
      muxer: 'webm',
      video: {
        encoder: 'libvpx-vp9',
        frames: 5,
        frameRate: [25, 1],
        size: { widthPx, heightPx },
        chroma: 'rgb',
        bitrateBps: 4_000_000,
        options: { deadline: 'realtime', 'cpu-used': '8' },
        draw: () => whiteAndRed(widthPx, heightPx),
      },
    });
    const settings = oneOutput([inputOf(key, { audioSelectors: {} })], { hasAudio: false });
    const { groups } = await runSettings(workshop, settings);
    const location = groups[0]?.outputs[0]?.locations[0] ?? '';
    const part = { y: 32, width: 16, height: 32 };
    const file = workshop.outputPath(location.replace('s3://outputs/', ''));
    const pictures = watchPictures(file, { x: 16, ...part });
    const onTheRight = watchPictures(file, { x: 96, ...part });
    expect(pictures.format).toBe('yuv420p');
    expect(pictures.color.matrix).toBe(matrix);
    const lumaOf = ({ regions }: typeof pictures): number => regions[0]?.[0] ?? 0;
    expect(Math.abs(lumaOf(pictures) - 235)).toBeLessThanOrEqual(2);
    expect(Math.abs(lumaOf(onTheRight) - red)).toBeLessThanOrEqual(3);
  },
);
