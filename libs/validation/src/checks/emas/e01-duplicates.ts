import { EMA_ROWS_LAYOUT, type NumberedEmaSeries, type Session } from '@ta/state-store';
import type { Check } from '../../check.ts';
import { rebuildCommand } from '../../commands-to-type.ts';
import { foundRow, foundRows, missingKey } from '../../sql/found-rows.ts';
import { allRows, type JsonRow } from '../../sql/json-rows.ts';
import { emaTableNames } from '../table-names.ts';

const ROWS = EMA_ROWS_LAYOUT.table;
const KEY = ['id', 'series', 'ts'];

/** E01: no EMA row is stored twice. */
export const duplicates: Check = {
  id: 'E01',
  name: 'duplicates',
  severity: 'CRITICAL',
  kind: 'sql',
  columns: ['n', 'n_canonical', 'unique_index'],
  explanation:
    'Every row has its own (id, tf, period, ts) within its table, and in the union together with ' +
    'alignment_source. Where a valid unique index enforces the key of ema_rows, only series that share a ' +
    'timeframe and a period are read, since no others can have duplicates. A missing index is a finding.',
  whatToDo: `Rebuild the id with ${rebuildCommand('emas')}; restore a missing index with the DDL of the migrations.`,
  tables: emaTableNames,
  async *run(context) {
    const isGuaranteed = context.uniqueKeys.isGuaranteed(ROWS, KEY);
    if (!isGuaranteed) yield missingKey(ROWS, `(${KEY.join(', ')})`);
    for (const table of context.emaTables) {
      const rows = context.rows.emas(table);
      if (!isGuaranteed) {
        yield* foundRows(context, table.table, severalSql(rows, packedTwice(context.rows.packedEmas(table))), textOf);
        continue;
      }
      const shared = sharedSeries(context.emaSeries(table.source));
      if (shared.length === 0) continue;
      yield* context.eachAsset(table.table, async (session, { id }) => {
        const filled = await filledSeries(session, id, shared.flat());
        const pairs = shared.filter((pair) => pair.every((series) => filled.has(series)));
        // in nearly all cases one of two series is empty, and no rows need be read
        if (pairs.length === 0) return [];
        const found = await allRows(session, severalSql(rows, storedTwice(id, pairs), `WHERE e.id = ${id}`));
        return found.map((row) => foundRow(table.table, row, textOf(row)));
      });
    }
  },
};

const textOf = ({ n }: JsonRow) => `${n as number} rows of one day`;

function severalSql(rows: string, twice: string, where = ''): string {
  return `SELECT e.id, e.tf, e.period, e.ts AS key, count(*) AS n, count(*) FILTER (WHERE NOT e.roll) AS n_canonical
    FROM ${rows} e JOIN (${twice}) d ON d.id = e.id AND d.tf = e.tf AND d.ts = e.ts ${where}
    GROUP BY e.id, e.tf, e.period, e.ts HAVING count(*) > 1`;
}

/** Pairs of series that have the same timeframe and a period in common. */
function sharedSeries(all: readonly NumberedEmaSeries[]): (readonly [number, number])[] {
  return all.flatMap((one, at) =>
    all
      .slice(at + 1)
      .filter(({ tf, periods }) => tf === one.tf && periods.some((period) => one.periods.includes(period)))
      .map(({ series }) => [one.series, series] as const),
  );
}

function packedTwice(rows: string): string {
  return `SELECT id, tf, ts FROM ${rows} r GROUP BY id, tf, ts HAVING count(*) > 1`;
}

async function filledSeries(session: Session, id: number, series: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await allRows(
    session,
    `SELECT s.series FROM unnest('{${series.join(',')}}'::int2[]) s (series)
     WHERE EXISTS (SELECT 1 FROM ${ROWS} r WHERE r.id = ${id} AND r.series = s.series)`,
  );
  return new Set(rows.map((row) => row['series'] as number));
}

/** Days that an asset has in both series of a pair. */
function storedTwice(id: number, pairs: readonly (readonly [number, number])[]): string {
  return `SELECT DISTINCT a.id, s.tf, a.ts FROM (VALUES ${pairs.map((pair) => `(${pair.join(', ')})`).join(', ')}) p (a, b)
    JOIN ${ROWS} a ON a.id = ${id} AND a.series = p.a JOIN ${ROWS} b ON b.id = ${id} AND b.series = p.b AND b.ts = a.ts
    JOIN ema_series s ON s.series = a.series`;
}
