import type { CreateJobCommand } from '@aws-sdk/client-mediaconvert';

/** The command with the header of a dry run, added before it is signed. */
export function asDryRun(command: CreateJobCommand): CreateJobCommand {
  command.middlewareStack.add(
    (next) => (given) => {
      (given.request as { headers: Record<string, string> }).headers['x-openconvert-dry-run'] = 'true';
      return next(given);
    },
    { step: 'build', name: 'dryRun' },
  );
  return command;
}
