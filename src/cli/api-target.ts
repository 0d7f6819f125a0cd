/**
 * Where `import` and `export` call the API: a running server, or the operations themselves on a data folder or a
 * database that no server holds. Both go through the same operations, so both have the same rules.
 */
import { createHash, createHmac } from 'node:crypto';
import path from 'node:path';
import { operationNamed } from '../contract/operations.ts';
import { createAccountRepository } from '../database/account-store.ts';
import { DatabaseOpenError } from '../database/database.ts';
import type { JsonObject } from '../database/job-repository.ts';
import { createJobRepository } from '../database/job-store.ts';
import { openDatabase } from '../database/open-database.ts';
import { createTemplateRepository } from '../database/template-store.ts';
import { ApiFault } from '../operations/api-fault.ts';
import { jobEnvelopeOf } from '../operations/job-envelope.ts';
import type { OperationContext } from '../operations/operation.ts';
import { answerOperation } from '../operations/operation-table.ts';
import { createPageTokens } from '../wire/page-token.ts';
import { UsageError } from './options.ts';

/** Options that say where. */
export interface TargetOptions {
  readonly data: string;
  readonly database?: string;
  readonly endpoint?: string;
}

/** Calls operations by name. A refused call gives the error's name and text. */
export interface ApiTarget extends AsyncDisposable {
  call(operation: string, input: JsonObject): Promise<ApiAnswer>;
}

/** An operation's answer. */
export type ApiAnswer =
  | { readonly isRefused: false; readonly body: JsonObject }
  | { readonly isRefused: true; readonly type: string; readonly message: string };

/** Opens the target. Throws UsageError: a folder in use by a server, a database that cannot be opened. */
export async function openTarget(options: TargetOptions): Promise<ApiTarget> {
  return options.endpoint === undefined ? await openOffline(options) : openServer(options.endpoint);
}

async function openOffline({ data, database: url }: TargetOptions): Promise<ApiTarget> {
  const location = url === undefined ? { dataFolder: path.resolve(data, 'database') } : { url };
  const stopping = new AbortController();
  const database = await openDatabase(location, stopping.signal).catch((error: unknown) => {
    if (!(error instanceof DatabaseOpenError)) throw error;
    const hint = error.why === 'locked' ? ' Give its address with --endpoint instead.' : '';
    throw new UsageError(`${error.message}${hint}`);
  });
  const identity = { accountId: '000000000000', region: 'us-east-1' };
  const templates = createTemplateRepository(database);
  const context: OperationContext = {
    repository: createJobRepository(database, jobEnvelopeOf(identity)),
    templates,
    tags: templates,
    identity,
    strictArns: false,
    account: createAccountRepository(database),
    accountConcurrentJobs: 0,
    quotas: null,
    pageTokens: createPageTokens(new Uint8Array(16)),
    probeInput: () => Promise.reject(new Error('no engine here')),
    checkJob: () => Promise.reject(new Error('no engine here')),
    now: Date.now,
    endpointUrl: '',
    onSubmitted: () => {},
  };
  return {
    async call(operation, input) {
      try {
        // As over the wire: nothing is shared, absent and undefined are the same.
        const sent = JSON.parse(JSON.stringify(input)) as JsonObject;
        return { isRefused: false, body: await answerOperation(operation, sent, context) };
      } catch (error) {
        if (!(error instanceof ApiFault)) throw error;
        return { isRefused: true, type: error.type, message: error.message };
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await database.close();
    },
  };
}

/** A server takes signed requests; without keys of its own it takes any signature. */
function openServer(endpoint: string): ApiTarget {
  const base = new URL(endpoint);
  const credentials = {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'openconvert',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'openconvert',
    region: process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
  };
  return {
    async call(operation, input) {
      const { method, path: template, members, hasBody } = operationNamed(operation);
      const given = members.filter(({ name }) => input[name] !== undefined);
      const encode = (name: string) => encodeURIComponent(String(input[name])).replace(/[!'()*]/g, percent);
      const requestPath = template.replace(/\{(\w+)\}/g, (_, name: string) => encode(name));
      const query = given
        .filter(({ location }) => location === 'query')
        .map(({ name }) => `${name}=${encode(name)}`)
        .toSorted()
        .join('&');
      const body = hasBody
        ? JSON.stringify(
            Object.fromEntries(
              given.filter(({ location }) => location === 'body').map(({ name }) => [name, input[name]]),
            ),
          )
        : '';
      const request = { method, path: requestPath, query, body, host: base.host };
      const answer = await fetch(`${base.origin}${requestPath}${query === '' ? '' : `?${query}`}`, {
        method,
        headers: { ...signedHeaders(request, credentials, new Date()), 'content-type': 'application/json' },
        ...(hasBody ? { body } : {}),
      }).catch((error: Error) => {
        throw new UsageError(
          `${endpoint} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}`,
        );
      });
      const content = (await answer.json().catch(() => ({}))) as JsonObject;
      if (answer.ok) return { isRefused: false, body: content };
      const message = String(content['message'] ?? content['Message'] ?? `HTTP ${answer.status}`);
      return { isRefused: true, type: answer.headers.get('x-amzn-errortype') ?? 'Unknown', message };
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface RequestToSign {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly host: string;
}

/** AWS Signature Version 4 over host and date; paths are encoded once more (spec iam-and-policy.md 1). */
function signedHeaders(
  { method, path: requestPath, query, body, host }: RequestToSign,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly region: string },
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${credentials.region}/mediaconvert/aws4_request`;
  const canonicalPath = requestPath.split('/').map(encodeURIComponent).join('/');
  const canonical = [
    method,
    canonicalPath,
    query,
    `host:${host}\nx-amz-date:${time}\n`,
    'host;x-amz-date',
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  let key: Buffer = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return {
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
