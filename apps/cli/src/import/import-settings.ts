import { canonicalZone } from '@ta/bars-core/engine';
import { CliError } from '@ta/cli-kit';
import type { NamedAsset, ReadingChoices } from '@ta/price-import';
import type { LogFlags } from '../run-log.ts';

/** The flags of `ta import`. */
export interface ImportFlags extends LogFlags {
  kind: 'csv' | 'profiles';
  files: string[];
  id?: number;
  idFrom?: string;
  name?: string;
  replaceAsset: boolean;
  checkOnly: boolean;
  strict: boolean;
  keepPartial: boolean;
  allowFuture: boolean;
  tz?: string;
  dateOrder?: 'ymd' | 'dmy' | 'mdy';
  decimal?: 'point' | 'comma';
  adjusted: boolean;
  closeOnly: boolean;
  columns?: string;
  saveProfile?: string;
  profile?: string;
  dbUrl?: string;
  waitLock: number;
}

/** What the flags come to. */
export interface ImportSettings {
  /** What the name of a file, or `--id`, says about its asset. */
  assetOf(fileName: string): NamedAsset;
  readonly zone: string;
  readonly choices: ReadingChoices;
}

/**
 * Checks the flags of an import.
 *
 * @throws CliError for flags that miss or contradict each other; ImportError, BarsError for values that mean nothing
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
