import { isNoop, type PlannedStep, type Standing } from '@ta/pipeline';
import { BAR_TABLES, instantText, type EmaTable, type StateGroup } from '@ta/state-store';
import type { BarFamily } from '@ta/bars-core/engine';

/** A field in which a state disagrees with the data. */
export interface StateDifference extends Record<string, unknown> {
  readonly table: string;
  readonly id: number;
  readonly tf: string | null;
  readonly field: string;
  readonly state: string | null;
  readonly actual: string | null;
}

/** A timeframe that a run would work on, and the fields in which its state differs from its inputs. */
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

/** Reasons for EMAs to be behind their bars between two runs, or during one: their states were true when they were written. */
const LAGS: ReadonlySet<Behind['reason']> = new Set([
  ...(['no_state', 'daily_rebuilt', 'bars_rebuilt', 'bars_behind', 'first_row_changed'] as const),
  ...(['history_changed', 'later_rows', 'state_only', 'untrue_state', 'trading_days_changed'] as const),
]);

/** Whether EMAs are only behind their bars, which is normal because the two change in different transactions. */
export function isLag({ component, reason, fields }: Behind): boolean {
  return component === 'emas' && LAGS.has(reason) && fields.every(({ field }) => field !== 'resume');
}

/** Where the state of the daily bars differs from what a run would write; `verifyRows` compares its newest bar with the rows. */
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

/** What a state says about its inputs, beside the actual values. */
function saidOf(group: StateGroup, { component, action, inputs }: PlannedStep, daily: Standing['facts']['daily']) {
  const [lastTs, builtAtMs] = [daily?.lastSourceTs ?? Number.NaN, daily?.fullBuiltAtMs ?? Number.NaN];
  const isBars = component === 'bars';
  // this is unknown if the run has yet to build the bars: they get their stamp then
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
