import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '@ta/state-store';
import { runChecks, validationRequest, type Finding } from '@ta/validation';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, createWorld, FEW_TIMEFRAMES, type World } from './kit/world.ts';

describe('the advice on a finding about a state', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ assets: 1, days: 40, timeframes: FEW_TIMEFRAMES });
    await ta('refresh --all');
    expect(await findings()).toEqual([]);
  });
  afterAll(() => world.drop());

  const ta = async (line: string) => {
    const ended = await runInside(line.split(' '), { root: world.root, env: world.env, nowMs: AS_OF_MS });
    expect([line, ended.code], ended.stderr).toEqual([line, 0]);
  };
  const findings = async (): Promise<Finding[]> => {
    const found: Finding[] = [];
    const request = validationRequest({ checks: ['B13', 'E09'], asOfTs: AS_OF_MS, ids: null });
    const database = await openDatabase({ engine: 'postgres', url: world.url, source: 'test' });
    try {
      await runChecks(database, request, { finding: (finding) => void found.push(finding) }, () => 0);
    } finally {
      await database.close();
    }
    return found;
  };

  const EMA_STATE = `cmc_ema_state SET`;
  const ONE = `WHERE tf = '7D' AND alignment_source = 'multi_tf'`;
  it.each([
    ['a count changed', `UPDATE ${EMA_STATE} bars_seen = bars_seen - 1 ${ONE}`, 'reset'],
    ['numbers changed', `UPDATE ${EMA_STATE} resume[5] = resume[5] + 1 ${ONE}`, 'reset'],
    ['a watermark emptied', 'UPDATE cmc_ema_refresh_state SET last_load_ts_cal = NULL', 'reset'],
    ['a newest day moved', `UPDATE ${EMA_STATE} last_ts = last_ts - interval '2 days' ${ONE}`, 'refresh'],
    ['a row deleted', `DELETE FROM cmc_ema_state ${ONE}`, 'refresh'],
    ['rows of bars deleted', `DELETE FROM cmc_price_bars_multi_tf_state WHERE tf = '7D'`, 'refresh'],
    ['numbers of bars changed', `UPDATE cmc_price_bars_multi_tf_state SET resume[6] = 7 WHERE tf = '7D'`, 'rebuild'],
  ])('mends it at once: %s', async (_, change, how) => {
    await world.sql(change);
    const found = await findings();
    expect(found.length).toBeGreaterThan(0);
    // the first sentence; what follows is for other cases
    const advice = new Set(found.map(({ whatToDo }) => whatToDo.split(/[.;:] /)[0] as string));
    const commands = [...advice].flatMap((text) => [...text.matchAll(/`ta ([^`]+)`/g)].map(([, command]) => command));
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.some((command) => command.startsWith('state reset'))).toBe(how === 'reset');
    expect(commands.some((command) => command.includes('--full-rebuild'))).toBe(how === 'rebuild');
    for (const command of commands) await ta(command.replace('<id>', String(world.ids[0])));
    expect(await findings()).toEqual([]);
  });

  it.each([
    `INSERT INTO cmc_ema_state SELECT (jsonb_populate_record(s, '{"id": 999}')).* FROM cmc_ema_state s ${ONE}`,
    `INSERT INTO cmc_ema_refresh_state SELECT (jsonb_populate_record(s, '{"id": 999}')).* FROM cmc_ema_refresh_state s`,
  ])('of an id that is no asset mends it as well: %s', async (change) => {
    await world.sql(change);
    const found = await findings();
    expect(found.map(({ id }) => id)).toContain(999);
    for (const { whatToDo } of found) {
      const commands = [...whatToDo.matchAll(/`ta ([^`]+)`/g)].map(([, command]) => command);
      expect(commands).toEqual(['assets remove <id>']);
    }
    await ta('assets remove 999 --yes');
    expect(await findings()).toEqual([]);
  });
});

describe('an asset whose history is too short for any EMA', () => {
  it('passes, and fails when its bars are lost', async () => {
    const world = await createWorld({ assets: 1, days: 1, periods: [9] });
    const ended = await runInside(['refresh', '--all'], { root: world.root, env: world.env, nowMs: AS_OF_MS });
    expect(ended.code, ended.stderr).toBe(0);
    const failing = async (checks: readonly string[] | null) => {
      const found = new Set<string>();
      const database = await openDatabase({ engine: 'postgres', url: world.url, source: 'test' });
      const request = validationRequest({ checks, asOfTs: AS_OF_MS, ids: null });
      const finding = ({ check, severity }: Finding) => severity !== 'WARNING' && found.add(check);
      await runChecks(database, request, { finding: (one) => void finding(one) }, () => 0);
      await database.close();
      return [...found];
    };
    expect(await failing(null)).toEqual([]);
    await world.sql('DELETE FROM bar_rows');
    expect(await failing(['B14'])).toEqual(['B14']);
    await world.drop();
  });
});
