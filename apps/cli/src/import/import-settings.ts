import { canonicalZone } from '@ta/bars-core/engine';
import { CliError, flag, type Argv, type FlagsOf } from '@ta/cli-kit';
import type { NamedAsset, ReadingChoices } from '@ta/price-import';
import { logOptions } from '../run-log.ts';

/** The flags of `ta import`. */
export type ImportFlags = FlagsOf<typeof importOptions>;

/** Adds the flags of `ta import`. */
export function importOptions(yargs: Argv) {
  return logOptions(yargs)
    .positional(
      'kind',
      flag.oneOf(['csv', 'profiles'], 'csv: import files; profiles: list or remove saved sets of columns', {
        demandOption: true,
      }),
    )
    .positional('files', flag.text('Files, folders and globs', { array: true, demandOption: true }))
    .options({
      id: flag.number('Id of the asset that all files belong to'),
      'id-from': flag.text(
        'Take the asset from the file name, e.g. "{id}.csv", "{symbol}USDT-1d-*.zip", "coin_{name}.csv"',
      ),
      name: flag.text('Name of a new asset whose file does not contain one'),
      'replace-asset': flag.off('Delete what is stored for the asset and import the files in its place'),
      'check-only': flag.off('Read the files and report; write nothing'),
      strict: flag.off('Write nothing of a file with a bad line'),
      'keep-partial': flag.off('Store the good lines of a file even if most of its lines are bad'),
      'allow-future': flag.off('Accept rows dated more than a day in the future'),
      'db-url': flag.text('Database to write to'),
      'wait-lock': flag.waitLock(),
      tz: flag.text('Time zone of dates without a time  [default: that of the database, else UTC]'),
      'date-order': flag.oneOf(['ymd', 'dmy', 'mdy'], 'How to read 03/04/2025'),
      decimal: flag.oneOf(['point', 'comma'], 'How to read 1,234'),
      adjusted: flag.off('Use the adjusted prices of a Yahoo or Alpha Vantage file'),
      'close-only': flag.off('Accept a file that has only closes: open, high and low become the close'),
      columns: flag.text('Map the columns: date=Day,open=Open,high=#3,low=#4,close=Last,volume=Vol'),
      'save-profile': flag.text('Save --columns, --date-order and --decimal under this name'),
      profile: flag.text('Read the files with the settings saved under this name'),
    });
}

/** The settings that result from the flags. */
export interface ImportSettings {
  /** The asset of a file, by its name or by `--id`. */
  assetOf(fileName: string): NamedAsset;
  readonly zone: string;
  readonly choices: ReadingChoices;
}

/**
 * Checks the flags of an import.
 *
 * @throws CliError for missing or contradictory flags; ImportError, BarsError for invalid values
 */
export async function importSettings(flags: ImportFlags): Promise<ImportSettings> {
  assertFlags(flags);
  const { fileNamePattern, parseColumnChoice } = await import('@ta/price-import');
  const { id, idFrom, dateOrder, decimal, adjusted, closeOnly } = flags;
  return {
    assetOf: idFrom === undefined ? () => ({ id: id as number }) : fileNamePattern(idFrom),
    zone: canonicalZone(flags.tz ?? 'UTC'),
    choices: {
      columns: flags.columns === undefined ? undefined : parseColumnChoice(flags.columns),
      dateOrder,
      decimal: decimal && (decimal === 'point' ? '.' : ','),
      adjusted,
      closeOnly,
    },
  };
}

function assertFlags(flags: ImportFlags): void {
  const { id, idFrom } = flags;
  if (id === undefined && idFrom === undefined) {
    throw new CliError('CLI_USAGE', 'Missing: --id N, or --id-from PATTERN', {
      hint: 'Example: --id 1, or --id-from "{id}.csv" where the file names contain the ids',
    });
  }
  if (id !== undefined && (!Number.isInteger(id) || id < 1 || id > 2_147_483_647)) {
    throw new CliError('CLI_BAD_ID', `--id: expected one whole number from 1 to 2147483647`, {
      hint: 'Example: --id 1',
    });
  }
  exclude(flags, 'id', 'idFrom');
  exclude(flags, 'name', 'idFrom');
  exclude(flags, 'columns', 'profile');
  exclude(flags, 'strict', 'keepPartial');
  if (flags.saveProfile !== undefined && flags.columns === undefined) {
    throw new CliError('CLI_CONFLICT', '--save-profile needs --columns', {
      hint: 'Example: --columns date=Day,open=Open,high=High,low=Low,close=Last --save-profile broker',
    });
  }
  if (flags.saveProfile !== undefined && flags.checkOnly) {
    throw new CliError('CLI_CONFLICT', '--check-only stores nothing, so it excludes --save-profile', {
      hint: 'Check first, then import with --save-profile.',
    });
  }
}

function exclude(flags: ImportFlags, a: keyof ImportFlags, b: keyof ImportFlags): void {
  const isGiven = (flag: keyof ImportFlags) => flags[flag] !== undefined && flags[flag] !== false;
  if (!isGiven(a) || !isGiven(b)) return;
  throw new CliError('CLI_CONFLICT', `--${dashed(a)} and --${dashed(b)} exclude each other`, {
    hint: 'Leave one out.',
  });
}

function dashed(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
