import {
  decodeCopy,
  instantText,
  quoteIdentifier,
  quoteLiteral,
  type ColumnTable,
  type KeyedTable,
  type Session,
} from '@ta/state-store';

/** Which rows are exported. */
export interface RowChoice {
  /** Ascending; undefined is every asset. */
  readonly ids?: readonly number[];
  readonly tfs?: readonly string[];
  readonly periods?: readonly number[];
  /** Close instants, epoch ms: `fromTs` inclusive, `untilTs` exclusive. */
  readonly fromTs?: number;
  readonly untilTs?: number;
  /** Only closed bars and canonical EMAs. */
  readonly isFinalOnly?: boolean;
}

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;
/** Days read at a time: some hundred thousand rows of the densest table. */
const DAYS_PER_BATCH = { emas: 200, bars: 2_000, daily: 20_000 };

/**
 * The rows in key order, a stretch of days of one asset at a time: memory holds one batch, however large the table is.
 * Everything is read through binary COPY by the beginning of the key.
 */
export async function* readBatches(
  session: Session,
  facts: KeyedTable,
  choice: RowChoice,
): AsyncGenerator<ColumnTable, void, undefined> {
  const ids = choice.ids ?? (await allIds(session));
  const time = quoteIdentifier(facts.timeColumn);
  const days = DAYS_PER_BATCH[!facts.hasTimeframes ? 'daily' : facts.timeColumn === 'ts' ? 'emas' : 'bars'];
  for (const id of ids) {
    const [{ first, last }] = await session.query<{ first: Date | null; last: Date | null }>(
      `SELECT min(${time}) AS first, max(${time}) AS last FROM ${facts.table} WHERE id = $1`,
      [id],
    );
    if (first === null || last === null) continue;
    const from = Math.max(first.getTime(), choice.fromTs ?? -Infinity);
    const until = Math.min(last.getTime() + 1, choice.untilTs ?? Infinity);
    for (let at = from; at < until; at += days * DAY_MS) {
      const batch = await readStretch(session, facts, choice, id, [at, Math.min(until, at + days * DAY_MS)]);
      if (batch.length > 0) yield batch;
    }
  }
}

async function allIds(session: Session): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    'SELECT id FROM dim_assets UNION SELECT id FROM cmc_price_bars_1d_state ORDER BY id',
  );
  return rows.map(({ id }) => id);
}

async function readStretch(
  session: Session,
  facts: KeyedTable,
  { tfs, periods, isFinalOnly }: RowChoice,
  id: number,
  [from, until]: readonly [number, number],
): Promise<ColumnTable> {
  const time = quoteIdentifier(facts.timeColumn);
  const isEma = facts.timeColumn === 'ts';
  const conditions = [
    `id = ${Math.trunc(id)}`,
    `${time} >= ${instant(from)}`,
    `${time} < ${instant(until)}`,
    ...(facts.hasTimeframes && tfs !== undefined ? [`tf IN (${tfs.map(quoteLiteral).join(', ')})`] : []),
    ...(isEma && periods !== undefined
      ? [`period IN (${periods.map((period) => Math.trunc(period)).join(', ')})`]
      : []),
    ...(isFinalOnly === true && facts.hasTimeframes ? [isEma ? 'roll = false' : 'closed_at IS NOT NULL'] : []),
  ];
  const order = ['id', time, ...(facts.hasTimeframes ? ['tf'] : []), ...(isEma ? ['period'] : [])];
  const { fields } = facts.layout;
  const columns = fields.map(({ column }) => quoteIdentifier(column)).join(', ');
  const select = `SELECT ${columns} FROM ${facts.table} WHERE ${conditions.join(' AND ')} ORDER BY ${order.join(', ')}`;
  return decodeCopy({ table: facts.table, fields }, session.copyOut(`COPY (${select}) TO STDOUT WITH (FORMAT binary)`));
}

function instant(ts: number): string {
  return `timestamptz ${quoteLiteral(instantText(ts))}`;
}
