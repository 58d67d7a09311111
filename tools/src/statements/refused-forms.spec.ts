import { describe, expect, it } from 'vitest';
import { FORMS, refusedForms, type Form } from './refused-forms.ts';

/** What the product once sent and Citus 13.2 refused, and what it sends instead. */
const EXAMPLES: readonly {
  readonly forms: readonly Form[];
  readonly title: string;
  readonly refused: string;
  readonly accepted: string;
}[] = [
  {
    forms: ['columnCast'],
    title: 'a cast of a column to an enum in a DELETE',
    refused: `DELETE FROM cmc_ema_state s USING unnest($1::text[], $2::text[]) AS written (source, tf)
      WHERE s.id = 1 AND s.alignment_source = written.source::ema_alignment_source AND s.tf = written.tf`,
    accepted: `DELETE FROM cmc_ema_state s USING unnest($1::text[]::ema_alignment_source[], $2::text[]) AS written (source, tf)
      WHERE s.id = 1 AND s.alignment_source = written.source AND s.tf = written.tf`,
  },
  {
    forms: ['correlatedOnRecurring'],
    title: 'a correlated subquery where a WITH query is joined',
    refused: `WITH s AS (SELECT * FROM cmc_price_bars_1d_state), n AS (SELECT count(*) FROM s),
      r AS (SELECT s.id, count(x.id) FROM s LEFT JOIN cmc_price_bars_1d_rejects x ON x.id = s.id AND NOT EXISTS (
        SELECT 1 FROM cmc_price_bars_1d y WHERE y.id = x.id AND y."timestamp" = x."timestamp") GROUP BY s.id)
      SELECT * FROM r`,
    accepted: `WITH s AS (SELECT * FROM cmc_price_bars_1d_state), n AS (SELECT count(*) FROM s),
      r AS (SELECT s.id, count(x.id) FILTER (WHERE y.id IS NULL) FROM s LEFT JOIN cmc_price_bars_1d_rejects x ON x.id = s.id
        LEFT JOIN cmc_price_bars_1d y ON y.id = x.id AND y."timestamp" = x."timestamp" GROUP BY s.id)
      SELECT * FROM r`,
  },
  {
    forms: ['correlatedOnRecurring'],
    title: 'a correlated subquery of every asset of dim_assets',
    refused: 'SELECT a.id FROM dim_assets a WHERE EXISTS (SELECT 1 FROM cmc_price_bars_1d b WHERE b.id = a.id)',
    accepted:
      'SELECT s.id FROM cmc_price_bars_1d_state s WHERE EXISTS (SELECT 1 FROM cmc_price_bars_1d b WHERE b.id = s.id)',
  },
  {
    forms: ['correlatedOnRecurring', 'recursion'],
    title: 'a walk down the ids of a table',
    refused: `SELECT id FROM (WITH RECURSIVE jump AS (
        (SELECT id FROM cmc_price_bars_1d ORDER BY id LIMIT 1)
        UNION ALL
        SELECT (SELECT t.id FROM cmc_price_bars_1d t WHERE t.id > jump.id ORDER BY t.id LIMIT 1) FROM jump WHERE jump.id IS NOT NULL
      ) SELECT id FROM jump WHERE id IS NOT NULL) ids`,
    accepted: `WITH gap (first, last) AS (VALUES (-2147483648, 0), (2, 2147483647))
      SELECT DISTINCT t.id FROM gap JOIN cmc_price_bars_1d t ON t.id BETWEEN gap.first AND gap.last`,
  },
  {
    forms: ['correlatedOnOneServer'],
    title: 'source rows looked for in a query of states',
    refused: `SELECT a.id FROM dim_assets a LEFT JOIN cmc_price_bars_1d_state s ON s.id = a.id
      WHERE EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = a.id)`,
    accepted: `SELECT i.id FROM unnest('{1,2}'::int[]) AS i (id) WHERE EXISTS (SELECT 1 FROM cmc_price_histories7 h WHERE h.id = i.id)`,
  },
  {
    forms: ['emptySelect'],
    title: 'EXISTS without a column',
    refused: 'SELECT EXISTS (SELECT FROM ema_rejects WHERE id = 1) AS found',
    accepted: 'SELECT EXISTS (SELECT 1 FROM ema_rejects WHERE id = 1) AS found',
  },
  {
    forms: ['functionInValues'],
    title: 'a list of columns as text, and the clock, in VALUES',
    refused: `SELECT s.id, f.field FROM cmc_price_bars_1d_state s, LATERAL (VALUES
      ('last_run_ts', s.last_run_ts::text, s.last_run_ts > now())) f(field, actual, is_wrong) WHERE f.is_wrong`,
    accepted: `SELECT * FROM (SELECT *, array_remove(ARRAY[CASE WHEN last_run_ts > now() THEN 'last_run_ts' END], NULL) AS fields
      FROM cmc_price_bars_1d_state) s WHERE fields <> '{}'`,
  },
  {
    forms: ['functionInConflict'],
    title: 'the clock in DO UPDATE',
    refused: `INSERT INTO ema_rejects AS t (id, hits) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET last_seen_at = now()`,
    accepted: `INSERT INTO ema_rejects AS t (id, hits) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at`,
  },
  {
    forms: ['lateralMerge'],
    title: 'OFFSET in a LATERAL of a list of ids',
    refused: `SELECT t.* FROM (VALUES (1, timestamptz '2024-01-01')) w(id, from_ts) CROSS JOIN LATERAL (
      SELECT t.* FROM cmc_ema_multi_tf_v2 t WHERE t.id = w.id AND t.ts >= w.from_ts OFFSET 0) t`,
    accepted: `SELECT t.* FROM (VALUES (1, timestamptz '2024-01-01')) w(id, from_ts) CROSS JOIN LATERAL (
      SELECT t.* FROM cmc_ema_multi_tf_v2 t WHERE t.id = w.id AND t.ts >= w.from_ts ORDER BY t.id, t.ts) t`,
  },
];

describe('forms of SQL that Citus refuses', () => {
  it.each(EXAMPLES.map((example) => [example.title, example] as const))(
    '%s',
    async (_, { forms, refused, accepted }) => {
      expect(await refusedForms(refused)).toStrictEqual(forms);
      expect(await refusedForms(accepted)).toStrictEqual([]);
    },
  );

  it('are seen inside COPY, as parts of a UNION and in any statement of a script', async () => {
    const [{ refused }] = EXAMPLES.filter(({ forms }) => forms.includes('correlatedOnOneServer'));
    expect(await refusedForms(`COPY (${refused}) TO STDOUT`)).toStrictEqual(['correlatedOnOneServer']);
    expect(await refusedForms(`SELECT 1 UNION ALL ${refused}`)).toStrictEqual(['correlatedOnOneServer']);
    expect(await refusedForms(`SELECT 1; ${refused}; SELECT 2`)).toStrictEqual(['correlatedOnOneServer']);
  });

  it('are accepted where one asset is asked for: such a statement goes to its server as it is', async () => {
    const walk = (where: string) => `WITH RECURSIVE days (ts) AS (
        (SELECT d.ts FROM cmc_ema_multi_tf d WHERE ${where} ORDER BY d.ts LIMIT 1)
        UNION ALL
        SELECT (SELECT d.ts FROM cmc_ema_multi_tf d WHERE ${where} AND d.ts > days.ts ORDER BY d.ts LIMIT 1) FROM days
      ) SELECT ts FROM days`;
    expect(await refusedForms(walk('d.id = 7'))).toStrictEqual([]);
    expect(await refusedForms(walk('d.id IN (7, 8)'))).toStrictEqual(['correlatedOnRecurring', 'recursion']);
  });

  it('are all shown', () => {
    expect(new Set(EXAMPLES.flatMap(({ forms }) => forms))).toStrictEqual(new Set(Object.keys(FORMS)));
  });

  it('are accepted on tables that lie on one server', async () => {
    const sql = `WITH RECURSIVE jump AS ((SELECT id FROM cmc_price_histories7 LIMIT 1)
      UNION ALL SELECT (SELECT t.id FROM cmc_price_histories7 t WHERE t.id > jump.id LIMIT 1) FROM jump) SELECT id FROM jump`;
    expect(await refusedForms(sql)).toStrictEqual([]);
    const upsert = (table: string) => `INSERT INTO ${table} (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET at = now()`;
    expect(await refusedForms(upsert('ops_settings'))).toStrictEqual([]);
    expect(await refusedForms(upsert('dim_assets'))).toStrictEqual(['functionInConflict']);
    expect(await refusedForms(upsert('cmc_price_histories7'))).toStrictEqual(['functionInConflict']);
  });
});
