import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';
import { CliError, flag, isDayText, stalenessHoursFlag, type Argv, type FlagsIn, type FlagsOf } from '@ta/cli-kit';
import type { EmaDays, Periods } from '@ta/pipeline';
import { UNASKED } from './run-args.ts';
import { logOptions } from './run-log.ts';

/** Flags that only some of the three commands have. */
const OWN = {
  builders: flag.list('Run only these bar builders, e.g. 1d,multi_tf'),
  only: flag.list('Run only these EMA refreshers, e.g. multi_tf,cal'),
  skip: flag.list('Skip these bar builders, e.g. cal_us'),
  'cal-scheme': flag.oneOf(['us', 'iso', 'both'], 'Weeks of the calendar EMAs  [default: both]'),
  'anchor-scheme': flag.oneOf(['us', 'iso', 'both'], 'Weeks of the anchored EMAs  [default: both]'),
  start: flag.text('YYYY-MM-DD: recompute EMAs from this day on  [default: only what is new]'),
  end: flag.text('YYYY-MM-DD: ignore later days  [default: use all]'),
  'validate-output': flag.onOff(
    'Check EMAs against their price bounds (--no-validate-output skips the check)  [default: true]',
  ),
  'timeout-bars': flag.number('Time limit of the bars in seconds; 0: none', { default: 7200 }),
  'fail-on-rejects': flag.off('Fail the run when it rejects source rows or clamps bars that earlier runs did not'),
  'deep-check': flag.off(
    'Compare row counts and load times with the source, for changes made while triggers were disabled',
  ),
  'timeout-emas': flag.number('Time limit of the EMAs in seconds; 0: none', { default: 3600 }),
  'fail-on-validation': flag.off('Fail the run on EMAs out of bounds or findings of --validate'),
  'skip-stale-check': flag.onOff('Refresh EMAs however old the bars are'),
  'staleness-hours': stalenessHoursFlag({}, `  [default: ${DEFAULT_STALENESS_HOURS}.0]`),
};

/** Flags of `refresh`, `bars` and `emas`. */
export type RefreshFlags = FlagsOf<typeof refreshOptions> &
  Partial<FlagsIn<typeof OWN>> & {
    /** Only of `refresh`. */
    readonly validate?: boolean;
  };

/**
 * Adds the flags that the refreshing commands share, and those of {@link OWN} that are asked for. Flags of the task of a run have
 * no default here (`UNASKED` of run-args.ts has it), since a resumed run is compared with those that were typed.
 */
export function refreshOptions(yargs: Argv, own: readonly (keyof typeof OWN)[]) {
  const options = logOptions(yargs)
    .options({
      ids: flag.ids,
      'full-rebuild': flag.off('Ignore the stored state: rebuild the ids from their first day', {
        alias: ['full-refresh'],
      }),
      'continue-on-error': flag.off('Continue after a failure; the exit code is still non-zero'),
      'as-of': flag.text('Run as of this time: ISO 8601 with zone, or YYYY-MM-DD (end of that day)'),
      tz: flag.text('IANA time zone of the days  [default: that of the database; UTC on its first run]'),
      concurrency: flag.number('Ids processed in parallel, 1 to 32  [default: 4; 1 on PGlite]', {
        alias: ['num-processes'],
      }),
      'lookback-days': flag.number(
        `Days before the newest stored bar that are read again  [default: ${UNASKED.lookbackDays}]`,
      ),
      'on-backfill': flag.oneOf(
        ['rebuild', 'warn', 'fail'],
        `When rows before the newest stored bar changed: rebuild what they affect, only warn, or fail  [default: ${UNASKED.onBackfill}]`,
      ),
      periods: flag.list(
        'EMA periods: lut (table ema_alpha_lookup) or e.g. 10,21,50  [default: those of the database; lut on its first run]',
      ),
      'allow-unknown-ids': flag.off('Ignore ids that are not in dim_assets'),
      shard: flag.text('i/n: only ids where id mod n = i; shards may run in parallel (PostgreSQL)'),
      distribute: flag.off('Queue the items for ta worker processes on any host (PostgreSQL)'),
      'db-url': flag.text('Database URL; else DATABASE_URL, else PGlite in .data/pg'),
      'wait-lock': flag.waitLock(),
      resume: flag.text('Resume the run with this id; without an id, the latest that failed'),
      'dry-run': flag.off('Show what would be done and change nothing'),
      alerts: flag.onOff('Send alerts (--no-alerts: only log them)', { default: true }),
      'log-level': flag.oneOf(
        ['trace', 'debug', 'info', 'warn', 'error'],
        'Lowest level shown on the console; the log file always starts at debug  [default: info]',
      ),
      json: flag.onOff('One JSON document on stdout, human text on stderr'),
      verbose: flag.onOff('Print a line for each id and step'),
      quiet: flag.onOff('Print only warnings and the summary'),
    })
    .conflicts({ verbose: ['quiet', 'log-level'], quiet: 'log-level' })
    .check((argv) => {
      if (argv['resume'] !== undefined && argv['full-rebuild'] === true) {
        throw new CliError('CLI_CONFLICT', '--resume and --full-rebuild exclude each other');
      }
      return true;
    });
  options.options(Object.fromEntries(own.map((name) => [name, OWN[name]])));
  return options;
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

function parseDay(name: string, day: string | undefined): string | undefined {
  if (day === undefined || isDayText(day)) return day;
  throw new CliError('CLI_BAD_DATE', `--${name}: "${day}" is not a day`, { hint: `Example: --${name} 2024-01-31` });
}

/**
 * The EMA periods given by `--periods`; undefined without the flag.
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
