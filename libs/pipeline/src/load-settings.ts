import {
  BAR_FAMILIES,
  timeframesOf,
  toTimeframe,
  type BarFamily,
  type Timeframe,
  type TimeframeRow,
} from '@ta/bars-core/engine';
import { readPeriods, readTimeframes, type Session } from '@ta/state-store';
import { DAILY } from './components.ts';
import type { RunSettings } from './run-settings.ts';

/**
 * The settings that the caller decides (zone and periods come from `settleSettings`). The others are read
 * from the database; without periods, those of `ema_alpha_lookup` are used.
 */
export interface SettingsChoice extends Partial<Omit<RunSettings, 'timeframes' | 'dayTimeframes'>> {
  readonly runId: string;
  readonly zone: string;
}

/** Reads the catalogue of timeframes and the periods once for the run. */
export async function loadSettings(session: Session, choice: SettingsChoice): Promise<RunSettings> {
  const rows = await readTimeframes(session);
  const families = BAR_FAMILIES.map((family): [BarFamily, Timeframe[]] => [family, timeframesOf(family, rows)]);
  const timeframes = Object.fromEntries(families) as Record<BarFamily, Timeframe[]>;
  return {
    runId: choice.runId,
    zone: choice.zone,
    timeframes,
    dayTimeframes: [...dailyTimeframe(rows), ...timeframes.multi_tf],
    periods: choice.periods ?? (await readPeriods(session)),
    fullRebuild: choice.fullRebuild ?? false,
    lookbackDays: choice.lookbackDays ?? 3,
    onBackfill: choice.onBackfill ?? 'rebuild',
    emaDays: choice.emaDays,
    judgeEmas: choice.judgeEmas ?? true,
  };
}

/** The timeframe `1D`, if it is canonical in the catalogue: no bar family builds it, but two EMA tables use it. */
function dailyTimeframe(rows: readonly TimeframeRow[]): Timeframe[] {
  return rows.filter((row) => row.tf === DAILY && row.isCanonical).map(toTimeframe);
}
