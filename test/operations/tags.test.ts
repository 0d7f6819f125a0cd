/** Tags of all four kinds of resources, through the real SDK. */
import {
  BadRequestException,
  CreateJobCommand,
  CreateJobTemplateCommand,
  CreatePresetCommand,
  GetPresetCommand,
  ListTagsForResourceCommand,
  type MediaConvertClient,
  NotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';
import { mp4Settings, role } from './job-document.ts';

let api: ApiFixture;
let client: MediaConvertClient;
/** One ARN of each kind, each created with the tag `made` = `with it`, the queue without. */
const arns: string[] = [];
const prefix = 'arn:aws:mediaconvert:us-east-1:000000000000:';
beforeAll(async () => {
  api = await startApi();
  client = api.client();
  const Tags = { made: 'with it' };
  const Settings = mp4Settings();
  const { Job } = await client.send(new CreateJobCommand({ Role: role, Settings, Tags }));
  const { OutputGroups } = Settings;
  const { JobTemplate } = await client.send(
    new CreateJobTemplateCommand({ Name: 'A template', Settings: { OutputGroups }, Tags }),
  );
  const { Preset } = await client.send(
    new CreatePresetCommand({
      Name: 'A preset',
      Settings: { ContainerSettings: { Container: 'MP4' } },
      Tags,
    }),
  );
  for (const resource of [Job, JobTemplate, Preset]) arns.push(String(resource?.Arn));
  arns.push(`${prefix}queues/Default`);
});
afterAll(() => api[Symbol.asyncDispose]());

async function tagsOf(Arn: string) {
  const { ResourceTags } = await client.send(new ListTagsForResourceCommand({ Arn }));
  expect(ResourceTags?.Arn).toBe(Arn);
  return ResourceTags?.Tags;
}

conformance('ListTagsForResource', 'success', 'what was given at creation, on every kind', async () => {
  expect(await Promise.all(arns.map(tagsOf))).toEqual([
    { made: 'with it' },
    { made: 'with it' },
    { made: 'with it' },
    {},
  ]);
});

conformance(
  'TagResource',
  'success',
  'adds and overwrites, on every kind; the resource never shows them',
  async () => {
    for (const Arn of arns) {
      const before = await tagsOf(Arn);
      await client.send(new TagResourceCommand({ Arn, Tags: { team: 'news', 'cost/center': '' } }));
      await client.send(new TagResourceCommand({ Arn, Tags: { team: 'sports' } }));
      expect(await tagsOf(Arn)).toEqual({ ...before, team: 'sports', 'cost/center': '' });
    }
    const { Preset } = await client.send(new GetPresetCommand({ Name: 'A preset' }));
    expect(Object.keys(Preset ?? {})).not.toContain('Tags');
  },
);

conformance('UntagResource', 'success', 'removes the keys that are there, on every kind', async () => {
  for (const Arn of arns) {
    await client.send(new TagResourceCommand({ Arn, Tags: { going: '1', Going: '2', staying: '3' } }));
    await client.send(new UntagResourceCommand({ Arn, TagKeys: ['going', 'never there'] }));
    const tags = await tagsOf(Arn);
    expect(tags).toMatchObject({ Going: '2', staying: '3' });
    expect(tags).not.toHaveProperty('going');
  }
});

conformance('TagResource', 'BadRequestException', 'at most 50 tags, all or nothing', async () => {
  const Arn = String(arns[2]);
  const before = Object.keys((await tagsOf(Arn)) ?? {}).length;
  const many = (count: number, letter: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${letter}${index}`, 'x']));
  await client.send(new TagResourceCommand({ Arn, Tags: many(50 - before, 'k') }));
  await client.send(new TagResourceCommand({ Arn, Tags: { k0: 'changed' } }));
  const refused = client.send(new TagResourceCommand({ Arn, Tags: { k0: 'lost', one: 'more' } }));
  await expect(refused).rejects.toThrow('A resource can have at most 50 tags.');
  expect(await tagsOf(Arn)).toMatchObject({ k0: 'changed' });
  await expect(client.send(new TagResourceCommand({ Arn, Tags: many(51, 'z') }))).rejects.toThrow(
    '/tags: Should have at most 50 properties',
  );
});

conformance('TagResource', 'BadRequestException', 'keys and values in bounds', async () => {
  const Arn = String(arns[0]);
  for (const Tags of [
    { 'aws:reserved': '1' },
    { 'AwS:reserved': '1' },
    { '': '1' },
    { ['k'.repeat(129)]: '1' },
    { key: 'v'.repeat(257) },
    { 'what?': '1' },
    { key: 'a,b' },
  ]) {
    await expect(client.send(new TagResourceCommand({ Arn, Tags }))).rejects.toBeInstanceOf(
      BadRequestException,
    );
  }
  await client.send(new TagResourceCommand({ Arn, Tags: { ['k'.repeat(128)]: 'ü'.repeat(256) } }));
});

const untaggable = [
  'A preset',
  'arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012',
  `${prefix}certificates/arn:aws:acm:us-east-1:000000000000:certificate/1`,
  `${prefix}presets/System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps`,
  `${prefix}jobTemplates/System-Ott_Hls_Ts_Avc_Aac`,
];
const missing = [`${prefix}presets/Nobody`, `${prefix}jobs/1671476818694-phptj0`, `${prefix}queues/Fast`];

conformance('TagResource', 'BadRequestException', 'certificates and system items can have none', async () => {
  for (const Arn of untaggable) {
    const refused = client.send(new TagResourceCommand({ Arn, Tags: { a: 'b' } }));
    await expect(refused).rejects.toBeInstanceOf(BadRequestException);
  }
});

conformance(
  'UntagResource',
  'BadRequestException',
  'certificates and system items can have none',
  async () => {
    for (const Arn of untaggable) {
      const refused = client.send(new UntagResourceCommand({ Arn, TagKeys: ['a'] }));
      await expect(refused).rejects.toBeInstanceOf(BadRequestException);
    }
  },
);

conformance(
  'ListTagsForResource',
  'BadRequestException',
  'certificates and system items can have none',
  async () => {
    for (const Arn of untaggable) {
      const refused = client.send(new ListTagsForResourceCommand({ Arn }));
      await expect(refused).rejects.toBeInstanceOf(BadRequestException);
    }
  },
);

conformance('TagResource', 'NotFoundException', 'with the ARN in its text', async () => {
  for (const Arn of missing) {
    const refused = client.send(new TagResourceCommand({ Arn, Tags: { a: 'b' } }));
    await expect(refused).rejects.toBeInstanceOf(NotFoundException);
    await expect(refused).rejects.toThrow(`The specified resource was not found: arn=${Arn}.`);
  }
});

conformance('UntagResource', 'NotFoundException', 'a resource that is not there', async () => {
  for (const Arn of missing) {
    const refused = client.send(new UntagResourceCommand({ Arn, TagKeys: ['a'] }));
    await expect(refused).rejects.toBeInstanceOf(NotFoundException);
  }
});

conformance('ListTagsForResource', 'NotFoundException', 'a resource that is not there', async () => {
  for (const Arn of missing) {
    const refused = client.send(new ListTagsForResourceCommand({ Arn }));
    await expect(refused).rejects.toBeInstanceOf(NotFoundException);
  }
});
