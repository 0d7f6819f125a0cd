/** `ptsOffset` in written transport streams: the first picture has it, and nothing lies before 0 (ISO/IEC 13818-1 2.4.3). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { M2tsSettings, Output, OutputGroup } from '../../src/contract/types.generated.ts';
import { type ReadPacket, readPes, readTransport } from './read-transport.ts';
import { inputOf } from './run-settings.ts';
import { runVideoJob } from './video-job.ts';
import { openWorkshop, type Workshop } from './workshop.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = openWorkshop();
  await workshop.makeClip('clip.mp4', { durationSeconds: 1 });
});
afterAll(() => workshop?.close());

type Offset = Pick<M2tsSettings, 'ptsOffset' | 'ptsOffsetMode'>;

const videoDescription = {
  codecSettings: {
    codec: 'H_264',
    h264Settings: {
      rateControlMode: 'CBR',
      bitrate: 400_000,
      hrdBufferSize: 800_000,
      qualityTuningLevel: 'SINGLE_PASS',
      numberBFramesBetweenReferenceFrames: 3,
      gopBReference: 'ENABLED',
    },
  },
} as const;
const audioDescriptions = [
  {
    audioSourceName: 'Audio Selector 1',
    codecSettings: {
      codec: 'AAC',
      aacSettings: { bitrate: 96_000, codingMode: 'CODING_MODE_2_0', sampleRate: 48_000 },
    },
  },
] as const;

async function write(container: 'M2TS' | 'M3U8', offset: Offset): Promise<readonly ReadPacket[]> {
  const destination = `s3://outputs/${container}-${offset.ptsOffset}-${offset.ptsOffsetMode}`;
  const output = { videoDescription, audioDescriptions } as Partial<Output>;
  const group: OutputGroup =
    container === 'M2TS'
      ? {
          outputGroupSettings: { type: 'FILE_GROUP_SETTINGS', fileGroupSettings: { destination } },
          outputs: [{ ...output, containerSettings: { container, m2tsSettings: offset } }],
        }
      : {
          outputGroupSettings: {
            type: 'HLS_GROUP_SETTINGS',
            hlsGroupSettings: { destination, segmentLength: 10, minSegmentLength: 0 },
          },
          outputs: [
            { ...output, nameModifier: '_v', containerSettings: { container, m3u8Settings: offset } },
          ],
        };
  const { path } = await runVideoJob(workshop, {
    key: 'clip.mp4',
    video: videoDescription,
    changes: { inputs: [inputOf('clip.mp4')], outputGroups: [group] },
  });
  if (container === 'M2TS') return readTransport(path);
  const segment = /^[^#].*\.ts$/m.exec(readFileSync(path, 'utf8'))?.[0] ?? '';
  return readTransport(workshop.outputPath(segment));
}

describe.each(['M2TS', 'M3U8'] as const)('%s', (container) => {
  test.each([
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 0 }, 1000],
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 1 }, 1000],
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 2 }, 2000],
    [{ ptsOffsetMode: 'SECONDS', ptsOffset: 10 }, 10_000],
    [{ ptsOffsetMode: 'MILLISECONDS', ptsOffset: 10 }, 1000],
    [{ ptsOffsetMode: 'MILLISECONDS', ptsOffset: 1500 }, 1500],
  ] as const)(
    '%o: the first picture is shown at %i ms, clock and sound before it, none before 0',
    async (offset, firstMs) => {
      const packets = await write(container, offset);
      const pictures = readPes(packets, 481);
      const sound = readPes(packets, 482);
      const clocks = packets.flatMap(({ clock }) => clock ?? []);
      expect(Math.min(...pictures.map(({ pts }) => pts))).toBe(firstMs * 90);
      // A time before 0 would be one near the end of the clock's 26.5 hours.
      const lastMs = firstMs + 1200;
      for (const { pts, dts } of [...pictures, ...sound]) {
        expect(pts / 90).toBeLessThan(lastMs);
        expect(dts).toBeLessThanOrEqual(pts);
      }
      expect(sound[0]?.pts).toBeGreaterThan(0);
      for (const [place, clock] of clocks.entries()) {
        expect(clock / 27_000).toBeLessThan(lastMs);
        expect(clock).toBeGreaterThan(clocks[place - 1] ?? -1);
      }
      // What is decoded first is there by then.
      expect(clocks[0]).toBeLessThan((pictures[0]?.dts ?? 0) * 300);
    },
  );
});
