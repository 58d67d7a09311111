import type { Argv, CommandModule } from 'yargs';
import { CliError } from '@ta/cli-kit';
import type { Surroundings } from '../compose.ts';
import { withReadableDatabase } from '../database-access.ts';
import { formatOption, tableText, type TableFormat } from '../report/table.ts';

interface SqlFlags {
  statement: string;
  dbUrl?: string;
  format: TableFormat;
}

/** `ta sql`: one statement in a read-only transaction, on either engine. */
export function sqlCommand(around: Surroundings): CommandModule {
  return {
    command: 'sql <statement>',
    describe: 'Run one SQL query on the selected database (read-only)',
    builder: (yargs: Argv) =>
      formatOption(yargs)
        .positional('statement', { type: 'string', describe: 'One SQL statement' })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as SqlFlags;
      if (flags.statement.trim() === '') throw new CliError('CLI_NO_STATEMENT', 'The SQL statement is empty');
      await withReadableDatabase(around, flags, async ({ database }) => {
        const rows = await database.transaction((tx) => tx.query(flags.statement), { readOnly: true });
        around.print(tableText(rows, flags.format));
      });
    },
  };
}
