/**
 * Every operation that can be throttled answers 429 beyond its rate, whatever is in the request: throttling comes first.
 * DescribeEndpoints never is.
 */
import {
  AssociateCertificateCommand,
  CancelJobCommand,
  CreateJobCommand,
  CreateJobTemplateCommand,
  CreatePresetCommand,
  CreateQueueCommand,
  CreateResourceShareCommand,
  DeleteJobTemplateCommand,
  DeletePolicyCommand,
  DeletePresetCommand,
  DeleteQueueCommand,
  DescribeEndpointsCommand,
  DisassociateCertificateCommand,
  GetJobCommand,
  GetJobsQueryResultsCommand,
  GetJobTemplateCommand,
  GetPolicyCommand,
  GetPresetCommand,
  GetQueueCommand,
  ListJobsCommand,
  ListJobTemplatesCommand,
  ListPresetsCommand,
  ListQueuesCommand,
  ListTagsForResourceCommand,
  ListVersionsCommand,
  type MediaConvertClient,
  type MediaConvertServiceException,
  ProbeCommand,
  PutPolicyCommand,
  SearchJobsCommand,
  StartJobsQueryCommand,
  TagResourceCommand,
  TooManyRequestsException,
  UntagResourceCommand,
  UpdateJobTemplateCommand,
  UpdatePresetCommand,
  UpdateQueueCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { operations } from '../../src/contract/operations.ts';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  const names = operations.map(({ name }) => name).filter((name) => name !== 'DescribeEndpoints');
  const once = { perSecond: 0.001, burst: 1 };
  api = await startApi({ throttling: Object.fromEntries(names.map((name) => [name, once])) });
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

type AnyCommand = Parameters<MediaConvertClient['send']>[0];

/** The first request is answered in some way, the second is one too many. */
function throttled(command: () => object) {
  return async () => {
    const send = async () => await client.send(command() as AnyCommand);
    const first = await send().catch((error: unknown) => error);
    expect(first).not.toBeInstanceOf(TooManyRequestsException);
    const second = await send().catch((error: unknown) => error);
    expect(second).toBeInstanceOf(TooManyRequestsException);
    expect((second as MediaConvertServiceException).$metadata.httpStatusCode).toBe(429);
  };
}

conformance(
  'AssociateCertificate',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new AssociateCertificateCommand({ Arn: 'x' })),
);
conformance(
  'CancelJob',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new CancelJobCommand({ Id: 'x' })),
);
conformance(
  'CreateJob',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new CreateJobCommand({ Role: 'x', Settings: {} })),
);
conformance(
  'CreateJobTemplate',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new CreateJobTemplateCommand({ Name: 'x', Settings: {} })),
);
conformance(
  'CreatePreset',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new CreatePresetCommand({ Name: 'x', Settings: {} })),
);
conformance(
  'CreateQueue',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new CreateQueueCommand({ Name: 'x' })),
);
conformance(
  'CreateResourceShare',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new CreateResourceShareCommand({ JobId: 'x', SupportCaseId: 'x' })),
);
conformance(
  'DeleteJobTemplate',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new DeleteJobTemplateCommand({ Name: 'x' })),
);
conformance(
  'DeletePolicy',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new DeletePolicyCommand({})),
);
conformance(
  'DeletePreset',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new DeletePresetCommand({ Name: 'x' })),
);
conformance(
  'DeleteQueue',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new DeleteQueueCommand({ Name: 'x' })),
);
conformance(
  'DisassociateCertificate',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new DisassociateCertificateCommand({ Arn: 'x' })),
);
conformance(
  'GetJob',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new GetJobCommand({ Id: 'x' })),
);
conformance(
  'GetJobTemplate',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new GetJobTemplateCommand({ Name: 'x' })),
);
conformance(
  'GetJobsQueryResults',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new GetJobsQueryResultsCommand({ Id: 'x' })),
);
conformance(
  'GetPolicy',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new GetPolicyCommand({})),
);
conformance(
  'GetPreset',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new GetPresetCommand({ Name: 'x' })),
);
conformance(
  'GetQueue',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new GetQueueCommand({ Name: 'x' })),
);
conformance(
  'ListJobTemplates',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ListJobTemplatesCommand({})),
);
conformance(
  'ListJobs',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ListJobsCommand({})),
);
conformance(
  'ListPresets',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ListPresetsCommand({})),
);
conformance(
  'ListQueues',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ListQueuesCommand({})),
);
conformance(
  'ListTagsForResource',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ListTagsForResourceCommand({ Arn: 'x' })),
);
conformance(
  'ListVersions',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ListVersionsCommand({})),
);
conformance(
  'Probe',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new ProbeCommand({})),
);
conformance(
  'PutPolicy',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new PutPolicyCommand({ Policy: {} })),
);
conformance(
  'SearchJobs',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new SearchJobsCommand({})),
);
conformance(
  'StartJobsQuery',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new StartJobsQueryCommand({})),
);
conformance(
  'TagResource',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new TagResourceCommand({ Arn: 'x', Tags: {} })),
);
conformance(
  'UntagResource',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new UntagResourceCommand({ Arn: 'x', TagKeys: [] })),
);
conformance(
  'UpdateJobTemplate',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new UpdateJobTemplateCommand({ Name: 'x' })),
);
conformance(
  'UpdatePreset',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new UpdatePresetCommand({ Name: 'x' })),
);
conformance(
  'UpdateQueue',
  'TooManyRequestsException',
  'asked beyond its rate',
  throttled(() => new UpdateQueueCommand({ Name: 'x' })),
);

it('DescribeEndpoints is not', async () => {
  for (let request = 0; request < 20; request += 1) await client.send(new DescribeEndpointsCommand({}));
});
