/** Nothing is ignored: what is present but not read is refused by name (design D5). */
import { describe, expect, test } from 'vitest';
import type { JobSettings, VideoCodecSettings } from '../../src/contract/types.generated.ts';
import { createFindingLog } from '../../src/plan/finding-log.ts';
import { planJob } from '../../src/plan/plan-job.ts';
import { readSettings, type SettingsTrace } from '../../src/plan/settings-reader.ts';
import { refuseUnreadSettings } from '../../src/plan/unread-settings.ts';
import {
  errorsOf,
  fileGroup,
  h264Video,
  hlsGroup,
  jobWith,
  mp4Job,
  mp4Output,
  noticesOf,
  planOf,
  stereo,
} from './plan-fixtures.ts';

describe('the settings reader', () => {
  const read = (settings: JobSettings) => {
    const findings = createFindingLog();
    const trace: SettingsTrace = { settled: new Set(), withoutEffect: new Map() };
    return { reader: readSettings<JobSettings>(settings, trace, findings), findings, trace, settings };
  };

  const unread = ({ settings, trace, findings }: ReturnType<typeof read>) => {
    refuseUnreadSettings(settings, trace, findings);
    return findings.findings.map(({ pointer }) => pointer);
  };

  test('reports the topmost part of which nothing was read', () => {
    const run = read({
      followSource: 1,
      esam: { responseSignalPreroll: 4000, manifestConfirmConditionNotification: { mccXml: '<a/>' } },
      inputs: [
        { fileInput: 's3://in/a.mp4', imageInserter: { insertableImages: [{ layer: 1 }, { layer: 2 }] } },
      ],
    });
    run.reader.read('followSource');
    run.reader.children('inputs')[0]?.read('fileInput');
    expect(unread(run)).toEqual(['/esam', '/inputs/0/imageInserter']);
  });

  test('reports single values beside read ones, and names of maps with slashes', () => {
    const run = read({
      inputs: [{ fileInput: 's3://in/a.mp4', audioSelectors: { 'a/b~c': { offset: 5, tracks: [1] } } }],
    });
    const input = run.reader.children('inputs')[0];
    input?.read('fileInput');
    input?.entries('audioSelectors').get('a/b~c')?.read('tracks');
    expect(unread(run)).toEqual(['/inputs/0/audioSelectors/a~1b~0c/offset']);
  });

  test('absent, null and empty members are nothing to report', () => {
    expect(unread(read({ esam: {}, inputs: [], timecodeConfig: undefined }))).toEqual([]);
  });

  test('accept passes the values it lists and refuses others; withoutEffect tells of unusual ones', () => {
    const { reader, findings } = read({ timecodeConfig: { source: 'EMBEDDED', anchor: '00:00:00:00' } });
    const timecode = reader.child('timecodeConfig');
    expect(timecode.accept('source', ['EMBEDDED'], 'reason')).toBe(true);
    expect(timecode.accept('source', ['ZEROBASED'], 'reason')).toBe(false);
    timecode.withoutEffect('anchor', 'usual', ['00:00:00:00']);
    timecode.withoutEffect('anchor', 'unusual', []);
    expect(findings.findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      'error: Setting [/timecodeConfig/source] with value [EMBEDDED] is not supported: reason.',
      'notice: unusual',
    ]);
  });
});

test.each<[string, Partial<JobSettings>, string]>([
  ['extended data services', { extendedDataServices: { vchipAction: 'STRIP' } }, '/extendedDataServices'],
  ['motion images', { motionImageInserter: { input: 's3://in/a.mov' } }, '/motionImageInserter'],
])('%s are refused with their pointer', (_name, settings, pointer) => {
  const result = planOf(jobWith([fileGroup([mp4Output(h264Video())])], settings));
  expect(result.plan).toBeNull();
  expect(
    result.findings.filter(({ severity }) => severity === 'error').map((finding) => finding.pointer),
  ).toContain(pointer);
});

test('an input without a file is refused', () => {
  const job = { ...mp4Job(h264Video()), inputs: [{ audioSelectors: { 'Audio Selector 1': {} } }] };
  const capacity = { cores: 1, memoryBytes: 1_000_000_000 };
  const { plan, findings } = planJob({ settings: job, facts: [], capacity, job: { startTimeMs: 0 } });
  expect(plan).toBeNull();
  expect(findings).toEqual([expect.objectContaining({ code: 1040, pointer: '/inputs/0/fileInput' })]);
});

test('captions and automated ladders are refused by name', () => {
  const captioned = mp4Output(h264Video(), {
    captionDescriptions: [{ captionSelectorName: 'C', destinationSettings: { destinationType: 'BURN_IN' } }],
  });
  expect(errorsOf(planOf(jobWith([fileGroup([captioned])])))).toEqual([
    expect.stringContaining('captionDescriptions'),
  ]);
  const output = {
    nameModifier: '_a',
    containerSettings: { container: 'M3U8' },
    audioDescriptions: [stereo],
  } as const;
  const automated = {
    ...hlsGroup([output]),
    automatedEncodingSettings: { abrSettings: { maxRenditions: 6 } },
  };
  expect(errorsOf(planOf(jobWith([automated])))).toEqual([
    expect.stringContaining('automatedEncodingSettings'),
  ]);
  // A model of renditions has no rate of its own; nobody is asked for one.
  const h264Settings = { rateControlMode: 'QVBR' } as const;
  const model = { ...output, videoDescription: { codecSettings: { codec: 'H_264', h264Settings } } } as const;
  expect(errorsOf(planOf(jobWith([{ ...automated, outputs: [model] }])))).toEqual([
    expect.stringContaining('automatedEncodingSettings'),
  ]);
});

describe('watermarks have error codes of their own', () => {
  test('a Nielsen setting provokes 1601', () => {
    expect(errorsOf(planOf({ ...mp4Job(h264Video()), nielsenConfiguration: { breakoutCode: 0 } }))).toEqual([
      expect.stringMatching(/^1601 /),
    ]);
  });

  test('a NexGuard setting provokes 1602', () => {
    const partnerWatermarking = { nexguardFileMarkerSettings: { preset: 'p' } };
    const video = h264Video({}, { videoPreprocessors: { partnerWatermarking } });
    expect(errorsOf(planOf(mp4Job(video)))).toEqual([expect.stringMatching(/^1602 /)]);
  });

  test('a Kantar setting provokes 1603', () => {
    expect(errorsOf(planOf({ ...mp4Job(h264Video()), kantarWatermark: { channelName: 'c' } }))).toEqual([
      expect.stringMatching(/^1603 /),
    ]);
  });
});

test('a deinterlacer idles on progressive video and works on interlaced video', async () => {
  const { hdFacts, videoTrack } = await import('./facts-fixtures.ts');
  const job = mp4Job(
    h264Video({}, { videoPreprocessors: { deinterlacer: { mode: 'DEINTERLACE', control: 'NORMAL' } } }),
  );
  const progressive = planOf(job);
  expect(progressive.plan).not.toBeNull();
  expect(noticesOf(progressive.findings)).toEqual([expect.stringMatching(/deinterlacer$/)]);
  const interlaced = planOf(job, hdFacts({ videoTracks: [videoTrack({ scan: 'top-field-first' })] }));
  expect(interlaced.plan?.videoRenditions[0]?.preparation?.steps[0]?.name).toBe('bwdif');
});

test('everything wrong with a job is told at once', () => {
  const video = h264Video(
    { softness: 64, syntax: 'RP2027' },
    { width: 641, height: 360, timecodeTrack: 'ENABLED', scalingBehavior: 'SMART_CROP' },
  );
  expect(errorsOf(planOf(mp4Job(video)))).toHaveLength(4);
});

test.each<[string, VideoCodecSettings, 'MP4' | 'MOV']>([
  [
    'the bandwidth reduction filter',
    { codec: 'H_264', h264Settings: { bitrate: 1_000_000, bandwidthReductionFilter: { strength: 'LOW' } } },
    'MP4',
  ],
  [
    'film grain',
    {
      codec: 'AV1',
      av1Settings: { filmGrainSynthesis: 'ENABLED', rateControlMode: 'QVBR', maxBitrate: 1_000_000 },
    },
    'MP4',
  ],
  [
    'preserved 4:4:4',
    {
      codec: 'PRORES',
      proresSettings: { codecProfile: 'APPLE_PRORES_4444', chromaSampling: 'PRESERVE_444_SAMPLING' },
    },
    'MOV',
  ],
])('a noise reducer does not go with %s', async (_name, codecSettings, container) => {
  const { hdFacts, videoTrack } = await import('./facts-fixtures.ts');
  const facts = hdFacts({ videoTracks: [videoTrack({ chroma: '4:4:4' })] });
  const errors = (filter: 'MEAN' | 'NONE') =>
    errorsOf(
      planOf(
        jobWith([
          fileGroup([
            {
              containerSettings: { container },
              videoDescription: { codecSettings, videoPreprocessors: { noiseReducer: { filter } } },
            },
          ]),
        ]),
        facts,
      ),
    ).filter((error) => error.includes('noise reducer does not go with'));
  expect(errors('MEAN')).toHaveLength(1);
  expect(errors('NONE')).toEqual([]);
});

test('a brand has four characters', () => {
  const job = (mp4MajorBrand: string) =>
    mp4Job(h264Video(), { containerSettings: { container: 'MP4', mp4Settings: { mp4MajorBrand } } });
  expect(errorsOf(planOf(job('toolong')))).toEqual([expect.stringMatching(/four characters/)]);
  expect(errorsOf(planOf(job('mp42')))).toEqual([]);
});
