import type { Session } from '../connect/database.ts';
import { settings } from '../schema/ops.ts';
import { mergeJsonRows } from '../write/json-rows.ts';

/** A setting that decides the numbers of a database. */
export type SettingName = (typeof settings.$inferSelect)['name'];

/** One row of `ops_settings`. */
export type SettingRow = typeof settings.$inferSelect;

/** The settings of this database by name; none before the first refresh. */
export async function readSettings(session: Session): Promise<Map<SettingName, SettingRow>> {
  const rows = await session.orm.select().from(settings);
  return new Map(rows.map((row) => [row.name, row]));
}

/**
 * Writes settings: those that are new or changed, so that the others keep the run and the time that set them.
 *
 * @param origin the run that sets them, and its clock
 */
export async function saveSettings(
  session: Session,
  values: Readonly<Partial<Record<SettingName, unknown>>>,
  origin: { readonly runId: string; readonly setAt: Date },
): Promise<void> {
  const rows = Object.entries(values).map(([name, value]) => ({
    ...{ name, value, run_id: origin.runId, set_at: origin.setAt },
  }));
  const columns = { name: 'text', value: 'jsonb', run_id: 'text', set_at: 'timestamptz' };
  await mergeJsonRows(session, { table: 'ops_settings', columns, key: ['name'] }, rows);
}

/** What the states say that this database was built with: for a database older than `ops_settings`. */
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
