import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedBars } from '../../pipeline/test/bar-edits.ts';
import { BAR_TABLES, EMA_TABLES, type Database } from '@ta/state-store';
import { CHECKS, type Finding } from '../src/index.ts';
import { removedEmas } from '../../pipeline/test/ema-edits.ts';
import { ASSET, DEFECTS, idsOf, type Defect } from './fixtures/defects.ts';
import { newChecks, newFindings, validate, verdictOn } from './fixtures/planted.ts';
import { refreshedDatabase } from './fixtures/refreshed-database.ts';

/** Defects on which all checks run: five that a run draws; `make soak` takes all. */
const DRAWN =
  process.env['TA_CHANGES'] === 'all'
    ? DEFECTS
    : fc.sample(fc.shuffledSubarray([...DEFECTS], { minLength: 5, maxLength: 5 }), 1)[0];
const named = (defects: readonly Defect[]) => defects.map((defect) => [defect.check, defect.title, defect] as const);

let database: Database;
let baseline: readonly Finding[];
beforeAll(async () => {
  database = await refreshedDatabase();
  baseline = (await validate(database)).findings;
});
afterAll(() => database.close());

describe('a planted defect', () => {
  it('exists for every check, in two kinds for every CRITICAL one', () => {
    const count = (id: string) => DEFECTS.filter(({ check }) => check === id).length;
    const poor = CHECKS.filter(({ id, severity }) => count(id) < (severity === 'CRITICAL' ? 2 : 1));
    expect(poor.map(({ id }) => id)).toStrictEqual([]);
  });

  it.each(named(DEFECTS))('%s: %s is found by the checks it concerns', async (_, __, defect) => {
    const choice = { checks: defect.fires, ids: idsOf(defect) };
    const { result, findings } = await verdictOn(database, (tx) => defect.plant(tx), choice);
    const own = newFindings(findings, baseline).filter(({ check }) => check === defect.check);
    expect(own.map(({ message }) => message).join('\n')).toContain(defect.says);
    expect(own.find(({ message }) => message.includes(defect.says))).toMatchObject(defect.where ?? {});
    const hasError = newFindings(findings, baseline).some(({ severity }) => severity !== 'WARNING');
    expect(result.isPassed).toBe(!hasError);
    expect(newChecks(findings, baseline)).toStrictEqual([...defect.fires].sort());
  });

  it.each(named(DRAWN))('%s: %s leaves all other checks quiet', async (_, __, defect) => {
    const { findings } = await verdictOn(database, (tx) => defect.plant(tx));
    expect(newChecks(findings, baseline)).toStrictEqual([...defect.fires].sort());
  });

  it('is what a check finds, and nothing else: there is nothing above a WARNING before', () => {
    expect(baseline.filter(({ severity }) => severity !== 'WARNING')).toStrictEqual([]);
  });

  it('leaves nothing behind', async () => {
    expect((await validate(database)).findings).toStrictEqual(baseline);
  });
});

const BAR_TABLE_NAMES = Object.values(BAR_TABLES).map(({ table }) => table);
const EMA_TABLE_NAMES = Object.values(EMA_TABLES).map(({ table }) => table);

/** Checks that fire, of those given, when the statements are carried out. */
async function firing(checks: readonly string[], statements: string): Promise<string[]> {
  const { findings } = await verdictOn(database, (tx) => tx.run(statements), { checks, ids: [ASSET] });
  return newChecks(findings, baseline);
}

describe('rows lost from any table', () => {
  it.each(BAR_TABLE_NAMES)('%s: a snapshot and a timeframe are missed', async (table) => {
    const series = `id = ${ASSET} AND tf = (SELECT max(tf) FROM ${table} WHERE id = ${ASSET})`;
    const one = `DELETE FROM ${table} WHERE ${series} AND time_close = (SELECT max(time_close) FROM ${table} WHERE ${series})`;
    expect(await firing(['B14', 'B15', 'B16'], one)).toStrictEqual(['B15', 'B16']);
    expect(await firing(['B14', 'B15', 'B16'], `DELETE FROM ${table} WHERE ${series}`)).toStrictEqual(['B14', 'B16']);
  });

  it.each(EMA_TABLE_NAMES)('%s: an EMA and a series are missed', async (table) => {
    const [{ tf, first }] = await database.session((session) =>
      session.query<{ tf: string; first: string }>(
        `SELECT tf, min(ts)::text AS first FROM ${table} WHERE id = ${ASSET} AND period = 3 GROUP BY tf ORDER BY tf DESC LIMIT 1`,
      ),
    );
    const series = { table, id: ASSET, tf, period: 3 };
    const one = removedEmas({ ...series, ts: `= '${first}'` });
    expect(await firing(['E05', 'E06', 'E07'], one)).toStrictEqual(['E06', 'E07']);
    expect(await firing(['E05', 'E06', 'E07'], removedEmas(series))).toStrictEqual(['E05', 'E07']);
  });

  it('a timeframe that is no longer canonical is a warning, one of another length an error', async () => {
    const saidOf = async (statement: string) => {
      const { findings } = await verdictOn(database, (tx) => tx.run(statement), { checks: ['B23'] });
      return new Set(newFindings(findings, baseline).map(({ severity, message }) => `${severity} ${message}`));
    };
    const gone = [...(await saidOf(`UPDATE dim_timeframe SET is_canonical = false WHERE tf = '7D'`))];
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.filter((text) => !/^WARNING .*tf no longer canonical: 7D/.test(text))).toStrictEqual([]);
    const longer = [...(await saidOf(`UPDATE bar_series SET tf_days = 8 WHERE tf = '7D'`))];
    expect(longer.length).toBeGreaterThan(0);
    expect(longer.filter((text) => !/^ERROR .*tf_days not the length of the timeframe: 8/.test(text))).toStrictEqual(
      [],
    );
  });

  it('a week that ends on another day than its scheme says is found in both schemes', async () => {
    for (const [scheme, tf] of [
      ['us', '1W_CAL_US'],
      ['iso', '2W_CAL_ISO'],
    ]) {
      const table = `cmc_price_bars_multi_tf_cal_${scheme}`;
      const series = `id = ${ASSET} AND tf = '${tf}'`;
      const closesAt = (instant: string, at: string) =>
        changedBars({ table, id: ASSET, tf, where: `r.time_close = (${at})` }, `closed_at = ${instant}`);
      const moved = `CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT max(time_close) AS at FROM ${table} WHERE ${series} AND NOT is_partial_end;
        ${closesAt('NULL', 'SELECT at FROM moved')};
        ${closesAt('time_close', `SELECT at - interval '1 day' FROM moved`)}`;
      expect(await firing(['B19'], moved), table).toStrictEqual(['B19']);
    }
  });
});
