/** Names that nothing can have are refused before anything is looked up. NUL is the one character no name can hold. */
import {
  BadRequestException,
  CancelJobCommand,
  DisassociateCertificateCommand,
  GetJobCommand,
  GetJobsQueryResultsCommand,
  GetJobTemplateCommand,
  GetPresetCommand,
  GetQueueCommand,
  type MediaConvertClient,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect } from 'vitest';
import { type ApiFixture, startApi } from './api-server.ts';
import { conformance } from './conformance.ts';

let api: ApiFixture;
let client: MediaConvertClient;
beforeAll(async () => {
  api = await startApi();
  client = api.client();
});
afterAll(() => api[Symbol.asyncDispose]());

const nul = 'a\u0000b';
const refused = (command: () => object) => async () => {
  const answer = client.send(command() as Parameters<MediaConvertClient['send']>[0]);
  await expect(answer).rejects.toBeInstanceOf(BadRequestException);
};

conformance(
  'CancelJob',
  'BadRequestException',
  'NUL in an id',
  refused(() => new CancelJobCommand({ Id: nul })),
);
conformance(
  'GetJob',
  'BadRequestException',
  'NUL in an id',
  refused(() => new GetJobCommand({ Id: nul })),
);
conformance(
  'GetQueue',
  'BadRequestException',
  'NUL in a name',
  refused(() => new GetQueueCommand({ Name: nul })),
);
conformance(
  'GetPreset',
  'BadRequestException',
  'NUL in a name',
  refused(() => new GetPresetCommand({ Name: nul })),
);
conformance(
  'GetJobTemplate',
  'BadRequestException',
  'NUL in a name',
  refused(() => new GetJobTemplateCommand({ Name: nul })),
);
conformance(
  'GetJobsQueryResults',
  'BadRequestException',
  'NUL in an id',
  refused(() => new GetJobsQueryResultsCommand({ Id: nul })),
);
conformance(
  'DisassociateCertificate',
  'BadRequestException',
  'NUL in an ARN',
  refused(() => new DisassociateCertificateCommand({ Arn: nul })),
);
