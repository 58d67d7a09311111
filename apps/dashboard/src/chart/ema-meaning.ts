import type { ChartEma } from '@ta/dashboard-server/api';

/** The table and column of an EMA, without its period. */
export type EmaSort = Pick<ChartEma, 'table' | 'series'>;

/** The meaning of a line: in a few words for names, in a sentence for the text below the chart. */
export interface EmaMeaning {
  readonly short: string;
  readonly sentence: string;
  /** Whether it is the EMA of the bars that are drawn, one step a bar. */
  readonly isOfClosedBars: boolean;
}

/** Describes what an EMA is computed from (docs/emas.md#families). */
export function emaMeaning({ table, series }: EmaSort): EmaMeaning {
  const column = `cmc_ema_${table}.${series}`;
  if (table === 'multi_tf_v2') {
    return {
      short: 'of days',
      sentence: `Of days: one step per day over period × days of the timeframe, whatever the bars are (${column}).`,
      isOfClosedBars: false,
    };
  }
  if (table === 'multi_tf' || series === 'ema_bar') {
    const open =
      series === 'ema_bar' ? 'it moves by a small step each day' : 'it shows its value if the bar closed now';
    return {
      short: 'of closed bars',
      sentence: `Of closed bars: one step per bar, as other programs compute an EMA of these closes; while a bar is open ${open} (${column}).`,
      isOfClosedBars: true,
    };
  }
  return {
    short: 'running by day',
    sentence: `Running by day: starts at the first EMA of closed bars, then takes a small step each day; in the long run an EMA of period × days of the timeframe (${column}).`,
    isOfClosedBars: false,
  };
}
