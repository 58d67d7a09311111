import { mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestDatabase } from '../../pipeline/test/test-database.ts';
import { filledDatabase } from '../../dashboard-server/test/kit/filled-database.ts';
import { EXPORT_FORMATS } from '../src/formats.ts';
import { EXPORTABLE, exportTable } from '../src/index.ts';

describe('what is exported', () => {
  let test: TestDatabase;
  let folder: string;
  let duck: DuckDBConnection;

  beforeAll(async () => {
    test = await filledDatabase('pglite');
    folder = await mkdtemp(path.join(tmpdir(), 'ta-export-'));
    duck = await (await DuckDBInstance.create(':memory:')).connect();
    await duck.run(`SET TimeZone = 'UTC'`);
  });
  afterAll(async () => {
    duck?.closeSync();
    await rm(folder, { recursive: true, force: true });
    await test?.drop();
  });

  /** Every cell as text that says it exactly, so that two programs can be compared. */
  const columnsOf = (table: string) => EXPORTABLE.get(table)?.layout.fields ?? [];
  const stored = async (table: string, where = ''): Promise<string[][]> => {
    const order = (EXPORTABLE.get(table)?.key ?? []).map((column) => `"${column}"`).join(', ');
    const rows = await test.database.session((session) =>
      session.query<Record<string, unknown>>(`SELECT * FROM ${table} ${where} ORDER BY ${order}`),
    );
    return rows.map((row) =>
      columnsOf(table).map(({ column }) => {
        const value = row[column];
        return value instanceof Date ? String(value.getTime()) : String(value);
      }),
    );
  };
  const duckRows = async (source: string, table: string): Promise<string[][]> => {
    const select = columnsOf(table).map(({ column, type }) => {
      if (type === 'timestamptz') return `CAST(epoch_ms("${column}") AS VARCHAR)`;
      return type === 'float8' ? `"${column}"` : `CAST("${column}" AS VARCHAR)`;
    });
    const reader = await duck.runAndReadAll(`SELECT ${select.join(', ')} FROM ${source}`);
    return reader.getRows().map((row) => row.map((value) => (value === null ? 'null' : String(value))));
  };
  const fileOf = (table: string, format: string) => path.join(folder, `${table}.${format}`);

  it('ids, timeframes, periods, days and closed rows can be chosen', async () => {
    const table = 'cmc_ema_multi_tf';
    const file = fileOf('chosen', 'parquet');
    const choice = { ids: [900_001], tfs: ['7D'], periods: [3], isFinalOnly: true, fromTs: Date.parse('2024-03-01Z') };
    const rows = await exportTable(test.database, { table, format: 'parquet', file, ...choice });
    const where = `WHERE id = 900001 AND tf = '7D' AND period = 3 AND NOT roll AND ts >= '2024-03-01Z'`;
    const wanted = await stored(table, where);
    expect(wanted.length).toBeGreaterThan(5);
    expect(rows).toBe(wanted.length);
    expect(await duckRows(`read_parquet('${file}')`, table)).toStrictEqual(wanted);
  });

  it('of the EMAs of closed bars, too, by their plain names', async () => {
    const file = fileOf('closed', 'parquet');
    const choice = {
      ids: [900_001],
      tfs: ['1W_CAL_ISO'],
      periods: [3],
      isFinalOnly: true,
      fromTs: Date.parse('2024-02-01Z'),
    };
    const rows = await exportTable(test.database, { table: 'closed_emas', format: 'parquet', file, ...choice });
    const where = `WHERE asset = 900001 AND timeframe = '1W_CAL_ISO' AND period = 3 AND closed_at >= '2024-02-01Z'`;
    const wanted = await stored('closed_emas', where);
    expect(wanted.length).toBeGreaterThan(3);
    expect(rows).toBe(wanted.length);
    expect(await duckRows(`read_parquet('${file}')`, 'closed_emas')).toStrictEqual(wanted);
  });

  it.each(EXPORT_FORMATS)(
    'of two exports into one %s file at once one is the file, and it is whole',
    async (format) => {
      const [table, file] = ['cmc_price_bars_1d', fileOf('shared', format)];
      const exportOf = (id: number, to = file) => exportTable(test.database, { table, format, file: to, ids: [id] });
      const alone = await Promise.all(
        [900_001, 900_002].map(async (id) => {
          await exportOf(id, fileOf(`alone-${id}`, format));
          return readFile(fileOf(`alone-${id}`, format));
        }),
      );
      const before = await readdir(folder);
      await Promise.all([900_001, 900_002].map((id) => exportOf(id)));
      const written = await readFile(file);
      expect(alone.filter((one) => one.equals(written))).toHaveLength(1);
      expect(await readdir(folder)).toStrictEqual([...before, path.basename(file)].sort());
      await rm(file);
    },
  );

  it('a link, a pipe or a folder in the place of a file is refused, and stays', async () => {
    const request = { table: 'cmc_price_bars_1d', format: 'csv' as const };
    const link = fileOf('link', 'csv');
    await symlink('/dev/null', link);
    for (const file of [link, folder, '/dev/null']) {
      await expect(exportTable(test.database, { ...request, file })).rejects.toMatchObject({ code: 'EXPORT_FILE' });
    }
    expect(await readlink(link)).toBe('/dev/null');
    await rm(link);
  });

  it('a failure leaves no file, and an unknown table is refused', async () => {
    const before = await readdir(folder);
    const request = { table: 'cmc_ema_multi_tf', format: 'parquet' as const, file: fileOf('x', 'parquet') };
    const cut = () => {
      throw new Error('stopped');
    };
    await expect(exportTable(test.database, request, cut)).rejects.toThrow('stopped');
    await expect(exportTable(test.database, { ...request, table: 'dim_assets' })).rejects.toMatchObject({
      code: 'EXPORT_UNKNOWN_TABLE',
    });
    const nowhere = { ...request, file: path.join(folder, 'no/such/folder/x.csv'), format: 'csv' as const };
    await expect(exportTable(test.database, nowhere)).rejects.toThrow();
    expect(await readdir(folder)).toStrictEqual(before);
  });
});
