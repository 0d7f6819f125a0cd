/**
 * The command line (docs/cli.md). Commands are loaded when they are called, so that `explain` does not pay for a
 * database. Every command returns its exit code; a UsageError is printed as one line and ends with 2.
 */
import { Command, CommanderError } from 'commander';
import { collectAssignment, collectBucket, collectLimit, exitCodes, UsageError } from './options.ts';

/** Runs the command line with the arguments behind the program's name and sets the exit code. */
export async function main(argumentsGiven: readonly string[]): Promise<void> {
  let exitCode: number = exitCodes.done;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argumentsGiven], { from: 'user' });
  } catch (error) {
    exitCode = reportFailure(error);
  }
  process.exitCode = exitCode;
}

function reportFailure(error: unknown): number {
  // commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof UsageError) {
    process.stderr.write(`openconvert: ${error.message}\n`);
    return exitCodes.usage;
  }
  process.stderr.write(
    `openconvert: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.failed;
}

type Finish = (exitCode: number) => void;

function buildProgram(finish: Finish): Command {
  const program = new Command('openconvert')
    .description('Self-hosted, drop-in AWS Elemental MediaConvert')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError();
  addJobCommands(program, finish);
  addServeCommand(program, finish);
  addStoreCommands(program, finish);
  addItemCommands(program, finish);
  addKnowledgeCommands(program, finish);
  return program;
}

/** Options of every command that opens locations. */
function withStores(command: Command): Command {
  return command
    .option('--bucket <NAME=DIR>', 'a folder that stands for a bucket (repeatable)', collectBucket)
    .option('--data <DIR>', 'data folder; buckets are below it', '.openconvert')
    .option('--s3-endpoint <URL>', 'S3 endpoint for buckets that are no folders')
    .option('--decryption-keys <FILE>', 'keys of encrypted inputs, by what stands for them in jobs')
    .option('--kms-endpoint <URL>', 'KMS that unwraps the keys of encrypted inputs; aws: the one of AWS')
    .option('--limit <NAME=N>', 'a bound of jobs, see docs/cli.md (repeatable)', collectLimit)
    .option('--allow-private-http', 'allow HTTP inputs at loopback, link-local and private addresses', false);
}

function addJobCommands(program: Command, finish: Finish): void {
  withStores(program.command('run'))
    .argument('<job>', 'job document: wire form, CLI form, or settings alone')
    .description('plan and run one job here, without server and database')
    .option(
      '--set <POINTER=VALUE>',
      'set a value of the settings before planning (repeatable)',
      collectAssignment,
    )
    .option('--scratch <DIR>', 'folder for what cannot stream; default: <data>/scratch')
    .option('--events <FILE|->', 'write the job events as JSON lines')
    .option('--sandbox <MODE>', 'auto, bwrap or none', 'auto')
    .option('--json', 'print one JSON object instead of text', false)
    .action(async (job, options) =>
      finish(await (await import('./run-command.ts')).runCommand(job, options)),
    );
  withStores(program.command('check'))
    .argument('<job>', 'job document')
    .description('everything but the run: findings, plan, estimate')
    .option(
      '--set <POINTER=VALUE>',
      'set a value of the settings before planning (repeatable)',
      collectAssignment,
    )
    .option('--scratch <DIR>', 'folder for what cannot stream; default: <data>/scratch')
    .option('--sandbox <MODE>', 'auto, bwrap or none', 'auto')
    .option('--json', 'print one JSON object instead of text', false)
    .action(async (job, options) =>
      finish(await (await import('./check-command.ts')).checkCommand(job, options)),
    );
  withStores(program.command('probe'))
    .argument('<location>', 'file, s3:// or http(s):// URL')
    .description('what is in a file, as the planner sees it')
    .option('--sandbox <MODE>', 'auto, bwrap or none', 'auto')
    .option('--json', 'print the facts as JSON', false)
    .action(async (location, options) =>
      finish(await (await import('./probe-command.ts')).probeCommand(location, options)),
    );
}

function addServeCommand(program: Command, finish: Finish): void {
  withStores(program.command('serve'))
    .description('API, scheduler and one worker')
    .option('--host <ADDRESS>', 'address to listen on; other than loopback needs access keys')
    .option('--port <PORT>', 'port; 0 picks a free one')
    .option('--database <URL>', 'postgres://… instead of the embedded database')
    .option('--config <FILE>', 'configuration file (JSON)')
    .option('--scratch <DIR>', 'folder for what cannot stream; default: <data>/scratch')
    .option('--slots <N>', 'jobs that run at once on this machine', '1')
    .option('--events <FILE|->', 'write the events as JSON lines')
    .option('--webhook <URL>', 'POST each event to this URL')
    .option('--sandbox <MODE>', 'auto, bwrap or none', 'auto')
    .action(async (options) => finish(await (await import('./serve-command.ts')).serveCommand(options)));
}

function addStoreCommands(program: Command, finish: Finish): void {
  const bucket = program.command('bucket').description('local buckets');
  bucket
    .command('create')
    .argument('<name>', 'bucket name')
    .option('--data <DIR>', 'data folder', '.openconvert')
    .description('create a local bucket')
    .action(async (name, options) =>
      finish(await (await import('./store-commands.ts')).createBucketCommand(name, options)),
    );
  withStores(program.command('cp'))
    .argument('<from>', 'file or URL')
    .argument('<to>', 'file or s3:// URL; a trailing / keeps the name')
    .description('copy an object into or out of a bucket')
    .action(async (from, to, options) =>
      finish(await (await import('./store-commands.ts')).copyCommand(from, to, options)),
    );
  program
    .command('sample')
    .argument('<file>', 'MP4 file to write')
    .option('--seconds <N>', 'duration', '10')
    .option('--size <WxH>', 'frame size', '1920x1080')
    .option('--rate <N/D>', 'frame rate', '30/1')
    .description('make a test clip: motion, frame numbers, sync marks, timecode track')
    .action(async (file, options) =>
      finish(await (await import('./sample-command.ts')).sampleCommand(file, options)),
    );
}

function addItemCommands(program: Command, finish: Finish): void {
  const withTarget = (command: Command): Command =>
    command
      .option('--endpoint <URL>', 'a running server; without it the data folder or database is opened itself')
      .option('--data <DIR>', 'data folder', '.openconvert')
      .option('--database <URL>', 'postgres://… instead of the embedded database');
  withTarget(program.command('import'))
    .argument('<file...>', 'JSON: console export, CLI answer, job document, or CloudFormation template')
    .option('--name <NAME>', 'name of the item, for documents that hold one')
    .option('--replace', 'replace items of the same name', false)
    .description('store presets and job templates')
    .action(async (files, options) =>
      finish(await (await import('./import-command.ts')).importCommand(files, options)),
    );
  withTarget(program.command('export'))
    .option('--preset <NAME>', 'one preset instead of everything; system presets too')
    .option('--job-template <NAME>', 'one job template instead of everything; system templates too')
    .description('print presets and job templates as JSON that import and the AWS CLI take')
    .action(async (options) => finish(await (await import('./export-command.ts')).exportCommand(options)));
}

function addKnowledgeCommands(program: Command, finish: Finish): void {
  program
    .command('explain')
    .argument('[code]', 'error or warning code')
    .option('--job <ID>', 'the story of a stored job instead of a code')
    .option('--endpoint <URL>', 'a running server; without it the data folder or database is opened itself')
    .option('--data <DIR>', 'data folder', '.openconvert')
    .option('--database <URL>', 'postgres://… instead of the embedded database')
    .option('--json', 'print the story as JSON', false)
    .description('what a code means, or why a job ended as it did, who must act, what to do')
    .action(async (code, options) =>
      finish(await (await import('./explain-command.ts')).explainCommand(code, options)),
    );
  program
    .command('doctor')
    .option('--data <DIR>', 'data folder', '.openconvert')
    .option('--scratch <DIR>', 'scratch folder; default: <data>/scratch')
    .option('--json', 'print JSON', false)
    .description('what this machine offers and what is missing')
    .action(async (options) => finish(await (await import('./doctor-command.ts')).doctorCommand(options)));
}
