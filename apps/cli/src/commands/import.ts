import path from 'node:path';
import { EXIT, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { type ImportFlags, importSettings } from '../import/import-settings.ts';
import { runProfiles } from '../import/import-profiles.ts';
import { checkFiles, importFiles } from '../import/import-files.ts';
import { logOptions } from '../run-log.ts';

const USAGE = `$0 import csv <file..> --id N

Reads daily prices as CoinMarketCap, Yahoo, Stooq, Investing.com, CryptoDataDownload, Kraken, Binance, Coinbase and
CoinGecko give them away, and any other table with --columns. Files may be plain, gzip or ZIP; a folder means the
price files in it. See docs/import.md.

$0 import profiles list
$0 import profiles remove NAME`;

/** `ta import csv`: daily price files into the source table. */
export function importCommand(around: Surroundings): CommandModule {
  return {
    command: 'import <kind> <files..>',
    describe: 'Import daily prices from CSV files',
    builder: (yargs: Argv) => columnOptions(assetOptions(logOptions(yargs).usage(USAGE))),
    handler: (args) => runImport(around, args as unknown as ImportFlags),
  } as CommandModule;
}

function assetOptions(yargs: Argv): Argv {
  return yargs
    .positional('kind', {
      choices: ['csv', 'profiles'] as const,
      describe: 'csv: files; profiles: the saved column choices',
    })
    .positional('files', { type: 'string', array: true, describe: 'Files, folders and globs' })
    .option('id', { type: 'number', describe: 'Id of the asset that all files belong to' })
    .option('id-from', {
      type: 'string',
      describe: 'Take the asset from the file name, e.g. "{id}.csv", "{symbol}USDT-1d-*.zip", "coin_{name}.csv"',
    })
    .option('name', { type: 'string', describe: 'Name of a new asset whose file does not contain one' })
    .option('replace-asset', {
      type: 'boolean',
      default: false,
      describe: 'Delete what is stored for the asset and import the files in its place',
    })
    .option('check-only', { type: 'boolean', default: false, describe: 'Read and report only; write nothing' })
    .option('strict', { type: 'boolean', default: false, describe: 'Write nothing of a file with a bad line' })
    .option('keep-partial', {
      type: 'boolean',
      default: false,
      describe: 'Store the good lines of a file even if most of its lines are bad',
    })
    .option('allow-future', {
      type: 'boolean',
      default: false,
      describe: 'Accept rows dated more than a day in the future',
    })
    .option('db-url', { type: 'string', describe: 'Database to write to' })
    .option('wait-lock', { type: 'number', default: 0, describe: 'Seconds to wait for another run to finish' });
}

function columnOptions(yargs: Argv): Argv {
  return yargs
    .option('tz', {
      type: 'string',
      describe: 'Zone of dates without a time  [default: the stored one, else UTC]',
    })
    .option('date-order', { choices: ['ymd', 'dmy', 'mdy'] as const, describe: 'How to read 03/04/2025' })
    .option('decimal', { choices: ['point', 'comma'] as const, describe: 'How to read 1,234' })
    .option('adjusted', { type: 'boolean', default: false, describe: 'Use the adjusted prices of a Yahoo file' })
    .option('close-only', {
      type: 'boolean',
      default: false,
      describe: 'Accept a file that has only closes: open, high and low become the close',
    })
    .option('columns', {
      type: 'string',
      describe: 'Map the columns: date=Day,open=Open,high=#3,low=#4,close=Last,volume=Vol',
    })
    .option('save-profile', { type: 'string', describe: 'Save --columns, --date-order and --decimal under this name' })
    .option('profile', { type: 'string', describe: 'Read the files with the choices saved under this name' });
}

async function runImport(around: Surroundings, flags: ImportFlags): Promise<void> {
  if (flags.kind === 'profiles') return runProfiles(around, flags.files, flags.dbUrl);
  const settings = await importSettings(flags);
  const { priceFileAt, priceFilePaths } = await import('@ta/price-import');
  const paths = await priceFilePaths(flags.files, process.cwd());
  const files = await Promise.all(paths.map((file) => priceFileAt(path.resolve(file))));
  const isGood = flags.checkOnly
    ? await checkFiles(around, flags, settings, files)
    : await importFiles(around, flags, settings, files);
  if (!isGood) process.exitCode = EXIT.failed;
}
