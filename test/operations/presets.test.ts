/** Presets through the real SDK: life, names, pages, system items. */
import {
  BadRequestException,
  ConflictException,
  CreateJobCommand,
  CreatePresetCommand,
  type CreatePresetCommandInput,
  DeletePresetCommand,
  GetPresetCommand,
  ListPresetsCommand,
  type MediaConvertClient,
  NotFoundException,
  type PresetSettings,
  paginateListPresets,
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
});
afterAll(() => api[Symbol.asyncDispose]());

const arnOf = (name: string) => `arn:aws:mediaconvert:us-east-1:000000000000:presets/${name}`;

function settings(Width = 640): PresetSettings {
  const [output] = mp4Settings().OutputGroups?.[0]?.Outputs ?? [];
  const { ContainerSettings, VideoDescription, AudioDescriptions } = output ?? {};
  return {
    ContainerSettings,
    VideoDescription: { ...VideoDescription, Width, Height: 360, Sharpness: 0 },
    AudioDescriptions,
  };
}

async function create(Name: string, more: Partial<CreatePresetCommandInput> = {}) {
  const { Preset } = await client.send(new CreatePresetCommand({ Name, Settings: settings(), ...more }));
  return Preset;
}

conformance('CreatePreset', 'success', 'shows what was given, and nothing more', async () => {
  api.clock.now = 1_671_476_818_694;
  const Preset = await create('My preset 1', {
    Description: 'for the news',
    Category: 'News',
    Tags: { team: 'news' },
  });
  expect(Preset).toEqual({
    Arn: arnOf('My preset 1'),
    Name: 'My preset 1',
    Description: 'for the news',
    Category: 'News',
    Type: 'CUSTOM',
    CreatedAt: new Date(1_671_476_819_000),
    LastUpdated: new Date(1_671_476_819_000),
    Settings: settings(),
  });
  expect(Object.keys((await create('Bare')) ?? {})).not.toContain('Description');
  api.clock.now = null;
});

conformance('CreatePreset', 'success', 'takes every character a name may have, up to 80', async () => {
  for (const Name of ['a', 'x'.repeat(80), "Ünïcode (1)[2]+=*!@'._-", 'system presets']) {
    await create(Name);
    const { Preset } = await client.send(new GetPresetCommand({ Name }));
    expect(Preset?.Name).toBe(Name);
  }
});

conformance('CreatePreset', 'ConflictException', 'a name can be used once', async () => {
  await create('Once');
  const again = create('Once', { Settings: settings(320) });
  await expect(again).rejects.toBeInstanceOf(ConflictException);
  await expect(again).rejects.toThrow('A preset with the name Once already exists.');
  const { Preset } = await client.send(new GetPresetCommand({ Name: 'Once' }));
  expect(Preset?.Settings?.VideoDescription?.Width).toBe(640);
});

conformance('CreatePreset', 'BadRequestException', 'names every mistake of name and settings', async () => {
  const wrong = settings(639);
  wrong.VideoDescription = {
    ...wrong.VideoDescription,
    CodecSettings: { Codec: 'H_264', H264Settings: { RateControlMode: 'QVBR', Bitrate: 1000 } },
  };
  const refused = create('System-Mine?', { Settings: wrong });
  await expect(refused).rejects.toBeInstanceOf(BadRequestException);
  for (const part of [
    '/name: Should not begin with System-',
    '/name: Should not contain any of',
    '/videoDescription/width: Should be a multiple of 2',
    '/videoDescription/codecSettings/h264Settings',
  ]) {
    await expect(refused).rejects.toThrow(part);
  }
  await expect(client.send(new GetPresetCommand({ Name: 'System-Mine?' }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
});

conformance('CreatePreset', 'BadRequestException', 'refuses names and tags out of bounds', async () => {
  await expect(create('')).rejects.toThrow('/name: Should have at least 1 characters');
  await expect(create('x'.repeat(81))).rejects.toThrow('/name: Should have at most 80 characters');
  await expect(create('a/b')).rejects.toThrow('/name: Should not contain any of');
  await expect(create('T', { Tags: { 'aws:x': '1' } })).rejects.toBeInstanceOf(BadRequestException);
  const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, '']));
  await expect(create('T', { Tags })).rejects.toThrow('/tags: Should have at most 50 properties');
  await expect(client.send(new GetPresetCommand({ Name: 'T' }))).rejects.toBeInstanceOf(NotFoundException);
});

conformance('GetPreset', 'success', 'by name, by ARN, and by the ARN of another account', async () => {
  const Preset = await create('Found');
  for (const Name of ['Found', arnOf('Found'), 'arn:aws:mediaconvert:eu-west-1:123456789012:presets/Found']) {
    expect((await client.send(new GetPresetCommand({ Name }))).Preset).toEqual(Preset);
  }
});

conformance('GetPreset', 'NotFoundException', 'names are exact, ARNs must be of presets', async () => {
  await create('Exact');
  const byName = client.send(new GetPresetCommand({ Name: 'exact' }));
  await expect(byName).rejects.toBeInstanceOf(NotFoundException);
  await expect(byName).rejects.toThrow(`The specified preset was not found: presetArn=${arnOf('exact')}.`);
  const wrongKind = 'arn:aws:mediaconvert:us-east-1:000000000000:queues/Exact';
  await expect(client.send(new GetPresetCommand({ Name: wrongKind }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
});

conformance('UpdatePreset', 'success', 'replaces settings whole and keeps what is not given', async () => {
  const before = await create('Changing', { Description: 'kept', Category: 'old' });
  api.clock.now = Date.now() + 60_000;
  const { ContainerSettings, AudioDescriptions } = settings();
  const { Preset } = await client.send(
    new UpdatePresetCommand({
      Name: arnOf('Changing'),
      Category: '',
      Settings: { ContainerSettings, AudioDescriptions },
    }),
  );
  api.clock.now = null;
  expect(Preset).toEqual({
    ...before,
    Category: '',
    Settings: { ContainerSettings, AudioDescriptions },
    LastUpdated: expect.any(Date),
  });
  expect(Preset?.LastUpdated?.getTime()).toBeGreaterThan(before?.LastUpdated?.getTime() ?? Number.NaN);
  const { Preset: unchanged } = await client.send(new UpdatePresetCommand({ Name: 'Changing' }));
  expect(unchanged?.Settings).toEqual(Preset?.Settings);
});

conformance(
  'UpdatePreset',
  'BadRequestException',
  'settings must be complete; nothing is stored',
  async () => {
    await create('Stays');
    const update = client.send(
      new UpdatePresetCommand({
        Name: 'Stays',
        Category: 'lost',
        Settings: { AudioDescriptions: [{ CodecSettings: { Codec: 'AAC', AacSettings: {} } }] },
      }),
    );
    await expect(update).rejects.toBeInstanceOf(BadRequestException);
    await expect(update).rejects.toThrow('codingMode is a required property');
    const { Preset } = await client.send(new GetPresetCommand({ Name: 'Stays' }));
    expect(Preset).toMatchObject({ Settings: settings() });
    expect(Preset?.Category).toBeUndefined();
  },
);

conformance('UpdatePreset', 'NotFoundException', 'a name that is not there', async () => {
  const update = client.send(new UpdatePresetCommand({ Name: 'Nobody', Settings: settings() }));
  await expect(update).rejects.toBeInstanceOf(NotFoundException);
});

conformance('DeletePreset', 'success', 'takes the name away, and gives it free', async () => {
  await create('Going', { Tags: { a: 'b' } });
  const { $metadata } = await client.send(new DeletePresetCommand({ Name: arnOf('Going') }));
  expect($metadata.httpStatusCode).toBe(202);
  await expect(client.send(new GetPresetCommand({ Name: 'Going' }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
  await create('Going');
});

conformance('DeletePreset', 'success', 'leaves the jobs that were made with it as they are', async () => {
  await create('Used');
  const Settings = mp4Settings();
  for (const group of Settings.OutputGroups ?? []) group.Outputs = [{ Preset: 'Used' }];
  const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings }));
  expect(Job?.Settings?.OutputGroups?.[0]?.Outputs?.[0]?.VideoDescription?.Width).toBe(640);
  await client.send(new DeletePresetCommand({ Name: 'Used' }));
  await expect(client.send(new CreateJobCommand({ Role: role, Settings }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
});

conformance('DeletePreset', 'NotFoundException', 'a name that is not there', async () => {
  const refused = client.send(new DeletePresetCommand({ Name: 'Nobody' }));
  await expect(refused).rejects.toBeInstanceOf(NotFoundException);
});

const systemName = 'System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps';

conformance('GetPreset', 'success', 'a system preset, under our own account', async () => {
  const { Preset } = await client.send(new GetPresetCommand({ Name: systemName }));
  expect(Preset).toMatchObject({
    Arn: arnOf(systemName),
    Name: systemName,
    Type: 'SYSTEM',
    Category: 'OTT-HLS',
  });
  expect(Preset?.Settings?.VideoDescription).toMatchObject({ Width: 1280, Height: 720 });
});

conformance('UpdatePreset', 'BadRequestException', 'system presets never change', async () => {
  const update = client.send(new UpdatePresetCommand({ Name: systemName, Description: 'mine' }));
  await expect(update).rejects.toBeInstanceOf(BadRequestException);
  await expect(update).rejects.toThrow(`The system preset ${systemName} can't be changed.`);
});

conformance('DeletePreset', 'BadRequestException', 'system presets stay', async () => {
  const refused = client.send(new DeletePresetCommand({ Name: arnOf(systemName) }));
  await expect(refused).rejects.toBeInstanceOf(BadRequestException);
});

async function listed(input: ConstructorParameters<typeof ListPresetsCommand>[0], pageSize = 3) {
  const names: string[] = [];
  for await (const page of paginateListPresets({ client, pageSize }, input ?? {})) {
    expect(page.Presets?.length).toBeLessThanOrEqual(pageSize);
    names.push(...(page.Presets ?? []).map(({ Name }) => Name ?? ''));
  }
  return names;
}

conformance('ListPresets', 'success', 'custom presets by name, by date, by category', async () => {
  api.clock.now = 1_700_000_000_000;
  for (const Name of ['page c', 'page A', 'page b']) {
    await create(Name, { Category: 'pages' });
    api.clock.now += 1000;
  }
  api.clock.now = null;
  expect(await listed({ Category: 'pages' })).toEqual(['page A', 'page b', 'page c']);
  expect(await listed({ Category: 'pages', ListBy: 'CREATION_DATE' })).toEqual([
    'page c',
    'page A',
    'page b',
  ]);
  expect(await listed({ Category: 'pages', ListBy: 'CREATION_DATE', Order: 'DESCENDING' })).toEqual([
    'page b',
    'page A',
    'page c',
  ]);
  expect(await listed({ Category: 'Pages' })).toEqual([]);
  const { Presets, NextToken } = await client.send(new ListPresetsCommand({ Category: 'pages' }));
  expect(Presets?.[0]).toMatchObject({ Type: 'CUSTOM', Settings: settings() });
  expect(NextToken).toBeUndefined();
});

conformance('ListPresets', 'success', 'system presets apart from custom ones, all valid names', async () => {
  const system = await listed({ ListBy: 'SYSTEM' }, 20);
  expect(system).toContain(systemName);
  expect(system.every((name) => name.startsWith('System-'))).toBe(true);
  expect(system).toEqual(system.toSorted());
  expect(await listed({ ListBy: 'SYSTEM', Order: 'DESCENDING' }, 20)).toEqual(system.toReversed());
  const hls = await listed({ ListBy: 'SYSTEM', Category: 'OTT-HLS' }, 20);
  expect(hls).toContain(systemName);
  expect(hls.length).toBeLessThan(system.length);
  expect((await listed({})).filter((name) => name.startsWith('System-'))).toEqual([]);
});

conformance(
  'ListPresets',
  'pagination',
  'items that come and go neither repeat nor hide others',
  async () => {
    for (const letter of 'bdfh') await create(`turn ${letter}`, { Category: 'turns' });
    const first = await client.send(new ListPresetsCommand({ Category: 'turns', MaxResults: 2 }));
    await create('turn a', { Category: 'turns' });
    await create('turn e', { Category: 'turns' });
    await client.send(new DeletePresetCommand({ Name: 'turn d' }));
    const second = await client.send(
      new ListPresetsCommand({ Category: 'turns', MaxResults: 20, NextToken: first.NextToken }),
    );
    const namesOf = (presets: typeof first.Presets) => presets?.map(({ Name }) => Name);
    expect(namesOf(first.Presets)).toEqual(['turn b', 'turn d']);
    expect(namesOf(second.Presets)).toEqual(['turn e', 'turn f', 'turn h']);
  },
);

conformance('ListPresets', 'BadRequestException', 'tokens belong to their list and filters', async () => {
  const { NextToken } = await client.send(new ListPresetsCommand({ MaxResults: 1 }));
  expect(NextToken).toBeDefined();
  for (const input of [
    { NextToken, Order: 'DESCENDING' as const },
    { NextToken, ListBy: 'SYSTEM' as const },
    { NextToken: 'made up' },
    { MaxResults: 21 },
    { MaxResults: 0 },
  ]) {
    await expect(client.send(new ListPresetsCommand(input))).rejects.toBeInstanceOf(BadRequestException);
  }
});
