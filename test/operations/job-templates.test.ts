/** Job templates through the real SDK: life, names, pages, system items. */
import {
  BadRequestException,
  ConflictException,
  CreateJobTemplateCommand,
  type CreateJobTemplateCommandInput,
  DeleteJobTemplateCommand,
  GetJobTemplateCommand,
  type JobTemplateSettings,
  ListJobTemplatesCommand,
  type MediaConvertClient,
  NotFoundException,
  paginateListJobTemplates,
  UpdateJobTemplateCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { validateCreateJobTemplate } from '../../src/contract/validate-template.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

const arnOf = (name: string) => `arn:aws:mediaconvert:us-east-1:000000000000:jobTemplates/${name}`;

function settings(): JobTemplateSettings {
  const { OutputGroups } = mp4Settings();
  for (const group of OutputGroups ?? [])
    group.OutputGroupSettings = { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: {} };
  return { AdAvailOffset: 0, OutputGroups };
}

async function create(Name: string, more: Partial<CreateJobTemplateCommandInput> = {}) {
  const input = { Name, Settings: settings(), ...more };
  return (await client.send(new CreateJobTemplateCommand(input))).JobTemplate;
}

conformance('CreateJobTemplate', 'success', 'shows what was given, with the two defaults', async () => {
  api.clock.now = 1_671_476_818_694;
  const JobTemplate = await create('DASH Streaming', { Description: 'd' });
  api.clock.now = null;
  expect(JobTemplate).toEqual({
    Arn: arnOf('DASH Streaming'),
    Name: 'DASH Streaming',
    Description: 'd',
    Type: 'CUSTOM',
    CreatedAt: new Date(1_671_476_819_000),
    LastUpdated: new Date(1_671_476_819_000),
    Priority: 0,
    StatusUpdateInterval: 'SECONDS_60',
    Settings: settings(),
  });
});

conformance('CreateJobTemplate', 'success', 'keeps everything that jobs inherit', async () => {
  const JobTemplate = await create('Everything', {
    Queue: 'Fast',
    Priority: -7,
    AccelerationSettings: { Mode: 'PREFERRED' },
    HopDestinations: [{ Queue: 'Slow', WaitMinutes: 5, Priority: 1 }],
    StatusUpdateInterval: 'SECONDS_10',
    Category: 'c',
    Tags: { a: 'b' },
  });
  expect(JobTemplate).toMatchObject({
    Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Fast',
    Priority: -7,
    AccelerationSettings: { Mode: 'PREFERRED' },
    HopDestinations: [
      { Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Slow', WaitMinutes: 5, Priority: 1 },
    ],
    StatusUpdateInterval: 'SECONDS_10',
    Category: 'c',
  });
  expect((await client.send(new GetJobTemplateCommand({ Name: 'Everything' }))).JobTemplate).toEqual(
    JobTemplate,
  );
});

conformance('CreateJobTemplate', 'success', 'outputs may name presets that come later', async () => {
  const Settings = settings();
  for (const group of Settings.OutputGroups ?? []) group.Outputs = [{ Preset: 'Comes later' }];
  const JobTemplate = await create('Open', { Settings });
  expect(JobTemplate?.Settings).toEqual(Settings);
});

conformance('CreateJobTemplate', 'ConflictException', 'a name can be used once', async () => {
  await create('Once');
  const again = create('Once');
  await expect(again).rejects.toBeInstanceOf(ConflictException);
  await expect(again).rejects.toThrow('A job template with the name Once already exists.');
});

conformance('CreateJobTemplate', 'BadRequestException', 'names every mistake', async () => {
  const Settings = settings();
  for (const group of Settings.OutputGroups ?? [])
    group.Outputs = [
      { Preset: 'P', ContainerSettings: { Container: 'MP4' } },
      { VideoDescription: { Width: 3 } },
    ];
  const refused = create('System-x', {
    Settings,
    Priority: 51,
    HopDestinations: [{ Queue: 'Slow' }],
    Queue: 'Slow',
  });
  await expect(refused).rejects.toBeInstanceOf(BadRequestException);
  for (const part of [
    '/name: Should not begin with System-',
    '/priority: Should be less than or equal to 50',
    '/outputGroups/0/outputs/0: Should not specify both preset and containerSettings',
    '/outputGroups/0/outputs/1: containerSettings is a required property',
    '/hopDestinations/0: waitMinutes is a required property',
    '/hopDestinations/0/queue: Should be another queue',
  ]) {
    await expect(refused).rejects.toThrow(part);
  }
});

it('inputs of templates have no file; the SDK leaves it out, the server refuses it', async () => {
  const Inputs = [{ FileInput: 's3://b/k' } as object];
  const made = await create('With a file', { Settings: { ...settings(), Inputs } });
  expect(made?.Settings?.Inputs).toEqual([{}]);
  const { findings } = validateCreateJobTemplate({
    name: 'Raw',
    settings: { inputs: [{ fileInput: 's3://b/k' }] },
  });
  expect(findings).toContainEqual(
    expect.objectContaining({ pointer: '/inputs/0/fileInput', message: 'Is not an allowed property' }),
  );
});

conformance('GetJobTemplate', 'success', 'by name and by ARN', async () => {
  const JobTemplate = await create('My template (1)');
  for (const Name of ['My template (1)', arnOf('My template (1)')])
    expect((await client.send(new GetJobTemplateCommand({ Name }))).JobTemplate).toEqual(JobTemplate);
});

conformance('GetJobTemplate', 'NotFoundException', 'with the ARN in its text', async () => {
  const refused = client.send(new GetJobTemplateCommand({ Name: 'Nobody' }));
  await expect(refused).rejects.toBeInstanceOf(NotFoundException);
  await expect(refused).rejects.toThrow(
    `The specified job template was not found: jobTemplateArn=${arnOf('Nobody')}.`,
  );
});

conformance('UpdateJobTemplate', 'success', 'replaces each member whole and keeps the others', async () => {
  const before = await create('Changing', { Priority: 3, Queue: 'Fast', Description: 'kept' });
  const Settings = {
    OutputGroups: settings().OutputGroups,
    TimecodeConfig: { Source: 'ZEROBASED' as const },
  };
  const { JobTemplate } = await client.send(
    new UpdateJobTemplateCommand({ Name: 'Changing', Priority: 0, Settings }),
  );
  expect(JobTemplate).toEqual({ ...before, Priority: 0, Settings, LastUpdated: expect.any(Date) });
});

conformance('UpdateJobTemplate', 'BadRequestException', 'nothing is stored', async () => {
  await create('Stays', { Priority: 3 });
  const update = client.send(
    new UpdateJobTemplateCommand({
      Name: 'Stays',
      Priority: 9,
      Settings: { OutputGroups: [{ Outputs: [] }] },
    }),
  );
  await expect(update).rejects.toBeInstanceOf(BadRequestException);
  await expect(update).rejects.toThrow('/outputGroups/0/outputs: Should have at least 1 items');
  const { JobTemplate } = await client.send(new GetJobTemplateCommand({ Name: 'Stays' }));
  expect(JobTemplate).toMatchObject({ Priority: 3, Settings: settings() });
});

conformance('UpdateJobTemplate', 'BadRequestException', 'a hop to the queue that it keeps', async () => {
  const HopDestinations = [{ Queue: 'Slow', WaitMinutes: 1 }];
  await create('Hops', { Queue: 'Fast', HopDestinations });
  await create('Stays put', { Queue: 'Slow' });
  const message = '/hopDestinations/0/queue: Should be another queue than the job is submitted to';
  for (const change of [
    { Name: 'Hops', Queue: 'Slow' },
    { Name: 'Stays put', HopDestinations },
  ])
    await expect(client.send(new UpdateJobTemplateCommand(change))).rejects.toThrow(message);
  const { JobTemplate } = await client.send(new GetJobTemplateCommand({ Name: 'Stays put' }));
  expect(JobTemplate).not.toHaveProperty('HopDestinations');
});

conformance('UpdateJobTemplate', 'NotFoundException', 'a name that is not there', async () => {
  const update = client.send(new UpdateJobTemplateCommand({ Name: 'Nobody', Priority: 1 }));
  await expect(update).rejects.toBeInstanceOf(NotFoundException);
});

conformance('DeleteJobTemplate', 'success', 'takes the name away', async () => {
  await create('Going');
  const { $metadata } = await client.send(new DeleteJobTemplateCommand({ Name: 'Going' }));
  expect($metadata.httpStatusCode).toBe(202);
  const get = client.send(new GetJobTemplateCommand({ Name: 'Going' }));
  await expect(get).rejects.toBeInstanceOf(NotFoundException);
});

conformance('DeleteJobTemplate', 'NotFoundException', 'a name that is not there', async () => {
  const refused = client.send(new DeleteJobTemplateCommand({ Name: 'Nobody' }));
  await expect(refused).rejects.toBeInstanceOf(NotFoundException);
});

const systemName = 'System-Generic_Mp4_Hev1_Avc_Aac_Sdr_Qvbr';

conformance('GetJobTemplate', 'success', 'a system template, as the service shows it', async () => {
  const { JobTemplate } = await client.send(new GetJobTemplateCommand({ Name: systemName }));
  expect(JobTemplate).toMatchObject({
    Arn: arnOf(systemName),
    Type: 'SYSTEM',
    Category: 'GENERIC',
    CreatedAt: new Date(1_568_321_779_000),
  });
  expect(Object.keys(JobTemplate ?? {})).not.toContain('Priority');
  const outputs = JobTemplate?.Settings?.OutputGroups?.[0]?.Outputs ?? [];
  expect(outputs.map(({ Preset }) => Preset)).toEqual([
    'System-Generic_Hd_Mp4_Avc_Aac_16x9_Sdr_1280x720p_30Hz_5Mbps_Qvbr_Vq9',
    'System-Generic_Hd_Mp4_Avc_Aac_16x9_Sdr_1920x1080p_30Hz_10Mbps_Qvbr_Vq9',
    'System-Generic_Sd_Mp4_Avc_Aac_16x9_Sdr_640x360p_30Hz_0.8Mbps_Qvbr_Vq7',
    'System-Generic_Hd_Mp4_Hev1_Aac_16x9_Sdr_1280x720p_30Hz_4Mbps_Qvbr_Vq9',
    'System-Generic_Hd_Mp4_Hev1_Aac_16x9_Sdr_1920x1080p_30Hz_8Mbps_Qvbr_Vq9',
    'System-Generic_Uhd_Mp4_Hev1_Aac_16x9_Sdr_3840x2160p_30Hz_12Mbps_Qvbr_Vq9',
  ]);
});

conformance('UpdateJobTemplate', 'BadRequestException', 'system templates never change', async () => {
  const update = client.send(new UpdateJobTemplateCommand({ Name: systemName, Priority: 1 }));
  await expect(update).rejects.toThrow(`The system job template ${systemName} can't be changed.`);
});

conformance('DeleteJobTemplate', 'BadRequestException', 'system templates stay', async () => {
  const refused = client.send(new DeleteJobTemplateCommand({ Name: systemName }));
  await expect(refused).rejects.toBeInstanceOf(BadRequestException);
});

async function listed(input: ConstructorParameters<typeof ListJobTemplatesCommand>[0], pageSize = 3) {
  const names: string[] = [];
  for await (const page of paginateListJobTemplates({ client, pageSize }, input ?? {}))
    names.push(...(page.JobTemplates ?? []).map(({ Name }) => Name ?? ''));
  return names;
}

conformance(
  'ListJobTemplates',
  'success',
  'custom templates by name, date and category; system ones apart',
  async () => {
    api.clock.now = 1_700_000_000_000;
    for (const Name of ['page c', 'page A', 'page b', 'page d']) {
      await create(Name, { Category: 'pages' });
      api.clock.now += 1000;
    }
    api.clock.now = null;
    expect(await listed({ Category: 'pages' })).toEqual(['page A', 'page b', 'page c', 'page d']);
    expect(await listed({ Category: 'pages', ListBy: 'CREATION_DATE', Order: 'DESCENDING' })).toEqual([
      'page d',
      'page b',
      'page A',
      'page c',
    ]);
    const system = await listed({ ListBy: 'SYSTEM' });
    expect(system).toContain(systemName);
    expect(system).toContain('System-Ott_Hls_Ts_Avc_Aac');
    expect((await listed({})).filter((name) => name.startsWith('System-'))).toEqual([]);
  },
);

conformance(
  'ListJobTemplates',
  'pagination',
  'templates that come and go neither repeat nor hide others',
  async () => {
    api.clock.now = 1_800_000_000_000;
    for (const letter of 'bdf') await create(`turn ${letter}`, { Category: 'turns' });
    const query = { Category: 'turns', ListBy: 'CREATION_DATE' as const };
    const first = await client.send(new ListJobTemplatesCommand({ ...query, MaxResults: 2 }));
    await create('turn a', { Category: 'turns' });
    await create('turn e', { Category: 'turns' });
    await client.send(new DeleteJobTemplateCommand({ Name: 'turn d' }));
    api.clock.now = null;
    const second = await client.send(new ListJobTemplatesCommand({ ...query, NextToken: first.NextToken }));
    expect(first.JobTemplates?.map(({ Name }) => Name)).toEqual(['turn b', 'turn d']);
    expect(second.JobTemplates?.map(({ Name }) => Name)).toEqual(['turn e', 'turn f']);
  },
);

conformance('ListJobTemplates', 'BadRequestException', 'tokens of another list are refused', async () => {
  const { NextToken } = await client.send(new ListJobTemplatesCommand({ MaxResults: 1 }));
  expect(NextToken).toBeDefined();
  const refused = client.send(new ListJobTemplatesCommand({ NextToken, ListBy: 'SYSTEM' }));
  await expect(refused).rejects.toThrow('Invalid nextToken.');
});
