import { assertNumber, CliError, type Surroundings, type Argv, type CommandModule } from '@ta/cli-kit';
import type { Database } from '@ta/state-store/open';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { logOptions, type LogFlags } from '../run-log.ts';
import { formatOption, resultText, type TableFormat } from '../report/table.ts';
import { withoutLiterals } from '../statement-text.ts';

interface SqlFlags extends LogFlags {
  statement: string;
  write?: boolean;
  waitLock: number;
  dbUrl?: string;
  format: TableFormat;
}

/** `ta sql`: one statement on either engine, read-only without --write. */
export function sqlCommand(around: Surroundings): CommandModule {
  return {
    command: 'sql <statement>',
    describe: 'Run one SQL query on the selected database (read-only without --write)',
    builder: (yargs: Argv) =>
      logOptions(formatOption(yargs))
        .positional('statement', { type: 'string', describe: 'One SQL statement' })
        .option('write', {
          type: 'boolean',
          default: false,
          describe: 'Let the statement change data, under the run lock',
        })
        .option('wait-lock', {
          type: 'number',
          default: 0,
          describe: '--write: seconds to wait for another run to finish',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as SqlFlags;
      if (flags.statement.trim() === '') throw new CliError('CLI_NO_STATEMENT', 'The SQL statement is empty');
      assertNumber('wait-lock', flags.waitLock, (n) => Number.isFinite(n) && n >= 0, 'seconds, 0 or more');
      if (flags.write === true) return write(around, flags);
      const { assertReads, readAndRollBack } = await import('../reading-statement.ts');
      await withReadableDatabase(around, flags, async ({ database }) => {
        const answer = await assertReads(flags.statement);
        const { withKnownNames } = await import('../unknown-name.ts');
        if (answer === 'copy') {
          const text = await withKnownNames(database, flags.statement, () =>
            readAndRollBack(database, (tx) => textOf(tx.copyOut(flags.statement))),
          );
          // a line break follows what is printed
          around.data(text.replace(/\n$/, ''));
          return;
        }
        const result = await withKnownNames(database, flags.statement, () =>
          readAndRollBack(database, (tx) => tx.queryTable(flags.statement)),
        );
        around.data(resultText(result, flags.format));
        if (result.rows.length === 0)
          for (const line of await timeframeHints(database, flags.statement)) around.warn(line);
      });
    },
  };
}

/** What a statement without rows says of timeframes that do not exist, and which are near. */
async function timeframeHints(database: Database, statement: string): Promise<string[]> {
  const typed = [...statement.matchAll(TIMEFRAME)].map(([, tf]) => tf as string);
  if (typed.length === 0) return [];
  const { nearTimeframes } = await import('@ta/bars-core/engine');
  const rows = await database.session((session) => session.query<{ tf: string }>('SELECT tf FROM dim_timeframe'));
  const known = rows.map(({ tf }) => tf);
  return [...new Set(typed)]
    .filter((tf) => known.length > 0 && !known.includes(tf))
    .map((tf) => {
      const near = nearTimeframes(tf, known);
      const hint = near.length === 0 ? 'SELECT tf FROM dim_timeframe lists them' : `did you mean ${near.join(', ')}?`;
      return `[INFO] There is no timeframe "${tf}"; ${hint}`;
    });
}

/** A timeframe that rows are chosen by. */
const TIMEFRAME = /\b(?:timeframe|tf)"?\s*=\s*'([^']*)'/gi;

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

async function write(surroundings: Surroundings, flags: SqlFlags): Promise<void> {
  const { statement, dbUrl, waitLock: waitLockSeconds, format } = flags;
  const command = 'sql --write';
  const { assertCopiesNothing, assertOneStatement } = await import('../reading-statement.ts');
  await assertOneStatement(statement);
  await assertCopiesNothing(statement);
  const { withCommandLog } = await import('../command-log.ts');
  await withCommandLog(
    surroundings,
    flags,
    command,
    { statement: withoutLiterals(statement) },
    async ({ around, runId }) =>
      withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database }) => {
        const { withKnownNames } = await import('../unknown-name.ts');
        if (RETURNS_ROWS.test(statement)) {
          const result = await withKnownNames(database, statement, () =>
            database.transaction((tx) => tx.queryTable(statement)),
          );
          // rows are for the one who asked, not for the log
          surroundings.data(resultText(result, format));
          return;
        }
        // with a list of parameters the text is one statement only
        const count = await withKnownNames(database, statement, () =>
          database.transaction((tx) => tx.run(statement, [])),
        );
        around.print(`[OK] ${count} row(s) changed`);
      }),
  );
}

/** Statements whose rows are worth printing. */
const RETURNS_ROWS = /^\s*(select|with|values|table|show|explain)\b|\breturning\b/i;
