import type { BarFamily } from '@ta/bars-core/engine';
import type { Database, Session } from '../connect/database.ts';
import { quoteLiteral } from '../copy/layout.ts';
import { readBarSeriesNumbers, type BarSeriesKey, type BarSeriesNumbers } from '../read/bar-series-keys.ts';
import { readEmaSeriesNumbers, type EmaSeriesKey, type EmaSeriesNumbers } from '../read/ema-series-keys.ts';
import { BAR_ROWS, BAR_TABLES } from '../tables/bar-tables.ts';

/** Adds the missing series of bars, then reads all series. */
export function openBarSeries(database: Database, wanted: readonly NewBarSeries[]): Promise<BarSeriesNumbers> {
  return open(database, wanted, readBarSeriesNumbers, addBarSeries);
}

/** Adds the missing series of packed EMAs, then reads all series. */
export function openEmaSeries(database: Database, wanted: readonly EmaSeriesKey[]): Promise<EmaSeriesNumbers> {
  return open(database, wanted, readEmaSeriesNumbers, addEmaSeries);
}

/** Repeats until no series is missing, since another run may take the numbers of the missing series at the same time. */
async function open<Key, Numbers extends (key: Key) => unknown>(
  database: Database,
  wanted: readonly Key[],
  read: (session: Session) => Promise<Numbers>,
  add: (session: Session, keys: readonly Key[]) => Promise<void>,
): Promise<Numbers> {
  for (;;) {
    const known = await database.session(read);
    const missing = wanted.filter((key) => known(key) === undefined);
    if (missing.length === 0) return known;
    await database.transaction((tx) => add(tx, missing));
  }
}

/** A series to add. */
interface NewBarSeries extends BarSeriesKey {
  readonly tfDays: number;
}

/**
 * Adds the series that `bar_series` lacks; each gets the next number of its table. If two callers add series at once, one waits
 * and may find its numbers taken; it has to call again. A number that still has rows, for example after a DELETE from
 * `bar_series`, is never given to another series, because its rows would become bars of that series. To find such numbers, the
 * rows of the table are read.
 */
export async function addBarSeries(session: Session, keys: readonly NewBarSeries[]): Promise<void> {
  await session.run(
    `INSERT INTO bar_series (series, alignment_source, tf, tf_days)
     SELECT k.first + n.known + row_number() OVER (PARTITION BY k.source ORDER BY k.tf_days, k.tf), k.source::bar_alignment_source, k.tf, k.tf_days
     FROM unnest($1::text[], $2::text[], $3::int4[], $4::int4[]) AS k (source, tf, tf_days, first)
     JOIN (${[...new Set(keys.map(({ family }) => family))].map(numbersGivenSql).join(' UNION ALL ')}) n ON n.source = k.source
     WHERE NOT EXISTS (SELECT FROM bar_series s WHERE s.alignment_source = k.source::bar_alignment_source AND s.tf = k.tf)
     ON CONFLICT DO NOTHING`,
    [
      keys.map(({ family }) => BAR_TABLES[family].source),
      keys.map(({ tf }) => tf),
      keys.map(({ tfDays }) => tfDays),
      keys.map(({ family }) => BAR_TABLES[family].seriesRange[0]),
    ],
  );
}

/** SQL for the highest number of a table that is in use, relative to the first number of its range; 0 if none is. */
function numbersGivenSql(family: BarFamily): string {
  const { source, seriesRange } = BAR_TABLES[family];
  const [first, until] = seriesRange;
  const isOfTable = `series >= ${first} AND series < ${until}`;
  return `SELECT ${quoteLiteral(source)} AS source, coalesce(greatest(
      (SELECT max(series) FROM bar_series WHERE ${isOfTable}), (SELECT max(series) FROM ${BAR_ROWS} WHERE ${isOfTable})) - ${first}, 0) AS known`;
}

/**
 * Adds series that `ema_series` lacks. Use a separate transaction, since another session that adds the same series waits until
 * this one ends.
 */
export async function addEmaSeries(session: Session, keys: readonly EmaSeriesKey[]): Promise<void> {
  await session.run(
    `INSERT INTO ema_series (alignment_source, tf, tf_days, periods)
     SELECT k.source::ema_alignment_source, k.tf, k.tf_days, k.periods::int4[]
     FROM unnest($1::text[], $2::text[], $3::int4[], $4::text[]) AS k (source, tf, tf_days, periods)
     ON CONFLICT DO NOTHING`,
    [
      keys.map(({ table }) => table),
      keys.map(({ tf }) => tf),
      keys.map(({ tfDays }) => tfDays),
      keys.map(({ periods }) => `{${periods.join(',')}}`),
    ],
  );
}
