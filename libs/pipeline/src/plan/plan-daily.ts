import { civilDayOfInstant, matchesZone, ONE_DAY_MS, openingOfCivilDay } from '@ta/bars-core/engine';
import type { RunSettings } from '../run-settings.ts';
import type { Action, Reason } from './action.ts';
import { whatIsUntrue, type AssetFacts } from './asset-facts.ts';

type DailyPlanFact = 'daily' | 'changedFromTs' | 'hasSource' | 'tradingDays';

/**
 * The action of the 1D step, from state and log alone. `append` and `rewind` are provisional: only reading the source shows what
 * has to be written.
 */
export function planDaily(
  { daily, changedFromTs, hasSource, tradingDays }: Pick<AssetFacts, DailyPlanFact>,
  settings: RunSettings,
  isForced: boolean,
): Action {
  const rebuild = (reason: Reason): Action => ({ kind: 'rebuild', reason });
  if (daily === null) return hasSource ? rebuild('no_state') : { kind: 'clear', reason: 'no_source' };
  if (whatIsUntrue(daily) !== null) return rebuild('untrue_state');
  if (isForced && settings.fullRebuild) return rebuild('requested');
  if (daily.zone !== settings.zone) return rebuild('zone_changed');
  if (daily.tradingDays !== tradingDays) return rebuild('trading_days_changed');
  if (!matchesZone(daily.dayRules as string, settings.zone)) {
    return { kind: 'rewind', reason: 'day_rules_changed', fromTsMs: -Infinity };
  }
  if (changedFromTs === null) return { kind: 'noop', reason: 'in_step' };
  if (daily.lastSourceTs === null) return rebuild('no_daily_bars');
  if (changedFromTs > daily.lastSourceTs) return { kind: 'append', reason: 'later_rows' };
  return { kind: 'rewind', reason: 'history_changed', fromTsMs: changedFromTs };
}

/**
 * First instant of the source, epoch ms, that the 1D step reads: the start of a civil day, so that the changed rows and the last
 * `lookbackDays` days are read.
 */
export function readAgainFrom(changedFromTs: number, lastSourceTs: number, settings: RunSettings): number {
  const ts = Math.min(changedFromTs, lastSourceTs - settings.lookbackDays * ONE_DAY_MS + 1);
  // all rows of a day are read together, because the latest of them counts
  return openingOfCivilDay(settings.zone)(civilDayOfInstant(settings.zone)(ts));
}

/** How the daily bars just built differ from the stored ones. */
export interface DailyDifferences {
  /** Whether the daily bars, and everything derived from them, are built from scratch. */
  readonly isRebuild: boolean;
  /** Whether they are rebuilt because stored rows now belong to other civil days. */
  readonly hasOtherDays: boolean;
  /** Earliest instant of a written or deleted row, epoch ms; Infinity for none. */
  readonly firstTs: number;
  /** Newest stored daily bar, epoch ms; −∞ for none. */
  readonly storedUntilTs: number;
}

/** The final action of the 1D step after the source was read, given the planned one. */
export function actionOfDifferences(planned: Action, differences: DailyDifferences): Action {
  const { isRebuild, hasOtherDays, firstTs, storedUntilTs } = differences;
  if (isRebuild) return { kind: 'rebuild', reason: hasOtherDays ? 'day_rules_changed' : planned.reason };
  if (firstTs === Infinity) return { kind: 'noop', reason: 'in_step' };
  if (firstTs > storedUntilTs) return { kind: 'append', reason: 'later_rows' };
  return { kind: 'rewind', reason: 'history_changed', fromTsMs: firstTs };
}
