import { CliError, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import { readSavedValidations } from '@ta/validation';
import { withDatabase } from '../readable-database.ts';

/** Flags of `validator history`. */
export interface HistoryFlags {
  limit: number;
  format: 'table' | 'json';
  dbUrl?: string;
}

/** `validator history`: the validations that `--save` kept (docs/operations.md#validation). */
export function historyCommand(around: Surroundings): CommandModule {
  return {
    command: 'history',
    describe: 'List saved validations, newest first',
    builder: (yargs: Argv) =>
      yargs
        .option('limit', { type: 'number', default: 20, describe: 'How many' })
        .option('format', {
          choices: ['table', 'json'] as const,
          default: 'table',
          describe: 'Output format of the list',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: (args) => history(around, args as unknown as HistoryFlags),
  };
}

/** Prints the list; exit code 0 whatever the validations came to. */
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
