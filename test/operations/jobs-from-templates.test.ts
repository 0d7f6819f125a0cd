/** Jobs over job templates and presets, through the real SDK: what wins, what is inherited, what is refused. */
import {
  BadRequestException,
  CreateJobCommand,
  type CreateJobCommandInput,
  CreateJobTemplateCommand,
  CreatePresetCommand,
  CreateQueueCommand,
  GetJobCommand,
  type JobSettings,
  type JobTemplateSettings,
  type MediaConvertClient,
  NotFoundException,
  type PresetSettings,
  UpdateJobTemplateCommand,
  UpdatePresetCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
  await client.send(new CreatePresetCommand({ Name: 'Small', Settings: presetSettings(640) }));
  await client.send(
    new CreateJobTemplateCommand({
      Name: 'Two sizes',
      Priority: -3,
      StatusUpdateInterval: 'SECONDS_30',
      AccelerationSettings: { Mode: 'PREFERRED' },
      HopDestinations: [],
      Settings: templateSettings(),
    }),
  );
});
afterAll(() => api[Symbol.asyncDispose]());

function presetSettings(Width: number): PresetSettings {
  const [output] = mp4Settings().OutputGroups?.[0]?.Outputs ?? [];
  const { ContainerSettings, VideoDescription, AudioDescriptions } = output ?? {};
  return {
    ContainerSettings,
    VideoDescription: { ...VideoDescription, Width, Height: 360 },
    AudioDescriptions,
  };
}

/** One output of its own, one of a preset; no destination. */
function templateSettings(): JobTemplateSettings {
  const { ContainerSettings, VideoDescription, AudioDescriptions } = presetSettings(1280);
  return {
    TimecodeConfig: { Source: 'ZEROBASED' },
    Inputs: [{ AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } }, VideoSelector: {} }],
    OutputGroups: [
      {
        Name: 'Files',
        OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: {} },
        Outputs: [
          { NameModifier: '_own', ContainerSettings, VideoDescription, AudioDescriptions },
          { NameModifier: '_preset', Preset: 'Small' },
        ],
      },
    ],
  };
}

/** What a program lays over the template: its input and its destination. */
function places(): JobSettings {
  return {
    Inputs: [{ FileInput: 's3://media/in.mp4' }],
    OutputGroups: [
      { OutputGroupSettings: { FileGroupSettings: { Destination: 's3://media/out/' } } },
    ] as JobSettings['OutputGroups'],
  };
}

async function create(input: Partial<CreateJobCommandInput>) {
  const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings: places(), ...input }));
  return Job;
}

conformance(
  'CreateJob',
  'success',
  'over a template: the template’s settings with the job’s in them',
  async () => {
    const Job = await create({ JobTemplate: 'Two sizes' });
    const expected = templateSettings() as JobSettings;
    const [input] = expected.Inputs ?? [];
    const [group] = expected.OutputGroups ?? [];
    Object.assign(input ?? {}, { FileInput: 's3://media/in.mp4' });
    Object.assign(group?.OutputGroupSettings?.FileGroupSettings ?? {}, { Destination: 's3://media/out/' });
    Object.assign(group?.Outputs?.[1] ?? {}, presetSettings(640));
    expect(Job?.Settings).toEqual(expected);
    expect(Job?.JobTemplate).toBe('Two sizes');
    const stored = await client.send(new GetJobCommand({ Id: Job?.Id }));
    expect(stored.Job?.Settings).toEqual(expected);
    expect(stored.Job?.JobTemplate).toBe('Two sizes');
  },
);

conformance('CreateJob', 'success', 'over a template: what the job leaves out is inherited', async () => {
  expect(await create({ JobTemplate: 'Two sizes' })).toMatchObject({
    Priority: -3,
    StatusUpdateInterval: 'SECONDS_30',
    AccelerationSettings: { Mode: 'PREFERRED' },
    Queue: 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Default',
  });
  const own = await create({
    JobTemplate: 'Two sizes',
    Priority: 0,
    StatusUpdateInterval: 'SECONDS_10',
    AccelerationSettings: { Mode: 'DISABLED' },
  });
  expect(own).toMatchObject({
    Priority: 0,
    StatusUpdateInterval: 'SECONDS_10',
    AccelerationSettings: { Mode: 'DISABLED' },
  });
});

conformance(
  'CreateJob',
  'success',
  'over a template: the job’s values win, to the depth it goes',
  async () => {
    const Settings = places();
    Object.assign(Settings.OutputGroups?.[0] ?? {}, {
      Outputs: [
        {
          VideoDescription: {
            CodecSettings: { Codec: 'H_264', H264Settings: { MaxBitrate: 900_000 } },
          },
        },
        { VideoDescription: { Width: 320, Height: 180 } },
      ],
    });
    const [first, second] =
      (await create({ JobTemplate: 'Two sizes', Settings }))?.Settings?.OutputGroups?.[0]?.Outputs ?? [];
    expect(first?.VideoDescription).toMatchObject({
      Width: 1280,
      CodecSettings: { H264Settings: { MaxBitrate: 900_000, RateControlMode: 'QVBR' } },
    });
    expect(second).toMatchObject({
      Preset: 'Small',
      NameModifier: '_preset',
      VideoDescription: { Width: 320, CodecSettings: { Codec: 'H_264' } },
    });
  },
);

conformance(
  'CreateJob',
  'success',
  'over a system template, by name and by the ARN of any account',
  async () => {
    const Settings: JobSettings = {
      Inputs: [
        {
          FileInput: 's3://media/in.mp4',
          AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } },
        },
      ],
      OutputGroups: [
        { OutputGroupSettings: { HlsGroupSettings: { Destination: 's3://media/hls/' } } },
      ] as never,
    };
    const arn = 'arn:aws:mediaconvert:eu-west-1:123456789012:jobTemplates/System-Ott_Hls_Ts_Avc_Aac';
    for (const JobTemplate of ['System-Ott_Hls_Ts_Avc_Aac', arn]) {
      const Job = await create({ JobTemplate, Settings });
      expect(Job?.JobTemplate).toBe(JobTemplate);
      const outputs = Job?.Settings?.OutputGroups?.[0]?.Outputs ?? [];
      expect(outputs).toHaveLength(8);
      expect(outputs[7]).toMatchObject({
        Preset: 'System-Ott_Hls_Ts_Avc_Aac_16x9_1920x1080p_30Hz_8.5Mbps',
        NameModifier: '_Ott_Hls_Ts_Avc_Aac_16x9_1920x1080p_30Hz_8500Kbps',
        ContainerSettings: { Container: 'M3U8' },
        VideoDescription: { Width: 1920, Height: 1080 },
      });
      if (JobTemplate === arn) expect(Job?.Messages?.Info?.[0]).toContain('it was matched by its name');
    }
  },
);

conformance(
  'CreateJob',
  'success',
  'presets resolve at submit: later changes concern later jobs',
  async () => {
    await client.send(new CreatePresetCommand({ Name: 'Moving', Settings: presetSettings(640) }));
    const Settings = mp4Settings();
    for (const group of Settings.OutputGroups ?? []) group.Outputs = [{ Preset: 'Moving' }];
    const before = await create({ Settings });
    await client.send(new UpdatePresetCommand({ Name: 'Moving', Settings: presetSettings(480) }));
    const after = await create({ Settings });
    const stored = await client.send(new GetJobCommand({ Id: before?.Id }));
    const widthOf = (settings: JobSettings | undefined) =>
      settings?.OutputGroups?.[0]?.Outputs?.[0]?.VideoDescription?.Width;
    expect(widthOf(stored.Job?.Settings)).toBe(640);
    expect(widthOf(after?.Settings)).toBe(480);
  },
);

conformance(
  'CreateJob',
  'NotFoundException',
  'a template, a preset, and a preset inside a template',
  async () => {
    const prefix = 'arn:aws:mediaconvert:us-east-1:000000000000:';
    const stored = api.submittedIds.length;
    await expect(create({ JobTemplate: 'Nobody' })).rejects.toThrow(
      `The specified job template was not found: jobTemplateArn=${prefix}jobTemplates/Nobody.`,
    );
    const Settings = mp4Settings();
    for (const group of Settings.OutputGroups ?? []) group.Outputs = [{ Preset: 'System-Nothing' }];
    const missing = create({ Settings });
    await expect(missing).rejects.toBeInstanceOf(NotFoundException);
    await expect(missing).rejects.toThrow(
      `The specified preset was not found: presetArn=${prefix}presets/System-Nothing.`,
    );
    const open = templateSettings();
    for (const group of open.OutputGroups ?? []) group.Outputs = [{ Preset: 'Never made' }];
    await client.send(new CreateJobTemplateCommand({ Name: 'Open', Settings: open }));
    await expect(create({ JobTemplate: 'Open' })).rejects.toBeInstanceOf(NotFoundException);
    expect(api.submittedIds).toHaveLength(stored);
  },
);

conformance('CreateJob', 'NotFoundException', 'the queue that a template names', async () => {
  await client.send(
    new CreateJobTemplateCommand({ Name: 'Elsewhere', Queue: 'Fast', Settings: templateSettings() }),
  );
  await expect(create({ JobTemplate: 'Elsewhere' })).rejects.toThrow('The specified queue was not found');
  expect(await create({ JobTemplate: 'Elsewhere', Queue: 'Default' })).toMatchObject({ Status: 'SUBMITTED' });
});

conformance(
  'CreateJob',
  'BadRequestException',
  'preset beside containerSettings, wherever they meet',
  async () => {
    const both = '/outputGroups/0/outputs/0: Should not specify both preset and containerSettings';
    const Settings = mp4Settings();
    for (const output of Settings.OutputGroups?.[0]?.Outputs ?? []) output.Preset = 'Small';
    await expect(create({ Settings })).rejects.toThrow(both);
    const over = places();
    Object.assign(over.OutputGroups?.[0] ?? {}, {
      Outputs: [{ Preset: 'Small', ContainerSettings: { Container: 'MOV' } }],
    });
    await expect(create({ JobTemplate: 'Two sizes', Settings: over })).rejects.toThrow(both);
  },
);

conformance(
  'CreateJob',
  'BadRequestException',
  'the merged document is judged whole, with its own pointers',
  async () => {
    const Settings = places();
    Object.assign(Settings.OutputGroups?.[0] ?? {}, {
      OutputGroupSettings: {},
      Outputs: [
        {},
        { VideoDescription: { CodecSettings: { H264Settings: { Bitrate: 1_000_000 } } } },
        { NameModifier: '_own' },
      ],
    });
    const refused = create({ JobTemplate: 'Two sizes', Settings });
    await expect(refused).rejects.toBeInstanceOf(BadRequestException);
    for (const part of [
      '/outputGroups/0/outputs/1/videoDescription/codecSettings/h264Settings',
      '/outputGroups/0/outputs/2: containerSettings is a required property',
      'destination is a required property',
    ]) {
      await expect(refused).rejects.toThrow(part);
    }
  },
);

conformance('CreateJob', 'success', 'another codec over a preset takes the preset’s codec away', async () => {
  const Settings = mp4Settings();
  for (const group of Settings.OutputGroups ?? []) {
    group.Outputs = [
      {
        Preset: 'Small',
        VideoDescription: {
          CodecSettings: {
            Codec: 'H_265',
            H265Settings: { RateControlMode: 'CBR', Bitrate: 1_000_000 },
          },
        },
      },
    ];
  }
  const output = (await create({ Settings }))?.Settings?.OutputGroups?.[0]?.Outputs?.[0];
  expect(output?.VideoDescription).toEqual({
    Width: 640,
    Height: 360,
    CodecSettings: { Codec: 'H_265', H265Settings: { RateControlMode: 'CBR', Bitrate: 1_000_000 } },
  });
});

conformance('CreateJob', 'success', 'a template that a skeleton left without a queue has none', async () => {
  const blank = { Settings: templateSettings(), HopDestinations: [{ Queue: '', WaitMinutes: 5 }] };
  const made = await client.send(new CreateJobTemplateCommand({ Name: 'Blank', Queue: '', ...blank }));
  expect(made.JobTemplate).not.toHaveProperty('Queue');
  await client.send(new CreateQueueCommand({ Name: 'Other' }));
  const submitted = () => create({ JobTemplate: 'Blank', Queue: 'Other', Settings: places() });
  expect((await submitted())?.HopDestinations).toEqual([{ WaitMinutes: 5 }]);
  // A queue that is taken away again, and hops that name none.
  await client.send(new UpdateJobTemplateCommand({ Name: 'Blank', Queue: 'Other' }));
  const changed = await client.send(
    new UpdateJobTemplateCommand({ Name: 'Blank', Queue: '', HopDestinations: [] }),
  );
  expect(changed.JobTemplate).not.toHaveProperty('Queue');
  const job = await create({ JobTemplate: 'Blank', Settings: places() });
  expect(job?.Queue).toMatch(/\/Default$/);
});
