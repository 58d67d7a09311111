import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differingTables, digestContent, readContentColumns } from '../../../../libs/pipeline/test/content-digest.ts';
import { logText, ta } from '../kit/ta.ts';
import { createWorld, type World } from '../kit/world.ts';

interface Document {
  readonly ids: number[];
  readonly components: readonly {
    readonly name: string;
    readonly steps: readonly { readonly ids: { ok: number } }[];
  }[];
}

/** Copies daily rows of one id to another id, or to earlier days. */
function copy(id: number, days: number, where: string): string {
  const moved = ['"timestamp"', 'timeopen', 'timeclose', 'timehigh', 'timelow'];
  const rest = 'name, open, high, low, close, volume, marketcap';
  return `INSERT INTO cmc_price_histories7 (id, ${moved.join()}, ${rest})
    SELECT ${id}, ${moved.map((name) => `${name} - interval '${days} days'`).join()}, ${rest} FROM cmc_price_histories7 WHERE ${where}`;
}

/** On PostgreSQL each scenario has a file of its own; here they are met in one story, for opening the database takes seconds. */
describe('the embedded database (scenarios 4, 5, 7, 8, 10 and 11)', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ engine: 'pglite', ids: [1, 825], days: 40 });
    await world.use(async (session) => {
      await session.run(
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.id = 825 THEN RAISE EXCEPTION 'malformed row'; END IF; RETURN NEW; END $$`,
      );
      await session.run(
        'CREATE TRIGGER refuse BEFORE INSERT ON bar_rows_cal_us FOR EACH ROW EXECUTE FUNCTION refuse()',
      );
    });
  });
  afterAll(() => world.drop());

  const digest = () =>
    world.use(async (session) => digestContent(session, await readContentColumns(session), [1, 825, 1234]));

  it('one id fails: the others go on, its EMAs do not run, and the log names it', async () => {
    const failed = await ta(world, 'refresh --all --continue-on-error');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('[WARNING] Bars stale for IDs: [825]');
    expect(failed.stdout).toContain('bars_failed');
    expect(logText(world)).toMatch(/"level":"ERROR".*"id":825.*FAILED/);
    await world.use(async (session) => {
      const ids = (table: string) => session.query(`SELECT DISTINCT id FROM ${table} ORDER BY id`);
      expect(await ids('cmc_ema_multi_tf_u')).toEqual([{ id: 1 }]);
      expect(await ids('cmc_price_bars_multi_tf_cal_anchor_us')).toEqual([{ id: 1 }, { id: 825 }]);
      await session.run('DROP FUNCTION refuse CASCADE');
      await session.run(copy(825, 40, `id = 825 AND "timestamp" < '2024-05-25Z'`));
      await session.run(`INSERT INTO dim_assets (id, name) VALUES (1234, 'New')`);
      await session.run(copy(1234, 0, 'id = 1'));
      await session.run('DELETE FROM cmc_ema_refresh_state WHERE id = 1');
    });
  });

  it('the next run mends it, takes in earlier days and a new asset, rebuilds what was reset; as from nothing', async () => {
    const ended = await ta(world, 'refresh --all --json');
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('Backfill detected for ID 825: source starts 2024-04-10, state starts 2024-05-20');
    const { ids, components } = JSON.parse(ended.stdout) as Document;
    expect(ids).toEqual([1, 825, 1234]);
    const worked = components.map(({ name, steps }) => [name, Math.max(...steps.map((step) => step.ids.ok))]);
    expect(worked).toEqual([
      ['bars', 2],
      ['emas', 3],
    ]);
    const before = await digest();
    expect((await ta(world, 'refresh --all --full-rebuild')).code).toBe(0);
    const after = await digest();
    for (const id of ids) expect(differingTables(before.get(id) as never, after.get(id) as never)).toEqual([]);
  });
});
