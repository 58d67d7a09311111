import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { TIMEFRAME_CATALOGUE, type TimeframeRow } from '@ta/bars-core/engine';
import { openDatabase, type Database } from '@ta/state-store';
import { beforeAll, describe, expect, it } from 'vitest';
import { allDepartures, allExpectations, compareGolden, unusedDepartures } from '../../src/golden/compare-golden.ts';
import { compareTable, type TableComparison } from '../../src/golden/compare-table.ts';
import type { Departure } from '../../src/golden/departures/departure.ts';
import { withReport } from '../../src/golden/golden-document.ts';
import { GOLDEN_DOCUMENT, goldenFolder } from '../../src/golden/golden-folder.ts';
import { runGoldenRefresh, type GoldenRun } from '../../src/golden/golden-run.ts';
import { OUTPUT_TABLES, type GoldenTableSpec } from '../../src/golden/golden-tables.ts';
import { readGoldenWorld, type GoldenWorld } from '../../src/golden/golden-world.ts';
import type { OwnExpectation } from '../../src/golden/own/expectation.ts';
import { readGoldenTable } from '../../src/golden/read-golden-table.ts';
import { goldenReport, problemLines } from '../../src/golden/report.ts';
import type { Rows } from '../../src/golden/rows.ts';
import { EXPECTED_COUNTS } from './expected-counts.ts';
import { likeRows, mutated, picked, withExtraRow, withoutRow, type Mutation } from './mutate.ts';

const folder = goldenFolder(process.env);
if (!folder.exists) {
  console.warn(`\nSKIPPED: the golden comparison. There is no golden set in ${folder.path} (TA_SHARED_DIR).\n`);
}

let world: GoldenWorld;
let run: GoldenRun;
let departures: readonly Departure[];
let expectations: readonly OwnExpectation[];
let comparisons: TableComparison[];

describe.skipIf(!folder.exists)('golden comparison', () => {
  beforeAll(async () => {
    world = await readGoldenWorld(folder.path);
    run = await runGoldenRefresh(world, await emptyDatabase());
    departures = allDepartures(world);
    expectations = allExpectations(world, run.tables);
    comparisons = compareGolden(world, run.tables, departures, expectations);
  }, 600_000);

  it('refuses the multi-day bars of the asset with two rows in one day and what rests on them, and nothing else', () => {
    const failed = run.refresh.components.flatMap(({ steps }) =>
      steps.flatMap(({ step, errors }) => errors.map(({ id, message }) => `${step} ${id}: ${message}`)),
    );
    const text = '17: day 2025-10-20 has more than one row (row 20)';
    const behind = 'EMAs are unchanged: their bars are behind the daily bars (derived_behind)';
    expect(failed).toEqual([
      ...['multi_tf', 'cal_iso', 'cal_us', 'cal_anchor_iso', 'cal_anchor_us'].map((step) => `${step} ${text}`),
      `multi_tf 17: multi_tf ${behind}`,
      `cal 17: multi_tf_cal_us ${behind}`,
      `cal_anchor 17: multi_tf_cal_anchor_us ${behind}`,
    ]);
  });

  it('leaves no difference unexplained and no departure unused', () => {
    expect(problemLines(comparisons, unusedDepartures(comparisons))).toEqual([]);
  });

  it('blames other input only for the assets that have it', () => {
    const inputs = departures.filter((departure) => departure.kind === 'input');
    expect(inputs.map(({ name, ids }) => [name, ids])).toEqual([
      ['D3 null row in the raw source', [14]],
      ['D15 null volume or cap in v2', [13]],
      ['D16 numbers of daily rows in v2', [14]],
      ['D15 null volume or cap in 1D EMAs', [13]],
      ['D3 null row in multi_tf EMAs', [14]],
    ]);
  });

  it('has the known counts in every table', () => {
    const counts = comparisons.map((found) => [
      found.name,
      {
        rows: [found.referenceRows, found.ourRows],
        compared: [found.equal, found.excused],
        only: [found.excusedOurs, found.excusedReference],
        uses: Object.fromEntries(found.uses),
      },
    ]);
    expect(Object.fromEntries(counts)).toEqual(EXPECTED_COUNTS);
  });

  // docs/bars.md (canonical choice, 365D) and 1.4 (days of 9M_CAL and of several years, "ref" there)
  it('has our timeframe catalogue in its dim_timeframe, but for the canonical choice and some ranges of days', () => {
    const golden = new Map(world.timeframes.map((timeframe) => [timeframe.tf, timeframe]));
    const added = TIMEFRAME_CATALOGUE.filter(({ tf }) => !golden.has(tf)).map(({ tf }) => tf);
    const differing = TIMEFRAME_CATALOGUE.filter(({ tf }) => golden.has(tf)).flatMap((own) =>
      TIMEFRAME_FIELDS.filter((field) => own[field] !== golden.get(own.tf)?.[field]).map((field) => [field, own.tf]),
    );
    const tfsOf = (field: string) => differing.filter(([found]) => found === field).map(([, tf]) => tf);
    expect(added).toEqual(['365D']);
    expect(golden.size + added.length).toBe(TIMEFRAME_CATALOGUE.length);
    expect(new Set(differing.map(([field]) => field))).toEqual(new Set(['isCanonical', 'tfDaysMin', 'tfDaysMax']));
    expect(tfsOf('isCanonical').every((tf) => /^[0-9]+D$/.test(tf))).toBe(true);
    expect([...tfsOf('tfDaysMin'), ...tfsOf('tfDaysMax')].every((tf) => /^(9M|[0-9]+Y)_CAL$/.test(tf))).toBe(true);
  });

  it('is told in docs/golden.md', () => {
    const document = existsSync(GOLDEN_DOCUMENT) ? readFileSync(GOLDEN_DOCUMENT, 'utf8') : '';
    expect(withReport(document, goldenReport(comparisons, departures))).toBe(document);
  });
});

describe.skipIf(!folder.exists)('the golden comparison turns red', () => {
  it.each(OUTPUT_TABLES)('for the least change of any column of $name, and for a row more or less', (spec) => {
    const ours = run.tables.get(spec.name) as Rows;
    const columns = ours.columns.filter((column) => !spec.key.includes(column));
    const mutations = spreadMutations(columns, ours.length);
    // the other rows were compared above
    const near = [...mutations.flatMap(({ row }) => [row, row + 1]), 1].filter((row) => row < ours.length);
    const rows = [...new Set(near)].sort((a, b) => a - b);
    const own = picked(ours, rows);
    const reference = likeRows(world.output(spec.name), own, spec.key);
    expect(compareWith(spec, own, reference).unexplained).toBe(0);
    const places = mutations.map(({ row, column }) => ({ row: rows.indexOf(row), column }));
    const changed = withoutRow(withExtraRow(mutated(own, places), rows.indexOf(1), spec.key), rows.indexOf(1));
    expect(compareWith(spec, changed, reference).unexplained).toBe(mutations.length + 2);
  });

  // golden/small has the calendar EMAs with a defect of the reference: 28 days a month in tf_days (docs/emas.md)
  it('for the calendar EMAs of golden/small in place of ours', async () => {
    const spec = OUTPUT_TABLES.find(({ name }) => name === 'cmc_ema_multi_tf_cal_us') as GoldenTableSpec;
    const wrong = await readGoldenTable(`${folder.path}/small`, spec.name);
    expect(compareWith(spec, wrong).unexplained).toBeGreaterThan(1000);
  });
});

/** On the server of the tests, which takes a third of the time; embedded where there is none. The histories hold the two equal. */
async function emptyDatabase(): Promise<Database> {
  const server = process.env['TEST_DATABASE_URL'] ?? '';
  if (server === '') return openDatabase({ engine: 'pglite', dir: null, source: 'test' });
  const url = new URL(server);
  url.pathname = `/ta_golden_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${url.pathname.slice(1)}`);
  const database = await openDatabase({ engine: 'postgres', url: url.href, source: 'test' });
  return {
    ...{ engine: database.engine, target: database.target },
    transaction: (fn, options) => database.transaction(fn, options),
    session: (fn) => database.session(fn),
    async close() {
      await database.close();
      await onServer(`DROP DATABASE ${url.pathname.slice(1)}`);
    },
  };
}

async function onServer(sql: string): Promise<void> {
  const url = process.env['TEST_DATABASE_URL'] as string;
  const admin = await openDatabase({ engine: 'postgres', url, source: 'test' }, { poolSize: 1 });
  await admin.session((session) => session.run(sql)).finally(() => admin.close());
}

const TIMEFRAME_FIELDS = Object.keys(TIMEFRAME_CATALOGUE[0]) as (keyof TimeframeRow)[];

function compareWith(spec: GoldenTableSpec, ours: Rows, reference = world.output(spec.name)): TableComparison {
  return compareTable({ spec, reference, ours, departures, expectations });
}

/** Twelve rows for each column, spread over the table, no row twice and never row 1. */
function spreadMutations(columns: readonly string[], length: number): Mutation[] {
  const perColumn = 12;
  const step = Math.floor(length / (columns.length * perColumn));
  return columns.flatMap((column, at) =>
    Array.from({ length: perColumn }, (_, i) => ({ row: (i * columns.length + at) * step, column })),
  );
}
