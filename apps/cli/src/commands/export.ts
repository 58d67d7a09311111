import path from 'node:path';
import {
  CliError,
  commandOf,
  EXIT,
  flag,
  isDayText,
  parseIds,
  parseInstantFlag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type Surroundings,
} from '@ta/cli-kit';
import type { Database } from '@ta/state-store';
import { EXPORT_FORMATS } from '@ta/table-export/formats';
import { withReadableDatabase } from '../readable-database.ts';
import { assertAssets } from '../known-ids.ts';

const options = (yargs: Argv) =>
  yargs
    .positional('format', flag.oneOf(EXPORT_FORMATS, 'File format', { demandOption: true }))
    .positional(
      'table',
      flag.text('Table of bars or EMAs, e.g. closed_emas or cmc_price_bars_multi_tf_cal_iso', { demandOption: true }),
    )
    .options({
      out: flag.text('File  [default: TABLE.FORMAT]'),
      ids: flag.ids,
      tf: flag.text('Timeframes, e.g. 7D,30D  [default: all]'),
      periods: flag.list('EMA periods, e.g. 9,21  [default: all]'),
      from: flag.text(
        'Only rows that close on or after this day (in the zone of the database), or from this instant on',
      ),
      until: flag.text('Only rows that close up to the end of this day, or before this instant'),
      'final-only': flag.off('Only closed bars and their EMAs, without the daily snapshots of open bars'),
      'db-url': flag.text('Database URL'),
    });
type ExportFlags = FlagsOf<typeof options>;

/** `ta export`: bars or EMAs as a file for pandas, DuckDB or Polars. */
export function exportCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'export <format> <table>',
    describe: 'Write bars or EMAs to a Parquet, CSV or Arrow file',
    builder: options,
    handler: (flags) => runExport(around, flags),
  });
}

async function runExport(around: Surroundings, flags: ExportFlags): Promise<void> {
  const { ExportError, exportTable } = await import('@ta/table-export');
  const { shownPath } = await import('@ta/state-store/open');
  const selection = parseIds(flags.ids);
  const file = path.resolve(flags.out ?? `${flags.table}.${flags.format}`);
  const request = {
    ...{ table: flags.table, format: flags.format, file, isFinalOnly: flags.finalOnly },
    ids: selection.kind === 'all' ? undefined : selection.ids,
    tfs: flags.tf
      ?.split(',')
      .map((tf) => tf.trim())
      .filter((tf) => tf !== ''),
    periods: flags.periods?.flatMap((text) => text.split(',').map(periodOf)),
  };
  // report wrong bounds before the database is opened
  boundsOf(flags, (utcDayMs) => utcDayMs);
  try {
    const rows = await withReadableDatabase(around, flags, async ({ database }) => {
      await assertTimeframes(database, request.tfs ?? []);
      await database.session((session) => assertAssets(session, request.ids ?? []));
      const { readDayOpenings } = await import('@ta/pipeline');
      const { zone, openingOf } = await database.session(readDayOpenings);
      const bounds = boundsOf(flags, openingOf);
      if (isDayText(flags.from ?? '') || isDayText(flags.until ?? '')) around.warn(`[INFO] Days are those of ${zone}`);
      let written = 0;
      return around.during(
        () => `${flags.table}, ${written} rows written`,
        () =>
          exportTable(database, { ...request, ...bounds }, (rows) => {
            written = rows;
            around.look();
          }),
      );
    });
    if (rows === 0) around.warn(`[WARNING] No row of ${flags.table} matches the selection`);
    around.print(`[OK] ${rows} rows of ${flags.table} in ${shownPath(file)}`);
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    const exitCode = error.code === 'EXPORT_UNKNOWN_TABLE' ? EXIT.usage : EXIT.failed;
    throw new CliError('CLI_EXPORT', error.message, { exitCode, hint: error.hint, cause: error });
  }
}

/** The instants given by `--from` and `--until`; `openingOf` turns a civil day into the instant at which it begins. */
function boundsOf({ from, until }: ExportFlags, openingOf: (utcDayMs: number) => number) {
  return {
    fromTs: from === undefined ? undefined : parseInstantFlag('from', from, 'begin', openingOf),
    untilTs: until === undefined ? undefined : parseInstantFlag('until', until, 'end', openingOf),
  };
}

/** Refuses unknown timeframes: they would give a file without rows, and COPY takes no parameters, so only known text may reach it. */
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
