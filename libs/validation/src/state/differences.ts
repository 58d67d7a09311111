import { isNoop, type PlannedStep, type Standing } from '@ta/pipeline';
import { BAR_TABLES, instantText, type EmaTable, type StateGroup } from '@ta/state-store';
import type { BarFamily } from '@ta/bars-core/engine';

/** State and data that disagree. */
export interface StateDifference extends Record<string, unknown> {
  readonly table: string;
  readonly id: number;
  readonly tf: string | null;
  readonly field: string;
  readonly state: string | null;
  readonly actual: string | null;
}

/** A timeframe that a run would work on, and what its state says otherwise than its inputs. */
export interface Behind {
  readonly id: number;
  readonly component: PlannedStep['component'];
  /** A bar family or an EMA table. */
  readonly name: string;
  /** The table that holds the state. */
  readonly table: string;
  readonly tf: string;
  readonly reason: PlannedStep['action']['reason'];
  readonly fields: readonly Pick<StateDifference, 'field' | 'state' | 'actual'>[];
}

/** The timeframes of bars and EMAs that the plan of a run finds out of step. */
export function behind({ facts, steps }: Standing): Behind[] {
  return steps
    .filter((step) => step.table !== '1d' && !isNoop(step))
    .flatMap((step) => {
      const { component, table: name, timeframe, action } = step;
      const isBars = component === 'bars';
      const groups = (isBars ? facts.bars.get(name as BarFamily) : facts.emas.get(name as EmaTable)) ?? [];
      const table = isBars ? BAR_TABLES[name as BarFamily].stateTable : 'cmc_ema_state';
      const tfs = timeframe === null ? groups.flatMap((group) => group.tfs) : [timeframe];
      return tfs.map((tf) => {
        const group = groups.find((one) => one.tfs.includes(tf));
        const said = group === undefined ? [] : saidOf(group, step, facts.daily);
        const fields = said.filter(({ state, actual }) => state !== actual);
        return { id: facts.id, component, name, table, tf, reason: action.reason, fields };
      });
    });
}

/** Why EMAs are behind their bars between two runs, or while one is at work: their states say nothing that was not so. */
const LAGS: ReadonlySet<Behind['reason']> = new Set([
  ...(['no_state', 'daily_rebuilt', 'bars_rebuilt', 'bars_behind', 'first_row_changed'] as const),
  ...(['history_changed', 'later_rows', 'state_only', 'untrue_state', 'trading_days_changed'] as const),
]);

/** Whether EMAs are only behind, as bars and EMAs change in two transactions. */
export function isLag({ component, reason, fields }: Behind): boolean {
  return component === 'emas' && LAGS.has(reason) && fields.every(({ field }) => field !== 'resume');
}

/** What the state of the daily bars says otherwise than the run will; of its newest bar the rows themselves tell. */
export function dailyDifferences({ facts: { id, daily, tradingDays }, steps }: Standing): StateDifference[] {
  const reason = steps.find(({ table }) => table === '1d')?.action.reason;
  if (daily === null || reason === undefined) return [];
  const { zone, dayRules, revision, newestRevision } = daily;
  const rules = { field: 'day_rules', state: dayRules, actual: 'others' };
  const untrue =
    revision === newestRevision
      ? rules
      : { field: 'revision', state: String(revision), actual: String(newestRevision) };
  const fields: Partial<Record<typeof reason, Behind['fields'][number]>> = {
    zone_changed: { field: 'tz', state: zone, actual: 'another' },
    trading_days_changed: { field: 'trading_days', state: daily.tradingDays, actual: tradingDays },
    day_rules_changed: rules,
    untrue_state: dayRules === null || revision !== newestRevision ? untrue : undefined,
  };
  const difference = fields[reason];
  return difference === undefined ? [] : [{ table: 'cmc_price_bars_1d_state', id, tf: null, ...difference }];
}

/** What a state says of its inputs, and what these are. */
function saidOf(group: StateGroup, { component, action, inputs }: PlannedStep, daily: Standing['facts']['daily']) {
  const [lastTs, builtAtMs] = [daily?.lastSourceTs ?? Number.NaN, daily?.fullBuiltAtMs ?? Number.NaN];
  const isBars = component === 'bars';
  // bars that are built in the run get a stamp then
  const barsBuiltAtMs = inputs?.barsBuiltAtMs ?? Number.NaN;
  const instant = (field: string, state: number, actual: number) => ({
    field,
    state: textOf(state),
    actual: textOf(actual),
  });
  const kind = isBars ? 'spec' : 'params_hash, periods';
  return [
    instant(isBars ? 'daily_max_seen' : 'last_ts', group.lastTs, lastTs),
    instant(isBars ? 'src_full_built_at' : 'daily_full_built_at', group.dailyBuiltAtMs, builtAtMs),
    {
      field: 'src_revision',
      state: String(group.dailyRevision),
      actual: daily === null ? null : String(daily.revision),
    },
    ...(isBars ? [{ field: 'tz', state: group.zone, actual: daily?.zone ?? null }] : []),
    ...(Number.isNaN(barsBuiltAtMs) ? [] : [instant('bars_full_built_at', group.barsBuiltAtMs, barsBuiltAtMs)]),
    ...(group.isAsSpecified || action.kind === 'forget'
      ? []
      : [{ field: kind, state: 'others', actual: 'those of a run' }]),
    ...(group.isEdited ? [{ field: 'resume', state: 'edited', actual: 'as it was written' }] : []),
    ...(action.kind === 'forget' ? [{ field: 'tf', state: 'unknown', actual: null }] : []),
    ...(action.reason === 'reset'
      ? [{ field: 'reset_stamp', state: textOf(group.resetStampMs), actual: 'another' }]
      : []),
  ];
}

function textOf(ts: number): string | null {
  return Number.isNaN(ts) ? null : instantText(ts);
}
