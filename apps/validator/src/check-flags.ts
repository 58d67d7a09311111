import {
  assertNumber,
  assertWhole,
  CliError,
  flag,
  stalenessHoursFlag,
  parseIds,
  parseInstantFlag,
  selectNames,
  type Argv,
  type FlagsIn,
  type IdSelection,
  type Surroundings,
} from '@ta/cli-kit';
import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';
import {
  CHECK_IDS,
  FAMILIES,
  PROFILES,
  selectChecks,
  validationRequest,
  type Family,
  type ValidationRequest,
} from '@ta/validation';

/** Formats of the report. */
export const FORMATS = ['table', 'json', 'csv', 'junit'] as const;

const SELECTION = {
  scope: flag.oneOf(['bars', 'emas', 'all'], 'Check bars, EMAs, or both', { default: 'all' }),
  ids: flag.ids,
  families: flag.list(`Families of tables, comma-separated: ${FAMILIES.join(', ')}`),
  tfs: flag.list('Timeframes, e.g. 7D,1M_CAL  [default: all]'),
  periods: flag.list('EMA periods, e.g. 9,21  [default: all]'),
  checks: flag.list('Run only these checks, e.g. B01,E03'),
  'skip-checks': flag.list('Skip these checks, e.g. B22,E04'),
  since: flag.text('Check rows from this day or instant on'),
  until: flag.text('Check rows up to this day (inclusive) or before this instant'),
  profile: flag.oneOf(
    PROFILES,
    'fast: newest rows and a sample; full: all rows; paranoid: full, and a sample recomputed in SQL',
    { default: 'full' },
  ),
  'sample-size': flag.number('Number of series that sampled checks look at', { default: 50 }),
  seed: flag.number('Seed of the sample', { default: 42 }),
  'rel-tol': flag.number(
    'Largest relative difference between stored and recomputed volumes, market caps and EMAs; 0: equal to the last bit',
    { default: 0 },
  ),
  'staleness-hours': stalenessHoursFlag({ default: DEFAULT_STALENESS_HOURS }),
  'as-of': flag.text('Validate as of a day (its end in the zone of the database) or an instant  [default: now]'),
  'fail-on': flag.oneOf(['WARNING', 'ERROR', 'CRITICAL'], 'Lowest severity that fails the validation', {
    default: 'ERROR',
  }),
  save: flag.off('Save the results in ops_validation_results'),
  alert: flag.off('Send an alert when the validation fails'),
  concurrency: flag.number('Parallel connections on PostgreSQL  [default: 2]'),
  'db-url': flag.text('Database URL'),
  verbose: flag.off('Print stack traces of failures'),
};

const OF_CHECK = {
  format: flag.oneOf(FORMATS, 'Output format of the report', { default: 'table' }),
  out: flag.text('Write the report to this file; the totals still go to stdout'),
  limit: flag.number('Findings shown per check in the table', { default: 20 }),
  list: flag.off('List the checks and exit'),
  explain: flag.text('Explain one check, e.g. B16, and exit'),
};

/** The flags that say what is validated, how strictly, and who is alerted. */
export type SelectionFlags = FlagsIn<typeof SELECTION>;

/** The flags of `validator check` (docs/operations.md#validation). */
export type CheckFlags = SelectionFlags & FlagsIn<typeof OF_CHECK>;

/** Adds {@link SelectionFlags}. */
export function selectionOptions(yargs: Argv) {
  return yargs.options(SELECTION);
}

/** Adds {@link CheckFlags}. */
export function checkOptions(yargs: Argv) {
  return selectionOptions(yargs).options(OF_CHECK);
}

/** The request that follows from the flags alone; ids and bare dates are completed when the database is open. */
export interface CheckChoice {
  readonly ids: IdSelection;
  /** The request for all ids, with days in UTC. */
  readonly request: ValidationRequest;
}

/**
 * Turns the flags into a request.
 * @throws CliError, ValidationError
 */
export function checkChoice(
  around: Pick<Surroundings, 'now'>,
  flags: SelectionFlags & { readonly limit?: number },
): CheckChoice {
  const concurrency = flags.concurrency ?? 2;
  assertWhole('concurrency', concurrency, 1, 32);
  assertWhole('limit', flags.limit, 0);
  assertWhole('sample-size', flags.sampleSize, 1);
  assertNumber('seed', flags.seed, Number.isInteger, 'a whole number');
  assertNumber('rel-tol', flags.relTol, (n) => n >= 0 && n < 1, 'a number from 0 to below 1');
  const request = validationRequest({
    scope: flags.scope,
    families: names<Family>('families', flags.families, FAMILIES),
    tfs: timeframesOf(words(flags.tfs)),
    periods: periodsOf(words(flags.periods)),
    checks: names('checks', upper(flags.checks), CHECK_IDS),
    skipChecks: names('skip-checks', upper(flags.skipChecks), CHECK_IDS) ?? [],
    ...instantsOf(around, flags),
    profile: flags.profile,
    sampleSize: flags.sampleSize,
    seed: flags.seed,
    relTolerance: flags.relTol,
    stalenessHours: flags.stalenessHours,
    failOn: flags.failOn,
    concurrency,
  });
  // before a database is opened and a report begun
  selectChecks(request);
  return { ids: parseIds(flags.ids), request };
}

/**
 * The times that the flags name, epoch ms.
 *
 * @param openingOf first instant (epoch ms) of a day given by its beginning in UTC (epoch ms), by default that beginning
 * @throws CliError
 */
export function instantsOf(
  around: Pick<Surroundings, 'now'>,
  { since, until, asOf }: SelectionFlags,
  openingOf?: (utcDayMs: number) => number,
): Pick<ValidationRequest, 'fromTs' | 'untilTs' | 'asOfTs'> {
  const fromTs = since === undefined ? -Infinity : parseInstantFlag('since', since, 'begin', openingOf);
  const untilTs = until === undefined ? Infinity : parseInstantFlag('until', until, 'end', openingOf);
  if (untilTs <= fromTs) {
    throw new CliError('CLI_BAD_INSTANT', `--until: ${until} does not lie after --since ${since}`, {
      hint: 'Example: --since 2024-01-01 --until 2024-06-30',
    });
  }
  return {
    ...{ fromTs, untilTs },
    asOfTs: asOf === undefined ? around.now() : parseInstantFlag('as-of', asOf, 'end', openingOf),
  };
}

function words(values: readonly string[] | undefined): string[] | null {
  const list = values?.flatMap((value) => value.split(',')).map((word) => word.trim());
  return list === undefined ? null : list.filter((word) => word !== '');
}

function upper(values: readonly string[] | undefined): string[] | undefined {
  return values?.map((word) => word.toUpperCase());
}

function names<Name extends string>(
  flag: string,
  only: readonly string[] | undefined,
  known: readonly Name[],
): readonly Name[] | null {
  return only === undefined ? null : selectNames(known, { only }, { only: `--${flag}`, skip: `--${flag}`, noun: flag });
}

function timeframesOf(list: string[] | null): string[] | null {
  if (list === null || list.length > 0) return list;
  throw new CliError('CLI_BAD_TIMEFRAMES', '--tfs: names no timeframe', { hint: 'Example: --tfs 7D,1M_CAL' });
}

function periodsOf(list: string[] | null): number[] | null {
  if (list === null) return null;
  const periods = list.map((word) => (/^[1-9]\d{0,5}$/.test(word) ? Number(word) : Number.NaN));
  if (periods.length > 0 && !periods.some(Number.isNaN)) return periods;
  throw new CliError('CLI_BAD_PERIODS', `--periods: expected whole numbers of at least 1, got "${list.join(',')}"`, {
    hint: 'Example: --periods 10,21,50',
  });
}
