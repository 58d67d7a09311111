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
import type { ColumnTable, Database } from '@ta/state-store';
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
  const { EXPORTABLE, ExportError, exportTable } = await import('@ta/table-export');
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
  const key = EXPORTABLE.get(flags.table)?.key ?? [];
  const tfColumn = key.find((column) => column === 'tf' || column === 'timeframe');
  if (key.length > 0) assertColumns(flags, request.tfs ?? [], tfColumn !== undefined, key.includes('period'));
  const unseen = { tfs: new Set(tfColumn === undefined ? [] : request.tfs), periods: new Set(request.periods) };
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
          exportTable(database, { ...request, ...bounds }, (rows, group) => {
            written = rows;
            noteSeen(unseen, group, tfColumn);
            around.look();
          }),
      );
    });
    if (rows === 0) around.warn(`[WARNING] No row of ${flags.table} matches the selection`);
    else warnOfUnseen(around, flags.table, unseen);
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

/** Refuses to choose by a column that the table does not have: all of its rows would be written. */
function assertColumns(
  { table, tf, periods }: ExportFlags,
  tfs: readonly string[],
  hasTimeframes: boolean,
  hasPeriods: boolean,
): void {
  if (tf !== undefined && tfs.length === 0) {
    throw new CliError('CLI_BAD_VALUE', `--tf: "${tf}" contains no timeframe`, { hint: 'Example: --tf 7D,30D' });
  }
  if (!hasTimeframes && tfs.some((one) => one !== '1D')) {
    throw new CliError('CLI_CONFLICT', `--tf: the rows of ${table} are days`, {
      hint: 'Leave it out, or name another table.',
    });
  }
  if (!hasPeriods && periods !== undefined) {
    throw new CliError('CLI_CONFLICT', `--periods: ${table} holds no EMAs`, {
      hint: 'Leave it out, or name a table of EMAs.',
    });
  }
}

/** What was chosen and has not been met in a row. */
interface Unseen {
  readonly tfs: Set<string>;
  readonly periods: Set<number>;
}

function noteSeen({ tfs, periods }: Unseen, group: ColumnTable, tfColumn = 'tf'): void {
  if (tfs.size > 0) {
    const { codes, labels } = group.codes(tfColumn);
    for (const code of new Set(codes)) tfs.delete(labels[code]);
  }
  if (periods.size > 0) for (const period of group.number('period')) periods.delete(period);
}

/** Names what was chosen and is not in the file. */
function warnOfUnseen(around: Pick<Surroundings, 'warn'>, table: string, { tfs, periods }: Unseen): void {
  const missing = [...[...tfs].map((tf) => `timeframe ${tf}`), ...[...periods].map((period) => `period ${period}`)];
  for (const one of missing) around.warn(`[WARNING] No row of ${table} matches the selection with ${one}`);
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
