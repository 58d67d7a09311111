import { CliError, commandOf, flag, type Argv, type CommandModule, type FlagsOf, type Surroundings } from '@ta/cli-kit';
import type { Database } from '@ta/state-store/open';
import { withReadableDatabase } from '../readable-database.ts';
import { logOptions } from '../run-log.ts';
import { formatOption, resultText } from '../report/table.ts';
import { withoutLiterals } from '../statement-text.ts';

const options = (yargs: Argv) =>
  logOptions(formatOption(yargs))
    .positional('statement', flag.text('One SQL statement', { demandOption: true }))
    .options({
      write: flag.off('Let the statement change data, under the run lock'),
      'wait-lock': flag.waitLock('--write'),
      'db-url': flag.text('Database URL'),
    });
type SqlFlags = FlagsOf<typeof options>;

/** `ta sql`: one statement on either engine, read-only without --write. */
export function sqlCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'sql <statement>',
    describe: 'Run one SQL query on the selected database (read-only without --write)',
    builder: options,
    handler: async (flags) => {
      if (flags.statement.trim() === '') throw new CliError('CLI_NO_STATEMENT', 'The SQL statement is empty');
      if (flags.write === true) return write(around, flags);
      const { assertReads } = await import('../reading-statement.ts');
      const { readAndRollBack } = await import('@ta/state-store/open');
      await withReadableDatabase(around, flags, async ({ database }) => {
        const answer = await assertReads(flags.statement);
        const { withKnownNames } = await import('../unknown-name.ts');
        if (answer === 'copy') {
          const text = await withKnownNames(database, flags.statement, () =>
            readAndRollBack(database, (tx) => textOf(tx.copyOut(flags.statement))),
          );
          // data() adds the final line break
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
  });
}

/** Hints for a statement that returned no rows: timeframes in it that do not exist, and the nearest that do. */
async function timeframeHints(database: Database, statement: string): Promise<string[]> {
  const typed = [...statement.matchAll(TIMEFRAME)].map(([, tf]) => tf as string);
  if (typed.length === 0) return [];
  const { nearTimeframes } = await import('@ta/bars-core/engine');
  const { readTimeframeLabels } = await import('@ta/state-store/open');
  const known = await database.session(readTimeframeLabels);
  return [...new Set(typed)]
    .filter((tf) => known.length > 0 && !known.includes(tf))
    .map((tf) => {
      const near = nearTimeframes(tf, known);
      const hint = near.length === 0 ? 'column tf of dim_timeframe lists them' : `did you mean ${near.join(', ')}?`;
      return `[INFO] There is no timeframe "${tf}"; ${hint}`;
    });
}

/** A comparison of the column `tf` or `timeframe` with a literal. */
const TIMEFRAME = /\b(?:timeframe|tf)"?\s*=\s*'([^']*)'/gi;

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

async function write(surroundings: Surroundings, flags: SqlFlags): Promise<void> {
  const { statement, format } = flags;
  const { assertCopiesNothing, assertOneStatement, returnsRows } = await import('../reading-statement.ts');
  await assertOneStatement(statement);
  await assertCopiesNothing(statement);
  const hasRows = await returnsRows(statement);
  const { withLoggedDatabase } = await import('../command-log.ts');
  const facts = { statement: withoutLiterals(statement) };
  await withLoggedDatabase(surroundings, { flags, command: 'sql --write', facts }, async ({ around, database }) => {
    const { withKnownNames } = await import('../unknown-name.ts');
    if (hasRows) {
      const result = await withKnownNames(database, statement, () =>
        database.transaction((tx) => tx.queryTable(statement)),
      );
      // rows go to stdout, not to the log
      surroundings.data(resultText(result, format));
      return;
    }
    // passing a parameter list makes the driver refuse several statements in one text
    const count = await withKnownNames(database, statement, () => database.transaction((tx) => tx.run(statement, [])));
    around.print(`[OK] ${count} row(s) changed`);
  });
}
