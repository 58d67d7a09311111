import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ColumnTable, type CopyField } from '@ta/state-store';
import { openArrow } from '../src/arrow-file.ts';
import { openCsv } from '../src/csv-file.ts';
import { openParquet } from '../src/parquet-file.ts';
import { rowGroups } from '../src/row-groups.ts';
import { openWholeFile } from '../src/whole-file.ts';

const FIELDS = [
  { column: 'id', type: 'int4', nullable: false },
  { column: 'tf', type: 'text', nullable: true },
  { column: 'volume', type: 'float8', nullable: true },
] as const satisfies readonly CopyField[];

/** Rows as the database hands them out: `labels` differ from batch to batch. */
function batch(id: number, volumes: readonly number[], tfs: readonly (string | null)[] = volumes.map(() => '7D')) {
  const labels = [...new Set(tfs.filter((tf) => tf !== null))].reverse();
  return new ColumnTable(
    volumes.length,
    new Map([
      ['id', { kind: 'number', numbers: new Float64Array(volumes.length).fill(id) }],
      ['tf', { kind: 'text', codes: Int32Array.from(tfs, (tf) => (tf === null ? -1 : labels.indexOf(tf))), labels }],
      ['volume', { kind: 'number', numbers: Float64Array.from(volumes) }],
    ]),
  );
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function groupsOf(batches: readonly ColumnTable[], rowsPerGroup: number): Promise<ColumnTable[]> {
  const groups: ColumnTable[] = [];
  for await (const group of rowGroups(each(batches), FIELDS, rowsPerGroup)) groups.push(group);
  return groups;
}

describe('row groups', () => {
  it('take batches together and apart, and keep rows, their order and unknown values', async () => {
    const batches = [
      batch(1, [1, NaN], ['7D', null]),
      batch(2, []),
      batch(3, [3, 4, 5, 6, 7], ['1M', '7D', '1Y', null, '1M']),
      batch(4, [8]),
    ];
    const groups = await groupsOf(batches, 3);
    expect(groups.map(({ length }) => length)).toEqual([3, 3, 2]);
    const column = <T>(read: (group: ColumnTable) => Iterable<T>): T[] => groups.flatMap((group) => [...read(group)]);
    expect(column((group) => group.number('id'))).toEqual([1, 1, 3, 3, 3, 3, 3, 4]);
    expect(column((group) => group.number('volume'))).toEqual([1, NaN, 3, 4, 5, 6, 7, 8]);
    expect(column((group) => group.text('tf'))).toEqual(['7D', null, '1M', '7D', '1Y', null, '1M', '7D']);
  });

  it('of nothing are none', async () => {
    expect(await groupsOf([], 3)).toEqual([]);
    expect(await groupsOf([batch(1, [])], 3)).toEqual([]);
  });
});

describe('files', () => {
  let folder: string;
  let duck: DuckDBConnection;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ta-shape-'));
    duck = await (await DuckDBInstance.create(':memory:')).connect();
  });
  afterAll(async () => {
    duck?.closeSync();
    await rm(folder, { recursive: true, force: true });
  });
  const writeCsv = async (name: string, rows: ColumnTable) => {
    const file = openWholeFile(name);
    const csv = openCsv(file, FIELDS);
    await csv.append(rows);
    await csv.end();
    file.finish();
  };
  const rowsOf = async (sql: string) => (await duck.runAndReadAll(sql)).getRows();

  it('of 600 narrow batches have one row group in Parquet and one record batch in Arrow', async () => {
    const batches = Array.from({ length: 600 }, (_, id) =>
      batch(
        id,
        Array.from({ length: 200 }, (_, i) => i / 7),
      ),
    );
    const [parquetPath, arrowPath] = [path.join(folder, 'narrow.parquet'), path.join(folder, 'narrow.arrow')];
    const files = [openWholeFile(parquetPath), openWholeFile(arrowPath)] as const;
    const [parquet, arrow] = [openParquet(files[0], FIELDS), openArrow(files[1], FIELDS)];
    for await (const group of rowGroups(each(batches), FIELDS)) {
      await parquet.append(group);
      await arrow.append(group);
    }
    await parquet.end();
    await arrow.end();
    for (const file of files) file.finish();
    const sizes = await rowsOf(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${parquetPath}') ORDER BY 1`,
    );
    expect(sizes.map(([, rows]) => Number(rows))).toEqual([100_000, 20_000]);
    expect(tableFromIPC(await readFile(arrowPath)).batches.map(({ numRows }) => numRows)).toEqual([100_000, 20_000]);
  });

  // toArray of apache-arrow hands out what lies under a null
  it('of Arrow hold NaN where a number is not known, for readers that do not ask which are', async () => {
    const name = path.join(folder, 'unknown.arrow');
    const file = openWholeFile(name);
    const arrow = openArrow(file, FIELDS);
    await arrow.append(batch(1, [1, NaN, 3]));
    await arrow.end();
    file.finish();
    const volume = tableFromIPC(await readFile(name)).getChild('volume');
    expect([...(volume ?? [])]).toEqual([1, null, 3]);
    expect(volume?.toArray()).toEqual(Float64Array.of(1, NaN, 3));
  });

  // DuckDB takes the type of a column from the first 20,480 lines
  it('of CSV whose floats are whole for 30,000 lines are read as floats by DuckDB', async () => {
    const file = path.join(folder, 'volumes.csv');
    const volumes = Array.from({ length: 30_000 }, (_, i) => 1_000_000 + i);
    await writeCsv(file, batch(1, [...volumes, 0.125, NaN, 1e21, 1e-7, -0, 2 ** 53]));
    expect(await rowsOf(`SELECT typeof(volume), count(*) FROM '${file}' GROUP BY ALL`)).toEqual([['DOUBLE', 30_006n]]);
    const tail = await rowsOf(
      `SELECT volume FROM (SELECT volume, row_number() OVER () AS n FROM '${file}') WHERE n >= 30000 ORDER BY n`,
    );
    expect(tail.flat()).toEqual([1_029_999, 0.125, null, 1e21, 1e-7, -0, 2 ** 53]);
    expect((await readFile(file, 'utf8')).split('\n').slice(0, 2)).toEqual(['id,tf,volume', '1,7D,1000000.0']);
  });

  it('of CSV quote what would end a cell or a line', async () => {
    const file = path.join(folder, 'quoted.csv');
    await writeCsv(file, batch(1, [1, 2, 3, 4], ['a,b', 'say "c"', 'two\nlines', null]));
    expect(await readFile(file, 'utf8')).toBe(
      'id,tf,volume\n1,"a,b",1.0\n1,"say ""c""",2.0\n1,"two\nlines",3.0\n1,,4.0\n',
    );
  });
});
