/** What is told of a job before it runs: `run`, `check` and the dry run share it. Real stores, roles and volumes; inputs by their facts. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FaultRecord, JobFault, jobFault } from '../../src/catalogue/fault.ts';
import type { Finding } from '../../src/catalogue/finding.ts';
import { everythingAllowed } from '../../src/contract/input-locations.ts';
import type { JobSettings } from '../../src/contract/types.generated.ts';
import { parsePolicy } from '../../src/identity/policy/parse-policy.ts';
import type { JobPlan } from '../../src/plan/plan.ts';
import { createObjectStores, type ObjectStores } from '../../src/store/locations.ts';
import { foreseeAttempt } from '../../src/worker/foresee.ts';
import { withRights } from '../../src/worker/role-rights.ts';
import { audioTrack, hdFacts } from '../plan/facts-fixtures.ts';
import { fileGroup, h264Video, hlsGroup, jobWith, mp4Job, mp4Output, stereo } from '../plan/plan-fixtures.ts';
import { mountSmallVolume } from '../provocations/small-volume.ts';

const signal = new AbortController().signal;
const video = h264Video({ rateControlMode: 'CBR', bitrate: 2_000_000 });
let folder: string;
let stores: ObjectStores;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'openconvert-foresee-'));
  await mkdir(path.join(folder, 'buckets/out'), { recursive: true });
  stores = await createObjectStores({
    localBuckets: { bucketsFolder: path.join(folder, 'buckets'), named: {}, createMissingBuckets: false },
    s3: null,
    http: {},
  });
});
afterEach(async () => {
  stores.close();
  await rm(folder, { recursive: true, force: true });
});

interface Foreseen {
  readonly plan: JobPlan | null;
  readonly fault: FaultRecord | null;
  readonly findings: readonly Finding[];
}

async function foresee(
  settings: JobSettings,
  changes: Partial<Parameters<typeof foreseeAttempt>[0]> = {},
  scratchRoot = folder,
): Promise<Foreseen> {
  const findings: Finding[] = [];
  const resources = {
    capacity: { cores: 2, memoryBytes: 8 * 1024 ** 3 },
    policy: { heAac: 'lc' as const },
    scratchRoot,
  };
  const attempt = {
    job: { id: 'a-job', settings, role: null, startTimeMs: Date.parse('2026-01-02T03:04:05Z') },
    resources,
    stores,
    probe: async (locations: readonly string[]) => locations.map((location) => hdFacts({ location })),
    look: async () => [],
    findings,
    signal,
    ...changes,
  };
  try {
    return { plan: await foreseeAttempt(attempt), fault: null, findings };
  } catch (error) {
    if (!(error instanceof JobFault)) throw error;
    return { plan: null, fault: error.record, findings };
  }
}

const withMissingInput = {
  probe: (locations: readonly string[]) =>
    Promise.reject(jobFault(1404, 'input-missing', { url: locations[0] ?? '' }, { component: 'gateway' })),
};
/** Code and place of the job's error and of all that is told beside it. */
const told = ({ fault, findings }: Foreseen) => [
  ...(fault === null ? [] : [fault, ...(fault.others ?? [])]).map(
    ({ code, pointer, location }) => `${code} ${pointer ?? location ?? ''}`,
  ),
  ...findings.flatMap((finding) =>
    finding.severity === 'error' ? [`${finding.code} ${finding.pointer}`] : [],
  ),
];
const destination = (group: number, type = 'fileGroupSettings') =>
  `/outputGroups/${group}/outputGroupSettings/${type}/destination`;

describe('outputs', () => {
  const groupsTo = (...destinations: readonly string[]) =>
    jobWith(destinations.map((each) => fileGroup([mp4Output(video)], each)));

  test('that go to several missing buckets are all told, the first as the error', async () => {
    const settings = groupsTo('s3://none/a', 's3://out/b', 's3://nowhere/c');
    expect(told(await foresee(settings))).toEqual([`1404 ${destination(0)}`, `1404 ${destination(2)}`]);
    expect(told(await foresee(groupsTo('s3://out/a', 's3://out/b')))).toEqual([]);
  });

  test('in a folder of this machine are told what of their destination settings it has no place for', async () => {
    const s3Settings = {
      accessControl: { cannedAcl: 'PUBLIC_READ' },
      encryption: { encryptionType: 'SERVER_SIDE_ENCRYPTION_S3' },
    } as const;
    const place = '/outputGroups/0/outputGroupSettings/hlsGroupSettings/destinationSettings/s3Settings';
    const hls = (destinationSettings: object) =>
      jobWith([
        hlsGroup(
          [{ nameModifier: '_v', containerSettings: { container: 'M3U8' }, videoDescription: video }],
          { destination: 's3://out/hls', destinationSettings },
        ),
      ]);
    const leftOut = async (settings: JobSettings) =>
      (await foresee(settings)).findings.flatMap((finding) =>
        finding.severity === 'notice' && finding.reason === 'left-out' ? [finding.pointer] : [],
      );
    expect(await leftOut(hls({ s3Settings }))).toEqual([`${place}/accessControl`, `${place}/encryption`]);
    expect(await leftOut(hls({ s3Settings: {} }))).toEqual([]);
  });

  test('that the role may not write are all told, also in a bucket where it may write elsewhere', async () => {
    const statement = { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::out/ok/*' };
    const policy = parsePolicy({ Version: '2012-10-17', Statement: [statement] }, 'identity', '', []);
    const limited = withRights(stores, {
      roleArn: 'arn:aws:iam::000000000000:role/Jobs',
      permissions: { policies: [policy], boundary: null },
      inputPolicy: everythingAllowed,
      identity: { accountId: '000000000000', region: 'us-east-1' },
    });
    const settings = groupsTo('s3://out/ok/x', 's3://out/no/y', 's3://out/no/z');
    expect(told(await foresee(settings, { stores: limited }))).toEqual([
      `1401 ${destination(1)}`,
      `1401 ${destination(2)}`,
    ]);
    const ladder = (to: string) =>
      jobWith([
        hlsGroup(
          [{ nameModifier: '_v', containerSettings: { container: 'M3U8' }, videoDescription: video }],
          {
            destination: to,
          },
        ),
      ]);
    expect(told(await foresee(ladder('s3://out/ok/main'), { stores: limited }))).toEqual([]);
    expect(told(await foresee(ladder('s3://out/no/main'), { stores: limited }))).toEqual([
      `1401 ${destination(0, 'hlsGroupSettings')}`,
    ]);
  });

  test('whose name no folder can hold are 1056, with a remedy for outputs', async () => {
    await writeFile(path.join(folder, 'buckets/out/f'), 'an object');
    const settings = groupsTo('s3://out/f/x', `s3://out/${'n'.repeat(300)}`);
    expect(told(await foresee(settings))).toEqual([`1056 ${destination(0)}`, `1056 ${destination(1)}`]);
    expect(await readdir(path.join(folder, 'buckets/out'))).toEqual(['f']);
  });

  test('are looked at although the plan is refused, which stays the error', async () => {
    const settings = jobWith([
      fileGroup(
        [mp4Output(video, { nameModifier: '_a' }), mp4Output(video, { nameModifier: '_a' })],
        's3://none/a',
      ),
    ]);
    const { fault, findings } = await foresee(settings);
    expect(fault).toMatchObject({ code: 1040, template: 'duplicate-output', others: [{ code: 1404 }] });
    expect(findings).toContainEqual(expect.objectContaining({ code: 1040, template: 'duplicate-output' }));
  });
});

describe('an input that cannot be opened', () => {
  test('hides nothing that needs no probe', async () => {
    const nameless = { ...stereo, audioSourceName: 'Nobody' };
    const groups = [
      fileGroup([mp4Output(video), mp4Output(video)], 's3://none/a'),
      fileGroup([mp4Output(video, { audioDescriptions: [nameless] })], 's3://out/b'),
    ];
    const settings = jobWith(groups, {
      inputs: [{ fileInput: 's3://in/film.mp4', audioSelectors: { 'Audio Selector 1': { tracks: [1] } } }],
    });
    const seen = await foresee(settings, withMissingInput);
    expect(seen.fault).toMatchObject({ code: 1404, template: 'input-missing' });
    expect(told(seen)).toEqual(
      expect.arrayContaining([
        `1404 ${destination(0)}`,
        '1040 /outputGroups/0/outputs/1',
        '1040 /outputGroups/1/outputs/0/audioDescriptions/0/audioSourceName',
      ]),
    );
    expect(told(seen)).toHaveLength(4);
  });

  // What only the medium can decide must not be told: each of these is right for some input.
  const broadcast = { numerator: 24, denominator: 1 };
  const mayBeRight: readonly (readonly [string, JobSettings])[] = [
    ['a plain job', mp4Job(video)],
    ['a picture that follows the source', mp4Job({ codecSettings: video.codecSettings ?? {} })],
    [
      'timecodes that need the rate of the source',
      mp4Job({
        ...h264Video({
          rateControlMode: 'CBR',
          bitrate: 2_000_000,
          framerateControl: 'SPECIFIED',
          framerateNumerator: broadcast.numerator,
          framerateDenominator: broadcast.denominator,
        }),
        timecodeInsertion: 'PIC_TIMING_SEI',
      }),
    ],
    [
      'selectors by PID, language, track and program, and a clip',
      {
        ...mp4Job(video),
        inputs: [
          {
            fileInput: 's3://in/film.mp4',
            programNumber: 7,
            videoSelector: { pid: 4000, rotate: 'AUTO' },
            audioSelectors: {
              'Audio Selector 1': { selectorType: 'PID', pids: [257, 258] },
              Second: { selectorType: 'LANGUAGE_CODE', languageCode: 'DEU' },
              Third: { tracks: [12] },
            },
            inputClippings: [{ startTimecode: '10:00:00:00', endTimecode: '10:00:10:00' }],
            timecodeSource: 'EMBEDDED',
          },
        ],
      },
    ],
    [
      'a remix of six channels',
      mp4Job(video, {
        audioDescriptions: [
          {
            ...stereo,
            remixSettings: {
              channelsIn: 6,
              channelsOut: 2,
              channelMapping: {
                outputChannels: [
                  { inputChannels: [0, -60, 0, -60, 0, -60] },
                  { inputChannels: [-60, 0, 0, -60, -60, 0] },
                ],
              },
            },
          },
        ],
      }),
    ],
  ];
  test.each(mayBeRight)('says nothing of %s but that it is missing', async (_, settings) => {
    const { findings, fault } = await foresee(settings, withMissingInput);
    expect(findings).toEqual([]);
    expect(fault?.others ?? []).toEqual([]);
  });

  test('is the only one of its kind: with the input there, the medium decides', async () => {
    const settings = mp4Job(video);
    const silent = { probe: async () => [hdFacts({ audioTracks: [] })] };
    expect((await foresee(settings, silent)).fault).toMatchObject({
      code: 1040,
      template: 'audio-track-missing',
    });
    const heard = { probe: async () => [hdFacts({ audioTracks: [audioTrack()] })] };
    expect((await foresee(settings, heard)).fault).toBeNull();
  });
});

const volume = mountSmallVolume(256);
describe.skipIf(volume === null)('a scratch volume', () => {
  if (volume === null) return;
  afterEach(() => volume.empty());

  test('that is full is 1050 with the room there is, before any work is done', async () => {
    volume.fillBut(0);
    const { fault } = await foresee(mp4Job(video), {}, volume.folder);
    expect(fault).toMatchObject({
      code: 1050,
      mediaFact: expect.stringMatching(/^0 bytes are free in .+ expected to write \d+ there$/),
    });
    expect((await foresee(jobWith([hlsGroup([])]), {}, volume.folder)).fault?.code).not.toBe(1050);
  });

  test('that may turn out too small is said, and no error', async () => {
    const { plan, findings } = await foresee(mp4Job(video), {}, volume.folder);
    expect(plan).not.toBeNull();
    expect(findings).toContainEqual(expect.objectContaining({ severity: 'notice', reason: 'scratch-short' }));
  });
});

describe('objects beside the inputs', () => {
  const converted = h264Video(
    { rateControlMode: 'CBR', bitrate: 2_000_000 },
    { videoPreprocessors: { colorCorrector: { colorSpaceConversion: 'FORCE_601' } } },
  );
  const jobWithTable = (fileInput: string): JobSettings => ({
    ...mp4Job(converted),
    colorConversion3DLUTSettings: [{ fileInput, inputColorSpace: 'REC_709', outputColorSpace: 'REC_601' }],
  });
  const table = '/colorConversion3DLUTSettings/0/fileInput';

  test('a 3D LUT that is missing is told with its setting', async () => {
    expect(told(await foresee(jobWithTable('s3://out/nowhere.cube')))).toEqual([`1404 ${table}`]);
  });

  test('they are told beside what stands against the plan, and beside an input that does not open', async () => {
    const slow = h264Video(
      { rateControlMode: 'CBR', bitrate: 2_000_000, slowPal: 'ENABLED' },
      { videoPreprocessors: converted.videoPreprocessors },
    );
    const refused = await foresee({ ...jobWithTable('s3://out/nowhere.cube'), ...mp4Job(slow) });
    expect(told(refused)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^1040 .*slowPal$/), `1404 ${table}`]),
    );
    const videoGenerator = { duration: 1000, imageInput: 's3://out/nowhere.png' };
    const joined = jobWith([fileGroup([mp4Output(video, { audioDescriptions: [] })])], {
      inputs: [{ fileInput: 's3://in/none.mp4' }, { videoGenerator }],
    });
    expect(told(await foresee(joined, withMissingInput))).toEqual([
      '1404 ',
      '1404 /inputs/1/videoGenerator/imageInput',
    ]);
  });

  test('what is in a 3D LUT is for an engine to look at', async () => {
    await writeFile(path.join(folder, 'buckets/out/same.cube'), '');
    const asked: string[] = [];
    const { plan, fault } = await foresee(jobWithTable('s3://out/same.cube'), {
      async look(locations, tables) {
        asked.push(`${locations} ${tables}`);
        return [];
      },
    });
    expect(fault).toBeNull();
    expect(plan?.videoRenditions[0]?.filters.map(({ name }) => name)).toContain('lut3d');
    expect(asked).toEqual(['s3://out/same.cube s3://out/same.cube']);
    const location = 's3://out/same.cube';
    const unusable = jobFault(1010, 'lut-unusable', { url: location, reason: 'no' }, { location }).record;
    const refused = await foresee(jobWithTable(location), { look: async () => [unusable] });
    expect(told(refused)).toEqual([`1010 ${table}`]);
  });
});
