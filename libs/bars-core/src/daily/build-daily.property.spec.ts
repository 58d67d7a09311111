import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceSeriesOf, type SourceRow } from '../../test/fixtures/source-row.ts';
import { naiveDaily } from '../../test/oracle/naive-daily.ts';
import { ONE_DAY_MS, type CivilDay } from '../civil-day.ts';
import { civilDayOfInstant } from '../zone-day.ts';
import { buildDaily, type DailyBuild } from './build-daily.ts';
import type { SourceSeries } from './source-series.ts';

/** `make soak` plays 500 of each law. */
const RUNS = { numRuns: Number(process.env['TA_RUNS'] ?? 150) };
const HALF_DAY_MS = ONE_DAY_MS / 2;

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 10 });
const price = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity) },
);
/** Hours after the start of the day; sometimes outside of it. */
const hour = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 23 }) },
  { weight: 1, arbitrary: fc.integer({ min: -30, max: 60 }) },
);

/** Rows every half day or later, so that some days have two; anything in them may be unknown or wrong. */
const rows: fc.Arbitrary<SourceRow[]> = fc
  .array(
    fc.record({
      halfDays: fc.oneof(
        { weight: 5, arbitrary: fc.constant(2) },
        { weight: 2, arbitrary: fc.integer({ min: 1, max: 7 }) },
      ),
      open: orNull(price),
      high: orNull(price),
      low: orNull(price),
      close: orNull(price),
      volume: orNull(price),
      marketCap: orNull(price),
      opensAt: orNull(fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: hour })),
      closesAt: orNull(fc.constant(24)),
      highAt: orNull(hour),
      lowAt: orNull(hour),
    }),
    { maxLength: 40, size: 'max' },
  )
  .map((facts) => {
    let ts = 19_000 * ONE_DAY_MS - 1;
    return facts.map(({ halfDays, opensAt, closesAt, highAt, lowAt, ...values }) => {
      ts += halfDays * HALF_DAY_MS;
      const start = Math.floor(ts / ONE_DAY_MS) * ONE_DAY_MS;
      const time = (hours: number | null): number | null => (hours === null ? null : start + hours * 3_600_000);
      const timeClose = closesAt === null ? null : start + ONE_DAY_MS - 1;
      return { ts, timeOpen: time(opensAt), timeClose, timeHigh: time(highAt), timeLow: time(lowAt), ...values };
    });
  });

function slice(source: SourceSeries, from: number, until: number): SourceSeries {
  const columns = Object.entries(source).map(([name, column]: [string, unknown]) => [
    name,
    typeof column === 'number' ? until - from : (column as Float64Array).slice(from, until),
  ]);
  return Object.fromEntries(columns) as SourceSeries;
}

/** Everything that a build says about the rows, by source row. */
function byRow({ bars, rejects }: DailyBuild): Map<number, unknown[]> {
  const lines = new Map<number, unknown[]>();
  for (let at = 0; at < bars.length; at++) {
    const { sourceIndex, ...columns } = bars;
    const values = Object.values(columns).map((column) => (typeof column === 'number' ? 'bar' : column[at]));
    lines.set(sourceIndex[at], values);
  }
  for (let at = 0; at < rejects.length; at++) {
    const { reason, barSeq, timeHigh, timeLow, high, low } = rejects;
    lines.set(rejects.sourceIndex[at], [
      'reject',
      reason[at],
      barSeq[at],
      timeHigh[at],
      timeLow[at],
      high[at],
      low[at],
    ]);
  }
  return lines;
}

describe('buildDaily', () => {
  it('equals the naive implementation, bit for bit', () => {
    fc.assert(
      fc.property(rows, (history) => {
        const { bars, rejects } = buildDaily(sourceSeriesOf(history), {
          zone: 'UTC',
          rowsBefore: 0,
          previousBarDay: null,
        });
        const naive = naiveDaily(history);
        const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
        const accepted = naive.filter(({ reason }) => reason === null);
        expect(bars.length).toBe(accepted.length);
        expect(
          accepted.map((_, at) => ({
            barSeq: bars.barSeq[at],
            reason: null,
            timeHigh: known(bars.timeHigh[at]),
            timeLow: known(bars.timeLow[at]),
            high: known(bars.high[at]),
            low: known(bars.low[at]),
            day: bars.day[at],
            repairs: [
              bars.repairedTimeHigh[at],
              bars.repairedTimeLow[at],
              bars.repairedHigh[at],
              bars.repairedLow[at],
            ].map(Boolean),
            isMissingDays: bars.isMissingDays[at] === 1,
          })),
        ).toStrictEqual(accepted);
        expect(
          rejects.reason.map((reason, at) => ({
            barSeq: rejects.barSeq[at],
            reason,
            timeHigh: known(rejects.timeHigh[at]),
            timeLow: known(rejects.timeLow[at]),
            high: known(rejects.high[at]),
            low: known(rejects.low[at]),
            day: null,
            repairs: null,
            isMissingDays: null,
          })),
        ).toStrictEqual(naive.filter(({ reason }) => reason !== null));
      }),
      RUNS,
    );
  });

  it('puts every row into exactly one of bars and rejects', () => {
    fc.assert(
      fc.property(rows, (history) => {
        const { bars, rejects } = buildDaily(sourceSeriesOf(history), {
          zone: 'UTC',
          rowsBefore: 0,
          previousBarDay: null,
        });
        const indices = [...bars.sourceIndex, ...rejects.sourceIndex].sort((left, right) => left - right);
        expect(indices).toStrictEqual(history.map((_, at) => at));
      }),
      RUNS,
    );
  });

  it('makes bars that need no further repair', () => {
    fc.assert(
      fc.property(rows, (history) => {
        const { bars } = buildDaily(sourceSeriesOf(history), { zone: 'UTC', rowsBefore: 0, previousBarDay: null });
        for (let at = 0; at < bars.length; at++) {
          const isLowest = bars.low[at] <= Math.min(bars.open[at], bars.close[at]);
          const isHighest = bars.high[at] >= Math.max(bars.open[at], bars.close[at]);
          const areTimesInside = [bars.timeHigh[at], bars.timeLow[at]].every((time) => {
            const isInWindow = time >= bars.timeOpen[at] && time <= bars.timeClose[at];
            return isInWindow || Math.floor(time / ONE_DAY_MS) === bars.day[at];
          });
          const isLater = at === 0 || bars.day[at] > bars.day[at - 1];
          // one assertion a bar, for each costs more than everything before it
          if (isLowest && isHighest && areTimesInside && isLater) continue;
          expect.fail(`bar ${at}: ${JSON.stringify({ isLowest, isHighest, areTimesInside, isLater })}`);
        }
      }),
      RUNS,
    );
  });

  it('gives the same in two slices as at once, in any zone, when the cut divides no day', () => {
    const zone = fc.constantFrom('UTC', 'America/New_York', 'Asia/Tokyo');
    fc.assert(
      fc.property(rows, fc.nat({ max: 40 }), zone, (history, cut, zoneName) => {
        const source = sourceSeriesOf(history);
        const dayOf = civilDayOfInstant(zoneName);
        const isOfDayBefore = (at: number): boolean =>
          at > 0 && at < history.length && dayOf(source.ts[at]) === dayOf(source.ts[at - 1]);
        let middle = Math.min(cut, history.length);
        while (isOfDayBefore(middle)) middle--;
        const atOnce = buildDaily(source, { zone: zoneName, rowsBefore: 0, previousBarDay: null });
        const first = buildDaily(slice(source, 0, middle), { zone: zoneName, rowsBefore: 0, previousBarDay: null });
        const second = buildDaily(slice(source, middle, history.length), {
          zone: zoneName,
          rowsBefore: middle,
          previousBarDay: first.bars.length === 0 ? null : (first.bars.day[first.bars.length - 1] as CivilDay),
        });
        const joined = new Map(byRow(first));
        for (const [index, line] of byRow(second)) joined.set(index + middle, line);
        expect(joined).toStrictEqual(byRow(atOnce));
      }),
      RUNS,
    );
  });
});
