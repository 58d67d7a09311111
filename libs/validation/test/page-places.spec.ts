import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import type { AssetFacts } from '../src/assets.ts';
import { pageCollector, runChecks, validationRequest } from '../src/index.ts';
import { readPlace, type PlaceChoice } from '../src/page/read-place.ts';
import { RolledBack, within } from './fixtures/planted.ts';
import { AS_OF_TS, IDS, refreshedDatabase } from './fixtures/refreshed-database.ts';

let database: Database;
beforeAll(async () => {
  database = await refreshedDatabase();
});
afterAll(() => database.close());

/** Stored closes and EMAs of one day each, in order. */
async function storedDays(): Promise<{ ts: number; day: string; close: number; ema: number }[]> {
  const rows = await database.session((session) =>
    session.query<{ ts: Date; day: string; close: number; ema: number }>(
      `SELECT b."timestamp" AS ts, to_char(b."timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, b.close, e.ema
       FROM cmc_price_bars_1d b JOIN cmc_ema_multi_tf e ON e.id = b.id AND e.ts = b."timestamp"
       WHERE b.id = ${IDS[0]} AND e.tf = '1D' AND e.period = 3 ORDER BY 1`,
    ),
  );
  return rows.map((row) => ({ ...row, ts: row.ts.getTime() }));
}

describe('what the page draws around a finding about an EMA', () => {
  const choice: PlaceChoice = {
    ...{ asset: { id: IDS[0], zone: 'UTC' } as AssetFacts, table: 'cmc_price_bars_1d', tf: null, barSeq: null },
    ...{ ema: { table: 'cmc_ema_multi_tf', tf: '1D', period: 3 }, atMs: null },
  };
  const drawn = async (atMs: number | null) => {
    const place = await database.session((session) => readPlace(session, { ...choice, atMs }));
    const closes = place?.bars.map(([day, , , , close]) => [day, close]);
    return { closes, line: place?.line?.points, mark: place?.mark };
  };

  it('is forty days up to it and twenty after, each with its EMA', async () => {
    const days = await storedDays();
    const at = days.length - 50;
    const shown = days.slice(at - 39, at + 21);
    expect(await drawn(days[at].ts)).toStrictEqual({
      closes: shown.map(({ day, close }) => [day, close]),
      line: shown.map(({ day, ema }) => [day, ema]),
      mark: days[at].day,
    });
  });

  it('is the newest forty days where the finding names no instant', async () => {
    const newest = (await storedDays()).slice(-40);
    const { closes, line, mark } = await drawn(null);
    expect([closes, mark]).toStrictEqual([newest.map(({ day, close }) => [day, close]), null]);
    expect(line).toStrictEqual(newest.map(({ day, ema }) => [day, ema]));
  });
});

describe('a page with more than it can hold', () => {
  it('says how much of what it leaves out', async () => {
    let leftOut: readonly string[] = [];
    let findings = Number.NaN;
    const planted = database.transaction(async (tx) => {
      await tx.run(`INSERT INTO dim_assets (id, name) SELECT n, 'without prices' FROM generate_series(1, 101) n`);
      await tx.run('UPDATE cmc_price_bars_1d SET high = low / 2');
      const collector = pageCollector();
      const result = await runChecks(
        within(tx),
        validationRequest({ asOfTs: AS_OF_TS, checks: ['B04'] }),
        { finding: collector.finding },
        () => 0,
        { afterChecks: collector.read },
      );
      ({ findings } = result);
      ({ leftOut } = collector.finish(result, 'PGlite in memory'));
      throw new RolledBack();
    });
    await expect(planted).rejects.toThrow(RolledBack);
    expect(findings).toBeGreaterThan(200);
    expect(leftOut).toStrictEqual([
      `${findings - 200} of ${findings} findings: the worst 200 of each check, 2000 in all, are here. All of them: validator check --format json.`,
      'Charts of 175 findings: 25 places of each check, 400 in all, are drawn, where there are bars.',
      'Calendars of 3 of 103 assets: those with findings come first, then ascending ids.',
    ]);
  });
});
