import type { Session } from '../connect/database.ts';
import { StoreError } from '../errors.ts';
import { settings } from '../schema/ops.ts';
import { mergeRows } from '../write/json-rows.ts';

/** Names of the settings that all numbers of a database depend on. */
export type SettingName = (typeof settings.$inferSelect)['name'];

/** One row of `ops_settings`. */
export type SettingRow = typeof settings.$inferSelect;

/**
 * The settings of this database by name; none before the first refresh.
 *
 * @throws StoreError `STORE_CONFIG` for periods that no run can compute, for example after an edit by hand
 */
export async function readSettings(session: Session): Promise<Map<SettingName, SettingRow>> {
  const rows = await session.orm.select().from(settings);
  const periods = rows.find(({ name }) => name === 'periods')?.value;
  if (periods !== undefined && !arePeriods(periods)) {
    throw new StoreError(
      'STORE_CONFIG',
      `ops_settings: periods is ${JSON.stringify(periods)}, not "lut" or a list of whole numbers of at least 1, each greater than the one before.`,
      { hint: 'Delete the row: the next run takes the periods from the stored EMAs.' },
    );
  }
  return new Map(rows.map((row) => [row.name, row]));
}

function arePeriods(value: unknown): boolean {
  if (!Array.isArray(value)) return value === 'lut';
  const periods = value as unknown[];
  return (
    periods.length > 0 &&
    periods.every((one, i) => Number.isInteger(one) && (one as number) > ((periods[i - 1] ?? 0) as number))
  );
}

/**
 * Writes the settings that are new or changed; unchanged ones keep the run and the time that set them.
 *
 * @param origin the run that sets them, and its clock
 */
export async function saveSettings(
  session: Session,
  values: Readonly<Partial<Record<SettingName, unknown>>>,
  origin: { readonly runId: string; readonly setAt: Date },
): Promise<void> {
  const rows = Object.entries(values).map(([name, value]) => ({ name, value, ...origin }));
  await mergeRows(session, settings, rows);
}

/** The settings that a database older than `ops_settings` was built with, according to its states. */
export interface BuiltWith {
  readonly zones: readonly string[];
  /** Each set of periods that an EMA state has, ascending. */
  readonly periods: readonly (readonly number[])[];
}

/** Reads what the stored bars and EMAs were built with. */
export async function readBuiltWith(session: Session): Promise<BuiltWith> {
  const zones = await session.query<{ tz: string }>('SELECT DISTINCT tz FROM cmc_price_bars_1d_state ORDER BY tz');
  const periods = await session.query<{ periods: number[] }>(
    'SELECT DISTINCT periods FROM cmc_ema_state ORDER BY periods',
  );
  return { zones: zones.map(({ tz }) => tz), periods: periods.map((row) => row.periods) };
}

/** Inactive assets that have bars, ascending. */
export async function readInactiveBuilt(session: Session): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    'SELECT s.id FROM cmc_price_bars_1d_state s JOIN dim_assets a ON a.id = s.id WHERE NOT a.is_active ORDER BY s.id',
  );
  return rows.map(({ id }) => id);
}
