import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedPandas, loadPolars, NO_PANDAS, NO_POLARS } from '../../../vitest.peers.mjs';
import { filledDatabase } from '../../dashboard-server/test/kit/filled-database.ts';
import { hasPostgres, type TestDatabase } from '../../pipeline/test/test-database.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../src/formats.ts';
import { EXPORTABLE, exportTable } from '../src/index.ts';

const TABLES = [
  'cmc_price_bars_1d',
  'cmc_price_bars_multi_tf_cal_iso',
  'cmc_ema_multi_tf_cal_iso',
  'cmc_ema_multi_tf',
  'closed_emas',
];
/** Zones of the people who read: west and east of UTC, on other days than UTC for a part of each day. */
const ZONES = ['America/New_York', 'Asia/Tokyo'];

const pandas = installedPandas();
const polars = loadPolars();
if (pandas === null) process.stderr.write(`\n${NO_PANDAS}\n\n`);
if (polars === null) process.stderr.write(`\n${NO_POLARS}\n\n`);

/** A cell as text that says it exactly: numbers in their shortest form, instants in microseconds since 1970, null. */
type Cells = string[][];

const columnsOf = (table: string) => EXPORTABLE.get(table)?.layout.fields ?? [];

describe('every form of every kind of table, read back in sessions of other zones', () => {
  let test: TestDatabase;
  let folder: string;
  let duck: DuckDBConnection;
  const stored = new Map<string, Cells>();
  const fileOf = (table: string, format: string) => path.join(folder, `${table}.${format}`);

  beforeAll(async () => {
    test = await filledDatabase(hasPostgres() ? 'postgres' : 'pglite');
    folder = await mkdtemp(path.join(tmpdir(), 'ta-read-back-'));
    duck = await (await DuckDBInstance.create(':memory:')).connect();
    for (const table of TABLES) {
      for (const format of EXPORT_FORMATS) {
        await exportTable(test.database, { table, format, file: fileOf(table, format) });
      }
      stored.set(table, await storedCells(table));
    }
    const unknown = [...stored.values()].flat(2).filter((cell) => cell === 'null');
    expect(unknown.length).toBeGreaterThan(100);
  });
  afterAll(async () => {
    duck?.closeSync();
    await rm(folder, { recursive: true, force: true });
    await test?.drop();
  });

  async function storedCells(table: string): Promise<Cells> {
    const order = (EXPORTABLE.get(table)?.key ?? []).map((column) => `"${column}"`).join(', ');
    const columns = columnsOf(table).map(({ column, type }) => {
      if (type === 'timestamptz') return `(extract(epoch FROM "${column}") * 1000000)::bigint::text AS "${column}"`;
      return type === 'float8' ? `"${column}"` : `"${column}"::text`;
    });
    const rows = await test.database.session((session) =>
      session.query<Record<string, unknown>>(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY ${order}`),
    );
    return rows.map((row) => columnsOf(table).map(({ column }) => String(row[column])));
  }

  /** As two texts: much quicker than cell by cell. */
  function expectStored(table: string, cells: Cells): void {
    const textOf = (rows: Cells) => [table, ...rows.map((row) => JSON.stringify(row))].join('\n');
    expect(textOf(cells)).toBe(textOf(stored.get(table) as Cells));
  }

  const duckCells = async (source: string, table: string): Promise<Cells> => {
    const select = columnsOf(table).map(({ column, type }) => {
      if (type === 'timestamptz') return `CAST(epoch_us("${column}") AS VARCHAR)`;
      return type === 'float8' ? `"${column}"` : `CAST("${column}" AS VARCHAR)`;
    });
    const reader = await duck.runAndReadAll(`SELECT ${select.join(', ')} FROM ${source}`);
    return reader.getRows().map((row) => row.map(String));
  };

  describe.each(ZONES)('DuckDB in %s', (zone) => {
    beforeAll(async () => void (await duck.run(`SET TimeZone = '${zone}'`)));

    it.each(TABLES)('reads %s: values, instants and nulls, with types that say UTC', async (table) => {
      for (const format of EXPORT_FORMATS.filter((each) => each !== 'arrow')) {
        const source = `read_${format}('${fileOf(table, format)}')`;
        expectStored(table, await duckCells(source, table));
        const types = await duck.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
        const typeOf = new Map(types.getRows().map(([name, type]) => [name, type]));
        for (const { column, type } of columnsOf(table)) {
          if (type === 'timestamptz')
            expect(`${column} ${typeOf.get(column)}`).toBe(`${column} TIMESTAMP WITH TIME ZONE`);
        }
      }
    });

    it('joins Parquet with CSV on the close', async () => {
      const [table] = TABLES;
      const join = `SELECT count(*) FROM '${fileOf(table, 'parquet')}' p JOIN '${fileOf(table, 'csv')}' c USING (id, time_close)`;
      const [[count]] = (await duck.runAndReadAll(join)).getRows();
      expect(Number(count)).toBe(stored.get(table)?.length);
    });
  });

  it.skipIf(polars === null).each(TABLES)('polars reads %s from every form', async (table) => {
    for (const format of EXPORT_FORMATS) {
      const frame = polarsFrame(fileOf(table, format), format);
      const columns = columnsOf(table).map(({ column, type }) => {
        const series = frame.getColumn(column);
        if (type === 'timestamptz') expect(`${series.dtype}`).toContain('UTC');
        const exact = type === 'timestamptz' ? series.cast(polars!.Int64) : series;
        return exact
          .toArray()
          .map((value) =>
            type === 'date' && value instanceof Date ? value.toISOString().slice(0, 10) : String(value),
          );
      });
      const rows = Array.from({ length: frame.height }, (_, row) => columns.map((column) => column[row]));
      expectStored(table, rows);
    }
  });

  it.skipIf(polars === null)('polars joins bars from Parquet with EMAs from Arrow', () => {
    const bars = polarsFrame(fileOf('cmc_price_bars_multi_tf_cal_iso', 'parquet'), 'parquet');
    const emas = polarsFrame(fileOf('cmc_ema_multi_tf_cal_iso', 'arrow'), 'arrow');
    const joined = bars.join(emas, { leftOn: ['id', 'tf', 'time_close'], rightOn: ['id', 'tf', 'ts'], how: 'inner' });
    expect(joined.height).toBeGreaterThan(300);
  });

  function polarsFrame(file: string, format: ExportFormat) {
    if (format === 'parquet') return polars!.readParquet(file);
    return format === 'csv' ? polars!.readCSV(file, { tryParseDates: true }) : polars!.scanIPC(file).collectSync();
  }

  it.skipIf(pandas === null).each(ZONES)('pandas reads the CSV files with TZ=%s', (TZ) => {
    const script = `
import json, sys, pandas as pd
def read(file, facts):
    instants = [name for name, kind in facts if kind == 'timestamptz']
    frame = pd.read_csv(file, parse_dates=instants, float_precision='round_trip')
    return [cells(frame[name], name, kind) for name, kind in facts]
def cells(column, name, kind):
    if kind == 'timestamptz':
        assert str(column.dt.tz) == 'UTC', column.dtype
        return [None if pd.isna(v) else v.value // 1000 for v in column]
    if kind == 'float8':
        assert str(column.dtype) == 'float64', (name, column.dtype)
        return [None if pd.isna(v) else v for v in column.tolist()]
    if kind == 'bool':
        return ['true' if v else 'false' for v in column]
    return [None if pd.isna(v) else int(v) if isinstance(v, float) else v for v in column.tolist()]
print(json.dumps([read(*each) for each in json.load(sys.stdin)]))
`;
    const input = TABLES.map((table) => [
      fileOf(table, 'csv'),
      columnsOf(table).map(({ column, type }) => [column, type]),
    ]);
    const done = spawnSync(pandas as string, ['-c', script], {
      input: JSON.stringify(input),
      encoding: 'utf8',
      env: { ...process.env, TZ },
      maxBuffer: 400_000_000,
    });
    expect(done.stderr).toBe('');
    for (const [at, columns] of (JSON.parse(done.stdout) as unknown[][][]).entries()) {
      const rows = columns[0].map((_, row) => columns.map((column) => String(column[row])));
      expectStored(TABLES[at], rows);
    }
  });
});
