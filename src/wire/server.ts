/**
 * The HTTP server: restJson1 over HTTP/1.1, driven unchanged by AWS SDKs and the AWS CLI (spec api.md 2). Routes
 * come from the contract; what an operation does is in `operations/`.
 *
 * A request passes, in order: routing (fastify) → origin guard → authentication → throttling → input →
 * authorization → operation → answer.
 */
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import {
  operations as contractOperations,
  type Operation as OperationContract,
} from '../contract/operations.ts';
import type { AccountRepository } from '../database/account-repository.ts';
import type { JobRepository } from '../database/job-repository.ts';
import type { TagRepository } from '../database/tag-repository.ts';
import type { TemplateRepository } from '../database/template-repository.ts';
import { type Credentials, decideCredentials } from '../identity/access-keys.ts';
import { type ApiFault, apiFault } from '../operations/api-fault.ts';
import type { OperationContext } from '../operations/operation.ts';
import { answerDryRun, answerOperation, prepareOperations } from '../operations/operation-table.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { asksForDryRun } from './dry-run.ts';
import { type Exchange, passThrough, type RequestHandler } from './exchange.ts';
import { toApiFault } from './framework-fault.ts';
import { answerMalformedHttp } from './malformed-http.ts';
import { crossOriginHeaders, guardOrigin, preflightHeaders } from './origin-guard.ts';
import { createPageTokens } from './page-token.ts';
import { sendFault, sendJson } from './reply.ts';
import { readRequestInput } from './request-input.ts';
import type { ServerConfiguration } from './server-configuration.ts';
import { throttle } from './throttle.ts';

/** What a server is made of. */
export interface ServerOptions {
  readonly configuration: ServerConfiguration;
  readonly repository: JobRepository;
  readonly account: AccountRepository;
  /** Presets, job templates, and the tags of all resources. */
  readonly templates: TemplateRepository & TagRepository;
  /** At least 16 secret bytes, the same for all servers of a deployment (`loadDeploymentSecret`). */
  readonly deploymentSecret: Uint8Array;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  /** The clock in milliseconds since the epoch; the machine's when absent. */
  readonly now?: () => number;
  /** What the Probe operation asks; how, is the deployment's business. */
  readonly probeInput: OperationContext['probeInput'];
  /** What CreateJob's dry run asks. */
  readonly checkJob: OperationContext['checkJob'];
  /** Called with the id of each stored job, after it is durable. */
  readonly onSubmitted?: (jobId: string) => void;
}

/** A server that can be started once and stopped. */
export interface ApiServer {
  /** Starts listening; resolves with the base URL, the port being the real one. */
  listen(): Promise<string>;
  /** Answers running requests, takes no more, and frees the port. Tolerates never-started and stopped-twice. */
  close(): Promise<void>;
  /** The base URL while listening, otherwise null. */
  readonly url: string | null;
}

/** Longest time for a client to send a whole request: bounds what slow clients can hold. */
const requestTimeoutMs = 60_000;

/** Makes a server. Throws Error when it would be open to other machines without access keys. */
export function createServer(options: ServerOptions): ApiServer {
  const { configuration, log } = options;
  const credentials = decideCredentials(configuration.host, configuration.accessKeys);
  const app = fastify({
    logger: false,
    bodyLimit: configuration.bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    genReqId: () => randomUUID(),
    clientErrorHandler: answerMalformedHttp,
    // Node's own refusal has no error format; `requireHost` says the same in the service's words.
    http: { requireHostHeader: false },
    frameworkErrors: (error, request, reply) => answerFault(error, request, reply, options),
    exposeHeadRoutes: false,
    // Template and preset ARNs with long names must fit (the default of 100 answers "not found").
    routerOptions: { maxParamLength: 2048, querystringParser: () => ({}) },
  });
  let url: string | null = null;
  acceptRawBodies(app);
  app.addHook('onRequest', requireHost);
  addRoutes(
    app,
    options,
    requestHandlers(options, credentials, () => url),
  );
  return {
    async listen() {
      prepareOperations();
      url = await app.listen({ host: configuration.host, port: configuration.port });
      if (credentials.kind === 'anyone-on-this-machine') {
        log.warn(
          { url },
          'no access keys are configured: any credentials are accepted, from this machine only',
        );
      }
      return url;
    },
    async close() {
      url = null;
      await app.close();
    },
    get url() {
      return url;
    },
  };
}

/** SigV4 signs the bytes, so no parser may touch them, whatever type the client declares. */
function acceptRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** HTTP/1.1 demands a Host (RFC 9112, 3.2); signatures hold it. */
async function requireHost(request: FastifyRequest): Promise<void> {
  if (request.headers.host === undefined && request.raw.httpVersion === '1.1')
    throw apiFault('BadRequestException', 'The request is not well-formed HTTP.', 'send a Host header');
}

function requestHandlers(
  options: ServerOptions,
  credentials: Credentials,
  url: () => string | null,
): readonly RequestHandler[] {
  const { configuration } = options;
  const now = options.now ?? Date.now;
  const shared: Omit<OperationContext, 'endpointUrl'> = {
    repository: options.repository,
    account: options.account,
    templates: options.templates,
    tags: options.templates,
    probeInput: options.probeInput,
    checkJob: options.checkJob,
    identity: configuration,
    strictArns: configuration.strictArns,
    accountConcurrentJobs: configuration.accountConcurrentJobs,
    quotas: configuration.quotas,
    pageTokens: createPageTokens(options.deploymentSecret),
    now,
    onSubmitted: options.onSubmitted ?? (() => {}),
  };
  return [
    ...(credentials.kind === 'anyone-on-this-machine' ? [guardOrigin(configuration)] : []),
    authenticate(credentials, configuration, now),
    ...(configuration.throttling === null ? [] : [throttle(configuration.throttling, now)]),
    (exchange) => {
      const rawQuery = exchange.rawUrl.includes('?')
        ? exchange.rawUrl.slice(exchange.rawUrl.indexOf('?') + 1)
        : '';
      exchange.input = readRequestInput(exchange.operation, {
        path: exchange.pathParameters,
        rawQuery,
        body: exchange.body,
      });
    },
    authorize({
      ...shared,
      isSecure: configuration.publicUrl?.startsWith('https:') ?? false,
    }),
    async (exchange) => {
      const endpointUrl =
        configuration.publicUrl ?? (exchange.host === null ? url() : `http://${exchange.host}`) ?? '';
      const isDryRun = asksForDryRun(exchange);
      const answerOf = isDryRun ? answerDryRun : answerOperation;
      const context = { ...shared, endpointUrl };
      exchange.output = await answerOf(exchange.operation.name, exchange.input ?? {}, context);
      // Nothing was created.
      if (isDryRun) exchange.status = 200;
    },
  ];
}

function addRoutes(app: FastifyInstance, options: ServerOptions, handlers: readonly RequestHandler[]): void {
  for (const operation of contractOperations) {
    app.route({
      method: operation.method,
      url: routePattern(operation),
      handler: (request, reply) => answer(operation, handlers, request, reply, options),
    });
  }
  for (const url of new Set(contractOperations.map(routePattern))) {
    app.options(url, (request, reply) =>
      reply
        .headers({ ...commonHeaders(request, options), ...preflightHeaders })
        .code(200)
        .send(),
    );
  }
  app.setErrorHandler((error, request, reply) => answerFault(error, request, reply, options));
  app.setNotFoundHandler((request, reply) => answerFault(unknownRoute(), request, reply, options));
}

/** `/2017-08-29/jobs/{id}` in the router's words. */
function routePattern(operation: OperationContract): string {
  return operation.path.replace(/\{(\w+)\}/g, ':$1');
}

async function answer(
  operation: OperationContract,
  handlers: readonly RequestHandler[],
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
): Promise<FastifyReply> {
  const exchange: Exchange = {
    requestId: request.id,
    operation,
    method: request.method,
    rawUrl: request.raw.url ?? '/',
    rawHeaders: request.raw.rawHeaders,
    host: request.headers.host ?? null,
    origin: request.headers.origin ?? null,
    pathParameters: request.params as Record<string, string>,
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(0),
    sourceIp: request.ip ?? null,
    caller: null,
    input: null,
    output: null,
    status: operation.status,
  };
  await passThrough(handlers, exchange);
  options.log.debug(
    { requestId: request.id, operation: operation.name, caller: exchange.caller?.accessKeyId },
    'answered',
  );
  return sendJson(reply.headers(commonHeaders(request, options)), exchange.status, exchange.output ?? {});
}

/** Faults go out as they are; what the framework refused gets the service's words; anything else is a bug of ours. */
function answerFault(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
): void {
  const fault = toApiFault(error);
  if (fault.status >= 500) {
    options.log.error({ err: error, requestId: request.id, method: request.method }, 'request failed');
  } else {
    options.log.debug({ requestId: request.id, type: fault.type, message: fault.message }, 'refused');
  }
  sendFault(reply.headers(commonHeaders(request, options)), fault);
}

function unknownRoute(): ApiFault {
  return apiFault(
    'AccessDeniedException',
    'Unable to determine service/operation name to be authorized',
    'no operation has this method and path; the base URL of the endpoint has no path of its own',
  );
}

function commonHeaders(request: FastifyRequest, options: ServerOptions): Record<string, string> {
  return {
    'x-amzn-RequestId': request.id,
    ...crossOriginHeaders(
      request.headers.origin ?? null,
      request.headers.host ?? null,
      options.configuration,
    ),
  };
}
