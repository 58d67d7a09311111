import { NO_DAY, type CivilDay } from '../civil-day.ts';
import type { Timeframe } from '../timeframe.ts';
import { createMissingDays, type MissingDays } from './missing-days.ts';
import { createOhlcv, type OhlcvAccumulator } from './ohlcv-accumulator.ts';

/** The newest bar of a timeframe, still open or just closed. */
export interface OpenBar extends OhlcvAccumulator {
  /** `bar_seq`, or 0 when no row has fallen in a bar yet. */
  seq: number;
  /** Observed rows in the bar. */
  rows: number;
  /** Day on which the bar closes, or `NO_LAST_DAY` when rows are counted. */
  lastDay: number;
  tfDays: number;
  /** Days from the asset's first window, or `NO_DAY` outside the anchored families. */
  anchorOffsetDays: number;
  isPartialStart: boolean;
  /** Opening instant of the day of the bar's first row, epoch ms UTC. */
  timeOpen: number;
  readonly missing: MissingDays;
}

/**
 * Everything that the fold has to know about an asset's earlier rows, for one timeframe, to process the next row.
 *
 * The fields are private to the fold: read the state through {@link barStateFacts}, store it through `encodeBarState`, and let
 * only `buildSnapshots` change it.
 */
export interface BarState {
  /** The timeframe that the state belongs to. */
  readonly timeframe: Timeframe;
  /** Rows pushed, those before an aligned timeframe's first full boundary included. */
  rowsSeen: number;
  /**
   * Bars that have closed. Each has one snapshot with `closedAt`; if only the next row closed the bar (close rule `market`), that
   * snapshot is partial at its end.
   */
  closedBars: number;
  /** Days of the first and the last row, or `NO_DAY`. */
  firstDay: number;
  lastDay: number;
  /** Close instant of the last row, or NaN. */
  lastTs: number;
  readonly bar: OpenBar;
}

/** The state before the first row. */
export function openBarState(timeframe: Timeframe): BarState {
  return {
    timeframe,
    rowsSeen: 0,
    closedBars: 0,
    firstDay: NO_DAY,
    lastDay: NO_DAY,
    lastTs: NaN,
    bar: {
      ...createOhlcv(),
      seq: 0,
      rows: 0,
      lastDay: NO_DAY,
      tfDays: 0,
      anchorOffsetDays: NO_DAY,
      isPartialStart: false,
      timeOpen: NaN,
      missing: createMissingDays(),
    },
  };
}

/** The facts of a {@link BarState} that are stored in columns of their own. */
export interface BarStateFacts {
  /** Rows pushed, those before an aligned timeframe's first full boundary included. */
  readonly rowsSeen: number;
  readonly closedBars: number;
  /** Days of the first and the last row pushed, or null when there was none. */
  readonly firstDay: CivilDay | null;
  readonly lastDay: CivilDay | null;
  /** Close instant of the last row pushed, epoch ms UTC, or NaN. */
  readonly lastTs: number;
  /** `bar_seq` of the last snapshot, or null when no row has fallen in a bar. */
  readonly lastBarSeq: number | null;
}

/** Returns the readable part of a state. */
export function barStateFacts(state: BarState): BarStateFacts {
  const hasRows = state.rowsSeen > 0;
  return {
    rowsSeen: state.rowsSeen,
    closedBars: state.closedBars,
    firstDay: hasRows ? (state.firstDay as CivilDay) : null,
    lastDay: hasRows ? (state.lastDay as CivilDay) : null,
    lastTs: state.lastTs,
    lastBarSeq: state.bar.seq === 0 ? null : state.bar.seq,
  };
}
