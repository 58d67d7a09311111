import { BAR_FAMILIES, timeframesOf } from '@ta/bars-core/engine';
import { EMA_SOURCES, type EmaSource } from '@ta/pipeline';
import {
  EMA_TABLES,
  readPeriodsInForce,
  readTimeframes,
  type BarSource,
  type EmaTable,
  type Session,
} from '@ta/state-store';
import type { Catalogue, ChartEma } from './api.ts';
import { BadParameter, type Reader } from './parameters.ts';

/** The closed lists that requests are checked against; read when the server starts, and again whenever the page asks for them. */
export type KnownNames = Pick<Catalogue, 'sources' | 'periods'>;

/** One EMA to draw. */
export interface EmaChoice extends Pick<ChartEma, 'period' | 'series'> {
  readonly table: EmaTable;
}

const TITLES: Readonly<Record<BarSource, string>> = {
  '1d': 'Daily',
  multi_tf: 'Rolling days',
  cal_iso: 'Calendar, ISO weeks',
  cal_us: 'Calendar, US weeks',
  cal_anchor_iso: 'Anchored calendar, ISO',
  cal_anchor_us: 'Anchored calendar, US',
};

/** The short name of an EMA table. */
export function emaTitle(table: EmaTable): string {
  return table.replace('multi_tf_', '');
}

const MOST_EMAS = 24;

/** Reads the lists: timeframes from `dim_timeframe`, families and EMA tables from the program, periods in force. */
export async function readKnownNames(session: Session): Promise<KnownNames> {
  // from short to long
  const rows = (await readTimeframes(session)).sort((a, b) => a.tfDaysNominal - b.tfDaysNominal);
  const timeframes = (source: BarSource): string[] => {
    const own = new Set(source === '1d' ? ['1D'] : timeframesOf(source, rows).map(({ tf }) => tf));
    return rows.map(({ tf }) => tf).filter((tf) => own.has(tf));
  };
  return {
    sources: BAR_SOURCES.map((source) => ({
      source,
      title: TITLES[source],
      timeframes: timeframes(source),
      emaTables: emaTablesOver(source).map((table) => ({
        ...{ table, title: emaTitle(table), hasBar: EMA_TABLES[table].withBar },
      })),
    })),
    periods: await readPeriodsInForce(session),
  };
}

/** The EMA tables that have rows at the closes of these bars. */
export function emaTablesOver(source: BarSource): EmaTable[] {
  const isOver = ({ bars, hasDaily }: EmaSource) => (source === '1d' ? hasDaily : (bars ?? 'multi_tf') === source);
  return EMA_SOURCES.filter(isOver).map(({ table }) => table);
}

/** The families by name, for `oneOf`. */
export const BAR_SOURCES: readonly BarSource[] = ['1d', ...BAR_FAMILIES];

/** Checks a timeframe label against the catalogue of its family. @throws BadParameter */
export function assertTimeframe({ sources }: KnownNames, source: BarSource, tf: string): void {
  const isKnown = sources.some((known) => known.source === source && known.timeframes.includes(tf));
  if (!isKnown) throw new BadParameter('tf', `a timeframe of ${source} from dim_timeframe`);
}

/** A list of EMAs: `table:period` or `table:period:bar`, separated by commas; empty for no EMA. */
export function emaChoices(names: KnownNames): Reader<readonly EmaChoice[]> {
  return (value, name) => {
    if (value === undefined || value === '') return [];
    const parts = value.split(',');
    if (parts.length > MOST_EMAS) throw new BadParameter(name, `at most ${MOST_EMAS} EMAs`);
    return parts.map((part) => oneEma(names, part, name));
  };
}

function oneEma(names: KnownNames, text: string, name: string): EmaChoice {
  const [table, period, series, ...rest] = text.split(':');
  const known = names.sources.flatMap(({ emaTables }) => emaTables).find((facts) => facts.table === table);
  const found = names.periods.find((one) => String(one) === period);
  const isSeries = series === undefined || (series === 'bar' && known?.hasBar === true);
  if (known === undefined || found === undefined || !isSeries || rest.length > 0) {
    throw new BadParameter(name, 'table:period or table:period:bar with names from the catalogue');
  }
  return { table: known.table as EmaTable, period: found, series: series === undefined ? 'ema' : 'ema_bar' };
}
