import path from 'node:path';
import { commandOf, EXIT, type Argv, type CommandModule, type Surroundings } from '@ta/cli-kit';
import { importOptions, importSettings, type ImportFlags } from '../import/import-settings.ts';
import { runProfiles } from '../import/import-profiles.ts';
import { checkFiles, importFiles } from '../import/import-files.ts';

const USAGE = `$0 import csv <file..> --id N

Reads files of daily prices from CoinMarketCap, Yahoo, Stooq, Nasdaq, Alpha Vantage, Investing.com,
CryptoDataDownload, Kraken, Binance, Coinbase and CoinGecko, and any other table with --columns. Files
may be plain, gzip or ZIP; a folder means all price files in it. See docs/import.md.

$0 import profiles list
$0 import profiles remove NAME`;

/** `ta import csv`: daily price files into the source table. */
export function importCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'import <kind> <files..>',
    describe: 'Import daily prices from CSV files',
    builder: (yargs: Argv) => importOptions(yargs.usage(USAGE)),
    handler: (flags) => runImport(around, flags),
  });
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
