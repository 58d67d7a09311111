import {
  assertFromZero,
  assertOwnedWords,
  CliError,
  commandOf,
  EXIT,
  flag,
  formatIds,
  parseIds,
  parseInstantFlag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type OwnedWords,
  type Surroundings,
} from '@ta/cli-kit';
import { DEFAULT_STALENESS_HOURS } from '@ta/pipeline/default-staleness-hours';
import type { Session } from '@ta/state-store';
import { withReadableDatabase } from '../readable-database.ts';
import { assertAssets, knownIds } from '../known-ids.ts';
import { logOptions } from '../run-log.ts';
import { formatOption, markdownTable, tableText } from '../report/table.ts';

const options = (yargs: Argv) =>
  logOptions(formatOption(yargs))
    .positional(
      'action',
      flag.oneOf(
        ['show', 'stale', 'trusted', 'verify', 'reset'],
        'Show the state; list ids with old bars; show up to when each table is complete; list states that contradict the data; or reset ids, so that the next refresh rebuilds them',
        { demandOption: true },
      ),
    )
    .options({
      ids: flag.ids,
      bars: flag.onOff('State of the daily bars'),
      emas: flag.onOff('State of the EMAs'),
      detail: flag.onOff('show --emas: one line per table and timeframe'),
      counts: flag.onOff('show: rows of daily bars and EMAs per id'),
      hours: flag.number(`stale: age in hours that counts as stale  [default: ${DEFAULT_STALENESS_HOURS}]`),
      'as-of': flag.text('stale: judge as of this time, as for ta refresh  [default: now]'),
      markdown: flag.onOff('trusted: print a Markdown table'),
      yes: flag.onOff('reset: required for all ids'),
      'exit-code': flag.onOff('stale, verify: exit with 1 when anything is listed'),
      'wait-lock': flag.waitLock('reset'),
      'db-url': flag.text('Database URL'),
    });
type StateFlags = FlagsOf<typeof options>;

const OWNED: OwnedWords = {
  '--bars': ['show', 'reset'],
  '--emas': ['show', 'reset'],
  '--detail': ['show'],
  '--counts': ['show'],
  '--hours': ['stale'],
  '--as-of': ['stale'],
  '--markdown': ['trusted'],
  '--yes': ['reset'],
  '--exit-code': ['stale', 'verify'],
};

/** `ta state show|stale|trusted|verify|reset`: shows and checks the states, or resets them so that the next run rebuilds. */
export function stateCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'state <action>',
    describe: 'Inspect or reset the state of bars and EMAs',
    builder: options,
    handler: async (flags) => {
      const { action, hours = DEFAULT_STALENESS_HOURS } = flags;
      assertFromZero('hours', hours, 'hours');
      assertOwnedWords('ta state', action, flags, OWNED);
      if (action === 'show') assertOneState(flags);
      if (flags.action === 'reset') return reset(around, flags);
      const asOf = flags.asOf ?? around.env['REFRESH_AS_OF'];
      const nowMs = asOf === undefined ? around.now() : parseInstantFlag('as-of', asOf, 'end');
      const rows = await withReadableDatabase(around, flags, ({ database }) =>
        database.transaction((tx) => queryOf(flags, tx, nowMs, hours), { readOnly: true }),
      );
      around.data(flags.markdown === true ? markdownTable(rows) : tableText(rows, flags.format));
      if (flags.exitCode === true && (flags.action === 'stale' || flags.action === 'verify') && rows.length > 0)
        process.exitCode = EXIT.failed;
    },
  });
}

type Rows = Record<string, unknown>[];

/** What `ta state show` can show, of which one is asked for. */
const SHOWN = ['bars', 'emas', 'counts'] as const;

/** Refuses flags that ask for more than one table, of which only one would be shown. */
function assertOneState(flags: StateFlags): void {
  const [first, second] = SHOWN.filter((name) => flags[name] === true);
  if (second !== undefined) {
    throw new CliError('CLI_CONFLICT', `--${first} and --${second} exclude each other`, {
      hint: 'Run ta state show twice.',
    });
  }
  if (flags.detail !== true || flags.emas === true) return;
  throw new CliError('CLI_CONFLICT', '--detail needs --emas', { hint: 'Example: ta state show --emas --detail' });
}

async function queryOf(flags: StateFlags, session: Session, nowMs: number, hours: number): Promise<Rows> {
  const ids = await knownIds(session, flags.ids);
  const store = await import('@ta/state-store/open');
  switch (flags.action) {
    case 'stale':
      return staleRows(session, ids, nowMs, hours);
    case 'trusted':
      return store.readTrustedThrough(session, ids);
    case 'verify':
      return (await import('@ta/validation')).verifyState(session, ids);
    default:
      if (flags.counts === true) return store.countRowsByAsset(session, ids);
      if (flags.emas !== true) return store.readDailyWatermarks(session, ids);
      return flags.detail === true
        ? store.readEmaWatermarksByTimeframe(session, ids)
        : store.readEmaWatermarks(session, ids);
  }
}

/**
 * The ids that the freshness check before the EMAs would leave out at this time, oldest first: stale assets, assets with bars in the
 * future, and active assets without a bar.
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

async function reset(surroundings: Surroundings, flags: StateFlags): Promise<void> {
  const selection = parseIds(flags.ids);
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
  const { bars, emas } = flags;
  const facts = { bars, emas, ids: flags.ids?.join(',') };
  const { withLoggedDatabase } = await import('../command-log.ts');
  const { readAssets, resetBarState, resetEmaState } = await import('@ta/state-store');
  await withLoggedDatabase(surroundings, { flags, command: 'state reset', facts }, async (open) => {
    const { around, database, assertExclusive } = open;
    const lines = await database.transaction(async (tx) => {
      if (selection.kind === 'list') await assertAssets(tx, selection.ids);
      const wanted = selection.kind === 'list' ? new Set(selection.ids) : null;
      const named = (await readAssets(tx)).filter(({ id }) => wanted?.has(id) ?? true);
      const ids = named.map(({ id }) => id);
      const active = named.filter(({ isActive }) => isActive).map(({ id }) => id);
      const inactive = named.filter(({ isActive }) => !isActive).map(({ id }) => id);
      const done: string[] = [];
      if (bars === true) done.push(`cmc_price_bars_1d_state: ${await resetBarState(tx, ids)} row(s) deleted`);
      if (emas === true) done.push(`cmc_ema_refresh_state: ${await resetEmaState(tx, ids)} row(s) deleted`);
      if (active.length > 0) done.push(`Next run will rebuild these ids: ${formatIds(active)}`);
      if (inactive.length > 0) done.push(`Inactive, rebuilt only by a run with these --ids: ${formatIds(inactive)}`);
      await assertExclusive();
      return done;
    });
    for (const line of lines) around.print(line);
  });
}
