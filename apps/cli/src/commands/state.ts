import {
  assertNumber,
  CliError,
  EXIT,
  formatIds,
  listOf,
  parseIds,
  parseInstantFlag,
  type Surroundings,
  type Argv,
  type CommandModule,
} from '@ta/cli-kit';
import { STALENESS_HOURS } from '@ta/pipeline/staleness-hours';
import type { Session } from '@ta/state-store';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { knownIds } from '../known-ids.ts';
import { logOptions, type LogFlags } from '../run-log.ts';
import { formatOption, markdownTable, tableText, type TableFormat } from '../report/table.ts';

interface StateFlags extends LogFlags {
  action: 'show' | 'stale' | 'reset' | 'verify' | 'trusted';
  ids?: string | string[];
  bars?: boolean;
  emas?: boolean;
  detail?: boolean;
  counts?: boolean;
  hours: number;
  asOf?: string;
  markdown?: boolean;
  yes?: boolean;
  exitCode?: boolean;
  dbUrl?: string;
  format: TableFormat;
  waitLock: number;
}

/** `ta state show|stale|trusted|verify|reset`: the watermarks, and the way to make the next run rebuild. */
export function stateCommand(around: Surroundings): CommandModule {
  return {
    command: 'state <action>',
    describe: 'Inspect or reset the state of bars and EMAs',
    builder: (yargs: Argv) =>
      logOptions(formatOption(yargs))
        .positional('action', {
          choices: ['show', 'stale', 'trusted', 'verify', 'reset'] as const,
          describe: 'What to do',
        })
        .option('ids', { type: 'string', describe: 'Asset ids, e.g. 1,52,825, or all  [default: all]' })
        .option('bars', { type: 'boolean', describe: 'State of the daily bars' })
        .option('emas', { type: 'boolean', describe: 'State of the EMAs' })
        .option('detail', { type: 'boolean', describe: 'show --emas: one line per table and timeframe' })
        .option('counts', { type: 'boolean', describe: 'show: rows of daily bars and EMAs per id' })
        .option('hours', {
          type: 'number',
          default: STALENESS_HOURS,
          describe: 'stale: age in hours that counts as stale',
        })
        .option('as-of', {
          type: 'string',
          describe: 'stale: judge as of this time, as for ta refresh  [default: now]',
        })
        .option('markdown', { type: 'boolean', describe: 'trusted: print a Markdown table' })
        .option('yes', { type: 'boolean', describe: 'reset: required for all ids' })
        .option('exit-code', { type: 'boolean', describe: 'stale, verify: exit with 1 when rows are found' })
        .option('wait-lock', {
          type: 'number',
          default: 0,
          describe: 'reset: seconds to wait for another run to finish',
        })
        .option('db-url', { type: 'string', describe: 'Database' }),
    handler: async (args) => {
      const flags = args as unknown as StateFlags;
      assertNumber('hours', flags.hours, (n) => Number.isFinite(n) && n >= 0, 'hours, 0 or more');
      assertNumber('wait-lock', flags.waitLock, (n) => Number.isFinite(n) && n >= 0, 'seconds, 0 or more');
      if (flags.markdown === true && flags.action !== 'trusted') {
        throw new CliError('CLI_CONFLICT', '--markdown belongs to ta state trusted');
      }
      if (flags.action === 'reset') return reset(around, flags);
      const asOf = flags.asOf ?? around.env['REFRESH_AS_OF'];
      const nowMs = asOf === undefined ? around.now() : parseInstantFlag('as-of', asOf, 'end');
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction((tx) => queryOf(flags, tx, nowMs), { readOnly: true }),
      );
      around.data(flags.markdown === true ? markdownTable(rows) : tableText(rows, flags.format));
      if (flags.exitCode === true && (flags.action === 'stale' || flags.action === 'verify') && rows.length > 0)
        process.exitCode = EXIT.failed;
    },
  };
}

type Rows = Record<string, unknown>[];

async function queryOf(flags: StateFlags, session: Session, nowMs: number): Promise<Rows> {
  const ids = await knownIds(session, flags.ids);
  const wanted = '($1::int[] IS NULL OR id = ANY($1::int[]))';
  if (flags.action === 'stale') return staleRows(session, ids, nowMs, flags.hours);
  if (flags.action === 'trusted') return session.query(TRUSTED, [ids]);
  if (flags.action === 'verify') return (await import('@ta/validation')).verifyState(session, ids);
  if (flags.counts === true) {
    return session.query(
      `SELECT a.id, coalesce(b.n, 0) AS bars_1d, coalesce(e.n, 0) AS emas FROM dim_assets a
       LEFT JOIN (SELECT id, count(*) AS n FROM cmc_price_bars_1d WHERE ${wanted} GROUP BY id) b ON b.id = a.id
       LEFT JOIN (SELECT id, count(*) AS n FROM cmc_ema_multi_tf_u WHERE ${wanted} GROUP BY id) e ON e.id = a.id
       WHERE $1::int[] IS NULL OR a.id = ANY($1::int[]) ORDER BY a.id`,
      [ids],
    );
  }
  if (flags.emas === true && flags.detail === true) {
    return session.query(
      `SELECT id, alignment_source, tf, array_length(periods, 1) AS periods, rows_seen, bars_seen, last_ts, last_canonical_ts
       FROM cmc_ema_state WHERE ${wanted} ORDER BY id, alignment_source, tf`,
      [ids],
    );
  }
  if (flags.emas === true) {
    return session.query(
      `SELECT id, last_load_ts_multi, last_load_ts_cal, last_load_ts_daily FROM cmc_ema_refresh_state WHERE ${wanted} ORDER BY id`,
      [ids],
    );
  }
  return session.query(
    `SELECT id, last_src_ts, last_run_ts, last_upserted, last_rejected, daily_min_seen, src_row_count, tz
     FROM cmc_price_bars_1d_state WHERE ${wanted} ORDER BY last_run_ts DESC, id`,
    [ids],
  );
}

/**
 * What the gate before the EMAs would hold back at this clock, oldest first: old assets, those ahead of the clock, and active ones
 * without a bar.
 */
async function staleRows(session: Session, ids: number[] | null, nowMs: number, hours: number): Promise<Rows> {
  const { checkFreshness } = await import('@ta/pipeline');
  const { readAssets, readNewestDays } = await import('@ta/state-store');
  const newestDays = await readNewestDays(session, nowMs, ids ?? undefined);
  const active = (await readAssets(session)).filter(({ isActive }) => isActive).map(({ id }) => id);
  const judged = ids ?? [...new Set([...active, ...newestDays.keys()])].sort((a, b) => a - b);
  const { stale } = checkFreshness(judged, newestDays, new Set(), nowMs, hours);
  return [...stale]
    .sort((a, b) => (b.ageHours ?? 1e300) - (a.ageHours ?? 1e300) || a.id - b.id)
    .map(({ id, reason, lastSourceTs, ageHours }) => ({
      id,
      last_src_ts: lastSourceTs === null ? null : new Date(lastSourceTs),
      staleness_hours: ageHours,
      reason,
    }));
}

/** Up to when each table can be trusted, per id: newest row and number of rows. */
const TRUSTED = `
  SELECT "table", id, trusted_through, rows FROM (
    SELECT 'cmc_price_bars_1d' AS "table", id, max("timestamp") AS trusted_through, count(*) AS rows FROM cmc_price_bars_1d GROUP BY id
    UNION ALL SELECT 'cmc_price_bars_' || alignment_source::text, id, max(time_close), count(*)
      FROM cmc_price_bars_multi_tf_u GROUP BY alignment_source, id
    UNION ALL SELECT 'cmc_ema_' || alignment_source::text, id, max(ts), count(*)
      FROM cmc_ema_multi_tf_u GROUP BY alignment_source, id
  ) t WHERE $1::int[] IS NULL OR id = ANY($1::int[]) ORDER BY "table", id`;

async function reset(surroundings: Surroundings, flags: StateFlags): Promise<void> {
  const selection = parseIds(listOf(flags.ids));
  if (flags.bars !== true && flags.emas !== true) {
    throw new CliError('CLI_NO_TARGET', 'state reset: say which state to reset', {
      hint: 'Add --bars, --emas, or both.',
    });
  }
  if (selection.kind === 'all' && flags.yes !== true) {
    throw new CliError('CLI_NEEDS_YES', 'state reset: this would rebuild every asset', {
      hint: 'Name ids with --ids 825, or add --yes to mean all of them.',
    });
  }
  const command = 'state reset';
  const { bars, emas, dbUrl, waitLock: waitLockSeconds } = flags;
  const { withCommandLog } = await import('../command-log.ts');
  await withCommandLog(surroundings, flags, command, { bars, emas, ids: flags.ids }, ({ around, runId }) =>
    withWritableDatabase(around, { dbUrl, command, runId, waitLockSeconds }, async ({ database }) => {
      const { readAssets, resetBarState, resetEmaState } = await import('@ta/state-store');
      await database.transaction(async (tx) => {
        const ids = selection.kind === 'list' ? selection.ids : (await readAssets(tx)).map((asset) => asset.id);
        if (bars === true) around.print(`cmc_price_bars_1d_state: ${await resetBarState(tx, ids)} row(s) deleted`);
        if (emas === true) around.print(`cmc_ema_refresh_state: ${await resetEmaState(tx, ids)} row(s) deleted`);
        around.print(`Next run will rebuild these ids: ${formatIds(ids)}`);
      });
    }),
  );
}
