import { ONE_DAY_MS, timeframesOf } from '@ta/bars-core/engine';
import { BAR_KEY, familyOf, SNAPSHOT_BARS } from '../golden-tables.ts';
import { hasUnpricedRow, isPriced, rowsWhere } from '../golden-source.ts';
import type { GoldenWorld } from '../golden-world.ts';
import { missingDaysText, type BarFacts } from '../bar-facts.ts';
import { byKey, keyText } from '../rows.ts';
import { barTwin } from '../twins/bar-twin.ts';
import { tableOf } from '../twins/twin-table.ts';
import type { OwnExpectation } from './expectation.ts';

/** Expected columns of the multi-day bars that may depart, by the formulas of docs/bars.md#snapshots, from civil days alone. */
export function barOwn(facts: BarFacts): OwnExpectation {
  return {
    tables: SNAPSHOT_BARS,
    expect(ours) {
      const bar = facts.ownBar(ours);
      if (bar === null) return null;
      const { missing } = bar;
      const start = missing.filter((day) => day < bar.firstRowDay).length;
      const { rows } = facts.asset(ours);
      const hasVolume = facts.positions(ours).some((row) => !Number.isNaN(rows.volume[row]));
      return {
        ...(hasVolume ? {} : { volume: Number.NaN }),
        bar_seq: bar.seq,
        time_open: bar.firstRowDay * ONE_DAY_MS,
        timestamp: ours.number('time_close'),
        last_ts_half_open: ours.number('time_close') + 1,
        pos_in_bar: bar.observed,
        count_days: bar.observed,
        count_days_remaining: bar.remaining,
        count_missing_days: missing.length,
        is_missing_days: missing.length > 0 ? 1 : 0,
        count_missing_days_start: start,
        count_missing_days_end: 0,
        count_missing_days_interior: missing.length - start,
        missing_days_where: missingDaysText(missing),
        first_missing_day: missing[0] ?? Number.NaN,
        last_missing_day: missing.at(-1) ?? Number.NaN,
      };
    },
  };
}

/** For assets whose bars are compared with a twin, expects in all columns what our engine makes of the priced source rows. */
export function barOwnOfNullRow(world: GoldenWorld): OwnExpectation {
  const affected = [...world.source.values()].filter(hasUnpricedRow);
  const rowsOf = new Map(
    SNAPSHOT_BARS.map((table) => {
      const timeframes = timeframesOf(familyOf(table), world.timeframes);
      const own = affected.flatMap(({ id, judgedRows }) =>
        barTwin(
          id,
          rowsWhere(judgedRows, (row) => isPriced(judgedRows, row)),
          timeframes,
        ),
      );
      return [table, byKey(tableOf(own), BAR_KEY)] as const;
    }),
  );
  return {
    tables: SNAPSHOT_BARS,
    expect(ours, table) {
      if (!affected.some(({ id }) => id === ours.number('id'))) return {};
      return rowsOf.get(table)?.get(keyText(ours, BAR_KEY))?.all() ?? null;
    },
  };
}
