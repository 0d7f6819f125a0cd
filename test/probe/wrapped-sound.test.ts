/** Coded sound in the place of samples (SMPTE ST 337) is told from sound, and refused by name. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobFault } from '../../src/catalogue/fault.ts';
import { quietLibraryLog } from '../../src/engine/library-log.ts';
import { errorsOf, fileGroup, h264Video, jobWith, mp4Output, planOf } from '../plan/plan-fixtures.ts';
import { probeFile } from './objects.ts';
import { makeClip } from './tiny-media.ts';

let folder: string;
beforeAll(() => {
  quietLibraryLog();
  folder = mkdtempSync(path.join(tmpdir(), 'openconvert-wrapped-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bursts of a data type, one every 1920 samples, in stereo words of 16 bits. */
const bursts =
  (dataType: number) =>
  (n: number, channel: number): number => {
    const word = (value: number): number => (value << 16) >> 16;
    const at = n % 1920;
    if (at === 20) return channel === 0 ? word(0xf872) : word(0x4e1f);
    if (at === 21) return channel === 0 ? dataType : 4000;
    return at > 21 && at < 900 ? word((n * 40_503 + channel * 9973) & 0xffff) : 0;
  };

function make(
  name: string,
  encoder: 'pcm_s16le' | 'pcm_s24le',
  sampleAt: (n: number, channel: number) => number,
  hasVideo: boolean,
): string {
  const file = path.join(folder, name);
  const video = { encoder: 'libx264', frames: 25, frameRate: [25, 1] } as const;
  makeClip(file, {
    muxer: name.endsWith('wav') ? 'wav' : 'mov',
    ...(hasVideo ? { video } : {}),
    audio: { encoder, seconds: 1, sampleAt },
  });
  return file;
}

describe('a PCM track', () => {
  test.each([
    ['dolby.mov', 'pcm_s16le', 28, 'dolby_e', true],
    ['dolby24.mov', 'pcm_s24le', 28, 'dolby_e', true],
    ['ac3.wav', 'pcm_s16le', 1, 'ac3', false],
    ['odd.wav', 'pcm_s24le', 9, 'smpte337 data type 9', false],
  ] as const)(
    'of bursts (%s) is refused by the name of what they hold',
    async (name, encoder, type, codec, hasVideo) => {
      const facts = await probeFile(make(name, encoder, bursts(type), hasVideo));
      expect(facts.audioTracks[0]?.refusal).toMatchObject({
        code: 1030,
        message: `Audio codec [${codec}] for track [1] is not a supported input audio codec`,
        mediaFact: expect.stringContaining('SMPTE ST 337'),
      });
      if (!hasVideo) return;
      const job = jobWith([fileGroup([mp4Output(h264Video())])]);
      expect(errorsOf(planOf(job, facts))).toEqual([expect.stringContaining(`1030 Audio codec [${codec}]`)]);
    },
  );

  test.each(['wav', 'mov'])(
    'of Dolby Digital that fills a %s from its first sample on is told by name',
    async (kind) => {
      const bare = path.join(folder, 'bare.spdif');
      const tone = (n: number): number => Math.round(9000 * Math.sin(n / 17));
      makeClip(bare, { muxer: 'spdif', audio: { encoder: 'ac3', seconds: 1, sampleAt: tone } });
      const words = readFileSync(bare);
      const sampleAt = (n: number, channel: number): number =>
        4 * n + 2 * channel < words.length ? words.readInt16LE(4 * n + 2 * channel) : 0;
      // Where all sound of a file is of a codec that is not taken, the probe itself fails.
      const refusal = await probeFile(make(`full.${kind}`, 'pcm_s16le', sampleAt, false)).then(
        ({ audioTracks }) => audioTracks[0]?.refusal,
        (fault: JobFault) => fault.record,
      );
      expect(refusal).toMatchObject({
        code: 1030,
        message: 'Audio codec [ac3] for track [1] is not a supported input audio codec',
      });
    },
  );

  test('of noise, silence or one accidental sync word is sound', async () => {
    const noise = (n: number, channel: number): number =>
      (((n * 40_503 + channel * 9973) & 0xffff) << 16) >> 16;
    const once = (n: number, channel: number): number => (n < 1900 ? bursts(28)(n, channel) : 0);
    for (const [name, sampleAt] of [
      ['noise.wav', noise],
      ['silence.wav', () => 0],
      ['once.wav', once],
    ] as const) {
      const facts = await probeFile(make(name, 'pcm_s16le', sampleAt, false));
      expect(facts.audioTracks[0]?.refusal).toBeUndefined();
    }
  });
});
