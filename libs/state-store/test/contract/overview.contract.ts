import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { readDailyState } from '../../src/read/daily-state.ts';
import { readOverview } from '../../src/read/overview.ts';
import { writeDailyState } from '../../src/write/daily-state.ts';
import { upsertSourceRows } from '../../src/write/source.ts';
import { openRefreshState, writeBarStates, writeEmaStates } from '../../src/write/states.ts';
import { barState } from './bars.contract.ts';
import { STATE } from './daily.contract.ts';
import { emaState } from './emas.contract.ts';
import { sourceBatch } from './source.contract.ts';

/** State of all ids at a glance. */
export function overviewContract(database: () => Database): void {
  it('agrees with the states themselves, stamps included', async () => {
    const id = 601;
    const stamp = await database().transaction(async (tx) => {
      await upsertSourceRows(tx, sourceBatch(id, 1));
      await writeDailyState(tx, id, { ...STATE, revision: 4 });
      await writeBarStates(tx, 'cal_iso', id, [
        barState('9D', { builtAtMs: 1e12 + 0.25 }),
        barState('10D', { sourceRevision: 1 }),
      ]);
      await writeEmaStates(tx, 'multi_tf_cal_us', id, [
        emaState('9D'),
        emaState('10D', { lastTs: 86_400_000, periods: [7] }),
      ]);
      return openRefreshState(tx, id);
    });
    const daily = await database().session((s) => readDailyState(s, id));
    const overview = await database().session((s) => readOverview(s));
    const md5 = (...lines: string[]) => createHash('md5').update(lines.join('\n')).digest('hex');

    expect(overview.changed.has(id)).toBe(true);
    expect(overview.changed.has(699)).toBe(false);
    expect(overview.daily.get(id)).toStrictEqual({
      ...{ zone: 'UTC', fullBuiltAtMs: daily?.fullBuiltAtMs, revision: 4, lastSourceTs: STATE.lastSourceTs },
    });
    const bar = barState('9D');
    expect(overview.bars.cal_iso.get(id)).toStrictEqual({
      ...{ digest: md5('10D=rolling 10D', '9D=rolling 9D'), zone: ['UTC', 'UTC'] },
      ...{ sourceBuiltAtMs: [bar.sourceBuiltAtMs, bar.sourceBuiltAtMs], sourceRevision: [1, 2] },
      ...{ dailyMaxTs: [bar.dailyMaxTs, bar.dailyMaxTs], newestBuiltAtMs: bar.builtAtMs },
    });
    expect(overview.bars.multi_tf.has(id)).toBe(false);
    const ema = emaState('9D');
    expect(overview.emas.multi_tf_cal_us.get(id)).toStrictEqual({
      ...{ digest: md5('10D=hash of 10D=7', '9D=hash of 9D=6,9'), sourceRevision: [1, 1] },
      ...{ dailyBuiltAtMs: [ema.dailyBuiltAtMs, ema.dailyBuiltAtMs], lastTs: [86_400_000, ema.lastTs] },
      ...{ resetStampMs: [ema.resetStampMs, ema.resetStampMs], newestBarsBuiltAtMs: ema.barsBuiltAtMs },
    });
    expect(overview.resetStamps.get(id)).toBe(stamp);
  });
}
