import type { Session } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns, type ContentDigest } from './content-digest.ts';
import { applyEdit } from './history/apply-edit.ts';
import type { Edit, SourceEdit } from './history/edit.ts';
import { performRun } from './history/perform-run.ts';
import type { PriceRow } from './history/price-row.ts';
import type { Run } from './history/run.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

const ENGINES = [...(hasPostgres() ? (['postgres'] as const) : []), 'pglite'] as const;
const FULL: Run = { run: 'full', concurrency: 1, lookbackDays: 3 };
const WORLD = { ids: [1], series: [], zone: 'UTC' };
const DAYS = 60;

const day = (i: number): PriceRow => ({
  afterDays: 1,
  closesAt: 'end',
  shape: 'plain',
  open: 70,
  close: 60 + ((i * 5) % 13),
  reach: 1,
});
const correct = (at: number, set: string): SourceEdit => ({ edit: 'correct', asset: 0, at, rows: 1, set });
const deleteAt = (at: number): SourceEdit => ({ edit: 'delete', asset: 0, at, rows: 1 });

/** Each with whether all EMAs that are left stay as they are; the next begins where the one before has ended. */
const CHANGES: readonly (readonly [name: string, edits: readonly Edit[], areEmasKept: boolean])[] = [
  ['a close', [correct(300, 'close = close + 1')], false],
  ['a volume', [correct(350, 'volume = coalesce(volume, 0) + 7')], true],
  ['a high that stands out', [correct(250, 'high = high * 1.5')], true],
  ['a price and back again', [correct(200, 'low = low - 1'), correct(200, 'low = low + 1')], true],
  ['two closes far apart', [correct(100, 'close = close + 1'), correct(800, 'close = close - 1')], false],
  ['a close, with new days', [correct(400, 'close = close + 1'), { edit: 'append', asset: 0, rows: [day(3)] }], false],
  ['a day that is deleted', [deleteAt(500)], false],
  ['a day that is there again', [{ edit: 'insert', asset: 0, at: 499, days: 1, row: day(1) }], false],
  ['a day deleted and a later one back', [deleteAt(300), deleteAt(600)], false],
  ['the newest day', [correct(999, 'close = close + 1')], false],
  ['the newest day, which is deleted', [deleteAt(999)], true],
];

/** The statements are the same on both engines: on PGlite, where one takes three times as long, a change of each kind. */
const ON_PGLITE = ['a close', 'a volume', 'a day deleted and a later one back', 'the newest day, which is deleted'];
const changesOn = (engine: (typeof ENGINES)[number]) =>
  engine === 'pglite' && hasPostgres() ? CHANGES.filter(([name]) => ON_PGLITE.includes(name)) : CHANGES;

describe.each(ENGINES)('after a correction on %s', (engine) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await createTestDatabase(engine);
    await useCatalogue(test.database, SMALL_CATALOGUE);
    await edit({ edit: 'append', asset: 0, rows: Array.from({ length: DAYS }, (_, i) => day(i)) });
    await run(FULL);
  });
  afterAll(() => test.drop());

  const edit = (change: Edit) => test.database.transaction((tx) => applyEdit(tx, WORLD, change));
  const run = (kind: Run) => performRun(test.database, WORLD, kind, 'the run');
  const stored = () => test.database.session(storedRows);
  const digest = () =>
    test.database.session(
      async (session) => (await digestContent(session, await readContentColumns(session), [1])).get(1) as ContentDigest,
    );
  /** What was stored before some edits, and after the run that follows them. */
  const correctedBy = async (edits: readonly Edit[], kind: Run = FULL) => {
    const before = await stored();
    for (const change of edits) await edit(change);
    await run(kind);
    return { before, after: await stored() };
  };

  it.each(changesOn(engine))(
    'of %s, the rows that differ are replaced and no others',
    async (_, edits, areEmasKept) => {
      const { before, after } = await correctedBy(edits);
      expect(writtenAsTheyWere(before, after)).toEqual([]);
      const emas = [...after.keys()].filter((key) => key.startsWith('EMA'));
      expect(emas.length).toBeGreaterThan(15 * (DAYS - 10));
      expect(emas.every((key) => after.get(key)?.version === before.get(key)?.version)).toBe(areEmasKept);
      const found = await digest();
      await run({ run: 'rebuild', asset: 0 });
      expect(differingTables(found, await digest())).toEqual([]);
    },
  );

  it('of a close, a bar that does not hold the day stays in its place', async () => {
    const { before, after } = await correctedBy([correct(300, 'close = close + 1, high = high + 9')]);
    const changed = [...after].filter(([key, { version }]) => version !== before.get(key)?.version);
    const weekly = changed.filter(([key]) => key.includes(' 1W_CAL_ISO '));
    expect(weekly.length).toBeGreaterThan(0);
    expect(weekly.length).toBeLessThanOrEqual(7);
  });

  it('that the bars meet in a later run than the daily bars, the rows that differ are replaced and no others', async () => {
    const daily: Run = { run: 'partial', builders: ['1d'], refreshers: [], assets: [0], zone: null };
    for (const since of [[], [deleteAt(350)]]) {
      const first = await correctedBy([correct(450, 'close = close + 1')], daily);
      expect(writtenAsTheyWere(first.before, first.after)).toEqual([]);
      const later = await correctedBy(since);
      expect(writtenAsTheyWere(later.before, later.after)).toEqual([]);
    }
    const found = await digest();
    await run({ run: 'rebuild', asset: 0 });
    expect(differingTables(found, await digest())).toEqual([]);
  });

  it('by hand of a daily bar, a snapshot whose prices contradict each other is clamped and recorded, until it is built again', async () => {
    const query = (text: string) => test.database.session((session) => session.query(text));
    const ROLLING = 'cmc_price_bars_multi_tf';
    const day = `id = 1 AND "timestamp" = (SELECT min("timestamp") FROM cmc_price_bars_1d WHERE id = 1)`;
    await query(`UPDATE cmc_price_bars_1d SET open = 70, high = 60, low = 90, close = 80 WHERE ${day}`);
    await query(`DELETE FROM ${ROLLING}_state WHERE id = 1 AND tf = '2D'`);
    const rolling: Run = { run: 'partial', builders: ['multi_tf'], refreshers: [], assets: [0], zone: null };
    await run(rolling);
    const clamped = `SELECT high, low, time_high = time_close AS at_close, time_low = time_open AS at_open FROM ${ROLLING}
      WHERE id = 1 AND tf = '2D' AND bar_seq = 1 AND pos_in_bar = 1`;
    expect(await query(clamped)).toEqual([{ high: 80, low: 70, at_close: true, at_open: true }]);
    const recorded = `SELECT table_name, tf, bar_seq, violation_type, repair_action, original_open, original_high, original_low, original_close
      FROM ${ROLLING}_rejects r WHERE ${day.replace('"timestamp" =', 'r."timestamp" =')} ORDER BY violation_type`;
    const prices = { original_open: 70, original_high: 60, original_low: 90, original_close: 80 };
    const place = { table_name: ROLLING, tf: '2D', bar_seq: 1, ...prices };
    expect(await query(recorded)).toEqual([
      { ...place, violation_type: 'high_lt_low', repair_action: 'values_will_be_clamped' },
      { ...place, violation_type: 'high_lt_oc_max', repair_action: 'high_clamped_to_oc_max' },
      { ...place, violation_type: 'low_gt_oc_min', repair_action: 'low_clamped_to_oc_min' },
    ]);
    await run({ run: 'rebuild', asset: 0 });
    expect(await query(`SELECT 1 FROM ${ROLLING}_rejects WHERE id = 1`)).toEqual([]);
  });
});

interface StoredRow {
  readonly series: string;
  /** Instant, as text that sorts. */
  readonly at: string;
  readonly version: string;
  readonly content: string;
}

/** Stored rows by series and instant. */
type StoredRows = ReadonlyMap<string, StoredRow>;

/** Bars and packed EMAs: where they lie and who wrote them, and everything in them but when that was. */
async function storedRows(session: Session): Promise<StoredRows> {
  const columns = `tableoid::text || ' ' || xmin::text || ' ' || ctid::text || ' ' || ingested_at::text AS version,
    replace(stored::text, ingested_at::text, '') AS content`;
  const rows = await session.query<StoredRow>(
    `SELECT (SELECT 'bar ' || alignment_source || ' ' || tf FROM bar_series s WHERE s.series = stored.series) AS series, time_close::text AS at, ${columns}
     FROM bar_rows stored WHERE id = 1
     UNION ALL SELECT 'EMA ' || series, ts::text, ${columns} FROM ema_rows stored WHERE id = 1`,
  );
  return new Map(rows.map((row) => [`${row.series} ${row.at}`, row]));
}

/**
 * Rows that are of another version although nothing in them is other; EMAs that lie between the first and the last of their series
 * that differ go with these.
 */
function writtenAsTheyWere(before: StoredRows, after: StoredRows): string[] {
  const others = new Map<string, string[]>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [then, now] = [before.get(key), after.get(key)];
    const { series, at } = (now ?? then) as StoredRow;
    if (then?.content !== now?.content) others.set(series, [...(others.get(series) ?? []), at].sort());
  }
  const isBetween = ({ series, at }: StoredRow) => {
    const of = others.get(series) ?? [];
    return series.startsWith('EMA') && at > (of[0] ?? at) && at < (of.at(-1) ?? at);
  };
  const isSame = ([key, now]: [string, StoredRow]) => {
    const then = before.get(key);
    return then?.content === now.content && then.version !== now.version && !isBetween(now);
  };
  return [...after].filter(isSame).map(([key]) => key);
}
