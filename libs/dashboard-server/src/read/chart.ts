import { canonicalZone, civilDayOfInstant } from '@ta/bars-core/engine';
import {
  BAR_TABLES,
  EMA_TABLES,
  readBarSeries,
  readDailyState,
  readEmaSeries,
  readRejectMarks,
  type BarSeries,
  type BarSource,
  type EmaSeries,
  type EmaTable,
  type Session,
} from '@ta/state-store';
import type { Chart, ChartEma, ChartReject, Numbers } from '../api.ts';
import type { EmaChoice } from '../catalogue.ts';

/** What a chart shows; every name was checked against the catalogue. */
export interface ChartRequest {
  readonly id: number;
  readonly source: BarSource;
  readonly tf: string;
  readonly limit: number;
  readonly emas: readonly EmaChoice[];
}

/** Most marks of one kind. */
const MOST_REJECTS = 500;

/** Reads the newest bars of an asset and timeframe, the EMAs at their closes (a query per EMA table), and the rejects. */
export async function readChart(session: Session, request: ChartRequest): Promise<Chart> {
  const { id, source, tf, limit } = request;
  const bars = await readBarSeries(session, { id, source, tf, limit });
  const zone = await readZone(session, id);
  const dayOf = civilDayOfInstant(zone);
  const isCut = bars.length === limit && (await existsBefore(session, request, bars.timeOpen[0]));
  // rows that were refused before the history began are marked at its first bar
  const rejectsFrom = isCut ? new Date(bars.timeOpen[0]) : null;
  return {
    id,
    source,
    tf,
    zone,
    bars: {
      timeOpen: plain(bars.timeOpen),
      timeClose: Array.from(bars.timeClose),
      openDay: Array.from(bars.timeOpen, (ts) => (Number.isNaN(ts) ? null : dayOf(ts))),
      closeDay: Array.from(bars.timeClose, dayOf),
      open: plain(bars.open),
      high: plain(bars.high),
      low: plain(bars.low),
      close: plain(bars.close),
      volume: plain(bars.volume),
      barSeq: plain(bars.barSeq),
      missingDays: plain(bars.missingDays),
      isPartialStart: Array.from(bars.isPartialStart),
      isPartialEnd: Array.from(bars.isPartialEnd),
      closedDay: Array.from(bars.closedAt, (ts) => (Number.isNaN(ts) ? null : dayOf(ts))),
    },
    emas: await readEmas(session, request, bars),
    rejects: await readRejects(session, request, rejectsFrom, dayOf),
    isCut,
  };
}

/** Whether a bar of the asset and timeframe closes before an instant (epoch ms). */
async function existsBefore(session: Session, { id, source, tf }: ChartRequest, untilTs: number): Promise<boolean> {
  return (await readBarSeries(session, { id, source, tf, untilTs, limit: 1 })).length > 0;
}

/** The zone that the days of an asset were decided in; UTC when none is stored, or one that is no longer accepted. */
async function readZone(session: Session, id: number): Promise<string> {
  const state = await readDailyState(session, id);
  try {
    return canonicalZone(state?.zone ?? 'UTC');
  } catch {
    return 'UTC';
  }
}

async function readEmas(session: Session, { id, tf, emas }: ChartRequest, bars: BarSeries): Promise<ChartEma[]> {
  const series = new Map<EmaTable, EmaSeries>();
  for (const table of new Set(emas.map((ema) => ema.table))) {
    const own = emas.filter((ema) => ema.table === table);
    const read = await readEmaSeries(session, {
      ...{ id, table, tf, periods: own.map(({ period }) => period), at: bars.timeClose },
      columns: EMA_TABLES[table].withBar ? ['ema', 'ema_bar'] : ['ema'],
    });
    series.set(table, read);
  }
  return emas.map(({ table, period, series: column }) => {
    const found = series.get(table) as EmaSeries;
    return { table, period, series: column, values: atCloses(bars.timeClose, found.ts, found.of(period, column)) };
  });
}

/** A value or null for each close. Closes and `ts` ascend, and every instant of `ts` is a close. */
function atCloses(closes: Float64Array, ts: Float64Array, values: Float64Array): Numbers {
  let next = 0;
  return Array.from(closes, (close) => (ts[next] === close ? orNull(values[next++]) : null));
}

async function readRejects(
  session: Session,
  { id, source, tf, emas }: ChartRequest,
  from: Date | null,
  dayOf: (ts: number) => number,
): Promise<ChartReject[]> {
  const marks = await readRejectMarks(session, {
    ...{ id, tf, from, most: MOST_REJECTS },
    barTable: source === '1d' ? null : BAR_TABLES[source].table,
    emaTables: emas.map(({ table }) => EMA_TABLES[table].table),
    periods: emas.map(({ period }) => period),
  });
  return marks.map(({ ts, ...mark }) => ({ ...mark, ts: ts.getTime(), day: dayOf(ts.getTime()) }));
}

function plain(column: Float64Array): Numbers {
  return Array.from(column, orNull);
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
