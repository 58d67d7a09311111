import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryTimeframe } from '../../test/fixtures/arbitrary-rows.ts';
import { arbitraryMarket, tradingOf, type MarketHistory } from '../../test/fixtures/plain-market.ts';
import { seriesOf } from '../../test/fixtures/plain-row.ts';
import { fullBuild, plainSnapshots, type PlainSnapshot } from '../../test/fixtures/plain-snapshot.ts';
import { naiveSnapshots } from '../../test/oracle/naive-bars.ts';
import { expectedClosed } from '../../test/oracle/expected-counts.ts';
import type { Timeframe } from '../timeframe.ts';
import { barStateFacts, openBarState } from './bar-state.ts';
import { decodeBarState, encodeBarState } from './bar-state-codec.ts';
import { buildSnapshots } from './build-snapshots.ts';
import { closedByNextRow } from './late-close.ts';
import { createSnapshotColumns } from './snapshot-columns.ts';

/** `make soak` plays 500 of each law. */
const RUNS = { numRuns: Number(process.env['TA_RUNS'] ?? 60) };
const history = arbitraryMarket();

function built({ rows, market }: MarketHistory, timeframe: Timeframe, length = rows.length): PlainSnapshot[] {
  return fullBuild(seriesOf(rows.slice(0, length)), timeframe, tradingOf(market));
}

describe('bars of a market', () => {
  it('equal the naive implementation, bit for bit', () => {
    fc.assert(
      fc.property(history, arbitraryTimeframe, (one, timeframe) => {
        expect(built(one, timeframe)).toStrictEqual(naiveSnapshots(one.rows, timeframe, one.market));
      }),
      RUNS,
    );
  });

  it('know nothing of later rows, but for the day on which a bar was known closed', () => {
    fc.assert(
      fc.property(history, arbitraryTimeframe, fc.nat({ max: 90 }), (one, timeframe, length) => {
        const known = built(one, timeframe, length);
        const lastTs = one.rows[Math.min(length, one.rows.length) - 1]?.ts ?? -Infinity;
        const asOfThen = built(one, timeframe)
          .slice(0, known.length)
          .map((bar) => ({ ...bar, closedAt: (bar.closedAt ?? Infinity) <= lastTs ? bar.closedAt : null }));
        expect(known).toStrictEqual(asOfThen);
      }),
      RUNS,
    );
  });

  it('are the same in any pieces, once the row before each piece is told when its bar was known closed', () => {
    const cuts = fc.array(fc.nat({ max: 90 }), { maxLength: 8 });
    fc.assert(
      fc.property(history, arbitraryTimeframe, cuts, (one, timeframe, at) => {
        expect(inPieces(one, timeframe, at)).toStrictEqual(built(one, timeframe));
      }),
      RUNS,
    );
  });

  it('close once, and as many as the days alone foretell', () => {
    fc.assert(
      fc.property(history, arbitraryTimeframe, ({ rows, market }, timeframe) => {
        const [series, trading] = [seriesOf(rows), tradingOf(market)];
        const out = createSnapshotColumns(rows.length);
        const state = openBarState(timeframe);
        buildSnapshots(series, timeframe, { state, from: 0, until: rows.length, out, trading });
        const closed = plainSnapshots(out).filter(({ closedAt }) => closedAt !== null);
        expect(new Set(closed.map(({ barSeq }) => barSeq)).size).toBe(closed.length);
        expect(closed.length).toBe(expectedClosed(timeframe, series.day, trading));
        expect(closed.length).toBe(barStateFacts(state).closedBars);
        for (const bar of closed) {
          expect(bar.closedAt === bar.timeClose).toBe(!bar.isPartialEnd);
          expect((bar.closedAt as number) >= bar.timeClose).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

/** As a database does it: each piece is a series of its own, and the stored snapshot before it gets its `closedAt` then. */
function inPieces({ rows, market }: MarketHistory, timeframe: Timeframe, cuts: readonly number[]): PlainSnapshot[] {
  const trading = tradingOf(market);
  const bounds = [0, ...cuts.map((cut) => Math.min(cut, rows.length)), rows.length].sort((left, right) => left - right);
  const stored: PlainSnapshot[] = [];
  let state = openBarState(timeframe);
  for (const [at, until] of bounds.slice(1).entries()) {
    const from = bounds[at];
    if (from === until) continue;
    const series = seriesOf(rows.slice(from, until));
    const closedAt = closedByNextRow(state, trading, rows[from]);
    const before = stored.at(-1);
    if (closedAt !== null && before !== undefined) before.closedAt = Number.isNaN(closedAt) ? null : closedAt;
    const out = createSnapshotColumns(series.length);
    buildSnapshots(series, timeframe, { state, from: 0, until: series.length, out, trading });
    stored.push(...plainSnapshots(out).map((bar) => ({ ...bar, sourceRow: bar.sourceRow + from })));
    state = decodeBarState(timeframe, encodeBarState(state));
  }
  return stored;
}
