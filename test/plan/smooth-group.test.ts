/** Plans of Smooth groups: names, fragments, streams that are combined, protection. */
import { expect, test } from 'vitest';
import type { MsSmoothGroupSettings, Output } from '../../src/contract/types.generated.ts';
import { rational } from '../../src/exact-time.ts';
import type { SmoothOutputGroup } from '../../src/plan/group-plan.ts';
import { errorsOf, h264Video, jobWith, mustPlan, planOf, stereo } from './plan-fixtures.ts';

function file(nameModifier: string, changes: Partial<Output> = {}): Output {
  return {
    nameModifier,
    containerSettings: { container: 'ISMV' },
    videoDescription: h264Video(),
    audioDescriptions: [stereo],
    ...changes,
  };
}

const soundAlone = (nameModifier: string): Output => ({
  nameModifier,
  containerSettings: { container: 'ISMV' },
  audioDescriptions: [stereo],
});

function job(settings: MsSmoothGroupSettings, outputs: readonly Output[]) {
  return jobWith([
    {
      outputGroupSettings: {
        type: 'MS_SMOOTH_GROUP_SETTINGS',
        msSmoothGroupSettings: { destination: 's3://out/vod/clip', ...settings },
      },
      outputs,
    },
  ]);
}

function smoothOf(settings: MsSmoothGroupSettings, outputs: readonly Output[]): SmoothOutputGroup {
  const [group] = mustPlan(job(settings, outputs)).outputGroups;
  if (group?.type !== 'MS_SMOOTH_GROUP') throw new TypeError('no Smooth group');
  return group;
}

test('files and manifests are named after the destination, with key frames at every fragment', () => {
  const settings = job(
    { fragmentLength: 3, additionalManifests: [{ manifestNameModifier: '_low', selectedOutputs: ['_b'] }] },
    [
      file('_a'),
      file('_b', { videoDescription: h264Video({}, { width: 640, height: 360 }) }),
      soundAlone('_s'),
    ],
  );
  const plan = mustPlan(settings);
  const [group] = plan.outputGroups;
  expect(group).toMatchObject({
    type: 'MS_SMOOTH_GROUP',
    segmentSeconds: rational(3),
    segmentControl: 'SINGLE_FILE',
    smooth: {
      location: 's3://out/vod/clip.ism',
      clientLocation: 's3://out/vod/clip.ismc',
      encoding: 'UTF-8',
      additional: [
        {
          location: 's3://out/vod/clip_low.ism',
          clientLocation: 's3://out/vod/clip_low.ismc',
          outputIndexes: [1],
        },
      ],
    },
  });
  expect(group?.outputs.map((output) => 'segmentLocation' in output && output.segmentLocation)).toEqual([
    's3://out/vod/clip_a.ismv',
    's3://out/vod/clip_b.ismv',
    's3://out/vod/clip_s.isma',
  ]);
  for (const { forcedKeyFrameSeconds } of plan.videoRenditions)
    expect(forcedKeyFrameSeconds).toEqual(rational(3));
});

test('GOP_MULTIPLE rounds fragments up to whole groups of pictures', () => {
  const half = h264Video({ gopSizeUnits: 'SECONDS', gopSize: 1.5 });
  const { segmentSeconds } = smoothOf({ fragmentLength: 2, fragmentLengthControl: 'GOP_MULTIPLE' }, [
    file('_a', { videoDescription: half }),
  ]);
  // Two groups of 45 pictures at 30000/1001.
  expect(segmentSeconds).toEqual(rational(3003, 1000));
});

test('equal sounds are combined into the first file that has them, and stay where they are alone', () => {
  const outputs = [
    file('_a'),
    file('_b', { videoDescription: h264Video({}, { width: 640, height: 360 }) }),
    soundAlone('_s'),
  ];
  const carried = (audioDeduplication: 'COMBINE_DUPLICATE_STREAMS' | 'NONE') =>
    smoothOf({ audioDeduplication }, outputs).outputs.map(
      ({ audioRenditionIds }) => audioRenditionIds.length,
    );
  expect(carried('NONE')).toEqual([1, 1, 1]);
  expect(carried('COMBINE_DUPLICATE_STREAMS')).toEqual([1, 0, 1]);
});

test('keys come from a key server for PlayReady, and for no other system', () => {
  const spekeKeyProvider = { url: 'https://keys.example.com/', resourceId: 'film' };
  expect(smoothOf({ encryption: { spekeKeyProvider } }, [file('_a')]).encryption).toMatchObject({
    scheme: 'cenc',
    provider: { kind: 'speke', smoothSystemIds: ['9a04f079-9840-4286-ab92-e65be0885f95'] },
  });
  const widevine = ['edef8ba9-79d6-4ace-a3c8-27dcd51d21ed'];
  const refused = planOf(
    job({ encryption: { spekeKeyProvider: { ...spekeKeyProvider, systemIds: widevine } } }, [file('_a')]),
  );
  expect(errorsOf(refused)).toEqual([expect.stringContaining('PlayReady alone')]);
  expect(errorsOf(planOf(job({ encryption: {} }, [file('_a')])))).toEqual([
    expect.stringContaining('spekeKeyProvider'),
  ]);
});

test('a file without video holds one sound', () => {
  const two = {
    ...soundAlone('_s'),
    audioDescriptions: [stereo, { ...stereo, languageCode: 'FRA' as const }],
  };
  expect(errorsOf(planOf(job({}, [two])))).toEqual([expect.stringContaining('holds one sound')]);
});
