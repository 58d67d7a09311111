import type { BarFamily } from '@ta/bars-core/engine';
import type { Session } from '../connect/database.ts';
import { instantText } from '../instant-text.ts';
import { copyQuery } from '../read/copy-select.ts';
import { emaRejects, multiDayBarRejects } from '../schema/rejects.ts';
import { andSince, andTfs, idSql } from '../sql-conditions.ts';
import { BAR_TABLES } from '../tables/bar-tables.ts';
import { EMA_TABLES, type EmaTable } from '../tables/ema-tables.ts';
import { required } from '../tables/keyed-table.ts';
import { keyOf, mergeRows, propertiesOf, recordsetOf, type SmallRow } from './json-rows.ts';
import type { TailCut } from './bars.ts';

/** A snapshot that the multi-day guard clamped; the prices are those before clamping, NaN where unknown. */
export interface BarReject {
  readonly tf: string;
  readonly barSeq: number;
  /** Close instant of the snapshot, epoch ms. */
  readonly ts: number;
  /** Bits of the guard: 1 high_lt_low, 2 high_lt_oc_max, 4 low_gt_oc_min, 16 unknown filled. */
  readonly violations: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Bit, code and repair of each violation (docs/bars.md#guard; the last one is this system's own). */
const GUARD_CODES: readonly (readonly [bit: number, violation: string, repair: string])[] = [
  [1, 'high_lt_low', 'values_will_be_clamped'],
  [2, 'high_lt_oc_max', 'high_clamped_to_oc_max'],
  [4, 'low_gt_oc_min', 'low_clamped_to_oc_min'],
  [16, 'high_or_low_unknown', 'filled_from_open_close'],
];

/**
 * Records guarded snapshots of one id in one family, one row per violation; existing records stay unchanged (docs/bars.md#guard).
 * Rejects of snapshots that were deleted for recomputation have already been removed by `deleteBars`.
 * @returns number of new rows
 */
export async function writeBarRejects(
  session: Session,
  family: BarFamily,
  id: number,
  rejects: readonly BarReject[],
): Promise<number> {
  const rows = rejects.flatMap((reject) =>
    GUARD_CODES.filter(([bit]) => (reject.violations & bit) !== 0).map(([, violation, repair]) => ({
      ...{
        tableName: BAR_TABLES[family].table,
        id,
        tf: reject.tf,
        barSeq: reject.barSeq,
        timestamp: instantText(reject.ts),
      },
      ...{ violationType: violation, repairAction: repair },
      originalOpen: finiteOrNull(reject.open),
      originalHigh: finiteOrNull(reject.high),
      originalLow: finiteOrNull(reject.low),
      originalClose: finiteOrNull(reject.close),
    })),
  );
  if (rows.length === 0) return 0;
  const { columns, source, json } = recordsetOf(multiDayBarRejects, propertiesOf(multiDayBarRejects, rows), rows);
  return session.run(
    `INSERT INTO cmc_price_bars_multi_tf_rejects (${columns.join(', ')})
     SELECT ${columns.join(', ')} FROM ${source} ON CONFLICT DO NOTHING`,
    [json],
  );
}

/** An EMA value that is not finite or outside its bounds (docs/emas.md#checks-of-values). */
export interface EmaReject {
  readonly tf: string;
  readonly period: number;
  /** Instant of the row, epoch ms. */
  readonly ts: number;
  /** Daily close of that day; NaN where unknown. */
  readonly close: number;
  readonly violation: {
    readonly series: 'ema' | 'ema_bar';
    /** `nan`, `infinity`, `negative`, `out_of_price_bounds`, `out_of_statistical_bounds`. */
    readonly kind: string;
    readonly value: number;
    /** The bounds that the value violates, if it has any. */
    readonly lo?: number;
    readonly hi?: number;
  };
}

/**
 * Records EMA rejects of one id in one table. A new reject has `hits` 1; a known one gets one more hit and a new
 * `last_seen_at`, while `created_at` stays the time when it was first seen (docs/emas.md#checks-of-values).
 * @param recomputed the rows recomputed in this run; recorded rejects of these rows that did not recur are deleted
 * @returns number of new rejects
 */
export async function writeEmaRejects(
  session: Session,
  { table, id, runId }: { readonly table: EmaTable; readonly id: number; readonly runId: string },
  rejects: readonly EmaReject[],
  recomputed: readonly TailCut[] = [],
): Promise<number> {
  const rows = rejects.map((reject) => emaRejectRow(table, id, runId, reject));
  for (const cut of recomputed) await deleteNotRecurring(session, table, id, cut, rows);
  const { inserted } = await mergeRows(session, emaRejects, rows, {
    also: 'hits = t.hits + 1, last_seen_at = excluded.last_seen_at',
    touchesEqual: true,
  });
  return inserted;
}

/** Whether any EMA reject of the id is recorded; if not, nothing has to be deleted. */
export async function hasEmaRejects(session: Session, id: number): Promise<boolean> {
  const select = `SELECT EXISTS (SELECT 1 FROM ema_rejects WHERE id = ${idSql(id)})`;
  const rows = await copyQuery(session, 'ema_rejects', required('bool', 'found'), select);
  return rows.number('found')[0] === 1;
}

function emaRejectRow(table: EmaTable, id: number, runId: string, reject: EmaReject) {
  const { tf, period, ts, close, violation } = reject;
  return {
    ...{
      tableName: EMA_TABLES[table].table,
      alignmentSource: table,
      id,
      tf,
      period,
      timestamp: instantText(ts),
      runId,
    },
    series: violation.series,
    violationType: violation.kind,
    emaValue: Number.isNaN(violation.value) ? null : violation.value,
    boundsInfo: violation.lo === undefined ? {} : { price_min: violation.lo, price_max: violation.hi },
    sourceBarClose: finiteOrNull(close),
  };
}

async function deleteNotRecurring(
  session: Session,
  table: EmaTable,
  id: number,
  cut: TailCut,
  rows: readonly SmallRow<typeof emaRejects>[],
): Promise<void> {
  if (cut.tfs?.length === 0) return;
  const { columns, source, json } = recordsetOf(emaRejects, keyOf(emaRejects), rows);
  const isSame = columns.map((column) => `r.${column} = t.${column}`);
  await session.run(
    `DELETE FROM ema_rejects t WHERE t.id = ${idSql(id)} AND t.table_name = $2 ${andSince('t."timestamp"', cut)} ${andTfs(cut.tfs)}
     AND NOT EXISTS (SELECT 1 FROM ${source} WHERE ${isSame.join(' AND ')})`,
    [json, EMA_TABLES[table].table],
  );
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
