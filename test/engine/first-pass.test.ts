/** What the first of two passes costs: x264 writes how it codes at the head of its statistics. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openVideoEncoder } from '../../src/engine/open-encoder.ts';
import { encoderPlan, videoRendition } from './plans.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'first-pass-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('leaves x264 its fast first pass, whatever the last one is asked for', async () => {
  const options = { preset: 'medium', 'x264-params': 'partitions=p8x8,b8x8,i8x8,i4x4:ref=3:aq-mode=2' };
  const rendition = videoRendition('v', {
    encoder: encoderPlan({ passes: 2, bitrateBps: 300_000, options }),
  });
  const statisticsPath = path.join(folder, 'statistics');
  const encoder = await openVideoEncoder(rendition, {
    globalHeader: false,
    pass: { number: 1, statisticsPath },
  });
  encoder.freeContext();
  const [head = ''] = readFileSync(statisticsPath, 'utf8').split('\n');
  expect(head).toMatch(/ ref=1 .* analyse=\S+:0 me=dia subme=2 .* aq=2:/);
});
