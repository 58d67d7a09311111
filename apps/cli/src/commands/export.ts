import path from 'node:path';
import {
  CliError,
  EXIT,
  isDayText,
  listOf,
  parseIds,
  parseInstantFlag,
  type Surroundings,
  type Argv,
  type CommandModule,
} from '@ta/cli-kit';
import type { Database } from '@ta/state-store';
import { withReadableDatabase } from '../database-access.ts';
import { assertAssets } from '../known-ids.ts';

interface ExportFlags {
  format: 'parquet' | 'csv' | 'arrow';
  table: string;
  out?: string;
  ids?: string | string[];
  tf?: string;
  periods?: string | string[];
  from?: string;
  until?: string;
  finalOnly: boolean;
  dbUrl?: string;
}

/** `ta export`: bars or EMAs as a file for pandas, DuckDB or Polars. */
export function exportCommand(around: Surroundings): CommandModule {
  return {
    command: 'export <format> <table>',
    describe: 'Write bars or EMAs to a Parquet, CSV or Arrow file',
    builder: (yargs: Argv) =>
      yargs
        .positional('format', { choices: ['parquet', 'csv', 'arrow'] as const, describe: 'File format' })
        .positional('table', {
          type: 'string',
          describe: 'Table of bars or EMAs, e.g. cmc_price_bars_multi_tf_cal_iso',
        })
        .option('out', { type: 'string', describe: 'File  [default: TABLE.FORMAT]' })
        .option('ids', { type: 'string', describe: 'Asset ids, e.g. 1,52,825, or all  [default: all]' })
        .option('tf', { type: 'string', describe: 'Timeframes, e.g. 7D,30D  [default: all]' })
        .option('periods', { type: 'string', describe: 'EMA periods, e.g. 9,21  [default: all]' })
        .option('from', {
          type: 'string',
          describe: 'Only rows that close on or after this day (in the zone of the database) or instant',
        })
        .option('until', {
          type: 'string',
          describe: 'Only rows that close up to the end of this day, or before this instant',
        })
        .option('final-only', {
          type: 'boolean',
          default: false,
          describe: 'Only closed bars and their EMAs, no previews',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: (args) => runExport(around, args as unknown as ExportFlags),
  };
}

async function runExport(around: Surroundings, flags: ExportFlags): Promise<void> {
  const { ExportError, exportTable } = await import('@ta/table-export');
  const selection = parseIds(listOf(flags.ids));
  const file = path.resolve(flags.out ?? `${flags.table}.${flags.format}`);
  const request = {
    ...{ table: flags.table, format: flags.format, file, isFinalOnly: flags.finalOnly },
    ids: selection.kind === 'all' ? undefined : selection.ids,
    tfs: flags.tf
      ?.split(',')
      .map((tf) => tf.trim())
      .filter((tf) => tf !== ''),
    periods: listOf(flags.periods)?.flatMap((text) => text.split(',').map(periodOf)),
  };
  // whatever is wrong with them is said before the database is opened
  boundsOf(flags, (utcDayMs) => utcDayMs);
  try {
    const rows = await withReadableDatabase(around, flags, async ({ database }) => {
      await assertTimeframes(database, request.tfs ?? []);
      await database.session((session) => assertAssets(session, request.ids ?? []));
      const { ONE_DAY_MS, openingOfCivilDay } = await import('@ta/bars-core/engine');
      type Day = Parameters<ReturnType<typeof openingOfCivilDay>>[0];
      const { readZone } = await import('@ta/pipeline');
      const zone = await database.session(readZone);
      const opening = openingOfCivilDay(zone);
      const bounds = boundsOf(flags, (utcDayMs) => opening((utcDayMs / ONE_DAY_MS) as Day));
      if (isDayText(flags.from ?? '') || isDayText(flags.until ?? '')) around.warn(`[INFO] Days are those of ${zone}`);
      return exportTable(database, { ...request, ...bounds });
    });
    if (rows === 0) around.warn(`[WARNING] No row of ${flags.table} matches the selection`);
    around.print(`[OK] ${rows} rows of ${flags.table} in ${path.relative(process.cwd(), file) || file}`);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    const exitCode = error.code === 'EXPORT_UNKNOWN_TABLE' ? EXIT.usage : EXIT.failed;
    throw new CliError('CLI_EXPORT', error.message, { exitCode, hint: error.hint, cause: error });
  }
}

/** The instants that `--from` and `--until` name; a day is one of the zone that `openingOf` knows. */
function boundsOf({ from, until }: ExportFlags, openingOf: (utcDayMs: number) => number) {
  return {
    fromTs: from === undefined ? undefined : parseInstantFlag('from', from, 'begin', openingOf),
    untilTs: until === undefined ? undefined : parseInstantFlag('until', until, 'end', openingOf),
  };
}

/** A label that does not exist would be a file without rows, and COPY takes no parameters to put any text into. */
async function assertTimeframes(database: Database, tfs: readonly string[]): Promise<void> {
  if (tfs.length === 0) return;
  const { readTimeframes } = await import('@ta/state-store');
  const known = (await database.session(readTimeframes)).map(({ tf }) => tf);
  const unknown = tfs.find((tf) => !known.includes(tf));
  if (unknown === undefined) return;
  const { nearTimeframes } = await import('@ta/bars-core/engine');
  const near = nearTimeframes(unknown, known);
  throw new CliError('CLI_BAD_VALUE', `--tf: "${unknown}" is not a timeframe`, {
    hint:
      near.length === 0 ? '`ta sql "SELECT tf FROM dim_timeframe"` lists them.' : `Did you mean ${near.join(', ')}?`,
  });
}

function periodOf(text: string): number {
  if (/^\s*[1-9][0-9]{0,5}\s*$/.test(text)) return Number(text);
  throw new CliError('CLI_BAD_VALUE', `--periods: "${text}" is not a period`, { hint: 'Example: --periods 9,21' });
}
