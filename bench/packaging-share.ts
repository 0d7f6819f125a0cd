/**
 * What packaging costs of a job with three rungs: the rungs are encoded and kept in memory, then each kind of group is
 * written from the same packets into memory. CPU is that of the whole process, all threads. Decoding and scaling, which a
 * job has too and which would make the share smaller, are left out.
 *
 *   node --import tsx bench/packaging-share.ts [--seconds 10]
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { quietLibraryLog } from '../src/engine/library-log.ts';
import { rational } from '../src/exact-time.ts';
import type { GroupKeys } from '../src/package/encryption/content-keys.ts';
import { createFragmentedGroupWriter } from '../src/package/fragmented-group.ts';
import { createHlsGroupWriter } from '../src/package/hls-group.ts';
import type { EncryptionPlan } from '../src/plan/encryption-plan.ts';
import { driveGroup } from '../test/package/support/drive.ts';
import {
  audioTrackFile,
  cmafGroup,
  dashGroup,
  videoTrackFile,
} from '../test/package/support/fragmented-plan.ts';
import { hlsGroup, videoOutput } from '../test/package/support/hls-plan.ts';
import { createMemoryObjects } from '../test/package/support/memory-objects.ts';
import { encodeTinyAudio, encodeTinyVideo, type TinyTrack } from '../test/package/support/tiny-encode.ts';

/** Bar of the project, in hundredths of the job. */
const bar = 3;
const rungs = [
  { widthPx: 1920, heightPx: 1080, bitrateBps: 5_000_000 },
  { widthPx: 1280, heightPx: 720, bitrateBps: 3_000_000 },
  { widthPx: 640, heightPx: 360, bitrateBps: 1_000_000 },
] as const;
const frameRate = rational(30);
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const seconds = Number(values.seconds);

quietLibraryLog();
const encoded = await cpuSecondsOf(async () => [...rungs.map(encodeRung), encodeTinyAudio({ seconds })]);
const [large, middle, little, sound] = encoded.result as [TinyTrack, TinyTrack, TinyTrack, TinyTrack];
console.log(`encode ${seconds} s, three rungs and sound: ${encoded.cpuSeconds.toFixed(2)} s CPU`);
const pictures = [large, middle, little];
const demuxed = [
  ...pictures.map((track, outputIndex) => ({ outputIndex, tracks: [track] })),
  { outputIndex: 3, tracks: [sound] },
];
const files = [...pictures.map((_, index) => videoTrackFile(index, `_${index}`)), audioTrackFile(3, '_s')];
const muxed = pictures.map((_, index) => videoOutput(index, `_${index}`, { audioRenditionIds: ['s'] }));

let isBroken = false;
await measure('HLS, transport streams', () =>
  driveGroup(
    createHlsGroupWriter(hlsGroup(muxed), createMemoryObjects()),
    pictures.map((track, outputIndex) => ({ outputIndex, tracks: [track, sound] })),
  ),
);
await measure('CMAF', () =>
  driveGroup(createFragmentedGroupWriter(cmafGroup(files), createMemoryObjects(), tmpdir()), demuxed),
);
for (const scheme of ['cbcs', 'cenc'] as const) {
  const group = dashGroup(files, { encryption: { scheme } as EncryptionPlan });
  await measure(`DASH, ${scheme}`, () =>
    driveGroup(createFragmentedGroupWriter(group, createMemoryObjects(), tmpdir(), keysFor(scheme)), demuxed),
  );
}
for (const track of encoded.result) track.free();
if (isBroken) process.exitCode = 1;

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const { cpuSeconds } = await cpuSecondsOf(work);
  const share = (100 * cpuSeconds) / (encoded.cpuSeconds + cpuSeconds);
  if (share >= bar) isBroken = true;
  console.log(`${name}: ${cpuSeconds.toFixed(3)} s CPU, ${share.toFixed(2)} % of the job (bar ${bar} %)`);
}

async function cpuSecondsOf<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly cpuSeconds: number; readonly result: Result }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { cpuSeconds: (user + system) / 1e6, result };
}

/** A picture that moves, from noise that is drawn once: drawing costs a copy. */
function encodeRung({ widthPx, heightPx, bitrateBps }: (typeof rungs)[number]): TinyTrack {
  const noise = Buffer.alloc(widthPx * heightPx + 4096);
  for (let at = 0; at < noise.length; at += 1)
    noise[at] = 96 + ((at * 7) % 64) + ((at >> 9) % 31) + ((at * at) % 13);
  return encodeTinyVideo({
    frames: seconds * 30,
    frameRate,
    widthPx,
    heightPx,
    forcedKeyFrameSeconds: rational(2),
    globalHeader: true,
    options: {
      preset: 'veryfast',
      b: `${bitrateBps}`,
      maxrate: `${bitrateBps}`,
      bufsize: `${bitrateBps * 2}`,
    },
    draw(planes, n) {
      const shift = (n * 5) % 2048;
      for (const plane of planes)
        plane.set(noise.subarray(shift, shift + Math.min(plane.length, noise.length - shift)));
    },
  });
}

function keysFor(scheme: 'cenc' | 'cbcs'): GroupKeys {
  const signals = { keyLines: [], sessionLines: [], mpdElements: [], headerBoxes: [], protectionHeaders: [] };
  const key = 'a0b1c2d3e4f5061728394a5b6c7d8e9f';
  return {
    groupIndex: 0,
    scheme,
    clearSegments: 0,
    keys: [{ keyId: key, key, iv: key, tracks: null, ...signals }],
  };
}
