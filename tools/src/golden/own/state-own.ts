import { GOLDEN_ZONE } from '../golden-source.ts';
import { SNAPSHOT_BARS } from '../golden-tables.ts';
import type { Rows } from '../rows.ts';
import type { Prediction } from '../departures/departure.ts';
import type { OwnExpectation } from './expectation.ts';

/** Expects the newest `bar_seq` of our bars in the states of the multi-day bars, and in those of calendar bars the run's zone. */
export function barStateOwn(ours: ReadonlyMap<string, Rows>): OwnExpectation {
  const newest = new Map(SNAPSHOT_BARS.map((table) => [`${table}_state`, newestSeq(ours.get(table) as Rows)]));
  return {
    tables: [...newest.keys()],
    expect(row, table): Prediction {
      const seq = newest.get(table)?.get(`${row.number('id')} ${row.text('tf')}`) ?? Number.NaN;
      return table.includes('_cal_') ? { last_bar_seq: seq, tz: GOLDEN_ZONE } : { last_bar_seq: seq };
    },
  };
}

function newestSeq(bars: Rows): Map<string, number> {
  const newest = new Map<string, number>();
  const [ids, tfs, seqs] = [bars.numbers('id'), bars.texts('tf'), bars.numbers('bar_seq')];
  for (let row = 0; row < bars.length; row++) {
    const key = `${ids[row]} ${tfs[row]}`;
    newest.set(key, Math.max(newest.get(key) ?? 0, seqs[row]));
  }
  return newest;
}
