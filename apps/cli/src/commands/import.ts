import path from 'node:path';
import { CliError, EXIT, type Surroundings, type Argv, type ArgumentsCamelCase, type CommandModule } from '@ta/cli-kit';
import type { ImportReport, PriceFile, PriceSink } from '@ta/price-import';
import { withWritableDatabase } from '../database-access.ts';
import { logOptions, type LogFlags } from '../run-log.ts';
import { importProgress } from '../report/progress.ts';

interface ImportFlags extends LogFlags {
  files: string[];
  id: number;
  name?: string;
  checkOnly: boolean;
  strict: boolean;
  dbUrl?: string;
  waitLock: number;
}

/** `ta import csv`: daily price files into the source table. */
export function importCommand(around: Surroundings): CommandModule {
  return {
    command: 'import <kind> <files..>',
    describe: 'Import daily prices from CSV files',
    builder: (yargs: Argv) =>
      logOptions(yargs)
        .usage(
          '$0 import csv <file..> --id N\n\nReads CoinMarketCap exports and the public research set (SNo,Name,Symbol,Date,...).',
        )
        .positional('kind', { choices: ['csv'] as const, describe: 'Kind of file' })
        .positional('files', { type: 'string', array: true, describe: 'Files, all of one asset' })
        .option('id', { type: 'number', demandOption: true, describe: 'CoinMarketCap id of the asset' })
        .option('name', { type: 'string', describe: 'Name of the asset, if the file does not tell it' })
        .option('check-only', { type: 'boolean', default: false, describe: 'Read and report, write nothing' })
        .option('strict', { type: 'boolean', default: false, describe: 'Write nothing unless every line is good' })
        .option('db-url', { type: 'string', describe: 'Database to write to' })
        .option('wait-lock', { type: 'number', default: 0, describe: 'Seconds to wait for another run' }),
    handler: (args) => runImport(around, args as unknown as ArgumentsCamelCase<ImportFlags>),
  } as CommandModule;
}

async function runImport(around: Surroundings, flags: ArgumentsCamelCase<ImportFlags>): Promise<void> {
  if (!Number.isInteger(flags.id) || flags.id < 1 || flags.id > 2_147_483_647) {
    throw new CliError('CLI_BAD_ID', `--id: expected one whole number from 1 to 2147483647`, {
      hint: 'Example: --id 1',
    });
  }
  const { priceFileAt } = await import('@ta/price-import');
  const files = await Promise.all(flags.files.map((file) => priceFileAt(path.resolve(file))));
  const reports = flags.checkOnly
    ? await importAll(around, flags, files, undefined)
    : await importIntoDatabase(around, flags, files);
  if (reports.some((report) => report.outcome === 'refused')) process.exitCode = EXIT.failed;
}

async function importIntoDatabase(
  surroundings: Surroundings,
  flags: ImportFlags,
  files: readonly PriceFile[],
): Promise<ImportReport[]> {
  const command = 'import csv';
  const { files: paths, id, dbUrl, waitLock: waitLockSeconds } = flags;
  const { withCommandLog } = await import('../command-log.ts');
  return withCommandLog(surroundings, flags, command, { files: paths, id }, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database }) => {
      const { priceSink } = await import('../price-sink.ts');
      return database.transaction((tx) => importAll(around, flags, files, priceSink(tx)));
    }),
  );
}

async function importAll(
  around: Surroundings,
  flags: ImportFlags,
  files: readonly PriceFile[],
  sink: PriceSink | undefined,
): Promise<ImportReport[]> {
  const { importPrices } = await import('@ta/price-import');
  const reports: ImportReport[] = [];
  for (const file of files) {
    const progress = await importProgress(around, file.name);
    try {
      const { id, name, strict } = flags;
      reports.push(await importPrices(file, { id, name, strict, sink, onProgress: progress.update }));
    } finally {
      progress.stop();
    }
    for (const line of await importLines(reports.at(-1) as ImportReport)) around.print(line);
  }
  return reports;
}

const SHOWN_REJECTS = 20;
const SHOWN_GAPS = 5;

async function importLines(report: ImportReport): Promise<string[]> {
  const { rejectedLineText } = await import('@ta/price-import');
  const who = report.asset === null ? `id ${report.id}` : `id ${report.id} (${report.asset.name})`;
  const tag = { imported: '[OK]', checked: '[OK] Check only:', refused: '[FAILED] Nothing written:' }[report.outcome];
  const span = report.firstDay === null ? 'no rows' : `${report.firstDay} … ${report.lastDay}`;
  const written =
    report.outcome === 'imported'
      ? `: ${report.inserted} new, ${report.updated} changed, ${report.unchanged} already there`
      : '';
  const lines = [
    `${tag} ${report.file} → ${who}, ${report.formatLabel}`,
    `  Rows: ${report.rowsRead}${written}; span ${span}`,
    `  Missing days: ${report.missingDays}${gapText(report)}`,
    `  Rejected lines: ${report.rejectedCount}${report.duplicatesIgnored > 0 ? `; repeated lines ignored: ${report.duplicatesIgnored}` : ''}`,
    ...report.rejected.slice(0, SHOWN_REJECTS).map((rejected) => `    ${rejectedLineText(rejected)}`),
  ];
  if (report.rejectedCount > SHOWN_REJECTS) lines.push(`    … and ${report.rejectedCount - SHOWN_REJECTS} more`);
  lines.push(...report.notices.flatMap((notice) => noticeText(notice, report)));
  return lines;
}

function gapText(report: ImportReport): string {
  if (report.gapCount === 0) return '';
  const shown = report.gaps
    .slice(0, SHOWN_GAPS)
    .map((gap) => (gap.days === 1 ? gap.firstDay : `${gap.firstDay}…${gap.lastDay}`));
  return ` (${shown.join(', ')}${report.gapCount > shown.length ? `, and ${report.gapCount - shown.length} more gaps` : ''})`;
}

function noticeText(notice: ImportReport['notices'][number], report: ImportReport): string[] {
  switch (notice) {
    case 'no_rows':
      return ['  [WARNING] the file has a header and no rows'];
    case 'quote_not_usd':
      return [`  [WARNING] the file is quoted in currency ${report.quoteId}, not in US dollars (2781)`];
    case 'columns_ignored':
      return [`  [INFO] columns ignored: ${report.ignoredColumns.join(', ')}`];
    case 'extreme_times_inferred':
      return [
        `  [INFO] ${report.inferredExtremeTimes} rows have no time of high and low in the file; the open or close instant stands in`,
      ];
    case 'several_rows_per_day':
      return [`  [WARNING] ${report.sameDayRows} rows share a UTC day with another row`];
  }
}
