import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ta } from '../kit/ta.ts';
import { createWorld, hasPostgres, type World } from '../kit/world.ts';

interface Document {
  readonly components: {
    readonly name: string;
    readonly steps: { readonly ids: { ok: number; upToDate: number }; readonly rows: { written: number } }[];
  }[];
}

describe.skipIf(!hasPostgres())('resetting state (scenario 11)', () => {
  let world: World;
  let id: number;
  beforeAll(async () => {
    world = await createWorld({ days: 40 });
    id = world.ids[0] as number;
    await ta(world, 'refresh --all');
  });
  afterAll(() => world.drop());

  const work = async (): Promise<[string, number[], number][]> => {
    const ended = await ta(world, 'refresh --all --json');
    expect(ended.code, ended.stderr).toBe(0);
    const { components } = JSON.parse(ended.stdout) as Document;
    return components.map(({ name, steps }) => [
      name,
      [...new Set(steps.map(({ ids }) => ids.ok))],
      steps.reduce((sum, { rows }) => sum + rows.written, 0),
    ]);
  };

  it.each([
    ['bar', 'DELETE FROM cmc_price_bars_1d_state WHERE id = ?;', '--bars', 'cmc_price_bars_1d_state'],
    ['EMA', 'DELETE FROM cmc_ema_refresh_state WHERE id = ?;', '--emas', 'cmc_ema_refresh_state'],
  ])(
    'the guide’s SQL and ta state reset of the %s state lead to the same next run, for that id alone',
    async (_, sql, flag, table) => {
      const deleted = await ta(world, ['sql', sql.replace('?', String(id)), '--write']);
      expect(deleted.stdout).toBe('[OK] 1 row(s) changed\n');
      const bySql = await work();
      expect(bySql.find(([name]) => name === 'emas')?.[1]).toEqual([1]);
      const reset = await ta(world, `state reset ${flag} --ids ${id}`);
      expect(reset.stdout).toBe(`${table}: 1 row(s) deleted\nNext run will rebuild these ids: [${id}]\n`);
      expect(await work()).toEqual(bySql);
    },
  );

  it('of an inactive asset says that only a run which names it builds it again', async () => {
    await world.sql(`UPDATE dim_assets SET is_active = false WHERE id = ${id}`);
    const reset = await ta(world, `state reset --emas --ids ${id}`);
    await world.sql('UPDATE dim_assets SET is_active = true');
    expect(reset.stdout).toContain(`\nInactive, rebuilt only by a run with these --ids: [${id}]\n`);
    expect(reset.stdout).not.toContain('Next run');
    expect(await work()).toHaveLength(2);
  });

  it('says what it did when that is stored, not before', async () => {
    await world.use(async (session) => {
      await session.run(
        `CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused at the commit'; END $$`,
      );
      await session.run(
        `CREATE CONSTRAINT TRIGGER refuse_late AFTER DELETE ON cmc_price_bars_1d_state DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION refuse_late()`,
      );
    });
    const reset = await ta(world, `state reset --bars --ids ${id}`);
    await world.sql('DROP FUNCTION refuse_late CASCADE');
    expect(reset).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('refused at the commit') });
  });

  it('without --write nothing can be deleted', async () => {
    const ended = await ta(world, ['sql', `DELETE FROM cmc_price_bars_1d_state WHERE id = ${id}`]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('add --write');
    expect(await world.sql(`SELECT id FROM cmc_price_bars_1d_state WHERE id = ${id}`)).toHaveLength(1);
  });

  it('two statements in one are refused', async () => {
    const ended = await ta(world, ['sql', 'SELECT 1; DELETE FROM cmc_price_bars_1d_state', '--write']);
    expect(ended.code).toBe(1);
    expect(await world.sql('SELECT id FROM cmc_price_bars_1d_state')).toHaveLength(2);
  });
});
