import {
  EMA_TABLES,
  readIdsOfAssets,
  readKeyedRows,
  readRowSpan,
  type ColumnTable,
  type KeyedTable,
  type Session,
} from '@ta/state-store';
import { stretchesOfDays } from './day-stretches.ts';
import { readEmaBatches } from './ema-batches.ts';
import type { RowChoice } from './row-choice.ts';

/** Days read at a time: some hundred thousand rows of the densest table. */
const DAYS_PER_BATCH = { bars: 2_000, daily: 20_000 };

/**
 * The rows in key order, one asset and a range of days at a time, so that memory holds one batch, however large the table is.
 * Everything is read through binary COPY, selected by the first columns of the key.
 */
export async function* readBatches(
  session: Session,
  facts: KeyedTable,
  choice: RowChoice,
): AsyncGenerator<ColumnTable, void, undefined> {
  const ids = choice.ids ?? (await readIdsOfAssets(session));
  const emas = Object.values(EMA_TABLES).find(({ table }) => table === facts.table);
  if (emas !== undefined) return yield* readEmaBatches(session, emas, ids, choice);
  const days = DAYS_PER_BATCH[facts.hasTimeframes ? 'bars' : 'daily'];
  for (const id of ids) {
    const span = await readRowSpan(session, facts, id);
    if (span === null) continue;
    const from = Math.max(span.firstTs, choice.fromTs ?? -Infinity);
    const until = Math.min(span.lastTs + 1, choice.untilTs ?? Infinity);
    for (const [fromTs, untilTs] of stretchesOfDays(from, until, days)) {
      const batch = await readKeyedRows(session, facts, { ...choice, id, fromTs, untilTs });
      if (batch.length > 0) yield batch;
    }
  }
}
