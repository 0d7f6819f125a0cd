/** Verdicts on Smooth manifests: how long the streams are, wherever they begin. */
import { expect, it } from 'vitest';
import type { OutputGroupResult } from '../../src/engine/protocol.ts';
import type { SmoothOutputGroup } from '../../src/plan/group-plan.ts';
import { smoothDefects } from '../../src/verify/verify-smooth.ts';

const manifest = { location: 's3://out/x.ism', clientLocation: 's3://out/x.ismc' };
const group = {
  type: 'MS_SMOOTH_GROUP',
  smooth: { ...manifest, additional: [] },
} as unknown as SmoothOutputGroup;
const resultOf = (soundMs: number): OutputGroupResult =>
  ({
    outputs: [
      {
        durationMs: 3040,
        objects: [{ location: 's3://out/x_v.ismv', sizeBytes: 1 }],
        audio: [{ samples: 48 * soundMs, sampleRateHz: 48_000, bytes: 1 }],
      },
    ],
  }) as unknown as OutputGroupResult;
const server = '<smil><body><switch><video src="x_v.ismv" systemBitrate="9"/></switch></body></smil>';

/** Pictures at 12.5 fps are shown 160 ms after they are decoded; the sound waits for them. */
function defectsOf(lastSound: number, soundMs = 3040): readonly string[] {
  const client = `<SmoothStreamingMedia>
    <StreamIndex Type="video" Chunks="2"><QualityLevel Bitrate="9"/><c d="20000000"/><c d="10400000"/></StreamIndex>
    <StreamIndex Type="audio" Chunks="2"><c t="1600000" d="20266666"/><c d="${lastSound}"/></StreamIndex>
  </SmoothStreamingMedia>`;
  const playlists = new Map([
    [manifest.location, Buffer.from(server)],
    [manifest.clientLocation, Buffer.from(client)],
  ]);
  return smoothDefects(group, resultOf(soundMs), { playlists });
}

it('takes sound that begins with the first picture, which low rates show late', () => {
  expect(defectsOf(10_346_667)).toEqual([]);
});

it('names streams that last longer than their outputs', () => {
  expect(defectsOf(12_346_667)).toEqual(['s3://out/x.ismc lasts 3261 ms, the outputs 3040 ms']);
});

it('takes sound that goes on behind the pictures', () => {
  expect(defectsOf(12_346_667, 3261)).toEqual([]);
  expect(defectsOf(22_346_667, 3261)).toEqual(['s3://out/x.ismc lasts 4261 ms, the outputs 3261 ms']);
});
