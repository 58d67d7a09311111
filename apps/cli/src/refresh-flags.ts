import { STALENESS_HOURS } from '@ta/pipeline/staleness-hours';
import { CliError, isDayText, type Argv } from '@ta/cli-kit';
import type { EmaDays, Periods } from '@ta/pipeline';
import { logOptions } from './run-log.ts';

/** Flags of `refresh`, `bars` and `emas` as the parser gives them; a repeated flag is an array. */
export interface RefreshFlags {
  ids?: string | string[];
  fullRebuild: boolean;
  verbose?: boolean;
  quiet?: boolean;
  continueOnError: boolean;
  skipStaleCheck?: boolean;
  stalenessHours?: number;
  asOf?: string;
  dbUrl?: string;
  tz?: string;
  concurrency?: number;
  builders?: string | string[];
  only?: string | string[];
  skip?: string | string[];
  periods?: string | string[];
  calScheme?: string;
  anchorScheme?: string;
  /** First and last day of EMAs, `YYYY-MM-DD`. */
  start?: string;
  end?: string;
  /** False with `--no-validate-output`. */
  validateOutput?: boolean;
  lookbackDays: number;
  onBackfill: 'rebuild' | 'warn' | 'fail';
  allowUnknownIds: boolean;
  /** Part of the ids, `i/n`. */
  shard?: string;
  /** Items go to workers. */
  distribute?: boolean;
  waitLock: number;
  json?: boolean;
  dryRun?: boolean;
  /** Seconds; 0 is no limit. */
  timeoutBars?: number;
  timeoutEmas?: number;
  failOnRejects?: boolean;
  failOnValidation?: boolean;
  /** Only of `refresh`. */
  validate?: boolean;
  deepCheck?: boolean;
  /** False with `--no-alerts`. */
  alerts?: boolean;
  logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  logFile?: string;
  logDir?: string;
  /** Id of the run to resume; empty for the latest that failed. */
  resume?: string;
}

/** Flags that only some of the three commands know. */
export type FlagGroup = 'builders' | 'only' | 'skip' | 'schemes' | 'emaDays' | 'staleness' | 'bars' | 'emas';

/** Adds the flags that the refreshing commands share, and the groups asked for. */
export function refreshOptions(yargs: Argv, groups: readonly FlagGroup[]): Argv {
  const shared = logOptions(yargs)
    .option('ids', { type: 'string', describe: 'Asset ids, e.g. 1,52,825, or all  [default: all]' })
    .option('full-rebuild', {
      alias: 'full-refresh',
      type: 'boolean',
      default: false,
      describe: 'Ignore state: build the ids from their first day',
    })
    .option('continue-on-error', {
      type: 'boolean',
      default: false,
      describe: 'Continue after a failure; the exit code is still non-zero',
    })
    .option('as-of', {
      type: 'string',
      describe: 'Run as of this time: ISO 8601 with zone, or YYYY-MM-DD (end of that day)',
    })
    .option('tz', {
      type: 'string',
      describe: 'IANA zone that decides civil days  [default: the stored one; UTC on the first run]',
    })
    .option('concurrency', {
      alias: 'num-processes',
      type: 'number',
      describe: 'Ids processed in parallel, 1 to 32  [default: 4; 1 on PGlite]',
    })
    .option('lookback-days', {
      type: 'number',
      default: 3,
      describe: 'Days before the watermark that an append re-checks',
    })
    .option('on-backfill', {
      choices: ['rebuild', 'warn', 'fail'] as const,
      default: 'rebuild',
      describe: 'What to do when history changed behind the watermark',
    })
    .option('periods', {
      type: 'string',
      describe:
        'EMA periods: lut (table ema_alpha_lookup) or e.g. 10,21,50  [default: the stored ones; lut on the first run]',
    })
    .option('allow-unknown-ids', { type: 'boolean', default: false, describe: 'Ignore ids that are not in dim_assets' })
    .option('shard', {
      type: 'string',
      describe: 'i/n: only ids where id mod n = i; shards may run in parallel (PostgreSQL)',
    })
    .option('distribute', {
      type: 'boolean',
      default: false,
      describe: 'Queue the items for ta worker processes on any host (PostgreSQL)',
    })
    .option('db-url', { type: 'string', describe: 'Database; else DATABASE_URL, else PGlite in .data/pg' })
    .option('wait-lock', { type: 'number', default: 0, describe: 'Seconds to wait for another run to finish' })
    .option('resume', {
      type: 'string',
      describe: 'Resume the run with this id; without an id, the latest that failed',
    })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Show what would be done and change nothing' })
    .option('alerts', { type: 'boolean', default: true, describe: 'Send alerts (--no-alerts: only log them)' })
    .option('log-level', {
      choices: ['trace', 'debug', 'info', 'warn', 'error'] as const,
      describe: 'Lowest level shown on the console; the log file always starts at debug  [default: info]',
    })
    .option('json', { type: 'boolean', describe: 'One JSON document on stdout, human text on stderr' })
    .option('verbose', { type: 'boolean', describe: 'Print a line for each id and step' })
    .option('quiet', { type: 'boolean', describe: 'Print only warnings and the summary' })
    .conflicts({ verbose: ['quiet', 'log-level'], quiet: 'log-level' })
    .check((argv) => {
      if (argv['resume'] !== undefined && argv['full-rebuild'] === true) {
        throw new CliError('CLI_CONFLICT', '--resume and --full-rebuild exclude each other');
      }
      return true;
    });
  return groups.reduce<Argv>((so, group) => GROUPS[group](so), shared as unknown as Argv);
}

/** Time limits of docs/operations.md#commands, seconds. */
export const TIMEOUT_SECONDS = { bars: 7200, emas: 3600 };

const NAMES = 'Names, comma-separated';
const GROUPS: Record<FlagGroup, (yargs: Argv) => Argv> = {
  builders: (yargs) => yargs.option('builders', { type: 'string', describe: `${NAMES}: run only these bar builders` }),
  only: (yargs) => yargs.option('only', { type: 'string', describe: `${NAMES}: run only these EMA refreshers` }),
  skip: (yargs) => yargs.option('skip', { type: 'string', describe: `${NAMES}: skip these bar builders` }),
  schemes: (yargs) =>
    yargs
      .option('cal-scheme', { choices: ['us', 'iso', 'both'] as const, default: 'both', describe: 'Calendar EMAs' })
      .option('anchor-scheme', { choices: ['us', 'iso', 'both'] as const, default: 'both', describe: 'Anchored EMAs' }),
  emaDays: (yargs) =>
    yargs
      .option('start', {
        type: 'string',
        describe: 'YYYY-MM-DD: recompute EMAs from this day on  [default: only what is new]',
      })
      .option('end', { type: 'string', describe: 'YYYY-MM-DD: ignore later days  [default: use all]' })
      .option('validate-output', {
        type: 'boolean',
        default: true,
        describe: 'Check EMAs against their price bounds (--no-validate-output skips the check)',
      }),
  bars: (yargs) =>
    yargs
      .option('timeout-bars', timeoutOption('bars'))
      .option('fail-on-rejects', {
        type: 'boolean',
        default: false,
        describe: 'Fail the run when a bar is newly rejected',
      })
      .option('deep-check', {
        type: 'boolean',
        default: false,
        describe: 'Compare row counts and load times with the source, for changes made while triggers were disabled',
      }),
  emas: (yargs) =>
    yargs.option('timeout-emas', timeoutOption('emas')).option('fail-on-validation', {
      type: 'boolean',
      default: false,
      describe: 'Fail the run on EMAs out of bounds or findings of --validate',
    }),
  staleness: (yargs) =>
    yargs
      .option('skip-stale-check', { type: 'boolean', describe: 'Refresh EMAs however old the bars are' })
      .option('staleness-hours', {
        type: 'number',
        describe: `Maximum age of the newest bar, in hours  [default: ${STALENESS_HOURS}.0]`,
      }),
};

function timeoutOption(component: keyof typeof TIMEOUT_SECONDS) {
  return {
    type: 'number' as const,
    default: TIMEOUT_SECONDS[component],
    describe: `Time limit of the ${component === 'bars' ? 'bars' : 'EMAs'} in seconds; 0: none`,
  };
}

/**
 * The days that EMAs are limited to, or undefined.
 *
 * @throws CliError `CLI_BAD_DATE`
 */
export function parseEmaDays({ start, end }: Pick<RefreshFlags, 'start' | 'end'>): EmaDays | undefined {
  if (start === undefined && end === undefined) return undefined;
  const days = { firstDay: parseDay('start', start), lastDay: parseDay('end', end) };
  if (days.firstDay === undefined || days.lastDay === undefined || days.firstDay <= days.lastDay) return days;
  throw new CliError('CLI_BAD_DATE', `--end: ${days.lastDay} lies before --start ${days.firstDay}`, {
    hint: 'Example: --start 2024-01-01 --end 2024-06-30',
  });
}

function parseDay(name: string, text: string | undefined): string | undefined {
  if (text === undefined || isDayText(text)) return text;
  throw new CliError('CLI_BAD_DATE', `--${name}: "${text}" is not a day`, { hint: `Example: --${name} 2024-01-31` });
}

/**
 * The EMA periods asked for; undefined when none were.
 *
 * @throws CliError `CLI_BAD_PERIODS`
 */
export function parsePeriods(values: string[] | undefined): Periods | undefined {
  const tokens = values?.flatMap((value) => value.split(',')).map((token) => token.trim());
  if (tokens === undefined) return undefined;
  if (tokens.length === 1 && tokens[0]?.toLowerCase() === 'lut') return 'lut';
  const numbers = tokens
    .filter((token) => token !== '')
    .map((token) => (/^[1-9]\d{0,5}$/.test(token) ? Number(token) : Number.NaN));
  if (numbers.length > 0 && !numbers.some(Number.isNaN)) return [...new Set(numbers)].sort((a, b) => a - b);
  throw new CliError(
    'CLI_BAD_PERIODS',
    `--periods: expected lut or whole numbers of at least 1, got "${tokens.join(',')}"`,
    {
      hint: 'Examples: --periods lut   --periods 10,21,50',
    },
  );
}
