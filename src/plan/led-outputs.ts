/** Outputs of a streaming group in an order in which sound can follow the pictures of another output. */
import type { Output } from '../contract/types.generated.ts';
import type { SettingsReader } from './settings-reader.ts';

/** What the plan of an output tells of its pictures. */
interface LedOutput {
  readonly output: { readonly videoRenditionId: string | null };
}

/**
 * Plans the outputs, each with the video rendition of the group's first output that has one: outputs with video come
 * first where sound must know it. Results stand in the order of the document; those that cannot be planned are left out.
 */
export function planLedOutputs<Planned extends LedOutput>(
  outputs: readonly SettingsReader<Output>[],
  plan: (output: SettingsReader<Output>, index: number, leadingVideoId: string | null) => Planned | null,
): readonly Planned[] {
  const isLed = outputs.some(matchesVideo);
  const places = outputs.map((output, index) => ({ output, index }));
  const ordered = isLed
    ? places.toSorted(
        (a, b) => Number(b.output.has('videoDescription')) - Number(a.output.has('videoDescription')),
      )
    : places;
  let leadingVideoId: string | null = null;
  const planned = new Map<number, Planned>();
  for (const { output, index } of ordered) {
    const result = plan(output, index, leadingVideoId);
    if (result === null) continue;
    leadingVideoId ??= result.output.videoRenditionId;
    planned.set(index, result);
  }
  return [...planned].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

/** `audioDuration` of the output's container. */
export function matchesVideo(output: SettingsReader<Output>): boolean {
  const container = output.child('containerSettings');
  return (['m3u8Settings', 'cmfcSettings', 'mpdSettings'] as const)
    .map((block) => container.child(block).read('audioDuration'))
    .includes('MATCH_VIDEO_DURATION');
}
