import { DuckDBInstance, version } from '@duckdb/node-api';
import { PRICES, UNITS, type BarRule, type Days, type PriceColumns, type SnapshotPeer } from './snapshot-peer.ts';

const SNAPSHOTS = `
  CREATE OR REPLACE TEMP TABLE snapshots AS
  SELECT tf, "row", first_value(open) OVER bar AS open, max(high) OVER bar AS high, min(low) OVER bar AS low, close,
         sum(volume) OVER bar AS volume
  FROM (SELECT tf, quantity, days.*, CASE unit ${UNITS.map((name, at) => `WHEN ${at} THEN "${name}"`).join(' ')} END - origin AS unit
        FROM timeframes CROSS JOIN days)
  WHERE unit >= 0
  WINDOW bar AS (PARTITION BY tf, unit // quantity ORDER BY "row" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;

/** DuckDB in memory: window functions over the days of each bar. */
export async function duckDbPeer(days: Days, rules: readonly BarRule[]): Promise<SnapshotPeer> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const columns = [...UNITS.map((name) => `"${name}" INTEGER`), ...PRICES.map((name) => `${name} DOUBLE`)];
  await connection.run(`CREATE TABLE days (${columns.join(', ')})`);
  const appender = await connection.createAppender('days');
  for (let at = 0; at < days.row.length; at++) {
    for (const name of UNITS) appender.appendInteger(days[name][at]);
    for (const name of PRICES) appender.appendDouble(days[name][at]);
    appender.endRow();
  }
  appender.closeSync();
  const values = rules.map(({ unit, quantity, origin }, tf) => `(${tf}, ${unit}, ${quantity}, ${origin})`);
  await connection.run(
    `CREATE TABLE timeframes AS SELECT * FROM (VALUES ${values.join(', ')}) AS rule(tf, unit, quantity, origin)`,
  );
  return {
    name: `DuckDB ${version()}`,
    compute: async () => {
      await connection.run(SNAPSHOTS);
    },
    read: async () => {
      const reader = await connection.runAndReadAll(`SELECT ${PRICES.join(', ')} FROM snapshots ORDER BY tf, "row"`);
      const found = reader.getColumns() as number[][];
      return Object.fromEntries(PRICES.map((name, at) => [name, found[at]])) as unknown as PriceColumns;
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
