import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILDERS, COMPONENTS, loadSettings, refresh, REFRESHERS, type Notice, type RunReport } from '@ta/pipeline';
import type { DatabaseEngine } from '@ta/state-store';
import { rowVersions, touchedRows } from './row-versions.ts';
import { digestContent, readContentColumns } from './content-digest.ts';
import { createTestDatabase, hasPostgres, SMALL_CATALOGUE, useCatalogue, type TestDatabase } from './test-database.ts';

/** Assets whose days close at 20:00Z and at 07:00Z; each test finds them in step and leaves them so. */
const [EVENING, MORNING] = [1, 2];
const DAYS = 30;
const ZONE = 'America/Vancouver';
const ENGINES: readonly DatabaseEngine[] = hasPostgres() ? ['pglite', 'postgres'] : ['pglite'];

describe.each(ENGINES)('other rules of a zone, on %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
    await useCatalogue(test.database, SMALL_CATALOGUE);
    await load(EVENING, 20);
    await load(MORNING, 7);
    await perform([EVENING, MORNING]);
  });
  afterAll(() => test.drop());

  const sql = <R extends Record<string, unknown>>(text: string) =>
    test.database.session((session) => session.query<R>(text));
  const run = async (text: string) => void (await test.database.session((session) => session.run(text)));
  const load = (id: number, hour: number) =>
    run(`INSERT INTO cmc_price_histories7 (id, name, "timestamp", timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap, load_ts)
      SELECT ${id}, 'x', ts, ts - interval '23 hours', ts, ts - interval '1 hour', ts - interval '2 hours', 10 + n % 5, 20 + n % 7, 5, 11 + n % 3, 1, 1, '2026-12-01Z'
      FROM (SELECT n, timestamptz '2026-10-20 ${String(hour).padStart(2, '0')}:00Z' + n * interval '1 day' AS ts FROM generate_series(0, ${DAYS - 1}) n) d;
      INSERT INTO dim_assets (id, name) VALUES (${id}, 'x')`);
  const perform = async (
    ids: readonly number[],
    change: { components?: readonly ('bars' | 'emas')[]; fullRebuild?: boolean } = {},
  ): Promise<{ report: RunReport; notices: Notice[] }> => {
    const notices: Notice[] = [];
    const { fullRebuild, components = COMPONENTS } = change;
    const settings = await test.database.session((s) => loadSettings(s, { runId: 'test', zone: ZONE, fullRebuild }));
    const request = {
      ...{ components, builders: BUILDERS, refreshers: REFRESHERS, ids, settings, nowMs: 0, stalenessHours: 48 },
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
  const content = (id: number) =>
    test.database.session(async (session) => digestContent(session, await readContentColumns(session), [id]));
  const versions = (id: number) => test.database.session((session) => rowVersions(session, [id]));
  const state = async (id: number) => {
    const rows = await sql(`SELECT day_rules, full_built_at FROM cmc_price_bars_1d_state WHERE id = ${id}`);
    return rows[0] as Record<string, unknown>;
  };

  it('that give the same days change nothing but what is remembered of them', async () => {
    const before = { state: await state(EVENING), versions: await versions(EVENING) };
    await run(
      `UPDATE cmc_price_bars_1d_state SET day_rules = overlay(day_rules placing 'ffffffff' from length(day_rules) - 7)
       WHERE id = ${EVENING}`,
    );
    const { notices } = await perform([EVENING]);
    expect(await state(EVENING)).toStrictEqual(before.state);
    expect(notices).toStrictEqual([]);
    const touched = touchedRows(before.versions, await versions(EVENING)).map((line) => line.split(' ')[0]);
    expect(touched).toStrictEqual(['cmc_price_bars_1d_state']);
  });

  it('that give other days have the asset built again, which is said', async () => {
    const right = await content(MORNING);
    const before = await state(MORNING);
    // as rules have it by which winter has the offset of summer: from 2026-11-01 on a day begins at 07:00Z
    await run(`UPDATE cmc_price_bars_1d_state SET day_rules = overlay(day_rules placing 'ffffffff' from length(day_rules) - 7)
        WHERE id = ${MORNING};
      UPDATE cmc_price_bars_1d SET day = day + 1, day_from = day_from + interval '23 hours', day_until = day_until + interval '23 hours'
        WHERE id = ${MORNING} AND "timestamp" > '2026-11-02Z';
      UPDATE bar_rows SET pos_in_bar = pos_in_bar + 1 WHERE id = ${MORNING} AND time_close > '2026-11-02Z'`);
    const { notices } = await perform([MORNING]);
    expect(notices.map(({ event, text }) => `${event}: ${text}`)).toContainEqual(
      expect.stringMatching(
        /^other_days: id 2: the rules of zone America\/Vancouver have changed, 17 stored row\(s\) now belong to another day; everything is rebuilt/,
      ),
    );
    expect(await content(MORNING)).toStrictEqual(right);
    expect((await state(MORNING))['full_built_at']).not.toStrictEqual(before['full_built_at']);
    const again = await versions(MORNING);
    await perform([MORNING]);
    expect(touchedRows(again, await versions(MORNING))).toStrictEqual([]);
  });

  it('that are not known, as in a database of an earlier version, do too; steps without the daily bars refuse', async () => {
    await run(`UPDATE cmc_price_bars_1d_state SET day_rules = NULL WHERE id = ${MORNING}`);
    const refused = await perform([MORNING], { components: ['emas'] });
    expect(
      JSON.stringify(refused.report.components, (_, value: unknown) =>
        value instanceof Error ? value.message : value,
      ),
    ).toContain('the rules by which the days of the bars were decided');
    const { notices } = await perform([MORNING]);
    expect(notices.map(({ event }) => event)).toContain('untrue_state');
    expect((await state(MORNING))['day_rules']).toMatch(/^1:/);
  });
});
