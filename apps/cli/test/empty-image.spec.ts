import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assertSchema, openDatabase, type Database } from '@ta/state-store';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../../libs/pipeline/test/test-database.ts';
import { emptyImage, makeEmptyImage } from '../src/empty-image.ts';
import { runInside } from './kit/run-inside.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ta-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Tables with their columns, indexes, triggers, functions, migrations and all rows of the dimensions. */
const CONTENT = [
  `SELECT table_schema, table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
   WHERE table_schema IN ('public', 'ta_store') ORDER BY 1, 2, ordinal_position`,
  `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
  'SELECT tgname, tgrelid::regclass::text AS of FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2',
  `SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2`,
  'SELECT hash, created_at FROM ta_store.__drizzle_migrations ORDER BY created_at',
  "SELECT to_jsonb(t) - 'created_at' AS row FROM dim_timeframe AS t ORDER BY tf",
  "SELECT to_jsonb(t) - 'created_at' AS row FROM dim_period AS t ORDER BY period",
  "SELECT to_jsonb(t) - 'created_at' AS row FROM ema_alpha_lookup AS t ORDER BY tf, period",
];

async function contentOf(database: Database): Promise<unknown[]> {
  const content = [];
  for (const sql of CONTENT) content.push(await database.session((session) => session.query(sql)));
  await database.close();
  return content;
}

describe('the image of an empty database', () => {
  it('is what migrations and seeds make of nothing', async () => {
    await makeEmptyImage();
    const image = await emptyImage();
    cpSync(image as string, path.join(folder, 'copy'), { recursive: true });
    const copy = await openDatabase({ engine: 'pglite', dir: path.join(folder, 'copy'), source: 'test' });
    await assertSchema(copy);
    // migrated and seeded from nothing, once for all tests
    const { database: made } = await createTestDatabase('pglite');
    const content = await contentOf(made);
    expect(content.every((rows) => (rows as unknown[]).length > 0)).toBe(true);
    expect(await contentOf(copy)).toEqual(content);
  });

  it('is what the first command of a new database begins with: no migration is left to apply', async () => {
    const ended = await runInside(['db', 'migrate'], { root: folder, env: { DB_DIR: path.join(folder, 'first') } });
    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\[OK\] Schema is up to date: \d+ migrations/),
    });
    expect(ended.stderr).not.toContain('migration(s) applied');
  });
});
