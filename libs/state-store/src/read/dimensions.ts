import type { TimeframeRow } from '@ta/bars-core/engine';
import { asc } from 'drizzle-orm';
import type { Session } from '../connect/database.ts';
import { readSettings } from '../ops/settings.ts';
import { emaAlphas, timeframes } from '../schema/dimensions.ts';

/** All rows of `dim_timeframe`, by sort order, then label (docs/bars.md#timeframes). */
export async function readTimeframes(session: Session): Promise<TimeframeRow[]> {
  return session.orm.select().from(timeframes).orderBy(asc(timeframes.sortOrder), asc(timeframes.tf));
}

/** The EMA periods that `lut` stands for: the distinct periods of `ema_alpha_lookup`, ascending (docs/emas.md#families). */
export async function readPeriods(session: Session): Promise<number[]> {
  const { period } = emaAlphas;
  const rows = await session.orm.selectDistinct({ period }).from(emaAlphas).orderBy(period);
  return rows.map((row) => row.period);
}

/**
 * The EMA periods of this database, ascending: the periods in its settings (which need not be in `ema_alpha_lookup`), else the
 * periods of `lut`.
 */
export async function readPeriodsInForce(session: Session): Promise<number[]> {
  const stored = (await readSettings(session)).get('periods')?.value;
  return Array.isArray(stored) ? [...(stored as number[])].sort((a, b) => a - b) : readPeriods(session);
}
