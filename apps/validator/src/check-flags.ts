import {
  assertNumber,
  CliError,
  listOf,
  parseIds,
  parseInstantFlag,
  selectNames,
  type IdSelection,
  type Surroundings,
  type Argv,
} from '@ta/cli-kit';
import { STALENESS_HOURS } from '@ta/pipeline/staleness-hours';
import {
  CHECK_IDS,
  FAMILIES,
  PROFILES,
  validationRequest,
  type Family,
  type Profile,
  type ValidationRequest,
} from '@ta/validation';

/** Forms of the report. */
export const FORMATS = ['table', 'json', 'csv', 'junit'] as const;

/** Flags of `validator check` as the parser gives them; a repeated flag is an array. */
export interface CheckFlags {
  scope: ValidationRequest['scope'];
  ids?: string | string[];
  families?: string | string[];
  tfs?: string | string[];
  periods?: string | string[];
  checks?: string | string[];
  skipChecks?: string | string[];
  since?: string;
  until?: string;
  profile: Profile;
  sampleSize: number;
  seed: number;
  relTol: number;
  stalenessHours: number;
  asOf?: string;
  failOn: ValidationRequest['failOn'];
  format: (typeof FORMATS)[number];
  out?: string;
  limit: number;
  save: boolean;
  alert: boolean;
  list: boolean;
  explain?: string;
  concurrency?: number;
  dbUrl?: string;
  verbose: boolean;
}

const NAMES = 'Comma-separated';

/** The flags of `validator check` (docs/operations.md#validation). */
export function checkOptions(yargs: Argv): Argv {
  return selectionOptions(yargs)
    .option('format', { choices: FORMATS, default: 'table', describe: 'Output format of the report' })
    .option('out', { type: 'string', describe: 'Write the report to this file; the totals still go to stdout' })
    .option('limit', { type: 'number', default: 20, describe: 'Findings shown per check in the table' })
    .option('list', { type: 'boolean', default: false, describe: 'List the checks and exit' })
    .option('explain', { type: 'string', describe: 'Explain one check and exit' });
}

/** The flags that say what is validated, how strictly, and who is alerted. */
export function selectionOptions(yargs: Argv): Argv {
  return yargs
    .option('scope', { choices: ['bars', 'emas', 'all'] as const, default: 'all', describe: 'Which checks' })
    .option('ids', { type: 'string', describe: 'Asset ids, e.g. 1,52,825, or all  [default: all]' })
    .option('families', { type: 'string', describe: `${NAMES}: ${FAMILIES.join(', ')}` })
    .option('tfs', { type: 'string', describe: `${NAMES} timeframes, e.g. 7D,1M_CAL` })
    .option('periods', { type: 'string', describe: `${NAMES} EMA periods` })
    .option('checks', { type: 'string', describe: `${NAMES}: run only these, e.g. B01,E03` })
    .option('skip-checks', { type: 'string', describe: `${NAMES}: skip these` })
    .option('since', { type: 'string', describe: 'Check rows from this day or instant on' })
    .option('until', { type: 'string', describe: 'Check rows up to this day (inclusive) or before this instant' })
    .option('profile', {
      choices: PROFILES,
      default: 'full',
      describe: 'fast: newest rows; full: all rows; paranoid: also recompute in SQL',
    })
    .option('sample-size', { type: 'number', default: 50, describe: 'Number of series in sampled checks' })
    .option('seed', { type: 'number', default: 42, describe: 'Seed of the sample' })
    .option('rel-tol', {
      type: 'number',
      default: 0,
      describe: 'Largest relative difference of recomputed volumes, market caps and EMAs; 0: equal to the last bit',
    })
    .option('staleness-hours', {
      type: 'number',
      default: STALENESS_HOURS,
      describe: 'Maximum age of the newest bar, in hours',
    })
    .option('as-of', {
      type: 'string',
      describe: 'Validate as of a day (its end) or an instant  [default: now]',
    })
    .option('fail-on', {
      choices: ['WARNING', 'ERROR', 'CRITICAL'] as const,
      default: 'ERROR',
      describe: 'Lowest severity that fails the validation',
    })
    .option('save', { type: 'boolean', default: false, describe: 'Save the results in ops_validation_results' })
    .option('alert', { type: 'boolean', default: false, describe: 'Send an alert when something is wrong' })
    .option('concurrency', { type: 'number', describe: 'Parallel connections on PostgreSQL  [default: 2]' })
    .option('db-url', { type: 'string', describe: 'Database' })
    .option('verbose', { type: 'boolean', default: false, describe: 'Print stack traces of failures' });
}

/** What can be judged of the flags before the database is opened. */
export interface CheckChoice {
  readonly ids: IdSelection;
  /** The request for all ids. */
  readonly request: ValidationRequest;
}

/**
 * Turns the flags into a request.
 * @throws CliError, ValidationError
 */
export function checkChoice(around: Pick<Surroundings, 'now'>, flags: CheckFlags): CheckChoice {
  const concurrency = flags.concurrency ?? 2;
  assertNumber(
    'concurrency',
    concurrency,
    (n) => Number.isInteger(n) && n >= 1 && n <= 32,
    'a whole number from 1 to 32',
  );
  const { limit = 0 } = flags;
  assertNumber('limit', limit, (n) => Number.isInteger(n) && n >= 0, 'a whole number of at least 0');
  assertNumber('sample-size', flags.sampleSize, (n) => Number.isInteger(n) && n >= 1, 'a whole number of at least 1');
  assertNumber('seed', flags.seed, Number.isInteger, 'a whole number');
  assertNumber('rel-tol', flags.relTol, (n) => n >= 0 && n < 1, 'a number from 0 to below 1');
  assertNumber('staleness-hours', flags.stalenessHours, (n) => n > 0 && Number.isFinite(n), 'a number above 0');
  const request = validationRequest({
    scope: flags.scope,
    families: names<Family>('families', flags.families, FAMILIES),
    tfs: words(flags.tfs),
    periods: periodsOf(words(flags.periods)),
    checks: names('checks', upper(flags.checks), CHECK_IDS),
    skipChecks: names('skip-checks', upper(flags.skipChecks), CHECK_IDS) ?? [],
    fromTs: flags.since === undefined ? -Infinity : parseInstantFlag('since', flags.since, 'begin'),
    untilTs: flags.until === undefined ? Infinity : parseInstantFlag('until', flags.until, 'end'),
    profile: flags.profile,
    sampleSize: flags.sampleSize,
    seed: flags.seed,
    relTolerance: flags.relTol,
    stalenessHours: flags.stalenessHours,
    asOfTs: flags.asOf === undefined ? around.now() : parseInstantFlag('as-of', flags.asOf, 'end'),
    failOn: flags.failOn,
    concurrency,
  });
  return { ids: parseIds(listOf(flags.ids)), request };
}

function words(value: string | string[] | undefined): string[] | null {
  const list = listOf(value)
    ?.flatMap((text) => text.split(','))
    .map((word) => word.trim());
  return list === undefined ? null : list.filter((word) => word !== '');
}

function upper(value: string | string[] | undefined): string[] | undefined {
  return listOf(value)?.map((text) => text.toUpperCase());
}

function names<Name extends string>(
  flag: string,
  value: string | string[] | undefined,
  known: readonly Name[],
): readonly Name[] | null {
  const only = listOf(value);
  return only === undefined ? null : selectNames(known, { only }, { only: `--${flag}`, skip: `--${flag}`, noun: flag });
}

function periodsOf(list: string[] | null): number[] | null {
  if (list === null) return null;
  const periods = list.map((word) => (/^[1-9]\d{0,5}$/.test(word) ? Number(word) : Number.NaN));
  if (periods.length > 0 && !periods.some(Number.isNaN)) return periods;
  throw new CliError('CLI_BAD_PERIODS', `--periods: expected whole numbers of at least 1, got "${list.join(',')}"`, {
    hint: 'Example: --periods 10,21,50',
  });
}
