/** Pictures that carry their number as black and white blocks, lowest bit first, so that a player's canvas can be read. */

export const bits = 12;

/** Fills the luma plane: the upper half is the number, the lower half moves. */
export function drawNumber(widthPx: number, heightPx: number) {
  return (planes: readonly Uint8Array[], n: number, strides: readonly number[]): void => {
    const [luma, ...chroma] = planes;
    const stride = strides[0] ?? widthPx;
    if (luma === undefined) return;
    for (let y = 0; y < heightPx; y += 1) {
      for (let x = 0; x < widthPx; x += 1) {
        const bit = Math.floor((x * bits) / widthPx);
        luma[y * stride + x] = y < heightPx / 2 ? ((n >> bit) & 1 ? 235 : 16) : (x + y + n * 3) & 0xff;
      }
    }
    for (const plane of chroma) plane.fill(128);
  };
}
