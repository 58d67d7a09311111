import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS, type Notice, type RunReport } from '@ta/pipeline';
import type { DatabaseEngine } from '@ta/state-store';
import { rowVersions, touchedRows } from './row-versions.ts';
import { digestContent, readContentColumns } from './content-digest.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

const ID = 1;
const DAYS = 60;
const ZONE = 'America/Vancouver';
const ENGINES: readonly DatabaseEngine[] = hasPostgres() ? ['pglite', 'postgres'] : ['pglite'];

describe.each(ENGINES)('other rules of a zone, on %s', (engine) => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createTestDatabase(engine);
    await useCatalogue(test.database, SMALL_CATALOGUE);
  });
  afterEach(() => test.drop());

  const sql = <R extends Record<string, unknown>>(text: string) =>
    test.database.session((session) => session.query<R>(text));
  const run = async (text: string) => void (await test.database.session((session) => session.run(text)));
  const load = (hour: number) =>
    run(`INSERT INTO cmc_price_histories7 (id, name, "timestamp", timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap, load_ts)
      SELECT ${ID}, 'x', ts, ts - interval '23 hours', ts, ts - interval '1 hour', ts - interval '2 hours', 10 + n % 5, 20 + n % 7, 5, 11 + n % 3, 1, 1, '2026-12-01Z'
      FROM (SELECT n, timestamptz '2026-10-01 ${String(hour).padStart(2, '0')}:00Z' + n * interval '1 day' AS ts FROM generate_series(0, ${DAYS - 1}) n) d;
      INSERT INTO dim_assets (id, name) VALUES (${ID}, 'x')`);
  const perform = async (
    change: { components?: readonly ('bars' | 'emas')[]; fullRebuild?: boolean } = {},
  ): Promise<{ report: RunReport; notices: Notice[] }> => {
    const notices: Notice[] = [];
    const { fullRebuild, components = COMPONENTS } = change;
    const settings = await test.database.session((s) => loadSettings(s, { runId: 'test', zone: ZONE, fullRebuild }));
    const request = {
      ...{ components, builders: BUILDERS, refreshers: REFRESHERS, ids: [ID], settings, nowMs: 0, stalenessHours: 48 },
      ...{ skipStaleCheck: true, continueOnError: false, concurrency: 1 },
    };
    const report = await refresh(
      test.database,
      request,
      { itemFinished: (item) => void notices.push(...item.notices) },
      () => 0,
    );
    return { report, notices };
  };
  const content = () =>
    test.database.session(async (session) => digestContent(session, await readContentColumns(session), [ID]));
  const versions = () => test.database.session((session) => rowVersions(session, [ID]));
  const state = async () =>
    (await sql<Record<string, unknown>>('SELECT day_rules, full_built_at FROM cmc_price_bars_1d_state'))[0];

  it('that give the same days change nothing but what is remembered of them', async () => {
    await load(20);
    await perform();
    const before = { state: await state(), versions: await versions() };
    await run(
      `UPDATE cmc_price_bars_1d_state SET day_rules = overlay(day_rules placing 'ffffffff' from length(day_rules) - 7)`,
    );
    const { notices } = await perform();
    expect(await state()).toStrictEqual(before.state);
    expect(notices).toStrictEqual([]);
    const touched = touchedRows(before.versions, await versions()).map((line) => line.split(' ')[0]);
    expect(touched).toStrictEqual(['cmc_price_bars_1d_state']);
  });

  it('that give other days have the asset built again, which is said', async () => {
    await load(7);
    await perform();
    const right = await content();
    const before = await state();
    // as rules have it by which winter has the offset of summer: from 2026-11-01 on a day begins at 07:00Z
    await run(`UPDATE cmc_price_bars_1d_state SET day_rules = overlay(day_rules placing 'ffffffff' from length(day_rules) - 7);
      UPDATE cmc_price_bars_1d SET day = day + 1, day_from = day_from + interval '23 hours', day_until = day_until + interval '23 hours'
        WHERE "timestamp" > '2026-11-02Z';
      UPDATE bar_rows SET pos_in_bar = pos_in_bar + 1 WHERE time_close > '2026-11-02Z'`);
    const { notices } = await perform();
    expect(notices.map(({ event, text }) => `${event}: ${text}`)).toContainEqual(
      expect.stringMatching(
        /^other_days: id 1: the rules of zone America\/Vancouver have changed, 2\d stored row\(s\) now belong to another day; everything is rebuilt/,
      ),
    );
    expect(await content()).toStrictEqual(right);
    expect((await state())['full_built_at']).not.toStrictEqual(before['full_built_at']);
    const again = await versions();
    await perform();
    expect(touchedRows(again, await versions())).toStrictEqual([]);
  });

  it('that are not known, as in a database of an earlier version, do too; steps without the daily bars refuse', async () => {
    await load(7);
    await perform();
    await run('UPDATE cmc_price_bars_1d_state SET day_rules = NULL');
    const refused = await perform({ components: ['emas'] });
    expect(
      JSON.stringify(refused.report.components, (_, value: unknown) =>
        value instanceof Error ? value.message : value,
      ),
    ).toContain('the rules by which the days of the bars were decided');
    const { notices } = await perform();
    expect(notices.map(({ event }) => event)).toContain('untrue_state');
    expect((await state())['day_rules']).toMatch(/^1:/);
  });
});
