import { CliError, commandOf, flag, type Argv, type CommandModule, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import { readSavedValidations } from '@ta/validation';
import { withDatabase } from '../readable-database.ts';

const options = (yargs: Argv) =>
  yargs.options({
    limit: flag.number('How many validations to list', { default: 20 }),
    format: flag.oneOf(['table', 'json'], 'Output format of the list', { default: 'table' }),
    'db-url': flag.text('Database URL'),
  });
export type HistoryFlags = FlagsOf<typeof options>;

/** `validator history`: the validations stored by `--save` (docs/operations.md#validation). */
export function historyCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'history',
    describe: 'List saved validations, newest first',
    builder: options,
    handler: (flags) => history(around, flags),
  });
}

/** Prints the list; the exit code is 0 whatever the results of the validations were. */
export async function history(around: Surroundings, { limit, format, dbUrl }: HistoryFlags): Promise<void> {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new CliError('CLI_BAD_NUMBER', `--limit: expected a whole number of at least 1, got ${limit}`);
  }
  await withDatabase(around, { dbUrl, poolSize: 1 }, async (database) => {
    const saved = await database.session((session) => readSavedValidations(session, limit));
    if (format === 'json') {
      around.print(JSON.stringify(saved));
      return;
    }
    around.print('checked at            passed  failed  skipped  findings  failed checks');
    for (const { checkedAt, passed, failed, skipped, findings, failedChecks } of saved) {
      const numbers = [[passed, 6] as const, [failed, 6] as const, [skipped, 7] as const, [findings, 8] as const];
      const cells = numbers.map(([value, width]) => String(value).padStart(width));
      around.print(`${checkedAt.toISOString().slice(0, 19)}Z  ${cells.join('  ')}  ${failedChecks ?? '-'}`);
    }
    around.print(`(${saved.length} ${saved.length === 1 ? 'validation' : 'validations'})`);
  });
}
