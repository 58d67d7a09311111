import {
  BAR_FAMILIES,
  timeframesOf,
  toTimeframe,
  type BarFamily,
  type Timeframe,
  type TimeframeRow,
} from '@ta/bars-core/engine';
import { readPeriods, readTimeframes, type Session } from '@ta/state-store';
import type { BackfillPolicy, EmaDays, RunSettings } from './run-settings.ts';

/** What a caller decides (zone and periods by the settings of the database, see `settleSettings`); the rest of the settings is read from the database. */
export interface SettingsChoice {
  readonly runId: string;
  readonly zone: string;
  /** Periods asked for; undefined means those of `ema_alpha_lookup`. */
  readonly periods?: readonly number[];
  readonly fullRebuild?: boolean;
  readonly lookbackDays?: number;
  readonly onBackfill?: BackfillPolicy;
  readonly emaDays?: EmaDays;
  readonly judgeEmas?: boolean;
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

/** `1D` where the catalogue has it as canonical: no bar family builds it, but two EMA tables use it. */
function dailyTimeframe(rows: readonly TimeframeRow[]): Timeframe[] {
  return rows.filter((row) => row.tf === '1D' && row.isCanonical).map(toTimeframe);
}
