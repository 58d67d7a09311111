import { upsertSourceRows, type Session, type SourceRowBatch } from '@ta/state-store';
import type { Asset, Edit, Place, SourceEdit } from './edit.ts';
import { dayOfClose, upsertSql } from './price-row.ts';

/** First UTC day of each asset's rows: 2023-12-18, before a turn of the year; 2024-02-22, before a leap day. */
const FIRST_DAYS: readonly number[] = [19_709, 19_775];

/** What an edit is made on. */
export interface EditedWorld {
  /** Database id of each asset. */
  readonly ids: readonly number[];
  /** Rows of real price files, ascending. */
  readonly series: readonly SourceRowBatch[];
  /** Zone of the runs to come. */
  zone: string;
}

/** Makes an edit of any kind, in a transaction of its own. */
export async function applyEdit(tx: Session, world: EditedWorld, edit: Edit): Promise<void> {
  switch (edit.edit) {
    case 'zone':
      world.zone = edit.zone;
      return;
    case 'truncate':
      await tx.run(`CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
        SELECT * FROM cmc_price_histories7 WHERE id IN (${world.ids.slice(1).join(', ')})`);
      await tx.run('TRUNCATE cmc_price_histories7');
      await tx.run('INSERT INTO cmc_price_histories7 SELECT * FROM kept');
      return;
    case 'forget':
      await tx.run(`DELETE FROM ${edit.table} WHERE id = ${world.ids[edit.asset]}`);
      return;
    case 'add_period':
      await tx.run(
        `INSERT INTO ema_alpha_lookup (tf, period, tf_days_nominal, alpha_ema_dailyspace, alpha_bar, alpha_bar_preview_daily)
         VALUES ('1D', ${edit.period}, 1, 0.5, 0.5, 0.5) ON CONFLICT DO NOTHING`,
      );
      return;
    case 'drop_period':
      await tx.run(`DELETE FROM ema_alpha_lookup WHERE period = ${edit.period}`);
      return;
    case 'add_timeframe':
      await tx.run('UPDATE dim_timeframe SET is_canonical = true WHERE tf = $1', [edit.tf]);
      return;
    case 'market':
      await trade(tx, world.ids[edit.asset] as number, edit);
      return;
    default:
      await applySourceEdit(tx, world, edit);
  }
}

/** Days on which nothing trades in a history: the last one of a week, of a month, and of a quarter among them. */
const HOLIDAYS = ['2023-12-25', '2024-01-01', '2024-01-31', '2024-02-23', '2024-03-29'];

async function trade(tx: Session, id: number, market: Extract<Edit, { edit: 'market' }>): Promise<void> {
  await tx.run(
    `INSERT INTO dim_holidays (calendar, day) SELECT 'history', day FROM unnest($1::text[]::date[]) day ON CONFLICT DO NOTHING`,
    [HOLIDAYS],
  );
  await tx.run(
    `INSERT INTO dim_assets (id, name, close_rule, trading_weekdays, holiday_calendar) VALUES (${id}, 'asset', $1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET close_rule = excluded.close_rule, trading_weekdays = excluded.trading_weekdays,
       holiday_calendar = excluded.holiday_calendar`,
    [market.closeRule, market.weekdays, market.holidays ? 'history' : null],
  );
}

/** Makes an edit of the source. */
export async function applySourceEdit(tx: Session, world: EditedWorld, edit: SourceEdit): Promise<void> {
  const id = world.ids[edit.asset] as number;
  switch (edit.edit) {
    case 'append': {
      const last = await instantOf(tx, id, 'max');
      const [row] = edit.rows;
      const day = last === null ? firstDay(edit.asset) : dayOfClose(last) + (row?.afterDays ?? 0);
      await tx.run(upsertSql(id, day, edit.rows));
      return;
    }
    case 'prepend': {
      const first = await instantOf(tx, id, 'min');
      const span = edit.rows.slice(1).reduce((days, row) => days + row.afterDays, 0);
      const until = first === null ? firstDay(edit.asset) : dayOfClose(first) - edit.beforeDays;
      await tx.run(upsertSql(id, until - span, edit.rows));
      return;
    }
    case 'insert': {
      const [near] = await tx.query<{ ts: Date | null }>(`SELECT ${placeSql(id, edit.at)} AS ts`);
      const day = near?.ts == null ? firstDay(edit.asset) : dayOfClose(near.ts.getTime());
      await tx.run(upsertSql(id, day + edit.days, [edit.row]));
      return;
    }
    case 'correct':
      await tx.run(`UPDATE cmc_price_histories7 SET ${edit.set} WHERE ${rowsFrom(id, edit.at, edit.rows)}`);
      return;
    case 'delete':
      await tx.run(`DELETE FROM cmc_price_histories7 WHERE ${rowsFrom(id, edit.at, edit.rows)}`);
      return;
    case 'move_time':
      await moveRow(tx, id, edit.at, `"timestamp" = s."timestamp" + interval '${edit.minutes} minutes'`);
      return;
    case 'move_asset':
      await moveRow(tx, id, edit.at, `id = ${world.ids[edit.to]}`);
      return;
    case 'reload':
      await tx.run(`CREATE TEMPORARY TABLE loaded ON COMMIT DROP AS
        SELECT * FROM cmc_price_histories7 WHERE id = ${id} AND "timestamp" <> ${placeSql(id, edit.at)}`);
      await tx.run(`DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
      await tx.run('INSERT INTO cmc_price_histories7 SELECT * FROM loaded');
      return;
    case 'rolled_back':
      await rolledBack(tx, `DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
      return;
    case 'real': {
      const series = world.series[edit.file];
      if (series === undefined) return;
      await tx.run(`DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
      await upsertSourceRows(tx, stretchOf(series, id, edit.at, edit.days));
    }
  }
}

function firstDay(asset: Asset): number {
  return FIRST_DAYS[asset] as number;
}

async function instantOf(tx: Session, id: number, which: 'min' | 'max'): Promise<number | null> {
  const [row] = await tx.query<{ ts: Date | null }>(
    `SELECT ${which}("timestamp") AS ts FROM cmc_price_histories7 WHERE id = ${id}`,
  );
  return row?.ts?.getTime() ?? null;
}

/** The close instant at a place, as a scalar query; NULL when there are no rows. */
function placeSql(id: number, at: Place): string {
  const rows = `FROM cmc_price_histories7 WHERE id = ${id}`;
  return `(SELECT "timestamp" ${rows} ORDER BY "timestamp" OFFSET (SELECT count(*) * ${at} / 1000 ${rows}) LIMIT 1)`;
}

function rowsFrom(id: number, at: Place, rows: number): string {
  return `id = ${id} AND "timestamp" IN (SELECT "timestamp" FROM cmc_price_histories7
    WHERE id = ${id} AND "timestamp" >= ${placeSql(id, at)} ORDER BY "timestamp" LIMIT ${rows})`;
}

/** Changes the key of a row unless the new key is taken. */
async function moveRow(tx: Session, id: number, at: Place, set: string): Promise<void> {
  const target = set.startsWith('id') ? `t.${set} AND t."timestamp" = s."timestamp"` : `t.id = s.id AND t.${set}`;
  await tx.run(`UPDATE cmc_price_histories7 s SET ${set} WHERE s.id = ${id} AND s."timestamp" = ${placeSql(id, at)}
    AND NOT EXISTS (SELECT FROM cmc_price_histories7 t WHERE ${target})`);
}

async function rolledBack(tx: Session, sql: string): Promise<void> {
  const stop = new Error('roll back');
  const attempt = tx.savepoint(async () => {
    await tx.run(sql);
    throw stop;
  });
  await attempt.catch((error: unknown) => {
    if (error !== stop) throw error;
  });
}

/** Part of a series as rows of an asset; `at` says where it begins. */
function stretchOf(series: SourceRowBatch, id: number, at: Place, days: number): SourceRowBatch {
  const from = Math.floor(((series.length - days) * at) / 1000);
  const cut = <T>(column: T): T =>
    typeof column === 'object' && column !== null && 'slice' in column
      ? ((column as unknown as Float64Array).slice(from, from + days) as unknown as T)
      : column;
  const entries = Object.entries(series).map(([name, column]) => [name, cut(column)]);
  return { ...(Object.fromEntries(entries) as unknown as SourceRowBatch), id, length: days };
}
