import { TIMEFRAME_CATALOGUE } from '@ta/bars-core/engine';
import { alphaBar, alphaDailyEquivalent, alphaDailySpace, EMA_PERIODS } from '@ta/ema-core/engine';
import type { DimensionSeeds } from '@ta/state-store';

/**
 * The contents of `dim_timeframe`, `dim_period` and `ema_alpha_lookup`: every timeframe of docs/bars.md, the 17 periods of
 * docs/emas.md#families, and the factors of each pair (docs/emas.md#smoothing-factors), by the formulas of the cores.
 */
export function dimensionSeeds(): DimensionSeeds {
  const periods = [...EMA_PERIODS];
  const alphas = TIMEFRAME_CATALOGUE.filter((row) => !row.isIntraday).flatMap((row) =>
    periods.map((period, index) => ({
      tf: row.tf,
      period,
      tfDaysNominal: row.tfDaysNominal,
      alphaEmaDailyspace: alphaDailySpace(period, row.tfDaysNominal),
      alphaBar: alphaBar(period),
      alphaBarPreviewDaily: alphaDailyEquivalent(period, row.tfDaysNominal),
      displayOrder: index + 1,
    })),
  );
  return { timeframes: TIMEFRAME_CATALOGUE, periods, alphas };
}
