import { expect, it } from 'vitest';
import type { BarFamily } from '@ta/bars-core/engine';
import type { Database } from '../../src/connect/database.ts';
import { readStateGroups, type ExpectedStates } from '../../src/read/state-groups.ts';
import { writeBarStates, writeEmaStates } from '../../src/write/states.ts';
import { barState } from './bars.contract.ts';
import { emaState } from './emas.contract.ts';

const FAMILIES: readonly BarFamily[] = ['multi_tf', 'cal_iso', 'cal_us', 'cal_anchor_iso', 'cal_anchor_us'];

/** States of all ids, grouped by what they say. */
export function stateGroupsContract(database: () => Database): void {
  it('groups hold the timeframes whose states say the same, stamps included', async () => {
    const id = 601;
    await database().transaction(async (tx) => {
      await writeBarStates(tx, 'cal_iso', id, [
        barState('8D'),
        barState('9D'),
        barState('10D', { sourceRevision: 1, builtAtMs: 1e12 + 0.25 }),
      ]);
      const states = [emaState('9D'), emaState('10D', { lastTs: 86_400_000, periods: [7] })];
      await writeEmaStates(tx, id, new Map([['multi_tf_cal_us', states]]));
    });
    const [bar, ema] = [barState('9D'), emaState('9D')];
    const expectedOf = (specs: [string, string][], hashes: [string, string][]): ExpectedStates => ({
      specs: {
        ...(Object.fromEntries(FAMILIES.map((family) => [family, new Map()])) as unknown as ExpectedStates['specs']),
        cal_iso: new Map(specs),
      },
      paramsHashes: new Map([['multi_tf_cal_us', new Map(hashes)]]),
      periods: ema.periods,
    });
    const read = async (specs: [string, string][], hashes: [string, string][], ids?: number[]) =>
      database().session(async (s) => (await readStateGroups(s, expectedOf(specs, hashes), ids)).get(id));
    const specs: [string, string][] = ['8D', '9D', '10D'].map((tf) => [tf, `rolling ${tf}`]);
    const hashes: [string, string][] = ['9D', '10D'].map((tf) => [tf, `hash of ${tf}`]);
    const found = await read(specs, hashes, [id]);

    const common = {
      ...{
        isAsSpecified: true,
        isEdited: false,
        zone: 'UTC',
        dailyBuiltAtMs: bar.sourceBuiltAtMs,
        dailyRevision: bar.sourceRevision,
      },
      ...{ lastTs: bar.dailyMaxTs, barsBuiltAtMs: bar.builtAtMs, resetStampMs: Number.NaN },
    };
    const bars = found?.bars.get('cal_iso') ?? [];
    expect(bars.map((group) => ({ ...group, tfs: [...group.tfs].sort() }))).toEqual(
      expect.arrayContaining([
        { tfs: ['8D', '9D'], ...common },
        { tfs: ['10D'], ...common, dailyRevision: 1, barsBuiltAtMs: 1e12 + 0.25 },
      ]),
    );
    expect(bars).toHaveLength(2);
    expect(found?.emas.get('multi_tf_cal_us')).toEqual(
      expect.arrayContaining([
        {
          ...{ tfs: ['9D'], isAsSpecified: true, isEdited: false, zone: '', dailyBuiltAtMs: ema.dailyBuiltAtMs },
          ...{ dailyRevision: ema.sourceRevision, lastTs: ema.lastTs, barsBuiltAtMs: ema.barsBuiltAtMs },
          resetStampMs: ema.resetStampMs,
        },
        // other periods than those expected
        expect.objectContaining({ tfs: ['10D'], isAsSpecified: false, isEdited: false, lastTs: 86_400_000 }),
      ]),
    );
    expect(await read(specs, hashes, [id + 1])).toBeUndefined();
    expect((await read(specs, hashes))?.bars.size).toBe(1);

    const wrong = await read([['9D', 'other'], ...specs.slice(2)], []);
    const specified = (groups: readonly { tfs: readonly string[]; isAsSpecified: boolean }[] | undefined) =>
      (groups ?? []).filter(({ isAsSpecified }) => isAsSpecified).flatMap(({ tfs }) => tfs);
    expect(specified(wrong?.bars.get('cal_iso'))).toEqual(['10D']);
    expect(specified(wrong?.emas.get('multi_tf_cal_us'))).toEqual([]);
  });
}
