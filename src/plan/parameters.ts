/** Options of an encoder library's own, in its own text. */
import type { HdrMetadata } from './picture-plan.ts';

/** `key=value:key=value`, as the encoder libraries take their own options. */
export function joinParameters(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${value}`)
    .join(':');
}

/** Mastering display as x264 and x265 take it: whole numbers of 0.00002 and of 0.0001 cd/m². */
export function masteringDisplayText({ primaries, maxLuminance, minLuminance }: HdrMetadata): string {
  const [red, green, blue, white] = primaries.map(([x, y]) => `(${x},${y})`);
  return `G${green}B${blue}R${red}WP${white}L(${maxLuminance},${minLuminance})`;
}
