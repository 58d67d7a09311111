import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryRows, arbitrarySoundRows, arbitraryTimeframe } from '../../test/fixtures/arbitrary-rows.ts';
import { seriesOf, type PlainRow } from '../../test/fixtures/plain-row.ts';
import { fullBuild, plainSnapshots, type PlainSnapshot } from '../../test/fixtures/plain-snapshot.ts';
import { naiveSnapshots } from '../../test/oracle/naive-bars.ts';
import { ONE_DAY_MS } from '../civil-day.ts';
import { expectedClosed, expectedSnapshots } from '../../test/oracle/expected-counts.ts';
import type { Timeframe } from '../timeframe.ts';
import { barStateFacts, openBarState } from './bar-state.ts';
import { decodeBarState, encodeBarState } from './bar-state-codec.ts';
import { buildSnapshots } from './build-snapshots.ts';
import { createSnapshotColumns } from './snapshot-columns.ts';

/** `make soak` plays 500 of each law. */
const RUNS = { numRuns: Number(process.env['TA_RUNS'] ?? 100) };

/** Pushes the rows in pieces; between two pieces the state is stored and read again. */
function buildInPieces(rows: readonly PlainRow[], timeframe: Timeframe, cuts: readonly number[]): PlainSnapshot[] {
  const series = seriesOf(rows);
  const out = createSnapshotColumns(rows.length);
  const bounds = [0, ...cuts.map((cut) => Math.min(cut, rows.length)), rows.length].sort((left, right) => left - right);
  let state = openBarState(timeframe);
  return bounds.slice(1).flatMap((until, at) => {
    out.length = 0;
    buildSnapshots(series, timeframe, { state, from: bounds[at], until, out });
    state = decodeBarState(timeframe, encodeBarState(state));
    return plainSnapshots(out);
  });
}

const cuts = fc.array(fc.nat({ max: 90 }), { maxLength: 8 });

describe('buildSnapshots', () => {
  it('equals the naive implementation, bit for bit', () => {
    fc.assert(
      fc.property(arbitraryRows(), arbitraryTimeframe, (rows, timeframe) => {
        expect(fullBuild(seriesOf(rows), timeframe)).toStrictEqual(naiveSnapshots(rows, timeframe));
      }),
      RUNS,
    );
  });

  it('gives the same in any pieces, with the state stored between them, as at once', () => {
    fc.assert(
      fc.property(arbitraryRows(), arbitraryTimeframe, cuts, (rows, timeframe, at) => {
        expect(buildInPieces(rows, timeframe, at)).toStrictEqual(fullBuild(seriesOf(rows), timeframe));
      }),
      RUNS,
    );
  });

  it('changes no snapshot when later rows are removed', () => {
    fc.assert(
      fc.property(arbitraryRows(), arbitraryTimeframe, fc.nat({ max: 90 }), (rows, timeframe, length) => {
        const prefix = fullBuild(seriesOf(rows.slice(0, length)), timeframe);
        expect(prefix).toStrictEqual(fullBuild(seriesOf(rows), timeframe).slice(0, prefix.length));
      }),
      RUNS,
    );
  });

  it('leaves a state that depends on the rows alone, not on how they came', () => {
    fc.assert(
      fc.property(arbitraryRows(), arbitraryTimeframe, fc.nat({ max: 90 }), (rows, timeframe, cut) => {
        const series = seriesOf(rows);
        const out = createSnapshotColumns(2 * rows.length);
        const middle = Math.min(cut, rows.length);
        const [atOnce, inTwo] = [openBarState(timeframe), openBarState(timeframe)];
        buildSnapshots(series, timeframe, { state: atOnce, from: 0, until: rows.length, out });
        buildSnapshots(series, timeframe, { state: inTwo, from: 0, until: middle, out });
        buildSnapshots(series, timeframe, { state: inTwo, from: middle, until: rows.length, out });
        expect(encodeBarState(inTwo)).toStrictEqual(encodeBarState(atOnce));
      }),
      RUNS,
    );
  });

  it('keeps the invariants of docs/bars.md#snapshots', () => {
    fc.assert(
      fc.property(arbitrarySoundRows(), arbitraryTimeframe, (rows, timeframe) => {
        const snapshots = fullBuild(seriesOf(rows), timeframe);
        const closedSeqs = snapshots.filter(({ isPartialEnd }) => !isPartialEnd).map(({ barSeq }) => barSeq);
        expect(new Set(closedSeqs).size).toBe(closedSeqs.length);
        // one assertion of all, for each costs more than what it looks at
        const broken: string[] = [];
        snapshots.forEach((snapshot, at) => {
          const holds = (law: string, isHeld: boolean) => isHeld || broken.push(`snapshot ${at}: ${law}`);
          const { open, high, low, close, timeOpen, timeHigh, timeLow, countDays, countMissingDays } = snapshot;
          const before = snapshots.slice(0, at).filter(({ barSeq }) => barSeq === snapshot.barSeq);
          if (
            open === null ||
            high === null ||
            low === null ||
            close === null ||
            timeHigh === null ||
            timeLow === null
          ) {
            return expect.fail('a price or an instant is unknown');
          }
          holds('low ≤ open, close ≤ high', low <= Math.min(open, close) && Math.max(open, close) <= high);
          // the extremes lie in the days of the bar, wherever in a day its row is stamped
          const firstRow = rows[snapshot.sourceRow - before.length];
          holds('opens as its first row', Object.is(timeOpen, firstRow.timeOpen));
          const [from, until] = [firstRow.day * ONE_DAY_MS, (rows[snapshot.sourceRow].day + 1) * ONE_DAY_MS];
          for (const instant of [timeHigh, timeLow]) holds('extremes in its days', instant >= from && instant < until);
          holds('nothing guarded', snapshot.guarded === 0);
          holds('closed without days left', (snapshot.countDaysRemaining === 0) === !snapshot.isPartialEnd);
          const missing = snapshot.countMissingDaysStart + snapshot.countMissingDaysInterior;
          holds('missing days are those of start and interior', countMissingDays === missing);
          holds('says that days are missing', snapshot.isMissingDays === countMissingDays > 0);
          holds('a day more than the snapshot before', countDays === before.length + 1);
          const expectedToDate =
            rows[snapshot.sourceRow].day -
            rows[snapshot.sourceRow - before.length].day +
            1 +
            snapshot.countMissingDaysStart;
          holds('every day is there or missing', countDays + countMissingDays === expectedToDate);
          if (timeframe.kind !== 'rolling') {
            const lateStart = snapshot.isPartialStart
              ? snapshot.tfDays - expectedToDate - snapshot.countDaysRemaining
              : 0;
            const days = expectedToDate + snapshot.countDaysRemaining + lateStart;
            holds('days to date and left make the timeframe', days === snapshot.tfDays);
            holds('starts late by no less than nothing', lateStart >= 0);
          }
          const isGrowing = before.every((earlier) => countMissingDays >= earlier.countMissingDays);
          holds('missing days never get fewer', isGrowing);
          holds('only the first bar starts late', !(snapshot.isPartialStart && snapshot.barSeq !== 1));
        });
        expect(broken).toStrictEqual([]);
      }),
      RUNS,
    );
  });

  it('gives as many snapshots and closed bars as the days alone foretell', () => {
    fc.assert(
      fc.property(arbitraryRows(), arbitraryTimeframe, (rows, timeframe) => {
        const series = seriesOf(rows);
        const out = createSnapshotColumns(rows.length);
        const state = openBarState(timeframe);
        buildSnapshots(series, timeframe, { state, from: 0, until: rows.length, out });
        expect(out.length).toBe(expectedSnapshots(timeframe, series.day));
        const closed = out.isPartialEnd.subarray(0, out.length).reduce((sum, flag) => sum + 1 - flag, 0);
        expect(closed).toBe(expectedClosed(timeframe, series.day));
        expect(closed).toBe(barStateFacts(state).closedBars);
      }),
      RUNS,
    );
  });
});
