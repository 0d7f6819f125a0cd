/** Quotas on presets and job templates, through the real SDK (spec api.md 17); those of queues: queue-quotas.test.ts. */
import {
  CreateJobTemplateCommand,
  CreatePresetCommand,
  type PresetSettings,
  ServiceQuotaExceededException,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings } from './job-document.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const presetSettings: PresetSettings = {
  ContainerSettings: { Container: 'MP4' },
  AudioDescriptions: mp4Settings().OutputGroups?.[0]?.Outputs?.[0]?.AudioDescriptions?.map(
    ({ AudioSourceName: _, ...description }) => description,
  ),
};

describe('quotas', () => {
  const preset = (Name: string) =>
    new CreatePresetCommand({
      Name,
      Settings: presetSettings,
    });

  conformance('CreatePreset', 'ServiceQuotaExceededException', 'above the number of presets', async () => {
    const { url } = await api.serve({ quotas: { presets: 1 } });
    const client = api.client(url);
    await client.send(preset('One'));
    const refused = client.send(preset('Two'));
    await expect(refused).rejects.toBeInstanceOf(ServiceQuotaExceededException);
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 402 } });
    // Quotas are off unless they are turned on.
    await api.client().send(preset('Three'));
    const { url: roomier } = await api.serve({ quotas: { presets: 4 } });
    const names = ['4', '5', '6', '7', '8', '9'];
    const asked = await Promise.allSettled(names.map((name) => api.client(roomier).send(preset(name))));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  });

  conformance('CreateJobTemplate', 'ServiceQuotaExceededException', 'of none at all', async () => {
    const { url } = await api.serve({ quotas: { jobTemplates: 0 } });
    const { Inputs: _, ...Settings } = mp4Settings();
    const refused = api.client(url).send(new CreateJobTemplateCommand({ Name: 'T', Settings }));
    await expect(refused).rejects.toBeInstanceOf(ServiceQuotaExceededException);
  });
});
