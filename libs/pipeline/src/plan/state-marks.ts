import { specOf, type Timeframe } from '@ta/bars-core/engine';
import { variantParamsHash } from '@ta/ema-core/engine';
import { timeframesOfEmas, type EmaSource } from '../components.ts';
import type { RunSettings } from '../run-settings.ts';

/** What the state of each timeframe's bars says where they are of this run's kind, by label. */
export function specsByTf(timeframes: readonly Timeframe[]): Map<string, string> {
  return new Map(timeframes.map((timeframe) => [timeframe.tf, specOf(timeframe)]));
}

/** What the state of each timeframe's EMAs says where they are of this run's kind, by label. */
export function paramsHashesByTf(settings: RunSettings, source: EmaSource): Map<string, string> {
  const { variant } = source;
  const { periods } = settings;
  return new Map(
    timeframesOfEmas(settings, source).map(({ tf, nominalDays }) => [
      tf,
      variantParamsHash({ variant, periods, tfDays: nominalDays }),
    ]),
  );
}
