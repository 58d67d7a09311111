import { specOf, type Timeframe } from '@ta/bars-core/engine';
import { variantParamsHash, type VariantSpec } from '@ta/ema-core/engine';
import { timeframesOfEmas, type EmaSource } from '../components.ts';
import type { RunSettings } from '../run-settings.ts';

/** The specification that the state of each timeframe's bars must have to match this run, by label. */
export function specsByTf(timeframes: readonly Timeframe[]): Map<string, string> {
  return new Map(timeframes.map((timeframe) => [timeframe.tf, specOf(timeframe)]));
}

/** Cached specs, by list of periods and by variant and nominal days; all assets of a run share them. */
const specsOfPeriods = new WeakMap<readonly number[], Map<string, EmaSpec>>();

/** A spec with its hash as stored in states. */
interface EmaSpec {
  readonly spec: VariantSpec;
  readonly paramsHash: string;
}

/** The spec of the EMAs of a timeframe. */
export function emaSpecOf(
  { periods }: Pick<RunSettings, 'periods'>,
  { refresher: variant }: EmaSource,
  { nominalDays }: Timeframe,
): EmaSpec {
  const specs = specsOfPeriods.get(periods) ?? new Map<string, EmaSpec>();
  specsOfPeriods.set(periods, specs);
  const name = `${variant} ${nominalDays}`;
  let found = specs.get(name);
  if (found === undefined) {
    const spec = { variant, periods, tfDays: nominalDays };
    found = { spec, paramsHash: variantParamsHash(spec) };
    specs.set(name, found);
  }
  return found;
}

/** The hash of parameters that the state of each timeframe's EMAs must have to match this run, by label. */
export function paramsHashesByTf(settings: RunSettings, source: EmaSource): Map<string, string> {
  return new Map(
    timeframesOfEmas(settings, source).map((timeframe) => [
      timeframe.tf,
      emaSpecOf(settings, source, timeframe).paramsHash,
    ]),
  );
}
